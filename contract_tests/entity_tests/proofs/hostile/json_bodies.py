"""Bodies that are no JSON, or JSON that no two parsers read alike."""

import json
import re
from collections.abc import Callable
from dataclasses import replace

from entity_tests.proofs.hostile.catalogue import DOES_NOT_CONFORM, INCONCLUSIVE, UNREACHABLE, changing
from entity_tests.proofs.hostile.proxy import Answer, Exchange

EITHER = (DOES_NOT_CONFORM, INCONCLUSIVE, UNREACHABLE)


def _always(name: str, named: str, body: Callable[[bytes], bytes], *codes: int) -> None:
    """A change of every body."""

    @changing(name, named, *(codes or EITHER))
    def _(exchange: Exchange) -> Answer:
        answer = exchange.answer
        return replace(answer, body=body(answer.body)) if answer.body else answer


def _of_records(name: str, named: str, body: Callable[[bytes], bytes], *codes: int) -> None:
    """A change of the answers to READ, CREATE and LIST, so that the deployment can be opened."""

    @changing(name, named, *(codes or EITHER))
    def _(exchange: Exchange) -> Answer:
        answer = exchange.answer
        is_of_records = exchange.path not in {"/health", "/keys"} and exchange.method != "OPTIONS"
        return replace(answer, body=body(answer.body)) if answer.body and is_of_records else answer


def _member(name: bytes, value: bytes) -> Callable[[bytes], bytes]:
    """The first member of a name gets another value, as it is written."""
    pattern = re.compile(rb'"%b": ?("(?:[^"\\]|\\.)*"|[^,}\]]+)' % name)
    return lambda body: pattern.sub(lambda _: b'"%b":%b' % (name, value), body)


def _first(old: bytes, new: bytes) -> Callable[[bytes], bytes]:
    return lambda body: body.replace(old, new, 1)


_DEEP = b"[" * 200_000 + b"]" * 200_000
_always("two-hundred-thousand-deep", "not JSON|nested", lambda _: _DEEP)
_of_records("deep-in-a-record", "not JSON|nested", _first(b'"id":', b'"deep":' + _DEEP + b',"id":'))
_of_records(
    "nine-hundred-deep", "deep|nested|not JSON", _first(b'"id":', b'"deep":' + b"[" * 900 + b"]" * 900 + b',"id":')
)
_always("not-a-number", "NaN|not JSON", _first(b"{", b'{"a":NaN,'))
_of_records("infinity-in-a-record", "not JSON", _first(b'"id":', b'"a":-Infinity,"id":'))
_of_records("number-beyond-any-double", "1e400|not JSON|number", _first(b'"id":', b'"a":1e400,"id":'))
_of_records("integer-of-5000-digits", "not JSON|digits|number", _first(b'"id":', b'"a":' + b"9" * 5000 + b',"id":'))
_of_records("duplicate-keys", "twice|duplicate", _first(b'"id":', b'"id":"other","id":'), DOES_NOT_CONFORM)
_always("byte-order-mark", "not JSON|byte order", lambda body: b"\xef\xbb\xbf" + body)
_of_records("invalid-utf-8", "not JSON|UTF-8", _first(b'"id":', b'"a":"\xff\xfe","id":'))
_always("utf-16", "not JSON|UTF-8", lambda body: body.decode().encode("utf-16"))
_of_records("lone-surrogate", "surrogate|U\\+D800|not JSON|not a text", _first(b'"id":', b'"a":"\\ud800","id":'), 1)
_always("empty-bodies", "empty", lambda _: b"")
_always("html-bodies", "not JSON", lambda _: b"<!doctype html><title>Login</title>")
_always("a-scalar", "no object|not an object|JSON", lambda _: b"42")
_always("null", "no object|not an object|JSON", lambda _: b"null")
_always("an-array", "no object|not an object|JSON|without the envelope", lambda _: b"[]")
_always("an-empty-object", "data|pagination|success|envelope", lambda _: b"{}")
_always("two-documents", "not JSON", lambda body: body + body)
_always("with-comments", "not JSON", lambda body: b"// hello\n" + body)
_always("single-quotes", "not JSON", lambda body: body.replace(b'"', b"'"))
_of_records("everything-null", "null|object|list", _member(b"data", b"null"))
_of_records("huge-total", "total", _member(b"total", b"1e308"))
_of_records("total-beyond-any-double", "read differently|total", _member(b"total", b"1e400"))
_of_records("total-below-zero", "total", _member(b"total", b"-1"))
_of_records("pages-without-an-end", "hasNext", _member(b"hasNext", b"true"))
_of_records(
    "updated-in-the-year-zero",
    "updatedAt|date-time",
    _member(b"updatedAt", json.dumps("0000-00-00T00:00:00Z").encode()),
)
