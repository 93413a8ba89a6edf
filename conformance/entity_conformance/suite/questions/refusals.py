"""Wrong parameters of lists and READs: several in one question, each judged by the answer that tells of it.

`details` names every bad parameter (R1), so that one answer tells of all of them. One that it does not name is asked
about again alone: only that answer says whether it is refused.
"""

import json
from collections.abc import Mapping
from itertools import islice, zip_longest

from entity_contract import Entity

from entity_conformance.deployment.api import Api, Reply
from entity_conformance.suite import expect, given, sample
from entity_conformance.suite.questions.asking import UNKNOWN, answer, read

EMPTY_LIST: Mapping[str, object] = {"id": {"$nin": []}}
MISTYPED: Mapping[str, object] = {"createdAt": True}
"""Filters that mean nothing, which are told of beside other wrong parameters."""
BACKWARDS = {"startDate": "2031-01-01T00:00:00Z", "endDate": "2011-01-01T00:00:00Z"}
"""A range that ends before it starts."""
_NOBODY = "conformanceUnknown"
_PARTS = 2
"""Wrong values of a page or a limit that each entity is asked with: those of the first stand in two questions."""
_TWICE, _FAR = frozenset({"startDate", "sort", "order"}), 3
"""Parameters of which a second entity is asked where a refusal names one at a time, and how far that is from the first.

They are those whose wrong values most mistakes take in ways of their own.
"""
_FURTHER = 1
"""How many questions more each entity is asked in a thorough run, whose budget has room for no others."""
_WRONG: Mapping[str, tuple[str, ...]] = {
    "page": ("0", "2nd", "-1", "first"),
    "limit": ("0", "2.5", "-1", "5abc"),
    "startDate": ("2025-02-30", "2025-02-30T25:61:00Z", "2025-13-01", "2025-01-15T24:30:00Z", "2025-01"),
    "endDate": ("yesterday", "2025-01-15T10:60:00Z", "15.01.2025", "2025-04-31", "1e3"),
    "sort": (_NOBODY, "constructor", _NOBODY, "-createdAt", "__proto__"),
    "order": ("up", "DESC", "descending", "Asc", "-1"),
}
"""Wrong values of a list's parameters, of which entities take turns: each is another mistake of who reads them.

A number is read as far as it goes, a day past its month is one of the next, a name that every object has is a field.
The first entity has the first ones, which most mistakes take: who reads nothing but numbers for 0 reads "2nd" for 2.
"""


async def refused(api: Api, entity: Entity, parameter: str, value: str) -> Reply:
    """The answer that tells of a wrong value of a list's parameter."""
    reply = await refused_beside_others(api, entity, parameter, value)
    return reply or await answer(api, entity, params={parameter: value})


async def refused_beside_others(api: Api, entity: Entity, parameter: str, value: str) -> Reply | None:
    """The refusal of several parameters that tells of this one too; None where there is none.

    Others ask so by the API key: another user does not ask it again.
    """
    api = api.asking_as("api_key") if api.asker == "other_api_key" else api
    for row in _rows(api, entity):
        if row.get(parameter) == value:
            reply = await answer(api, entity, params=row)
            return reply if _tells(reply, parameter) else None
    return None


async def refused_elsewhere(api: Api, entity: Entity, parameter: str) -> list[Reply]:
    """What the lists of other entities answer to a wrong value of a parameter, of those that do not refuse it too.

    One question of each asks about all parameters. Where the refusals of the first entity do not name this one beside
    others, that tells nothing: one other entity is asked about it alone then, by turns. So it is where each refusal
    names one parameter, which all entities would name; what that spares is spent on a second entity of `_TWICE`. A
    thorough run asks every entity anyway, about some more of the wrong values.
    """
    if api.context.is_thorough:
        return await _refused_further(api, entity, parameter)
    others = [one for one in api.entities if "list" in one.operations and one != entity]
    rows = [row for row in _rows(api, entity)[:2] if parameter in row]
    is_told = any([_tells(await answer(api, entity, params=row), parameter) for row in rows])
    first = await answer(api, entity, params=_rows(api, entity)[0])
    is_one_told = sum(_tells(first, name) for name in ("page", "limit")) == 1
    if not is_told or is_one_told:
        turn = [*_WRONG, "fields", "include"].index(parameter)
        turns = (turn, turn + _FAR) if is_one_told and parameter in _TWICE else (turn,)
        asked = dict.fromkeys(others[one % len(others)] for one in turns if others)
        return [await _alone(api, one, parameter) for one in asked]
    found = []
    for other in others:
        row = _rows(api, other)[0] | {"sort": _sorts(api, other), "include": _relations(other)}
        if not _tells(await answer(api, other, params=row), parameter):
            found.append(await _alone(api, other, parameter))
    return found


async def _refused_further(api: Api, entity: Entity, parameter: str) -> list[Reply]:
    together = await answer(api, entity, params=_rows(api, entity)[0])
    told = sum(_tells(together, name) for name in ("page", "limit"))
    if not told:
        return []  # each value would have to be asked about alone
    return [
        await _alone(api, entity, parameter, row[parameter])
        for row in _further(api, entity)
        if parameter in row and not (told > 1 and _tells(await answer(api, entity, params=row), parameter))
    ]


