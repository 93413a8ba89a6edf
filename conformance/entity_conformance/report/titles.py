"""A root cause in one line. Pure: the results of the cause in, words out."""

from collections.abc import Sequence
from urllib.parse import urlsplit

from entity_conformance.report.differences import Kind, Seen, parameter, stand_in

_NAMED_AT_MOST = 2
_LONGEST_VALUE = 24
_OF_A_REQUEST: frozenset[Kind] = frozenset({"silence", "crash", "status", "body"})
"""What is told of the request (`GET /tasks answers 500`), not of what the answer holds (`GET /tasks: code is ...`)."""


def title(group: Sequence[Seen], shown: Seen, *, hangs_on: str | None, is_uniform: bool) -> str:
    """The cause in the words of the result that is shown.

    `hangs_on` is the query parameter without which it does not show; `is_uniform` that the operation answers nothing
    else, whatever is asked.
    """
    what, places = shown.difference, _places(group, hangs_on)
    if what.kind == "code":
        return _codes(group)
    said = what.said.partition(", not ")[0] if is_uniform else what.said
    missing = said.removesuffix(" is missing")
    stands_in = stand_in(shown.exchange, missing) if shown.exchange and missing != said else None
    if stands_in is not None:
        said = f"{stands_in} in place of {missing}"
    if len(places) == 1:
        return f"{places[0]} {said}" if what.kind in _OF_A_REQUEST else f"{places[0]}: {said}"
    if not places or what.kind == "header":
        return said
    if hangs_on is not None:
        return f"?{hangs_on}= in {len(places)} operations: {said}"
    more = f" and {len(places) - _NAMED_AT_MOST} more" if len(places) > _NAMED_AT_MOST else ""
    return f"{said}: {', '.join(places[:_NAMED_AT_MOST])}{more}"


def _places(group: Sequence[Seen], hangs_on: str | None) -> list[str]:
    """The operations, `GET /{entity}?page=abc`, with the entity's own name where there is but one."""
    entities = {one.result.entity for one in group}
    about = {_entity(one) for one in group}
    only = about.pop() if len(entities) == len(about) == 1 else None
    asked = "" if hangs_on is None else _asked(group, hangs_on)
    named = [(one.operation.method, one.operation.path) for one in group if one.operation is not None]
    return [f"{_named(method, path, only)}{asked}" for method, path in dict.fromkeys(named)]


def _entity(one: Seen) -> str | None:
    """The entity that was asked about, where the result is about one: a claim on all is told of the first one."""
    asked = one.operation
    if one.result.entity is None or one.exchange is None or asked is None or "{entity}" not in asked.path:
        return one.result.entity
    return urlsplit(one.exchange.url).path.strip("/").split("/")[-1 - asked.path.count("/{id}")]


def _named(method: str, path: str, entity: str | None) -> str:
    if entity is not None:
        return f"{method} {path.replace('{entity}', entity)}"
    return method if method == "OPTIONS" else f"{method} {path}"  # it has one path only


def _asked(group: Sequence[Seen], name: str) -> str:
    """`?page=abc`, without the value where that is long or where several were sent."""
    values = {parameter(one.exchange, name) for one in group if one.exchange is not None}
    value = (values.pop() if len(values) == 1 else None) or ""
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
