"""Records and metadata that lie: ids that are paths, that change or are all the same, ten thousand fields."""

import itertools
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from entity_tests.proofs.hostile.catalogue import DOES_NOT_CONFORM, INCONCLUSIVE, UNREACHABLE, behaviour, changing
from entity_tests.proofs.hostile.proxy import Answer, Exchange

EITHER = (DOES_NOT_CONFORM, INCONCLUSIVE, UNREACHABLE)
_NUMBERS = itertools.count()


def _ids(name: str, changed: Callable[[str], object], named: str = "id") -> None:
    """Another id for each record in an answer; keys keep theirs."""

    def of(value: object) -> object:
        match value:
            case dict():
                members = {member: of(inside) for member, inside in value.items()}
                return {**members, "id": changed(str(value["id"]))} if "id" in value else members
            case list():
                return [of(member) for member in value]
            case _:
                return value

    @changing(name, named, *EITHER)
    def _(exchange: Exchange) -> Answer:
        if not exchange.answer.body or exchange.path.startswith(("/keys", "/health")):
            return exchange.answer
        return replace(exchange.answer, body=json.dumps(of(json.loads(exchange.answer.body))).encode())


_ids("ids-that-are-paths", lambda id_: f"../keys/{id_}")
_ids("ids-with-a-query", lambda id_: f"{id_}?force=true")
_ids("ids-with-line-breaks", lambda id_: f"{id_}\r\nX-Owned: 1")
_ids("ids-that-are-empty", lambda _: "")
_ids("ids-of-ten-thousand-letters", lambda id_: id_ + "a" * 10_000)
_ids("ids-that-are-numbers", lambda _: 7)
_ids("ids-that-are-objects", lambda id_: {"$oid": id_})
_ids("ids-that-change", lambda id_: f"{id_}{next(_NUMBERS)}")
_ids("the-same-id-for-all", lambda _: "one-for-all")
_ids("ids-in-percents", lambda id_: f"{id_}%2f..%2fkeys")


def _options(
    name: str, named: str, changed: Callable[[dict[str, object]], object], codes: Sequence[int] = EITHER
) -> None:
    """Another answer to OPTIONS, of which the state machine reads what it needs."""

    @changing(name, named, *codes, unseen_by={"model", "properties"})
    def _(exchange: Exchange) -> Answer:
        if exchange.method != "OPTIONS" or exchange.answer.status != 200:
            return exchange.answer
        return replace(exchange.answer, body=json.dumps(changed(json.loads(exchange.answer.body))).encode())


def _with_fields(fields: object) -> Callable[[dict[str, object]], object]:
    def changed(body: dict[str, object]) -> object:
        known = body.get("data")
        return {**body, "data": {**known, "schema": fields}} if isinstance(known, dict) else body

    return changed


_MANY = {f"field{number}": {"type": "string", "required": True} for number in range(10_000)}
_options("ten-thousand-fields", "metadata|OPTIONS|field", _with_fields(_MANY))
_options("fields-that-are-a-list", "metadata|OPTIONS|field", _with_fields(["a"] * 10_000))
_options("fields-of-no-type", "metadata|OPTIONS|field", _with_fields({"title": {"type": "banana", "pattern": "("}}))
_options(
    "fields-by-a-slow-pattern",
    "metadata|OPTIONS|field",
    _with_fields({"title": {"type": "string", "pattern": "^(a+)+$"}}),
)
_options("no-metadata", "metadata|OPTIONS", lambda _: {})

_BOUND = re.compile(rb'"(maxLength|minimum|maximum|default)": ?-?[0-9.]+')


@changing("bounds-beyond-any-double", "read differently|metadata|OPTIONS", *EITHER, unseen_by={"model", "properties"})
def _beyond(exchange: Exchange) -> Answer:
    if exchange.method != "OPTIONS" or exchange.answer.status != 200:
        return exchange.answer
    return replace(exchange.answer, body=_BOUND.sub(rb'"\1":1e400', exchange.answer.body))


@changing("forgets-what-it-creates", "404|READ|there", *EITHER)
def _forgets(exchange: Exchange) -> Answer:
    gone = exchange.names_a_record and exchange.method == "GET" and not exchange.path.startswith("/keys")
    body = b'{"success":false,"error":"Not found","code":"NOT_FOUND"}'
    return replace(exchange.answer, status=404, body=body) if gone else exchange.answer


@changing("lists-nothing", "list|LIST|total|data", *EITHER)
def _lists_nothing(exchange: Exchange) -> Answer:
    if (
        exchange.method != "GET"
        or exchange.names_a_record
        or exchange.answer.status != 200
        or exchange.path == "/health"
    ):
        return exchange.answer
    body = json.loads(exchange.answer.body)
    return replace(exchange.answer, body=json.dumps({**body, "data": []}).encode())


@changing("lists-ten-thousand", "limit|data|pagination|larger", *EITHER)
def _lists_many(exchange: Exchange) -> Answer:
    if exchange.method != "GET" or exchange.names_a_record or exchange.answer.status != 200:
        return exchange.answer
    body = json.loads(exchange.answer.body)
    data = body.get("data")
    if not isinstance(data, list) or not data:
        return exchange.answer
    return replace(exchange.answer, body=json.dumps({**body, "data": (data * 10_000)[:10_000]}).encode())


