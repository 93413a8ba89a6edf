"""A root cause in one line. Pure: the results of the cause in, words out."""

import json
import re
from collections.abc import Collection, Sequence
from urllib.parse import urlsplit

from entity_conformance.deployment.credentials import BY_NAME, BY_SCOPE, CredentialName
from entity_conformance.deployment.exchange import Exchange
from entity_conformance.report.bodies import media_type, parameter, parsed
from entity_conformance.report.differences import Kind, Operation, Seen, operation, stand_in
from entity_conformance.report.verdict import Run

_NAMED_AT_MOST = 2
_REFUSED = 300
_SCOPED = frozenset(BY_SCOPE.values())
_OTHER: CredentialName = "other_api_key"
_MADE = {"made key": "key that the run made"}
_MEMBERS_AT_MOST = 3
_LONGEST_VALUE = 32
_DIFFERS = " differs"
_OTHER_VALUE = " is none of the allowed values"
_PLAIN = re.compile(r'-?[\d.]{1,16}|true|false|null|"[\w-]{1,20}[!?]?"')
_MEDIA_TYPE = re.compile(r"^the media type is .*not application/json$")
_OF_A_REQUEST: frozenset[Kind] = frozenset({"silence", "crash", "status", "body"})
"""What is told of the request (`GET /tasks answers 500`), not of what the answer holds (`GET /tasks: code is ...`)."""


def title(run: Run, group: Sequence[Seen], shown: Seen, *, hangs_on: str | None, is_uniform: bool) -> str:
    """The cause in the words of the result that is shown.

    `hangs_on` is the query parameter without which it does not show; `is_uniform` that the operation answers nothing
    else, whatever is asked.
    """
    what = shown.difference
    places = _places(None if is_uniform else run, group, hangs_on)
    if what.kind == "code":
        return _codes(group)
    if _MEDIA_TYPE.match(what.said):
        return _of_media_type(run, shown)
    said = what.said.partition(", not ")[0] if is_uniform else what.said
    missing = said.removesuffix(" is missing")
    stands_in = stand_in(shown.exchange, missing) if shown.exchange and missing != said else None
    if stands_in is not None:
        said = f"{stands_in} in place of {missing}"
    elif what.way and what.way != what.said:
        said = _of_members(group, shown)
    elif said.endswith((_DIFFERS, _OTHER_VALUE)):
        said = _of_values(said, {(one.result.expected, one.result.actual) for one in group})
    if len(places) == 1:
        return f"{places[0]} {said}" if what.kind in _OF_A_REQUEST else f"{places[0]}: {said}"
    if not places or what.kind == "header" or (what.way and len(places) > _NAMED_AT_MOST):
        return said
    if hangs_on is not None:
        return f"?{hangs_on}= in {len(places)} operations: {said}"
    more = f" and {len(places) - _NAMED_AT_MOST} more" if len(places) > _NAMED_AT_MOST else ""
    return f"{said}: {', '.join(places[:_NAMED_AT_MOST])}{more}"


def _of_values(said: str, values: Collection[tuple[str | None, str | None]]) -> str:
    """`pagination.limit is 50, not 100`, where it is so in all results and both are numbers or words.

    Of two objects that differ in one member it is that member's; of several allowed values none is named.
    """
    ((expected, actual), *others) = values
    if others or expected is None or actual is None:
        return said
    place = said.removesuffix(_DIFFERS).removesuffix(_OTHER_VALUE)
    if said.endswith(_DIFFERS):
        place, expected, actual = _member(place, expected, actual)
    if not _PLAIN.fullmatch(actual):
        return said
    if said.endswith(_OTHER_VALUE):
        return f"{place} is {actual},{_OTHER_VALUE.removeprefix(' is')}"
    return f"{place} is {actual}, not {expected}" if _PLAIN.fullmatch(expected) else said


def _member(place: str, expected: str, actual: str) -> tuple[str, str, str]:
    """Of two objects the one member that is there and differs, as JSON; else what was given."""
    wanted, came = parsed(expected), parsed(actual)
    if not (isinstance(wanted, dict) and isinstance(came, dict)):
        return place, expected, actual
    names = [name for name, value in wanted.items() if name not in came or came[name] != value]
    if len(names) != 1 or names[0] not in came:
        return place, expected, actual
    return f"{place}.{names[0]}", json.dumps(wanted[names[0]]), json.dumps(came[names[0]])


def _of_members(group: Sequence[Seen], shown: Seen) -> str:
    """`data.title: HTML-escaped`, or `HTML-escaped in title, text`, of several those of the shown result first."""
    alike = [one for one in (shown, *group) if one.difference.compared == shown.difference.compared]
    names = dict.fromkeys(name for one in alike for name in one.difference.members)
    if len(names) == 1:
        return f"{next(iter(names))}: {shown.difference.way}"
    plain = [*dict.fromkeys(name.removeprefix("data.") for name in names)]
    more = len(plain) - _NAMED_AT_MOST if len(plain) > _MEMBERS_AT_MOST else 0
    named = ", ".join(plain[: len(plain) - more])
    return f"{shown.difference.way} in {named}{f' and {more} more' if more else ''}"


