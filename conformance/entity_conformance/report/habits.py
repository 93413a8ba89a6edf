"""What answers do in a way of their own, which shows as another difference each time: one cause, and how it is called.

Pure. A habit is recognised in one answer; that several have it makes them one cause.
"""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from entity_conformance.report.bodies import (
    error_shape,
    is_error_envelope,
    json_object,
    parameter,
    records,
    shape,
)
from entity_conformance.report.differences import Seen

Habit = tuple[Any, ...]
"""Its name first; two habits that are equal are one."""

UNREAD, BAD_QUERY, LACKING, HEADERS, PAGING, FROM_ZERO = (
    "unread", "bad query", "lacking", "headers", "paging", "from zero",
)  # fmt: skip
_REFUSED, _ANOTHER_PAGE, _HEALTHY, _ERRORS, _TOTAL_PAGES = (
    "refused by the body", "another page", "health", "errors", "total pages",
)  # fmt: skip
_HEALTH = "/health"
_BAD = 400
_OF_ERRORS = frozenset({"success", "error", "code", "details"})
_OF_HEALTH = ("status", "timestamp", "version")
_FOLLOWING = ("pagination.totalPages", "pagination.hasNext", "there is a link to next", "there is no link to next")
_MISSING = re.compile(r"^(?:the header )?(?P<names>X-[\w-]+(?:, X-[\w-]+)*|[A-Z][\w-]+) (?:is|are) missing$")
_NAMED_AT_MOST, _LONGEST_VALUE = 4, 16


@dataclass(frozen=True, slots=True)
class Key:
    """What results of one cause have in common; `hangs_on` is the query parameter without which it does not show."""

    common: Habit
    hangs_on: str | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """Results of one cause, the one that is shown, what they have in common, and the query parameter they hang on."""

    seen: Sequence[Seen]
    shown: Seen
    common: Habit
    hangs_on: str | None


def habit(one: Seen) -> Habit | None:
    """What the answer does in its own way whatever is asked, where that is what the finding is about."""
    exchange = one.exchange
    body = None if exchange is None else json_object(exchange)
    if exchange is None or exchange.status is None or body is None:
        return None
    if exchange.status >= _BAD:
        return (_ERRORS, error_shape(body)) if _is_about_errors(one, body) else None
    return next(((name,) for name, has in _HABITS.items() if has(one, body)), None)


def _is_refused_by_its_body(one: Seen, body: Mapping[str, object]) -> bool:
    return body.get("success") is False and one.difference.kind in {"status", "body"}


def _is_another_page(one: Seen, body: Mapping[str, object]) -> bool:
    asked, shown = _page(one), _pagination(body).get("page")
    is_number = asked.isascii() and asked.isdigit()
    return one.difference.kind != "code" and isinstance(shown, int) and is_number and 1 < int(asked) != shown


def _is_beyond_the_first(one: Seen, body: Mapping[str, object]) -> bool:
    """Whether page 1 holds no record, though its list tells of some that would stand on the first page."""
    if one.difference.kind != "records" or _page(one) != "1" or one.exchange is None or records(one.exchange):
        return False
    counts = [value for name, value in _pagination(body).items() if "total" in name.lower()]
    return any(isinstance(value, int) and not isinstance(value, bool) and value > 1 for value in counts)


