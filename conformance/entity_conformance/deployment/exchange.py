"""One HTTP exchange as evidence, redacted when it is recorded: a secret never gets as far as a report.

Pure but for what `Log` remembers. Nothing is sent here.
"""

import base64
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from html import unescape
from operator import is_
from typing import TypeVar, cast
from urllib.parse import quote, quote_plus, unquote, unquote_to_bytes

from entity_conformance.deployment import foreign_secrets
from entity_conformance.deployment.loosened import Loosened
from entity_conformance.deployment.searching import Search

LONGEST_BODY = 60_000
LONGEST_REQUEST_BODY = 2_000_000
LONGEST_HEADER = 16_000
"""What is longer is cut in the evidence (not in what a check sees). Only a whole request can be sent again."""

_OVERLAP = 10_000
"""Characters behind the cut that are looked through too: a secret may stand across it."""

SHORTEST_SECRET = 6
"""What is shorter is replaced only where it is known to stand: it could be any word."""

LONGEST_SECRET = 4_096
"""Characters of a secret that is looked for however it is spelled: what a cookie holds at most."""
_STRETCH = 64
"""Characters by which a longer one is looked for."""

_SHORT = 100
"""Characters of a text that is told as it was before, without a search: most headers say what the last one did."""
_MOST_TOLD = 20_000

_ESCAPE = re.compile(
    r"\\+(?:u(00[2-7][0-9a-f]|00ad|200[b-f]|2060|feff|ff[0-5][0-9a-f])"
    r"|(?:u\{0*|x)([2-7][0-9a-f])\}?|([01][0-7]{2}))",
    re.IGNORECASE,
)
"""Escapes of ASCII, of letters that look like it, and of what nobody sees, in whatever they were escaped once more."""
_SECRET_HEADERS = frozenset({"set-cookie"})

