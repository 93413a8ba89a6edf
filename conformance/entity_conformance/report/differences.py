"""What is different about a result, apart from the entity, the record and the run in which it was seen.

Pure: a Result and the exchange that it judges in, a Difference out. Two results with equal differences may have one
cause; whether they do is decided in `causes`. The words of `suite.expect` are known here (a test holds them together);
any other text is compared without its quotations, ids and numbers.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import Literal
from urllib.parse import urlsplit

from entity_conformance.deployment.exchange import Exchange
from entity_conformance.deployment.named_fields import named_fields
from entity_conformance.report.bodies import json_object, media_type, parameter, parameters, parsed, records
from entity_conformance.report.members import NOTHING, Told, departures, old_value, several, told
from entity_conformance.report.verdict import Result, Run
from entity_conformance.report.ways import time

Kind = Literal["silence", "crash", "status", "body", "code", "header", "records", "content"]
"""What differs: no whole answer came; the server failed; another status; no JSON; another code; a header; which records
an answer holds, and with which fields; anything else in its body."""

_RESERVED = frozenset({"ai"})
_BAD_VALUES, _WRITES, _NAMED_AT_MOST = frozenset({400, 422}), frozenset({"POST", "PATCH"}), 3
_CONTRACT = "the answer does not agree with the contract: "
_ALTERNATIVE = re.compile(r"(?:^|; )not [\w ]+: (?P<message>.*?) \((?P<actual>.*?)\)(?=; not [\w ]+: |$)", re.DOTALL)
_GENERATED = re.compile(r"^[a-z]+[A-Z]\w*: (?P<said>.*?)(?: \([A-Z]\d+\.[\w-]+\))?(?:; .*)?$")
"""`listTasks: what is wrong (E7.every-answer); 11 times; also readTask`: how the property tests put it."""
_MODELLED = re.compile(r"^(?P<said>.*?) \((?:GET|HEAD|OPTIONS|POST|PATCH|PUT|DELETE) /.*$", re.DOTALL)
"""`what is wrong (GET /tasks?limit=1); the shortest sequence ...`: how the state machine puts it."""
_STATUS = re.compile(r"^(?:the answer is not|the status must be) (?P<wanted>\d{3}(?: or \d{3})*|4xx)$")
_STATUS_OF_CODE = re.compile(r"^the status of \S+ (?:is none of the allowed values|differs)$")
_UNDOCUMENTED = re.compile(r"^Unknown response http status")
_NO_JSON = re.compile(r"^the answer to \w+ is (?:not JSON|JSON, but no object)$")
_MEDIA_TYPE = re.compile(r"not JSON by its media type$|^Content for the following mimetype not found")
_NO_MEDIA_TYPE = "the header Content-Type is missing"
_NO_HEADER = re.compile(r"^Missing required header: (?P<name>\S+)$")
_HEADER = re.compile(
    r"\bX(?:-\w+)+|\bmedia type\b|\b(?:Content-Type|WWW-Authenticate|Retry-After|Allow|Date)\b"
    r"|^the Link\b|\blinks? to\b|\brel="
)
_NO_MEMBER = re.compile(r"^(?:the body|(?P<at>[\w.]+)): '(?P<name>\w+)' is a required property$")
_MEMBER = re.compile(r"^(?P<name>[a-z]\w*) (?:is (?:not an? |no |none )|differs$|lacks )")
_OF_PAGINATION = re.compile(r"^pagination\.(?P<name>\w+)\b")
_FIELD = re.compile(r"^data(?:\[\d*\])?(?:\.(?P<name>\w+)\b(?!\.)| lacks a field$)")
IN_PLACE = " in place of "
_OF_A_RECORD = "a record's "
CUT = " cut after "
"""How it is told that a text was stored of which only the beginning is shown."""
_MISSING = " is missing"
_EMPTY = frozenset({"null", "{}", "[]"})
_NOT_THERE = frozenset({None, "null", NOTHING})
"""What a finding quotes of a member that may not be there."""
_HOLDS = 'data holds "'
_JSON = "application/json"
_NOT_INCLUDED = "what is to be included is missing"
_OF_A_SUCCESS = re.compile(r"^(?:data|pagination)\b|^the answer to \w+ has no data$")
_OF_AN_ENTITY = re.compile(r"^[a-z][\w-]*: (?=data\b)")
"""`tasks: data is in another order`: a check that looks at several entities says which, and the request does too."""
_RECORDS: Mapping[str, re.Pattern[str]] = {
    "more": re.compile(r"^data\b.* (?:holds more records|holds a record that it must not|has more items)$"),
    "fewer": re.compile(r"^data\b.* (?:holds fewer records|lacks a record|has fewer items)$"),
    "other": re.compile(r"^data\b.* (?:holds other records|does not hold \S+ once|holds a record twice)$"),
    "order": re.compile(r"^data\b.*? (?:is in another order|does not ascend|does not descend|is not sorted by \w+)$"),
    "fields": re.compile(r"^data(?:\[\])? (?:has other fields|lacks a field)$"),
}
_ID = re.compile(r"\b[A-Za-z]+_[A-Za-z0-9]{4,}\b|\b[0-9a-f]{8}-[0-9a-f-]{27}\b")
_QUOTED = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'[^']*'|`[^`]*`")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")

_MEMBERS: Mapping[str, Callable[[object], bool]] = {
    "pagination": lambda value: isinstance(value, dict) and sum(isinstance(one, int) for one in value.values()) > 1,
    "data": lambda value: isinstance(value, list | dict),
    "code": lambda value: isinstance(value, str | int) and " " not in str(value),
    "error": lambda value: isinstance(value, str | dict),
    "message": lambda value: isinstance(value, str),
    "details": lambda value: isinstance(value, list | dict),
    "success": lambda value: isinstance(value, bool),
}
"""The members of the reference's envelopes, and how each is known again under another name."""