def _of_media_type(run: Run, shown: Seen) -> str:
    """`answers to an unknown path, malformed JSON are text/html, not application/json`: wherever the run met it."""
    came = "" if shown.exchange is None else media_type(shown.exchange)
    with_body = [one for one in run.exchanges if one.response_body]
    alike = [one for one in with_body if media_type(one) == came]
    if len(alike) == len(with_body):
        return f"every answer is {came or 'of no media type'}, not application/json"
    asked = [*dict.fromkeys(where(run, one) for one in alike)] or [where(run, one) for one in (shown.exchange,) if one]
    asked.sort(key=lambda name: "/" in name)
    more = f" and {len(asked) - _MEMBERS_AT_MOST} more" if len(asked) > _MEMBERS_AT_MOST else ""
    said = f"{came or 'no media type'} in place of application/json"
    return f"{said}: {', '.join(asked[:_MEMBERS_AT_MOST])}{more}"


def where(run: Run, exchange: Exchange) -> str:
    """What was asked, in a word: an unknown path or entity, malformed JSON, or the operation."""
    asked = operation(exchange, run.target, run.keys_url)
    if exchange.request_body and parsed(exchange.request_body) is None and exchange.request_body != "null":
        return "malformed JSON"
    return _path(run, asked, exchange) or f"{asked.method} {asked.path}"


def _path(run: Run, asked: Operation, exchange: Exchange | None) -> str | None:
    """`an unknown path` or `an unknown entity`, where it is one."""
    if not asked.path.startswith("/{entity}"):
        return None
    if asked.path.count("/{id}") > 1 or (exchange is not None and not exchange.url.startswith(run.target)):
        return "an unknown path"
    is_refused = exchange is not None and (exchange.status or _REFUSED) >= _REFUSED
    is_unknown = exchange is not None and _segment(exchange, asked) not in run.profile.entities
    return "an unknown entity" if is_unknown and (is_refused or asked.path == "/{entity}") else None


def _segment(exchange: Exchange, asked: Operation) -> str:
    return urlsplit(exchange.url).path.strip("/").split("/")[-1 - asked.path.count("/{id}")]


def _places(run: Run | None, group: Sequence[Seen], hangs_on: str | None) -> list[str]:
    """The operations, `GET /{entity}?page=abc`, with the entity's own name where there is but one."""
    entities = {one.result.entity for one in group}
    about = {_entity(one) for one in group}
    only = about.pop() if len(entities) == len(about) == 1 else None
    asked = "" if hangs_on is None else _asked(group, hangs_on)
    named = [
        _named(one.operation.method, (run and _path(run, one.operation, one.exchange)) or one.operation.path, only)
        for one in group
        if one.operation is not None
    ]
    return [f"{name}{_by(group)}{asked}" for name in dict.fromkeys(named)]


def _by(group: Sequence[Seen]) -> str:
    """Who was let in and was to be refused, or the other way round: with a key that may do less, or another user."""
    statuses = [(one.difference.wanted, one.difference.came) for one in group if one.difference.kind == "status"]
    let_in = len(statuses) == len(group) and all("403" in wanted for wanted, _ in statuses)
    turned_away = len(statuses) == len(group) and all(came == "403" and wanted[0] == "2" for wanted, came in statuses)
    names = {one.exchange.credential for one in group if one.exchange is not None}
    if let_in and names == {_OTHER} and all(one.difference.came.startswith("2") for one in group):
        return " by another user"
    nouns = {_MADE.get(name) or (BY_NAME[name].noun if name in _SCOPED else None) for name in names} - {None}
    return f" by a {nouns.pop()}" if (let_in or turned_away) and len(nouns) == len(names) == 1 else ""


def _entity(one: Seen) -> str | None:
    """The entity that was asked about, where the result is about one: a claim on all is told of the first one."""
    asked = one.operation
    if one.result.entity is None or one.exchange is None or asked is None or "{entity}" not in asked.path:
        return one.result.entity
    return _segment(one.exchange, asked)


def _named(method: str, path: str, entity: str | None) -> str:
    if entity is not None:
        return f"{method} {path.replace('{entity}', entity)}"
    return method if (method, path) == ("OPTIONS", "/{entity}") else f"{method} {path}"  # it has one path only


def _asked(group: Sequence[Seen], name: str) -> str:
    """`?page=abc`, without the value where that is long or where several were sent."""
    values = [*dict.fromkeys(parameter(one.exchange, name) for one in group if one.exchange is not None)]
    is_one = len(values) == 1 or all(one.difference.kind == "records" for one in group)
    value = (values[0] if values and is_one else None) or ""
    return f"?{name}={value if len(value) <= _LONGEST_VALUE else ''}"


def _codes(group: Sequence[Seen]) -> str:
    """`error code bad_sort, not INVALID_SORT`; the requirements that allow but one code say which it stands for."""
    wanted: dict[str, list[str]] = {}
    for one in sorted(group, key=lambda one: one.difference.wanted.count(",")):
        known = wanted.setdefault(one.difference.came, [])
        codes = [code for code in one.difference.wanted.split(", ") if code]
        if not set(codes) & set(known):
            known += codes
    if len(wanted) == 1:
        ((came, codes),) = wanted.items()
        return f"error code {came}, not {' or '.join(codes)}" if codes else f"error code {came}"
    pairs = [f"{came} for {' and '.join(codes)}" if codes else came for came, codes in wanted.items()]
    return f"error codes of its own: {', '.join(pairs)}"