def _is_miscounted(one: Seen, body: Mapping[str, object]) -> bool:
    """Whether the finding is due to another `totalPages` than follows from `total` and `limit`."""
    total, limit, pages = (_pagination(body).get(name) for name in ("total", "limit", "totalPages"))
    if not isinstance(total, int) or not isinstance(limit, int) or not isinstance(pages, int) or limit < 1:
        return False
    return one.difference.said.startswith(_FOLLOWING) and pages != -(-total // limit)


def _is_of_health(one: Seen, body: Mapping[str, object]) -> bool:  # noqa: ARG001  # of one form with the others
    what, path = one.difference, None if one.operation is None else one.operation.path
    is_plain = not what.way or what.compared.endswith(": null")
    return path == _HEALTH and what.kind in {"body", "content"} and is_plain


_HABITS: Mapping[str, Callable[[Seen, Mapping[str, object]], bool]] = {
    _REFUSED: _is_refused_by_its_body,
    FROM_ZERO: _is_beyond_the_first,
    _ANOTHER_PAGE: _is_another_page,
    _TOTAL_PAGES: _is_miscounted,
    _HEALTHY: _is_of_health,
}
"""In this order: one answer may have several."""


def _page(one: Seen) -> str:
    return (None if one.exchange is None else parameter(one.exchange, "page")) or ""


def _pagination(body: Mapping[str, object]) -> Mapping[str, Any]:
    told = body.get("pagination")
    return told if isinstance(told, dict) else {}


def _body(one: Seen) -> Mapping[str, object]:
    return (None if one.exchange is None else json_object(one.exchange)) or {}


def _is_about_errors(one: Seen, body: Mapping[str, object]) -> bool:
    """Whether the finding is due to an error in another envelope: with no code, or with no text, at the top of it."""
    what = one.difference
    first = what.said.partition(" ")[0].rstrip(":").partition(".")[0]
    is_another = not isinstance(body.get("code"), str | int) or not isinstance(body.get("error"), str)
    is_about = (what.kind == "content" and first in _OF_ERRORS) or (what.kind == "code" and "code" not in body)
    return is_about and is_another and not is_error_envelope(body)


def unread(common: Habit, hangs_on: str | None) -> tuple[str, ...]:
    """The query parameters that have no effect, where that is the cause."""
    if common[0] == UNREAD and hangs_on is not None:
        return (hangs_on, *common[1:])
    return common[1:] if common[0] == PAGING else ()


def title(of: Group) -> str | None:
    """How a cause is called that is a habit, or was joined from several differences; None for any other."""
    words = _TITLES.get(of.common[0])
    return None if words is None else words(of)


def is_whole(common: Habit) -> bool:
    """Whether it is one cause already, however its results differ."""
    return common[0] in _TITLES


def _refused(of: Group) -> str:
    status = None if of.shown.exchange is None else of.shown.exchange.status
    return f"refusals answer {status}, with success: false in the body"


def _of_health(of: Group) -> str:
    body = _body(of.shown)
    missing = [name for name in _OF_HEALTH if name not in body]
    said = {one.difference.said for one in of.seen}
    if missing:
        return f"GET /health answers {shape(body)}, without {_listed(missing)}"
    return f"GET /health: {said.pop() if len(said) == 1 else 'the answer has another form'}"


def _of_errors(of: Group) -> str:
    statuses = {one.exchange.status for one in of.seen if one.exchange is not None}
    whose = "errors are" if len(statuses) > 1 else f"{statuses.pop()} answers"
    body = _body(of.shown)
    return f"{whose} {shape(body)}, not {{success, error, code}}"


def _of_total_pages(of: Group) -> str:
    numbers = max((_pagination(_body(one)) for one in of.seen), key=lambda told: told["total"])
    said = f"pagination.totalPages is {numbers['totalPages']} for {numbers['total']} records by {numbers['limit']}"
    is_followed = any(not one.difference.said.startswith(_FOLLOWING[0]) for one in of.seen)
    return f"{said}, and {_FOLLOWING[1]} follows it" if is_followed else said


def _unread(of: Group) -> str:
    names = " and ".join(f"?{name}=" for name in (of.hangs_on, *of.common[1:]))
    if len(of.common) > 1:
        return f"{names} have no effect: they change no answer, and no value of them is refused"
    return f"{names} has no effect: it changes no answer, and no value of it is refused"


def _bad_query(of: Group) -> str:
    told = [f"{name}={value if len(value) <= _LONGEST_VALUE else '…'}" for name, value in of.common[1:]]
    return f"bad query parameters are not refused: {', '.join(told)}"


def _lacking(of: Group) -> str:
    said = [one.difference.said for one in of.seen if one.difference.said.startswith("a record's ")]
    names = Counter(one.removeprefix("a record's ").removesuffix(" is missing") for one in said)
    return f"{of.common[1]} answers lack members of the record: {_listed([name for name, _ in names.most_common()])}"


def _headers(of: Group) -> str:
    names = [*dict.fromkeys((*of.common[1:], *_lacked(of.seen)))]
    return f"the headers {_listed(names)} are missing"


def _paging(of: Group) -> str:
    first = next((one for one in of.seen if one.difference.said == "pagination is missing"), of.shown)
    body = _body(first)
    unread = ", and page= has no effect" if len(of.common) > 1 else ""
    return f"lists are {shape(body)}: no pagination, no {', '.join(_lacked(of.seen))}{unread}"


def lacked_header(one: Seen) -> str | None:
    """The header that the finding is missing: its name, `Link` for one of the links."""
    said = one.difference.said
    if one.difference.kind != "header":
        return None
    if (missing := _MISSING.match(said)) is not None:
        return missing["names"]
    has_links = one.exchange is not None and any(name.lower() == "link" for name, _ in one.exchange.response_headers)
    return "Link" if said.startswith("there is no link to ") and not has_links else None


def _lacked(group: Sequence[Seen]) -> list[str]:
    told = [name for one in group for name in (lacked_header(one) or "").split(", ") if name]
    return [*dict.fromkeys(told)]


def _listed(names: Sequence[str]) -> str:
    named = [*names[:_NAMED_AT_MOST]]
    more = len(names) - len(named)
    last = f"{more} more" if more else named.pop()
    return f"{', '.join(named)} and {last}" if named else last


_TITLES: Mapping[object, Callable[[Group], str]] = {
    _REFUSED: _refused,
    _ANOTHER_PAGE: lambda _: "?page= has no effect: another page is answered than was asked for",
    _HEALTHY: _of_health,
    _ERRORS: _of_errors,
    _TOTAL_PAGES: _of_total_pages,
    UNREAD: _unread,
    BAD_QUERY: _bad_query,
    LACKING: _lacking,
    HEADERS: _headers,
    PAGING: _paging,
    FROM_ZERO: lambda _: "pages are counted from 0: page=1 is the second page",
}
