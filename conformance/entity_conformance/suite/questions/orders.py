"""Orders of an entity's lists by design: each type of field, both ways, and where nulls stand."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace

from entity_contract import Entity, FieldType

from entity_conformance.deployment.api import Api
from entity_conformance.deployment.problems import Blocked, OutOfProfile
from entity_conformance.oracle.question import Question
from entity_conformance.oracle.reading import DECIDED, chosen
from entity_conformance.oracle.values import is_value
from entity_conformance.suite import given, sample
from entity_conformance.suite.given import Group
from entity_conformance.suite.questions.asking import holds, readings, wrong
from entity_conformance.suite.questions.filters import asker

_NULLS = {"largest": "last", "smallest": "first", "last": "always-last", "first": "always-first"}
"""What the ledger calls the readings of L12."""


async def ordered(api: Api, entity: Entity, *types: FieldType) -> None:
    """A list sorted by a field of these types stands in the order of its values, wherever nulls stand.

    Every second entity is asked about the other way round. Raises OutOfProfile where there is no such field.
    """
    group = await given.group(api, entity)
    asked = [question for question in _orders(group) if _type(question) in types]
    if not asked:
        raise OutOfProfile(f"{entity.name} has no such field that lists are sorted by")
    turn = [one.name for one in api.entities].index(entity.name)
    question = replace(asked[turn % len(asked)], order="desc" if turn % 2 else "asc")
    found = await wrong(api, group, question, await asker(api, turn // 2), nulls="apart")
    if found is not None and not await _goes_one_way_only(api, group, question):
        raise found


async def moments_ordered(api: Api) -> None:
    """Every list sorted by a moment that a body sets stands in the order of the moments."""
    for entity in api.entities:
        if sample.has("datetime")(entity):
            with suppress(Blocked, OutOfProfile):
                await ordered(api, entity, "datetime")


async def enums_ordered(api: Api, entity: Entity) -> str:
    """In which order enums are: `declared` or `alphabetical`, the same in every list."""
    await ordered(api, entity, "enum")
    return chosen((await readings(api)).left).get("enums", DECIDED.enums)


async def nulls_placed(api: Api, entity: Entity) -> str:
    """Where records that hold nothing stand, the same in every list; the values have their order whatever that is."""
    group = await given.group(api, entity)
    name = sample.optional(entity) or ""
    if all(one[name] is not None for one in group.known):
        raise OutOfProfile(f"no record of {entity.name} holds nothing in {name}")
    for place, order in enumerate(("asc", "desc")):
        question = Question(entity, sort=name, order=order)
        if await wrong(api, group, question, await asker(api, place), nulls="apart") is None:
            await holds(api, group, question, await asker(api, place))
    return _NULLS[chosen((await readings(api)).left).get("nulls", DECIDED.nulls)]


async def _goes_one_way_only(api: Api, of: Group, question: Question) -> bool:
    """Whether not even titles descend where a question asks to: that is no fault of its type."""
    titles = Question(of.entity, sort=of.title, order=question.order)
    can_tell = question.order == "desc" and of.title in of.entity.sortable
    return can_tell and await wrong(api, of, titles) is not None


def _orders(of: Group) -> Iterator[Question]:
    """A question for each field that a body sets and a list can be sorted by."""
    for field in sample.writable(of.entity):
        if field.name in of.entity.sortable and all(is_value(field, one[field.name]) for one in of.known):
            yield Question(of.entity, sort=field.name)


def _type(question: Question) -> FieldType | None:
    field = question.entity.field(question.sort or "")
    return None if field is None else field.type
