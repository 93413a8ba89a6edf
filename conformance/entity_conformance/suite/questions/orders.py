"""Orders of lists by design: each type of field, both ways, and where nulls stand."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Literal

from entity_contract import Entity, FieldType

from entity_conformance.deployment.api import Api
from entity_conformance.deployment.problems import Blocked, OutOfProfile
from entity_conformance.oracle.question import Question
from entity_conformance.oracle.reading import DECIDED, chosen
from entity_conformance.suite import given, sample
from entity_conformance.suite.given import Group
from entity_conformance.suite.questions.asking import answer, is_decided, readings, wrong
from entity_conformance.suite.questions.carriers import in_order, orders_of, with_nulls

_REFUSED = 400
_NULLS = {"largest": "last", "smallest": "first", "last": "always-last", "first": "always-first"}
"""What the ledger calls the readings of L12."""


async def demand_sorted(api: Api, entity: Entity, field: str) -> None:
    """Raises OutOfProfile where lists of an entity that the deployment defines are not sorted by the field (L9)."""
    if await _does_not_sort(api, Question(entity, sort=field)):
        raise OutOfProfile(f"lists of {entity.name} are not sorted by {field}")


async def sorted_by(api: Api, of: Group, field: str, order: str | None) -> None:
    """A list that is sorted by a field stands in its order, wherever nulls stand. Raises Violation, and Blocked."""
    question = Question(of.entity, sort=field, order=order)
    if not is_decided(question, of):
        raise Blocked(f"what the run's {of.entity.name} hold leaves the right order open")
    if (found := await in_order(api, of, question)) is not None:
        await demand_sorted(api, of.entity, field)
        raise found


async def ordered(api: Api, kind: FieldType | Literal["key"]) -> None:
    """Every list that is sorted by a field of this type stands in the order of its values.

    Of the entities that have such fields some are asked. Raises OutOfProfile where none has one.
    """
    asked = 0
    of_all = [(entity, _orders(api.entities, entity, kind)) for entity in api.entities]
    others = [(entity, _orders((entity,), entity, kind)[:1]) for entity in api.entities]
    for entity, orders in (*of_all, *others):
        for question in orders if not asked or (entity, orders) in of_all else ():
            try:
                group = await given.group(api, entity)
            except (Blocked, OutOfProfile):
                continue
            found = await in_order(api, group, question)
            if found is not None and await _does_not_sort(api, question):
                continue
            asked += is_decided(question, group)
            if found is not None and not await _goes_one_way_only(api, group, question):
                raise found
    if not asked:
        raise OutOfProfile(f"no entity has a field of type {kind} that lists are sorted by")


async def keys_ordered(api: Api) -> None:
    """Every list that is sorted by a foreign key stands in the order of the ids, where one is asked about."""
    with suppress(OutOfProfile):
        await ordered(api, "key")


async def moments_ordered(api: Api) -> None:
    """Every list that is sorted by a moment that a body sets stands in the order of the moments, where there is one."""
    with suppress(OutOfProfile):
        await ordered(api, "datetime")


async def enums_ordered(api: Api) -> str:
    """In which order enums are: `declared` or `alphabetical`, the same in every list."""
    await ordered(api, "enum")
    return chosen((await readings(api)).left).get("enums", DECIDED.enums)


async def nulls_placed(api: Api, entity: Entity) -> str:
    """Where records that hold nothing stand, the same in every list; the values have their order whatever that is."""
    group = await given.group(api, entity)
    name = sample.optional(entity) or ""
    if all(one[name] is not None for one in group.known):
        raise OutOfProfile(f"no record of {entity.name} holds nothing in {name}")
    for order in ("asc", "desc"):
        if (found := await with_nulls(api, group, Question(entity, sort=name, order=order))) is not None:
            await demand_sorted(api, entity, name)
            raise found
    return _NULLS[chosen((await readings(api)).left).get("nulls", DECIDED.nulls)]


async def _does_not_sort(api: Api, question: Question) -> bool:
    """Whether lists are not sorted by a field, of an entity for which the contract does not say that they are (L9)."""
    if api.contract.entity(question.entity.name) is not None:
        return False
    reply = await answer(api, question.entity, sort=question.sort, limit=1)
    return reply.status == _REFUSED and given.code(reply) == "INVALID_SORT"


async def _goes_one_way_only(api: Api, of: Group, question: Question) -> bool:
    """Whether not even titles descend where a question asks to: that is no fault of its type."""
    titles = Question(of.entity, sort=of.title, order=question.order)
    can_tell = question.order == "desc" and of.title in of.entity.sortable
    return can_tell and await wrong(api, of, titles) is not None


def _orders(entities: Sequence[Entity], entity: Entity, kind: FieldType | Literal["key"]) -> list[Question]:
    """The questions by a field of this type that a body sets."""
    if "create" not in entity.operations:
        return []
    own = frozenset(field.name for field in sample.writable(entity) if field.type == kind)
    names = sample.foreign_keys(entity) if kind == "key" else own
    return [one for one in orders_of(entities, entity) if one.sort in names]
