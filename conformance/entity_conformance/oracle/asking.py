"""A question to a list, read from the query parameters that were sent. Pure."""

import json
from collections.abc import Collection, Mapping, Sequence

from entity_contract import Entity, Field

from entity_conformance.oracle.question import Condition, Question
from entity_conformance.oracle.times import moment
from entity_conformance.oracle.values import is_value

_SINGLE = ("filter", "search", "startDate", "endDate", "sort", "order", "page", "limit")
_LISTS = ("fields", "include")


def question_of(entity: Entity, query: Sequence[tuple[str, str]], operators: Collection[str]) -> Question | None:
    """The question; None where a part of it is odd, or means several things: what it selects is then not known."""
    by: dict[str, list[str]] = {}
    for name, value in query:
        by.setdefault(name, []).append(value)
    single = {name: by[name][0] for name in _SINGLE if name in by}
    conditions = _conditions(entity, single.get("filter"), operators)
    lists = {name: _names(by[name]) for name in _LISTS if name in by}
    is_odd = (
        any(len(by[name]) > 1 for name in single)
        or conditions is None
        or not all(entity.field(name) for name in lists.get("fields", ()))
        or not all(entity.relation(name) for name in lists.get("include", ()))
        or any(name in single and moment(single[name]) is None for name in ("startDate", "endDate"))
        or single.get("sort", "id") not in {"id", *entity.sortable}
        or single.get("order", "asc") not in {"asc", "desc"}
        or not all(single[name].isascii() and single[name].isdigit() for name in ("page", "limit") if name in single)
    )
    if is_odd or conditions is None:
        return None
    return Question(
        entity,
        conditions=conditions,
        search=single.get("search"),
        start=single.get("startDate"),
        end=single.get("endDate"),
        sort=single.get("sort"),
        order=single.get("order"),
        fields=lists.get("fields"),
        include=lists.get("include", ()),
        page=int(single["page"]) if "page" in single else None,
        limit=int(single["limit"]) if "limit" in single else None,
        beside=tuple(pair for pair in query if pair[0] not in (*_SINGLE, *_LISTS)),
        repeated=any(len(by[name]) > 1 for name in _LISTS if name in by),
    )


def _names(values: Sequence[str]) -> tuple[str, ...]:
    return tuple(name for value in values for name in value.split(",") if name)


def _conditions(entity: Entity, text: str | None, operators: Collection[str]) -> tuple[Condition, ...] | None:
    if text is None:
        return ()
    try:
        stated = json.loads(text)
    except (ValueError, RecursionError):
        return None
    found: list[Condition] = []
    for name, value in stated.items() if isinstance(stated, Mapping) else ():
        field = entity.field(name)
        if field is None or value == {}:
            return None
        told = value if isinstance(value, Mapping) else {"$eq": value}
        for operator, operand in told.items():
            if operator not in operators or not _fits(field, operator, operand):
                return None
            found.append(Condition(name, operator, operand, bare=not isinstance(value, Mapping)))
    return tuple(found) if isinstance(stated, Mapping) else None


def _fits(field: Field, operator: str, operand: object) -> bool:
    if operator == "$null":
        return isinstance(operand, bool)
    if operator in {"$in", "$nin"}:
        return isinstance(operand, list) and bool(operand) and all(_is_operand(field, one) for one in operand)
    return _is_operand(field, operand)


def _is_operand(field: Field, value: object) -> bool:
    if field.type == "datetime":
        return isinstance(value, str) and moment(value) is not None
    return value is not None and is_value(field, value) and (field.type != "enum" or value in field.values)