_OF_EVERY_ANSWER = frozenset({"success", "error", "code", "details", "message"})
"""The members of an envelope that do not hang on the operation."""


@dataclass(frozen=True, slots=True)
class Operation:
    """The shape of a request: `GET`, `/{entity}`, and the names of its query parameters."""

    method: str
    path: str
    parameters: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Difference:
    """`said` is for people, `compared` the same without values. `wanted` and `came` are statuses or codes.

    Where the values tell how one differs from the other, `members` have these values, and `way` is told of them.
    """

    kind: Kind
    said: str
    compared: str
    wanted: str = ""
    came: str = ""
    members: tuple[str, ...] = ()
    way: str = ""


@dataclass(frozen=True, slots=True)
class Seen:
    """A result, what is different about it, and in which exchange and operation that was seen."""

    result: Result
    difference: Difference
    exchange: Exchange | None
    operation: Operation | None

    @property
    def actual(self) -> str | None:
        """What came, as the result quotes it; of a member that is not there nothing came."""
        is_missing = self.difference.said.endswith(_MISSING) and self.result.actual in _EMPTY
        return NOTHING if is_missing else self.result.actual


def seen(result: Result, exchanges: Mapping[str, Exchange], run: Run) -> tuple[Seen, ...]:
    """`result` with what is different about it, in the exchange that it judges.

    A result that tells of members which are told in several ways is seen once for each way.
    """
    exchange = exchanges.get(result.exchanges[-1]) if result.exchanges else None
    asked = None if exchange is None else operation(exchange, run.target, run.keys_url)
    found = [_told(one) for one in departures(result) or (several(result, exchange) if exchange else [])]
    found = found or [difference(result, exchange)]
    if exchange is not None and found[0].kind == "content" and not found[0].way:
        earlier = takewhile(lambda one: one is not exchange, exchanges.values())
        old = old_value(result, exchange, earlier)
        found = [_told(old)] if old is not None else found
    return tuple(Seen(result, one, exchange, asked) for one in found)


def _told(one: Told) -> Difference:
    return Difference("content", one.said, one.compared, members=one.members, way=one.way.said)


def operation(exchange: Exchange, base: str, keys_url: str | None = None) -> Operation:
    """What was asked, whatever the entity, the record and the values. `keys_url` is a Run's."""
    parts = urlsplit(exchange.url)
    first, *rest = parts.path.removeprefix(urlsplit(base).path).strip("/").split("/")
    keys = urlsplit(keys_url or f"{base}/keys").path
    named = keys.removeprefix(urlsplit(base).path)
    if parts.path.endswith("/api/health"):
        path = "/health"
    elif parts.path == keys:
        path = named
    elif parts.path.startswith(f"{keys}/"):
        path = named + "/{id}" * len(parts.path.removeprefix(f"{keys}/").split("/"))
    elif first in _RESERVED:
        path = "/".join(["", first, *rest])
    else:
        path = "/{entity}" + "/{id}" * len(rest)
    names = dict.fromkeys(name for name, _ in parameters(exchange))
    return Operation(exchange.method, path, tuple(names))


def stand_in(exchange: Exchange, name: str) -> str | None:
    """The member of an answer that looks like `name`, of the envelope or of `a record's`, which is not there."""
    body = json_object(exchange) or {}
    if name.startswith(_OF_A_RECORD):
        wanted = _letters(name.removeprefix(_OF_A_RECORD))
        return next((other for record in records(exchange) for other in record if _letters(other) == wanted), None)
    if name in body or name not in _MEMBERS or body.get("success") is False:
        return None
    if name == "success" and "data" not in body:
        return None  # a record without an envelope: any of its fields may look so
    looks = _MEMBERS[name]
    return next((other for other, value in body.items() if other not in _MEMBERS and looks(value)), None)


