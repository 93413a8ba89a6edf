"""What an answer holds, at the edge of JSON and of what a client takes for granted: ids, keys, links, enumerations."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from entity_tests.proofs.hostile.catalogue import (
    DOES_NOT_CONFORM,
    INCONCLUSIVE,
    LEFT_BEHIND,
    UNREACHABLE,
    changing,
)
from entity_tests.proofs.hostile.proxy import Answer, Exchange

EITHER = (DOES_NOT_CONFORM, INCONCLUSIVE, UNREACHABLE)
_MANY = 100_000


def _bodies(name: str, named: str, changed: Callable[[bytes], bytes], *codes: int) -> None:
    """Another text of each body."""

    @changing(name, named, *(codes or EITHER))
    def _(exchange: Exchange) -> Answer:
        answer = exchange.answer
        return replace(answer, body=changed(answer.body)) if answer.body.startswith(b"{") else answer


_NAME = re.compile(rb'"([A-Za-z]+)":')
_bodies("trailing-commas", "not JSON", lambda body: body[:-1] + b",}")
_bodies(
    "names-in-escapes",
    "",
    lambda body: _NAME.sub(lambda name: b'"' + b"".join(b"\\u%04x" % octet for octet in name[1]) + b'":', body),
    0,
)
_bodies(
    "flags-as-text",
    "success|boolean|hasNext",
    lambda body: re.sub(rb'"(success|hasNext|hasPrev)": ?(true|false)', rb'"\1":"\2"', body),
)


def _records(
    name: str,
    named: str,
    changed: Callable[[dict[str, Any], Exchange], object],
    *codes: int,
    where: Callable[[Exchange], bool] = lambda _: True,
) -> None:
    """Another record in the place of each one in an answer about records."""

    def of(value: object, exchange: Exchange) -> object:
        match value:
            case dict():
                members = {member: of(inside, exchange) for member, inside in value.items()}
                return changed(members, exchange) if "id" in members else members
            case list():
                return [of(member, exchange) for member in value]
            case _:
                return value

    @changing(name, named, *(codes or EITHER))
    def _(exchange: Exchange) -> Answer:
        is_about = exchange.answer.body and not exchange.path.startswith(("/keys", "/health")) and where(exchange)
        if not is_about or exchange.method == "OPTIONS":
            return exchange.answer
        return replace(exchange.answer, body=json.dumps(of(json.loads(exchange.answer.body), exchange)).encode())


_records(
    "members-that-are-obeyed",
    "dditional|unknown|does not follow|schema|more than|__proto__",  # allowed in a record, not in `details`
    lambda record, _: {**record, "__proto__": {"isAdmin": True}, "constructor": {"a": 1}, "toString": "x", "then": 1},
)
_records(
    "texts-of-a-megabyte",
    "",
    lambda record, _: {name: "a" * 1_000_000 if name in {"title", "name"} else value for name, value in record.items()},
)
_records("ids-that-are-dots", "id", lambda record, _: {**record, "id": ".."}, *EITHER, LEFT_BEHIND)
_records("ids-with-a-zero-octet", "id", lambda record, _: {**record, "id": f"{record['id']}\0"}, *EITHER, LEFT_BEHIND)
_records(
    "ids-in-capitals-in-lists",
    "id",
    lambda record, _: {**record, "id": str(record["id"]).upper()},
    where=lambda exchange: exchange.method == "GET" and not exchange.names_a_record,
)


@changing("confirms-every-revocation", "keys.revoke|ignored-auth", *EITHER, unseen_by={"model", "properties"})
def _unrevoked(exchange: Exchange) -> Answer:
    """Of a key that nobody has, too."""
    is_one = exchange.method == "DELETE" and exchange.path.startswith("/keys/")
    body = b'{"success":true,"message":"API key revoked"}'
    return replace(exchange.answer, status=200, body=body) if is_one else exchange.answer


@changing("keys-of-a-hundred-thousand", "key|larger than|no whole answer", *EITHER, unseen_by={"model", "properties"})
def _many_keys(exchange: Exchange) -> Answer:
    if (exchange.method, exchange.path, exchange.answer.status) != ("GET", "/keys", 200):
        return exchange.answer
    body = json.loads(exchange.answer.body)
    one = json.dumps(body["data"][0] if body["data"] else {"id": "key_1"})
    return replace(exchange.answer, body=b'{"success":true,"data":[' + ",".join([one] * 30_000).encode() + b"]}")


@changing("next-link-to-the-same-page", "link|Link|page", *EITHER)
def _loop(exchange: Exchange) -> Answer:
    if exchange.method != "GET" or exchange.names_a_record or exchange.path in {"/keys", "/health"}:
        return exchange.answer
    return exchange.answer.with_header("Link", f'<{exchange.target}>; rel="next"')


@changing("enum-of-a-hundred-thousand", "metadata|OPTIONS|enum", *EITHER, unseen_by={"model", "properties"})
def _enumerated(exchange: Exchange) -> Answer:
    if exchange.method != "OPTIONS" or exchange.answer.status != 200:
        return exchange.answer
    body = json.loads(exchange.answer.body)
    for field in body["data"]["schema"].values():
        if "enum" in field or field.get("type") == "enum":
            field["enum"] = [f"value{number}" for number in range(_MANY)]
    return replace(exchange.answer, body=json.dumps(body).encode())
