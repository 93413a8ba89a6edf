"""An answer that is not believed until it is asked: what is missing or malformed is a Violation, never a KeyError.

A member that a check builds on, and that an object lacks, is Blocked: what must be there is judged by other checks.

Pure, but for one thing: while a check is `reading()`, what it reads of answers is remembered, so that a finding shows
the exchange that the value came from, and what it could not read there, so that a result says so. `api` makes replies;
`expect` and the checks read them.
"""

import json
import re
import unicodedata
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, TypeGuard

from entity_conformance.deployment.json_text import Parsed, lenient, parsed
from entity_conformance.deployment.problems import Violation

Record = Mapping[str, Any]
"""One JSON object of an answer, as parsed."""


_LONGEST = 80
_QUOTED = r"\"(?:[^\"\\]|\\.)*\""
_VALUE = rf"\s*=\s*(?:{_QUOTED}|[^\s;,\"]*)"
_LINK = re.compile(rf"\s*<(?P<target>[^>]*)>(?P<parameters>(?:\s*;(?:\s*[^\s=;,\"]+(?:{_VALUE})?)?)*)\s*")
_PARAMETER = re.compile(rf";\s*(?P<name>[^\s=;,\"]+)\s*=\s*(?:(?P<quoted>{_QUOTED})|(?P<bare>[^\s;,\"]*))")