def of_any_answer(said: str) -> bool:
    """Whether it is about a member that does not hang on the operation: of an envelope, or of a record, by its path."""
    first = said.split(" ", maxsplit=1)[0]
    if said.startswith((_OF_A_RECORD, _NOT_INCLUDED, _HOLDS)):
        return True
    return first in _OF_EVERY_ANSWER or first.startswith("data.")


def _letters(name: str) -> str:
    """A name as it is compared with one in another style: `createdAt`, `created_at`, `CreatedAt`."""
    return name.replace("_", "").replace("-", "").lower()


def _absent(reason: str, expected: str, exchange: Exchange) -> str | None:
    """What a record lacks, where a judgement about its value or its presence is due to that."""
    found, held = None if IN_PLACE in reason else _FIELD.match(reason), records(exchange)
    if found is None or not held or parameter(exchange, "fields") is not None:
        return None
    names = [found["name"]] if found["name"] else re.findall(r"\w+", expected)
    absent = next((name for name in names if not any(name in record for record in held)), None)
    is_relation = absent is not None and absent in (parameter(exchange, "include") or "").split(",")
    return _NOT_INCLUDED if is_relation else absent and f"{_OF_A_RECORD}{absent} is missing"


def abstracted(text: str) -> str:
    """`text` without what differs from record to record and from run to run."""
    return _NUMBER.sub("#", _ID.sub("{id}", _QUOTED.sub('"…"', text)))


def difference(result: Result, exchange: Exchange | None) -> Difference:
    """What is different about `result`."""
    near = _nearest(result, "" if exchange is None else str(exchange.status))
    message, expected = near.said, near.expected or ""
    framed = _GENERATED.match(message) or _MODELLED.match(message)
    reason = framed["said"] if framed else _OF_AN_ENTITY.sub("", message.removeprefix(_CONTRACT))
    if exchange is None:
        return _content(reason)
    if exchange.status is None or exchange.error is not None:
        said = f"gets no {'' if exchange.status is None else 'whole '}answer: {exchange.error or 'no reason recorded'}"
        return Difference("silence", said, abstracted(said))
    wanted = _wanted(reason, expected)
    return _of_the_answer(reason, exchange, wanted) or _in_the_answer(reason, expected, near, exchange)


def _of_the_answer(reason: str, exchange: Exchange, wanted: str) -> Difference | None:
    """A difference in which answer it is, not in what it holds: its status, or that it is no JSON object."""
    came, is_json = str(exchange.status), json_object(exchange) is not None
    if came[0] == "5" and wanted[:1] != "5":
        return Difference("crash", f"answers {came}", came, wanted, came)
    if _NO_JSON.match(reason) or (wanted[:1] == came[0] == "2" and not is_json):
        without = _without_json(exchange)
        compared = f"an error {without}" if came[0] == "4" else f"{came} {without}"
        return Difference("body", f"answers {came} {without}", compared, wanted, came)
    if wanted:
        how = _cut(exchange) or _about(exchange, wanted) if exchange.response_body else " without a body"
        return Difference("status", f"answers {came}{how}, not {wanted}", wanted, wanted, came)
    return None


def _about(exchange: Exchange, wanted: str) -> str:
    """` about title`, where a write that had to be granted is refused for fields that the refusal names."""
    body = json_object(exchange)
    if wanted[0] != "2" or exchange.status not in _BAD_VALUES or exchange.method not in _WRITES or body is None:
        return ""
    sent = parsed(exchange.request_body)
    names = [name for name in named_fields(body) if isinstance(sent, dict) and name in sent]
    return f" about {', '.join(names[:_NAMED_AT_MOST])}" if names else ""


def _cut(exchange: Exchange) -> str:
    """` with title cut after 200 characters`, where a record shows the beginning of a text that was sent."""
    sent, held = parsed(exchange.request_body), records(exchange)
    for name, value in sent.items() if isinstance(sent, dict) and len(held) == 1 else ():
        shown = held[0].get(name)
        if isinstance(value, str) and isinstance(shown, str) and shown != value and value.startswith(shown) and shown:
            return f" with {name}{CUT}{len(shown):,} characters"
    return ""


def _in_the_answer(reason: str, expected: str, near: Result, exchange: Exchange) -> Difference:
    """A difference in what an answer holds."""
    if reason == "code is none of the allowed values":
        code = _code(exchange, near)
        wanted = expected.removeprefix("code ").removeprefix("one of ")
        return Difference("code", f"error code {code}", code, wanted, code)
    if reason == _NO_MEDIA_TYPE and not exchange.response_body:
        said = f"answers {exchange.status} without a body"
        return Difference("body", said, f"{exchange.status} without a body", "2xx", str(exchange.status))
    found = _plainly(reason, near, exchange) or _of_a_value(reason, expected, near, exchange) or reason
    if isinstance(found, Difference):
        return found
    if _HEADER.search(found):
        found = _of_reset(found, near)
        return Difference("header", found, abstracted(found))
    which = next((name for name, words in _RECORDS.items() if words.search(found)), None)
    return _content(found) if which is None else Difference("records", found, which)


