"""Wrong parameters of lists and READs: several in one question, each judged by the answer that tells of it.

`details` names every bad parameter (R1), so that one answer tells of all of them. One that it does not name is asked
about again alone: only that answer says whether it is refused.
"""

from collections.abc import Mapping

from entity_contract import Entity

from entity_conformance.deployment.api import Api, Reply
from entity_conformance.suite import expect, given, sample
from entity_conformance.suite.questions.asking import answer, read

BAD_DATES = {"startDate": "2025-02-30T25:61:00Z", "endDate": "yesterday"}
"""What names no date."""
EMPTY_LIST: Mapping[str, object] = {"id": {"$nin": []}}
MISTYPED: Mapping[str, object] = {"createdAt": True}
"""Filters that mean nothing, which are told of beside other wrong parameters."""
BACKWARDS = {"startDate": "2031-01-01T00:00:00Z", "endDate": "2011-01-01T00:00:00Z"}
"""A range that ends before it starts."""
_NOBODY = "conformanceUnknown"


async def refused(api: Api, entity: Entity, parameter: str, value: str) -> Reply:
    """The answer that tells of a wrong value of a list's parameter."""
    reply = await refused_beside_others(api, entity, parameter, value)
    return reply or await answer(api, entity, params={parameter: value})


async def refused_beside_others(api: Api, entity: Entity, parameter: str, value: str) -> Reply | None:
    """The refusal of several parameters that tells of this one too; None where there is none."""
    for row in _rows(entity):
        if row.get(parameter) == value:
            reply = await answer(api, entity, params=row)
            return reply if _tells(reply, parameter) else None
    return None


async def refused_elsewhere(api: Api, entity: Entity, parameter: str) -> list[Reply]:
    """What the lists of other entities answer to a wrong value of a parameter, of those that do not refuse it too.

    One question of each asks about all parameters. Where the refusals of the first entity do not name this one beside
    others, that tells nothing; a thorough run asks every entity anyway.
    """
    rows = [row for row in _rows(entity)[:2] if parameter in row]
    if api.context.is_thorough or not any([_tells(await answer(api, entity, params=row), parameter) for row in rows]):
        return []
    found = []
    for other in (one for one in api.entities if "list" in one.operations):
        known = [one.name for one in other.includable][:1]
        row = _rows(other)[0] | {"sort": _NOBODY, "include": ",".join([*known, _NOBODY])}
        if other != entity and not _tells(await answer(api, other, params=row), parameter):
            found.append(await answer(api, other, params={parameter: row[parameter]}))
    return found


async def refused_read(api: Api, entity: Entity, id_: str, parameter: str) -> Reply:
    """The answer that tells of an unknown name in `fields` or `include` of a READ, beside one that is known."""
    relations = [one.name for one in entity.includable][:1]
    together = {"fields": f"id,{_NOBODY}", "include": ",".join([*relations, _NOBODY])}
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


def _rows(entity: Entity) -> tuple[dict[str, str], ...]:
    """Lists whose every parameter is wrong by itself."""
    title, optional = sample.title_field(entity), sample.optional(entity)
    first = {"page": "0", "limit": "0", "fields": f"id,{_NOBODY}", "include": _NOBODY, **BAD_DATES}
    first |= {"filter": given.filter_json(EMPTY_LIST)}
    second = {"page": "first", "limit": "2.5", "filter": given.filter_json(MISTYPED), **BACKWARDS}
    second |= {"sort": several_fields(title.name)} if title is not None else {}
    second |= {"include": dotted(entity)} if entity.includable else {}
    third = {"limit": "101", "filter": given.filter_json(unequal_to_null(optional))} if optional else {}
    return first, second, third


def _tells(reply: Reply, parameter: str) -> bool:
    is_of_all = reply.status == 400 and expect.is_enveloped(reply) and reply.code == "VALIDATION_FAILED"
    return is_of_all and parameter in expect.named(reply)