def wrong_values(api: Api, entity: Entity, parameter: str) -> tuple[str, ...]:
    """Wrong values of a list's parameter for this entity: two of a page or a limit, else one.

    The first entity is asked with both, the others with the first of theirs: these go on where the first one ends.
    """
    every, place = _WRONG[parameter], _place(api, entity)
    count = _PARTS if parameter in {"page", "limit"} else 1
    begin = place + count - 1 if place else 0
    return tuple(every[(begin + number) % len(every)] for number in range(count))


def in_turn(api: Api, entity: Entity, turn: int) -> Entity:
    """The entity that is asked what might be asked of any: those whose records are made and listed take turns.

    Most is asked of the first one anyway, which has the turn 0.
    """
    able = [one for one in api.entities if {"create", "list"} <= set(one.operations)]
    return able[(able.index(entity) + turn) % len(able)] if entity in able else entity


async def unknown_field(api: Api, entity: Entity) -> Reply:
    """The answer to a filter by a field that the entity does not have, beside one that nobody has.

    Where that is granted, they are asked the other way round: that the first alone counts, or the last, others judge.
    """
    reply = await answer(api, entity, filter=UNKNOWN)
    turned = dict(reversed(json.loads(UNKNOWN).items()))
    return await answer(api, entity, filter=given.filter_json(turned)) if reply.is_granted else reply


async def bad_sort(api: Api, entity: Entity) -> Reply:
    """The answer to a field to sort by that the entity does not have."""
    return await _alone(api, entity, "sort")


async def bad_order(api: Api, entity: Entity) -> Reply:
    """The answer to an order that is none, beside a field to sort by: without one it may be passed over (L10)."""
    return await _alone(api, entity, "order")


async def _alone(api: Api, entity: Entity, parameter: str, value: str = "") -> Reply:
    if parameter in {"fields", "include"}:
        return await answer(
            api, entity, params={parameter: f"id,{_NOBODY}" if parameter == "fields" else _relations(entity)}
        )
    if parameter == "sort":
        return await answer(api, entity, sort=_sorts(api, entity))
    value = value or wrong_values(api, entity, parameter)[0]
    return await answer(
        api, entity, params={"sort": _sorted_by(entity)} if parameter == "order" else {}, **{parameter: value}
    )


def _sorted_by(entity: Entity) -> str:
    return "createdAt" if entity.field("createdAt") is not None else "id"


def _sorts(api: Api, entity: Entity) -> str:
    """What no field of the entity is called."""
    (value,) = wrong_values(api, entity, "sort")
    return value if entity.field(value) is None else _NOBODY


def _relations(entity: Entity) -> str:
    return ",".join([*(one.name for one in entity.includable[:1]), _NOBODY])


def _place(api: Api, entity: Entity) -> int:
    return [one.name for one in api.entities].index(entity.name)


async def refused_read(api: Api, entity: Entity, id_: str, parameter: str) -> Reply:
    """The answer that tells of an unknown name in `fields` or `include` of a READ, beside one that is known."""
    together = {"fields": f"id,{_NOBODY}", "include": _relations(entity)}
    reply = await read(api, entity, id_, params=together)
    return reply if _tells(reply, parameter) else await read(api, entity, id_, params={parameter: together[parameter]})


def unequal_to_null(name: str) -> Mapping[str, object]:
    """A filter by a null as the value of an operator."""
    return {name: {"$ne": None}}


def several_fields(name: str) -> str:
    """A field and the time of creation, as a comma list to sort by."""
    return f"{name},createdAt"


def dotted(entity: Entity) -> str:
    """A relation of a relation. The entity has one."""
    return f"{entity.includable[0].name}.{entity.name}"


def _rows(api: Api, entity: Entity) -> tuple[dict[str, str], ...]:
    """Lists whose every parameter is wrong by itself."""
    title, optional = sample.title_field(entity), sample.optional(entity)
    values = {name: wrong_values(api, entity, name) for name in _WRONG if name != "sort"}
    first = {"fields": f"id,{_NOBODY}", "include": _NOBODY, **{name: some[0] for name, some in values.items()}}
    first |= {"filter": given.filter_json(EMPTY_LIST)}
    second = {
        "page": values["page"][1],
        "limit": values["limit"][1],
        "filter": given.filter_json(MISTYPED),
        **BACKWARDS,
    }
    second |= {"sort": several_fields(title.name)} if title is not None else {}
    second |= {"include": dotted(entity)} if entity.includable else {}
    third = {"limit": "101", "filter": given.filter_json(unequal_to_null(optional))} if optional else {}
    return first, second, third


def _further(api: Api, entity: Entity) -> list[dict[str, str]]:
    """Some of the wrong values that are left of each parameter, one of each in a question.

    Without fields to sort by, whose refusal may have a code of its own, which tells of no other parameter. They go on
    where the values end that the entity is asked with anyway.
    """
    asked = {name: wrong_values(api, entity, name) for name in _WRONG if name != "sort"}
    ends = {name: _WRONG[name].index(some[-1]) + 1 for name, some in asked.items()}
    turned = {name: (*_WRONG[name][end:], *_WRONG[name][:end]) for name, end in ends.items()}
    left = {name: [one for one in of if one not in asked[name]] for name, of in turned.items()}
    columns = islice(zip_longest(*left.values()), _FURTHER)
    return [{name: value for name, value in zip(left, row, strict=True) if value is not None} for row in columns]


def _tells(reply: Reply, parameter: str) -> bool:
    is_of_all = reply.status == 400 and expect.is_enveloped(reply) and reply.code == "VALIDATION_FAILED"
    return is_of_all and parameter in expect.named(reply)