def _code(exchange: Exchange, near: Result) -> str:
    """The code that was judged: of the body's `code`, or of the place where a refusal in another envelope has it."""
    held = (json_object(exchange) or {}).get("code")
    if held is None:
        quoted = parsed(near.actual)
        held = quoted if isinstance(quoted, str) else None
    return "none" if held is None else str(held)


def _plainly(reason: str, near: Result, exchange: Exchange) -> str | None:
    """What is missing, or another media type, in the same words whoever found it."""
    header, lacking, member = (words.match(reason) for words in (_NO_HEADER, _NO_MEMBER, _MEMBER))
    if _MEDIA_TYPE.search(reason):
        came = media_type(exchange)
        return f"the media type is {'' if came == _JSON else f'{came}, ' if came else 'missing, '}not {_JSON}"
    if header:
        return f"the header {header['name']} is missing"
    if lacking:
        place = "".join(f"{part}." for part in (lacking["at"] or "").split(".") if part and not part.isdigit())
        return f"{_OF_A_RECORD if place == 'data.' else place}{lacking['name']} is missing"
    body = json_object(exchange)
    page = _OF_PAGINATION.match(reason)
    if page and body is not None and IN_PLACE not in reason and near.actual in _NOT_THERE:  # else it was read elsewhere
        pagination = body.get("pagination")
        if pagination is None:
            return "pagination is missing"
        if isinstance(pagination, dict) and page["name"] not in pagination:
            return f"pagination.{page['name']} is missing"
    is_missing = member and member["name"] in _MEMBERS and body is not None and member["name"] not in body
    return f"{member['name']} is missing" if member and is_missing else None


def _of_a_value(reason: str, expected: str, near: Result, exchange: Exchange) -> Difference | None:
    """What a record lacks, or in which way a value is another."""
    value = told(reason, near, exchange)
    if value is not None and near.actual not in _NOT_THERE:
        return _told(value)
    absent = _absent(reason, expected, exchange)
    if absent is not None:
        return _content(absent)
    return None if value is None else _told(value)


def _of_reset(reason: str, near: Result) -> str:
    """`X-RateLimit-Reset is in milliseconds` in place of too large, where it is."""
    told = re.fullmatch(r"\d{1,18}", near.actual or "") if reason.endswith(" is too large") else None
    found = None if told is None else time(int(told[0]))
    unit = re.search(r"\w+seconds", found.kind) if found else None
    return reason.replace("is too large", f"is in {unit[0]}") if unit and unit[0] != "seconds" else reason


def _content(message: str) -> Difference:
    return Difference("content", message.partition("\n")[0], abstracted(message))


def _nearest(result: Result, came: str) -> Result:
    """The result with its message; where several behaviours are allowed, of the one that came nearest.

    That is one whose status was right, else one that wanted a status of the same kind, else the first. One that wanted
    the status that is shown judged another exchange.
    """
    several = [*_ALTERNATIVE.finditer(result.actual or "")] if "allowed behaviours" in result.message else []
    if not several:
        return result

    def distance(message: str) -> int:
        wanted = _wanted(message, "")
        if not wanted and came[:1] in {"4", "5"} and _OF_A_SUCCESS.match(message):
            return 2
        is_another = came in wanted or wanted == f"{came[:1]}xx"  # it judged an answer with the status that is shown
        return 0 if not wanted else 3 if is_another else 1 if wanted[0] == came[:1] else 2

    nearest = min(several, key=lambda one: distance(one["message"]))
    wanted = (result.expected or "").split(" or ")
    expected = wanted[several.index(nearest)] if len(wanted) == len(several) else None
    return replace(result, message=nearest["message"], expected=expected, actual=nearest["actual"])


def _wanted(reason: str, expected: str) -> str:
    """The status that had to come: `401`, `400 or 422`, `2xx`; empty where another thing is judged."""
    status = _STATUS.match(reason)
    if status:
        return status["wanted"]
    if _STATUS_OF_CODE.match(reason):
        return expected.removeprefix("code ").removeprefix("one of ").replace(", ", " or ")
    if reason.endswith(" is no success"):
        return "2xx"
    return "2xx, 4xx as documented" if _UNDOCUMENTED.match(reason) else ""


def _without_json(exchange: Exchange) -> str:
    if not exchange.response_body:
        return "without a body"
    media = next((value for name, value in exchange.response_headers if name.lower() == "content-type"), "")
    kind = media.partition(";")[0].strip().lower()
    return f"with {kind}" if kind and "json" not in kind else "with no JSON object"