@changing("lists-of-a-megabyte", "too large|larger|Additional|additional|unexpected|filler", *EITHER)
def _heavy(exchange: Exchange) -> Answer:
    if exchange.method != "GET" or exchange.names_a_record or exchange.answer.status != 200:
        return exchange.answer
    return replace(exchange.answer, body=b'{"filler":[' + b"7,[]," * 200_000 + b"7]," + exchange.answer.body[1:])


def _with(**facts: object) -> Callable[[dict[str, object]], object]:
    """OPTIONS that tells these facts of every text."""

    def changed(body: dict[str, object]) -> object:
        known = body.get("data")
        fields = known.get("schema") if isinstance(known, dict) else None
        if not isinstance(known, dict) or not isinstance(fields, dict):
            return body
        told = {
            name: {**of, **facts} if of.get("type") in {"string", "text"} and not of.get("generated") else of
            for name, of in fields.items()
        }
        return {**body, "data": {**known, "schema": told}}

    return changed


def _with_relations(relations: object) -> Callable[[dict[str, object]], object]:
    def changed(body: dict[str, object]) -> object:
        known = body.get("data")
        return {**body, "data": {**known, "relations": relations}} if isinstance(known, dict) else body

    return changed


_OPTIONS = "metadata|OPTIONS|field|sample|longest|max|text as long"
_options("texts-of-two-billion", _OPTIONS, _with(maxLength=2_000_000_000))
_options("texts-of-no-length", _OPTIONS, _with(minLength=10, maxLength=-1))
# Of entities that take no record the state machine compares none, which is a usage error.
_options("texts-of-a-million-at-least", f"{_OPTIONS}|plain record|compared", _with(minLength=1_000_000), (*EITHER, 2))
_options("patterns-that-never-end", "", _with(pattern="((((a+)+)+)+)+(?!)"), (0,))
_options("patterns-of-a-billion", "", _with(pattern="(?:a?){1000000000}"), (0,))
_options("defaults-that-are-objects", _OPTIONS, _with(default={"a": [1]}, required="yes"))
_TASKS = {"type": "belongsTo", "entity": "tasks", "foreignKey": "assigneeId"}
_options("its-own-parent", f"{_OPTIONS}|relation|parent", _with_relations({"assignee": _TASKS}))
_options(
    "relation-to-a-path",
    f"{_OPTIONS}|relation",
    _with_relations({"assignee": {**_TASKS, "entity": "../keys"}, "b": {**_TASKS, "entity": "a?b#c"}}),
)
_ESCAPED = "\x1b[31mowned\x1b[0m\n::error::owned<script>alert(1)</script>"
_options(
    "fields-by-names-that-are-obeyed",
    _OPTIONS,
    _with_fields({_ESCAPED: {"type": "string", "required": True}}),
)


@changing("new-keys-are-the-users-own", "key", *EITHER, unseen_by={"model", "properties"})
def _own_key(exchange: Exchange) -> Answer:
    """Whoever revokes such a key revokes the user's."""
    secret = exchange.headers.get("authorization", "").removeprefix("Bearer ")
    if secret and exchange.path != "/keys":
        _SEEN.setdefault("key", secret)
    if (exchange.method, exchange.path, exchange.answer.status) != ("POST", "/keys", 201) or "key" not in _SEEN:
        return exchange.answer
    body = json.loads(exchange.answer.body)
    told = {**body, "data": {**body["data"], "key": _SEEN["key"], "id": _SEEN.get("id", body["data"]["id"])}}
    return replace(exchange.answer, body=json.dumps(told).encode())


_SEEN: dict[str, str] = {}


@behaviour("creates-twice", "", *EITHER, 0)
async def _creates_twice(exchange: Exchange) -> Answer:
    """One record that is answered, and one that is not."""
    if exchange.method == "POST" and exchange.path != "/keys" and exchange.answer.status == 201:
        await exchange.again()
    return exchange.answer


_times = {
    "created-at-the-end-of-time": "9999-12-31T23:59:59.999999999-23:59",
    "created-in-a-leap-second": "2016-12-31T23:59:60Z",
    "created-at-the-beginning-of-time": "0001-01-01T00:00:00.000000000+23:59",
    "created-at-no-offset-there-is": "2026-01-01T00:00:00+99:99",
}
for _name, _value in _times.items():

    def _told(exchange: Exchange, value: str = _value) -> Answer:
        if not exchange.answer.body or exchange.path.startswith(("/keys", "/health")):
            return exchange.answer
        body = re.sub(rb'"createdAt": ?"[^"]*"', json.dumps({"createdAt": value})[1:-1].encode(), exchange.answer.body)
        return replace(exchange.answer, body=body)

    changing(_name, "createdAt|time|dates", *EITHER)(_told)


@changing("every-time-at-the-end-of-time", "createdAt|time|dates", *EITHER)
def _ended(exchange: Exchange) -> Answer:
    """Every time of a record is the last one that there is."""
    if not exchange.answer.body or exchange.path.startswith(("/keys", "/health")):
        return exchange.answer
    body = re.sub(rb'"(\w+)": ?"\d{4}-\d\d-\d\dT[^"]*"', rb'"\1": "9999-12-31T23:59:59.999Z"', exchange.answer.body)
    return replace(exchange.answer, body=body)