_NO_SEGMENT = re.compile(r"[/?#%\\\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
LONGEST_ID = 255

_KEPT = 8
"""Bodies that are remembered at a time: a judgement compares few answers."""
_REFUSED = 400
_READ: ContextVar[deque[tuple[str, object]] | None] = ContextVar("read", default=None)


_UNREAD: ContextVar[dict[str, None] | None] = ContextVar("unread", default=None)


@contextmanager
def reading() -> Iterator[Mapping[str, None]]:
    """From here on, in this task, `origin` tells where a value was read. Gives what was left `unread` meanwhile."""
    left: dict[str, None] = {}
    tokens = _READ.set(deque(maxlen=_KEPT)), _UNREAD.set(left)
    try:
        yield left
    finally:
        _READ.reset(tokens[0])
        _UNREAD.reset(tokens[1])


def unread(said: str) -> None:
    """Whoever is `reading()` is told that something could not be judged, in a sentence."""
    left = _UNREAD.get()
    if left is not None:
        left[said] = None


def origin(value: object) -> str | None:
    """The exchange whose answer a value was read from, by identity; None when nothing was read.

    The last answer that was read, where that cannot be told: of numbers, of null, and of what a check made of values.
    """
    read = _READ.get()
    if not read:
        return None
    return next((exchange for exchange, tree in reversed(read) if _holds(tree, value)), read[-1][0])


def _holds(tree: object, value: object) -> bool:
    """Whether a text, object or array (or the last item of one that was made of such) is part of `tree`."""
    is_shared = not isinstance(value, str | dict | list | tuple) or (isinstance(value, str) and len(value) < 2)
    waiting = [] if is_shared else [tree]  # Python keeps one object for each of these, whoever parsed it
    while waiting:
        node = waiting.pop()
        if node is value:
            return True
        if isinstance(node, dict | list):
            waiting.extend(node.values() if isinstance(node, dict) else node)
    return isinstance(value, list | tuple) and bool(value) and _holds(tree, value[-1])


class Headers(Mapping[str, str]):
    """Response headers; names are case-insensitive, and a header that came twice is joined by commas."""

    def __init__(self, pairs: Sequence[tuple[str, str]]) -> None:
        self._values: dict[str, str] = {}
        for name, value in pairs:
            key = name.lower()
            self._values[key] = f"{self._values[key]}, {value}" if key in self._values else value

    def __getitem__(self, name: str) -> str:
        return self._values[name.lower()]

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name.lower() in self._values

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back to one request. `exchange` is the id under which the report keeps it.

    `status`, `headers`, `content`, `text`, `method` and `url` are plain facts; every other property raises Violation
    when the answer does not hold what its name says. `credential` is the name of the credential sent, `seconds` the
    time until the whole answer was read. `meant` is the body in the contract's words, where the deployment has others
    (`Dialect`): what is read of the body is read there. `wrapped` tells what its envelope has in whose place. Where a
    refusal came by a status of success, `status` is the one that is meant, and `came_by` the one that came.
    """

    exchange: str
    method: str
    url: str
    credential: str
    status: int
    headers: Headers
    content: bytes = field(repr=False)
    seconds: float = 0.0
    meant: bytes | None = field(default=None, repr=False)
    wrapped: tuple[str, ...] = ()
    came_by: int | None = None
    _parsed: list[Parsed] = field(default_factory=list, init=False, repr=False, compare=False)  # once, when it is asked

    @property
    def text(self) -> str:
        """The body as text; bytes that are no UTF-8 are replaced."""
        return self.content.decode("utf-8", "replace")

    def header(self, name: str) -> str:
        """A header's value. Raises Violation when the answer lacks it."""
        if name not in self.headers:
            raise self._violation(f"the answer to {self.method} has no {name} header", expected=f"a {name} header")
        value = self.headers[name]
        self._note(value)
        return value

    @property
    def body(self) -> Record:
        """The body as a JSON object, whatever the status. Raises Violation when it is none."""
        try:
            value = self._json().value
        except ValueError as why:
            raise self._violation(
                f"the answer to {self.method} is not JSON",
                expected="a JSON object",
                actual=f"{self.came} ({why})" if str(why) else self.came,
            ) from None
        if not isinstance(value, dict):
            raise self._violation(
                f"the answer to {self.method} is JSON, but no object",
                expected="a JSON object",
                actual=self.came,
            )
        self._note(value)
        return value

    @property
    def json(self) -> object:
        """The body as any JSON value; None where it is no JSON."""
        try:
            return self._json().value
        except ValueError:
            return None

    @property
    def says_no(self) -> bool:
        """Whether the body is a refusal's, whatever the status says: some deployments answer everything by 200."""
        body = self.json
        is_denied = isinstance(body, dict) and body.get("success") is False and "data" not in body
        return is_denied and isinstance(body, dict) and bool({"error", "code"} & body.keys())

    @property
    def is_granted(self) -> bool:
        """Whether it is a success: which one it must be is judged by checks."""
        return 200 <= self.status < 300 and not self.says_no

    @property
    def says_missing(self) -> bool:
        """Whether there is no such thing, by its status or, where that tells nothing, by its body."""
        body = self.json if self.says_no and self.status < 300 else None
        return self.status == 404 or (isinstance(body, dict) and body.get("code") == "NOT_FOUND")

    @property
    def flaw(self) -> str | None:
        """Why the body is no JSON, or why parsers disagree about it; None where nothing is wrong with it as JSON."""
        try:
            return self._json().flaw
        except ValueError as why:
            return str(why)

    @property
    def data(self) -> Any:  # noqa: ANN401  # any JSON value
        """The envelope's `data`. Raises Violation where the envelope denies success or holds none."""
        body = self.body
        if body.get("success") is False or ("data" not in body and self.status >= _REFUSED):
            raise self._violation(
                f"the answer to {self.method} is no success",
                expected="success: true and data",
                actual=self.came,
            )
        if "data" not in body:
            raise self._violation(f"the answer to {self.method} has no data", expected="data", actual=self.came)
        return body["data"]

    @property
    def record(self) -> Record:
        """`data` as one object."""
        data = self.data
        if not isinstance(data, dict):
            raise self._violation("data is not one object", expected="an object", actual=_excerpt(data))
        return data

    @property
    def records(self) -> tuple[Record, ...]:
        """`data` as a list of objects."""
        data = self.data
        if not isinstance(data, list) or not all(isinstance(item, dict) for item in data):
            raise self._violation("data is not a list of objects", expected="a list of objects", actual=_excerpt(data))
        return tuple(data)

    @property
    def listed(self) -> tuple[Record, ...]:
        """The objects that the answer holds as `data`, one or many, with an id or without; none where it holds none."""
        try:
            body = self._json().value
        except ValueError:
            return ()
        data = body.get("data") if isinstance(body, dict) else None
        return tuple(one for one in (data if isinstance(data, list) else [data]) if isinstance(one, dict))

    @property
    def shown(self) -> tuple[Record, ...]:
        """The objects with an id in an answer, of one record or of a list, under whatever name.

        For finding one's own again, whatever the envelope is: which it must be is judged by checks.
        """
        try:
            body = self._json().value
        except ValueError:
            body = lenient(self.content)
        inside = [body["data"]] if isinstance(body, dict) and "data" in body else [body]
        if isinstance(body, dict) and "data" not in body and "id" not in body:
            inside = [] if body.get("success") is False else [*body.values()]
        found = [one for held in inside for one in (held if isinstance(held, list) else [held])]
        return tuple(one for one in found if isinstance(one, dict) and "id" in one)

    @property
    def pagination(self) -> Record:
        """The list's `pagination` object."""
        return self._object("pagination")

    @property
    def details(self) -> Record:
        """The problem's `details`, field name to text; an empty object when there are none, or null."""
        return self._object("details") if self.body.get("details") is not None else {}

    @property
    def code(self) -> str:
        """The problem's machine-readable `code`."""
        return self._text("code")

    @property
    def error(self) -> str:
        """The problem's human-readable `error`."""
        return self._text("error")

    @property
    def message(self) -> str:
        """The confirmation's `message` (after a deletion)."""
        return self._text("message")

    @property
    def id(self) -> str:
        """The record's `id`."""
        value: Any = self.record.get("id")
        if not is_id(value):
            raise self._violation(
                "data.id is no plain segment of a path",
                expected=f"a text of at most {LONGEST_ID} characters, without / ? # % \\ and line breaks",
                actual=_excerpt(value),
            )
        return value

    @property
    def links(self) -> Mapping[str, str]:
        """The targets of the Link header (RFC 8288) by relation, the first of each; none without the header."""
        value = self.headers.get("Link", "")
        links: dict[str, str] = {}
        position = _after_empty(value, 0)
        while position < len(value):
            found = _LINK.match(value, position)
            if found is None:
                raise self._violation(
                    "the Link header cannot be read", expected="RFC 8288 links", actual=_excerpt(value)
                )
            told = (one for one in _PARAMETER.finditer(found["parameters"]) if one["name"].lower() == "rel")
            if (rel := next(told, None)) is not None:  # a second one says nothing
                for name in (rel["quoted"] or rel["bare"]).strip('"').lower().split():
                    links.setdefault(name, found["target"])
            position = _after_empty(value, found.end())
            if position < len(value) and "," not in value[found.end() : position]:
                raise self._violation(
                    "the Link header cannot be read", expected="RFC 8288 links", actual=_excerpt(value)
                )
        return links

    @property
    def judged(self) -> bytes:
        """The body as it is meant, else as it came."""
        return self.content if self.meant is None else self.meant

    def _json(self) -> Parsed:
        """The body, parsed once. Raises ValueError."""
        if not self._parsed:
            came = parsed(self.content)
            self._parsed.append(came if self.meant is None else Parsed(parsed(self.meant).value, came.flaw))
        return self._parsed[0]

    def _violation(self, message: str, *, expected: str, actual: str | None = None) -> Violation:
        return Violation(message, expected=expected, actual=actual, exchange=self.exchange)

    def _note(self, value: object) -> None:
        read = _READ.get()
        if read is not None:
            read.append((self.exchange, value))

    def _object(self, name: str) -> Record:
        value = self.body.get(name)
        if not isinstance(value, dict):
            raise self._violation(f"{name} is not an object", expected=f"an object {name}", actual=self.came)
        return value

    def _text(self, name: str) -> str:
        value = self.body.get(name)
        if not isinstance(value, str):
            raise self._violation(f"{name} is not a text", expected=f"a text {name}", actual=self.came)
        return value

    @property
    def came(self) -> str:
        """Status, media type and the beginning of the body, as a finding shows an answer."""
        media, status = self.headers.get("content-type", "no content type"), self.came_by or self.status
        return f"{status}, {media}: {_cut(self.text)}" if self.content else f"{status}, {media}, empty"


def is_id(value: object) -> TypeGuard[str]:
    """Whether a value can be an id: a text that is one plain segment of a path, however a gateway normalizes it."""
    return (
        isinstance(value, str)
        and len(value) <= LONGEST_ID
        and value.strip() not in {"", ".", ".."}
        and _NO_SEGMENT.search(unicodedata.normalize("NFKC", value)) is None
    )


def ids_of(records: Iterable[object]) -> frozenset[str]:
    """The ids of those objects among them whose id is a text: what else a deployment gives for one names nothing."""
    shown = (one.get("id") for one in records if isinstance(one, dict))
    return frozenset(id_ for id_ in shown if isinstance(id_, str))


def _after_empty(value: str, position: int) -> int:
    """The next place in a list that is neither blank nor a comma: elements may be empty (RFC 9110, 5.6.1)."""
    return len(value) - len(value[position:].lstrip(" \t,"))


def _excerpt(value: object) -> str:
    """The beginning of a value as JSON."""
    return _cut(json.dumps(value, ensure_ascii=False, default=str))


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
