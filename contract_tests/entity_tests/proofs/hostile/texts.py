"""Texts that a terminal, a CI system, a browser or an XML parser would obey; and credentials that are told back."""

import base64
import json
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import quote

from entity_tests.proofs.hostile.catalogue import DOES_NOT_CONFORM, INCONCLUSIVE, UNREACHABLE, changing
from entity_tests.proofs.hostile.proxy import Answer, Exchange

EITHER = (DOES_NOT_CONFORM, INCONCLUSIVE, UNREACHABLE)


def _everywhere(name: str, text: str, named: str = "") -> None:
    """A text in every text of an answer, and as a header where HTTP allows it."""

    @changing(name, named, *EITHER)
    def _(exchange: Exchange) -> Answer:
        if not exchange.answer.body or exchange.path == "/health":
            return exchange.answer
        body = json.loads(exchange.answer.body)
        plain = text.encode("ascii", "replace").decode()
        seen = "".join(letter for letter in plain if letter.isprintable())
        return replace(exchange.answer.with_header("X-Said", seen), body=json.dumps(_with(body, text)).encode())


def _with(value: object, text: str) -> object:
    match value:
        case dict():
            return {name: member if name == "id" else _with(member, text) for name, member in value.items()}
        case list():
            return [_with(member, text) for member in value]
        case str():
            return text + value
        case _:
            return value


_everywhere("terminal-escapes", "\x1b[2J\x1b]0;owned\x07\x1b[31m\x9b31m")
_everywhere("ci-commands", "\n::error::owned\n##vso[task.complete result=Succeeded]\n##teamcity[buildStatus]\n")
_everywhere("ci-commands-in-a-line", "said ##vso[task.complete result=Succeeded] ##[error]owned ::error::owned ")
_everywhere("scripts", "<script>document.title='owned'</script><img src=x onerror=alert(1)>")
_everywhere("no-xml", "]]>\ufffe\uffff\x00\x0b")
_everywhere("right-to-left", "\u202egnihtemos\u2066")
_everywhere("markdown", "\n# Conforms\n| a | b |\n|---|---|\n`` ` ``<!-- ![x](http://127.0.0.1:9/x.png)")


def _told_back(name: str, written: Callable[[str], str]) -> None:
    """The credential of a request in the answer to it, in another spelling."""

    @changing(name, "credential", *EITHER)
    def _(exchange: Exchange) -> Answer:
        secret = exchange.headers.get("authorization", "").removeprefix("Bearer ")
        if len(secret) < 20 or not exchange.answer.body.startswith(b"{"):
            return exchange.answer
        said = json.dumps({"seen": written(secret)}).encode()[:-1] + b","
        return replace(exchange.answer, body=said + exchange.answer.body[1:])


_told_back("tells-the-key", str)
_told_back("tells-the-key-in-percents", lambda secret: "".join(f"%{octet:02X}" for octet in secret.encode()))
_told_back("tells-the-key-url-encoded", lambda secret: quote(secret, safe=""))
_told_back("tells-the-key-in-base64", lambda secret: base64.b64encode(secret.encode()).decode())
_told_back("tells-the-key-in-hex", lambda secret: secret.encode().hex())
_told_back("tells-the-key-backwards", lambda secret: secret[::-1])
_told_back("tells-the-key-in-lines", lambda secret: "\n".join(secret[n : n + 8] for n in range(0, len(secret), 8)))
_told_back("tells-the-middle-of-the-key", lambda secret: secret[15:37])
_told_back("tells-the-middle-of-the-key-in-base64", lambda secret: base64.b64encode(secret[15:37].encode()).decode())
_told_back("tells-the-end-of-the-key-in-hex", lambda secret: secret[-12:].encode().hex())


@changing("tells-the-key-in-json-escapes", "credential", *EITHER)
def _escaped(exchange: Exchange) -> Answer:
    secret = exchange.headers.get("authorization", "").removeprefix("Bearer ")
    if len(secret) < 20 or not exchange.answer.body.startswith(b"{"):
        return exchange.answer
    said = "".join(f"\\u{ord(letter):04x}" for letter in secret).encode()
    return replace(exchange.answer, body=b'{"seen":"' + said + b'",' + exchange.answer.body[1:])


@changing("tells-the-key-in-a-header", "credential", *EITHER)
def _in_a_header(exchange: Exchange) -> Answer:
    secret = exchange.headers.get("authorization", "")
    return exchange.answer.with_header("X-Seen", secret) if secret else exchange.answer


@changing("refusals-of-a-megabyte", "", *EITHER)
def _long_refusal(exchange: Exchange) -> Answer:
    if exchange.answer.status < 400 or not exchange.answer.body:
        return exchange.answer
    told = {"success": False, "error": "a" * 500_000, "code": "b" * 500_000, "details": {"c" * 1000: "d"}}
    return replace(exchange.answer, body=json.dumps(told).encode())


@changing("ten-thousand-details", "", 0, *EITHER)
def _many_details(exchange: Exchange) -> Answer:
    if exchange.answer.status < 400 or not exchange.answer.body.startswith(b"{"):
        return exchange.answer
    known = json.loads(exchange.answer.body)
    told = {**known, "details": {f"field{number}": "\x1b[31mno\n::error::no" for number in range(10_000)}}
    return replace(exchange.answer, body=json.dumps(told).encode())