Headers = tuple[tuple[str, str], ...]
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request and what came back.

    `credential` names the credential used (`key`, `session`, `none`, `read` ...), never its value. Headers are pairs in
    the order sent, redacted. `status` is None when no answer came; `error` then says why, or why an answer is not
    whole. `seconds` is the time until the whole answer was read, `at` how many seconds after the run began it was sent.
    """

    id: str
    check: str
    credential: str
    method: str
    url: str
    request_headers: Headers
    request_body: str | None
    status: int | None
    response_headers: Headers
    response_body: str | None
    seconds: float
    error: str | None = None
    at: float = 0.0

    @property
    def came(self) -> str:
        """What came back, in a word or two: the status of a whole answer, and of no other."""
        if self.status is None:
            return "no answer"
        return str(self.status) if self.error is None else f"{self.status}, not whole"


class Redactor:
    """Replaces secrets in any text, however they are written: raw, URL-encoded, base64, hex, escaped for JSON, HTML.

    Backwards and twice in base64 too, by which a deployment may mean to hide them, and with more between their letters.
    """

    def __init__(self) -> None:
        self._headers: dict[str, dict[str, str]] = {}
        self._placeholders: dict[str, str] = {}
        self._search = Search()
        self._loosened = Loosened()
        self._enormous: set[str] = set()
        self._told: dict[str, str] = {}
        self._answered: dict[str, str] = {}

    def add(self, secret: str, placeholder: str = "[redacted]", *, in_part: bool = True) -> None:
        """From now on `secret` is told as `placeholder`; the first placeholder given to a secret stays.

        No part of it is told either, unless `in_part` is false: it may be an id, of which others begin alike.
        """
        if len(secret) < SHORTEST_SECRET:
            return
        if len(secret) > LONGEST_SECRET:
            self._add_enormous(secret, placeholder)
        else:
            for spelling in _spellings(secret):
                self._placeholders.setdefault(spelling, placeholder)
                self._search.add(spelling)
            self._loosened.add(secret, placeholder, in_part=in_part)
        self._told.clear()
        self._answered.clear()

    def _add_enormous(self, secret: str, placeholder: str) -> None:
        """No request can be sent with it. It is told by no length of itself, as it is: evidence is cut somewhere."""
        for at in range(0, min(len(secret), LONGEST_BODY + _OVERLAP), _STRETCH):
            stretch = secret[at : at + _STRETCH]
            for spelling in dict.fromkeys((stretch, json.dumps(stretch)[1:-1])):
                if len(stretch) >= SHORTEST_SECRET:
                    self._placeholders.setdefault(spelling, placeholder)
                    self._search.add(spelling)
        self._enormous.add(placeholder)

    def add_headers(self, headers: Headers, variable: str = "HEADER") -> None:
        """Headers that the user gave to be sent: their values are told as `$HEADER_1`, `$HEADER_2` ..."""
        for number, (name, value) in enumerate(headers, start=1):
            self._headers.setdefault(name.lower(), {}).setdefault(value, f"${variable}_{number}")
            self.add(value, f"${variable}_{number}")

    def text(self, text: str) -> str:
        """`text` without the secrets known so far."""
        if not self._placeholders:
            return text
        return self._searched(text) if len(text) > _SHORT else _once(self._told, text, self._searched)

    def holds_nothing(self, texts: Sequence[str]) -> bool:
        """Whether `answer` would tell these texts as they are. Together they are searched faster than one by one."""
        together = "\0".join(texts)
        forms = "\0".join((together, *(decoded for text in texts for decoded in _decoded(text))))
        is_known = self._search.found(forms) or self._loosened.may_be_in(forms)
        return not is_known and not foreign_secrets.may_hold(forms)

    def _searched(self, text: str) -> str:
        return _unescaped_with(self._loosened.replaced, _unescaped_with(self._replaced, text))

    def _replaced(self, text: str) -> str:
        found = self._search.found(text)
        if not found:
            return text
        longest_first = sorted(found, key=len, reverse=True)
        pattern = "|".join(map(re.escape, longest_first))
        told = re.sub(pattern, lambda secret: self._placeholders[secret.group()], text)
        for placeholder in self._enormous:
            told = re.sub(f"(?:{re.escape(placeholder)})+", placeholder.replace("\\", "\\\\"), told)
        return told

    def answer(self, text: str) -> str:
        """As `text`, for what a deployment sent: whatever has the form of a secret is one there too."""
        return self._masked(text) if len(text) > _SHORT else _once(self._answered, text, self._masked)

    def _masked(self, text: str) -> str:
        return _unescaped_with(foreign_secrets.masked, self.text(text))

    def whole(self, value: Value) -> Value:
        """A value with every text in it as `answer` tells it; exchanges are as they were recorded."""
        if self.holds_nothing([*dict.fromkeys(_texts_of(value))]):
            return value
        return self._whole(value)

    def _whole(self, value: Value) -> Value:
        told: object = value
        match value:
            case str():
                told = self.answer(value)
            case tuple():
                members = tuple(map(self._whole, value))
                told = value if all(map(is_, members, value)) else members
            case Exchange():
                pass
            case _ if is_dataclass(value) and not isinstance(value, type):
                known = {one.name: getattr(value, one.name) for one in fields(value)}
                changed = {name: said for name, member in known.items() if (said := self._whole(member)) is not member}
                told = replace(value, **changed) if changed else value
        return cast("Value", told)

    def request_headers(self, headers: Headers) -> Headers:
        """Headers as sent, without secrets; another value of a header that was given is taken for one."""
        return tuple(
            (name, given.get(value, "[redacted]") if given else self.text(value))
            for name, value in headers
            for given in (self._headers.get(name.lower()),)
        )


class Log:
    """The exchanges of a run, in the order in which they began."""

    def __init__(self, redactor: Redactor) -> None:
        self.redactor = redactor
        self._exchanges: dict[str, Exchange] = {}
        self._count = 0

    def next_id(self) -> str:
        """An id that no exchange has."""
        self._count += 1
        return f"x{self._count}"

    def record(self, exchange: Exchange) -> None:
        """Keep an exchange, redacted."""
        redactor = self.redactor
        told: Callable[[str], str] = redactor.text
        answered: Callable[[str], str] = redactor.answer
        asked, came = exchange.request_body or "", exchange.response_body or ""
        parts = (exchange.url, asked[: LONGEST_REQUEST_BODY + _OVERLAP], came[: LONGEST_BODY + _OVERLAP])
        if redactor.holds_nothing((*parts, *(value for _, value in exchange.response_headers))):
            told = answered = str
        self._exchanges[exchange.id] = Exchange(
            id=exchange.id,
            check=exchange.check,
            credential=exchange.credential,
            method=exchange.method,
            url=told(exchange.url),
            request_headers=redactor.request_headers(exchange.request_headers),
            request_body=_cut(exchange.request_body, told, LONGEST_REQUEST_BODY),
            status=exchange.status,
            response_headers=_of_answer(exchange.response_headers, answered),
            response_body=_cut(exchange.response_body, answered, LONGEST_BODY),
            seconds=round(exchange.seconds, 4),
            error=None if exchange.error is None else redactor.answer(exchange.error),
            at=round(exchange.at, 4),
        )

    @property
    def last(self) -> Exchange | None:
        """The one that was recorded last; None before the first."""
        return next(reversed(self._exchanges.values()), None)

    def exchanges(self) -> tuple[Exchange, ...]:
        """Everything recorded, by id."""
        return tuple(sorted(self._exchanges.values(), key=lambda exchange: int(exchange.id[1:])))


def _texts_of(value: object) -> Iterator[str]:
    """Every text of a value that `whole` looks at."""
    waiting = [value]
    while waiting:
        match waiting.pop():
            case str() as text:
                yield text
            case tuple() as members:
                waiting.extend(members)
            case Exchange() | type():
                pass
            case member if is_dataclass(member):
                waiting.extend(getattr(member, one.name) for one in fields(member))
            case _:
                pass


def _once(known: dict[str, str], text: str, tell: Callable[[str], str]) -> str:
    """What is told for a text, as it was told before."""
    told = known.get(text)
    if told is None:
        if len(known) >= _MOST_TOLD:
            known.clear()
        told = known[text] = tell(text)
    return told


def _of_answer(headers: Headers, told: Callable[[str], str]) -> Headers:
    """Headers as received; a cookie that was set is a secret."""
    return tuple(
        (name, "[redacted]" if name.lower() in _SECRET_HEADERS else _cut(value, told, LONGEST_HEADER) or "")
        for name, value in headers
    )


def _without_escapes(text: str) -> str:
    return _ESCAPE.sub(lambda found: chr(int(found[3], 8) if found[3] else int(found[1] or found[2], 16)), text)


def _without_percents(text: str) -> str:
    """As `unquote`, which takes fifty times as long over a text that is not ASCII."""
    return unquote_to_bytes(text.encode("utf-8", "surrogatepass")).decode("utf-8", "replace")


_ESCAPES: Mapping[str, Callable[[str], str]] = {
    "\\": _without_escapes,
    "%": _without_percents,
    "&": unescape,
}
"""What undoes each kind of escape, by how one begins."""


def _decoded(text: str, depth: int = 3) -> Iterator[str]:
    """A text without the escapes that it holds, of each kind, and without those that these were escaped by."""
    for start, decode in _ESCAPES.items():
        if start in text and (decoded := decode(text)) != text:
            yield decoded
            if depth > 1:
                yield from _decoded(decoded, depth - 1)


def _unescaped_with(tell: Callable[[str], str], text: str) -> str:
    """What is told for a text, and for it without escapes while that would be told otherwise: nobody needs them."""
    told: str | None = tell(text)
    while told is not None:
        text = told
        told = next((said for one in _decoded(text) if (said := tell(one)) != one), None)
    return text


def _cut(body: str | None, redact: Callable[[str], str], longest: int) -> str | None:
    """A body redacted first and then cut, so that no half of a secret stands at the cut."""
    if body is None:
        return None
    kept = redact(body[: longest + _OVERLAP])
    if len(body) <= longest + _OVERLAP and len(kept) <= longest:
        return kept
    return f"{kept[:longest]}… ({len(body) - longest:,} more characters)"


def _spellings(secret: str) -> Iterator[str]:
    """The ways in which a secret is written; one that was given URL-encoded (as cookies are), decoded too."""
    for value in {secret, unquote(secret)}:
        if len(value) >= SHORTEST_SECRET:
            yield from _spellings_of(value)


def _spellings_of(secret: str) -> Iterator[str]:
    yield secret
    yield secret.lower()
    yield secret.upper()
    yield secret.swapcase()
    octets = secret.encode("utf-8", "surrogatepass")
    yield octets.hex()
    yield octets.hex().upper()
    for escaped in (quote(octets, safe=""), quote_plus(octets), quote(octets)):
        yield escaped
        yield re.sub("%[0-9A-F]{2}", lambda octet: octet.group().lower(), escaped)
    in_json = json.dumps(secret)[1:-1]
    yield in_json
    yield in_json.replace("/", "\\/")
    yield json.dumps(secret, ensure_ascii=False)[1:-1]
    yield secret.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
    yield from _in_base64(octets)
    yield from _in_base64(base64.b64encode(octets))
    yield secret[::-1]


def _in_base64(secret: bytes) -> Iterator[str]:
    """What is left of a secret in base64 of a longer text, at each of the three ways it can be aligned."""
    for before in range(3):
        encoded = base64.b64encode(b"\0" * before + secret).decode().rstrip("=")
        first = (before * 8 + 5) // 6
        whole = (before + len(secret)) * 8 // 6
        inner = encoded[first:whole]
        if len(inner) >= SHORTEST_SECRET:
            yield inner
            yield inner.replace("+", "-").replace("/", "_")
