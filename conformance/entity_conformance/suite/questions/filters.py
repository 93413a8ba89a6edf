"""Filters of an entity by design, and what each requirement of filters claims about them.

Several conditions go into one question. Where its answer is wrong, each condition is asked about alone: the fault is
the condition's that is wrong alone, and of their being together only where none is.
"""

from dataclasses import dataclass
from typing import Literal

from entity_contract import Entity

from entity_conformance.deployment.api import Api, Credential, NoAnswer
from entity_conformance.deployment.problems import Blocked, OutOfProfile
from entity_conformance.oracle.question import Condition, Question
from entity_conformance.oracle.reading import chosen
from entity_conformance.suite import given, sample
from entity_conformance.suite.given import Group
from entity_conformance.suite.questions.asking import is_decided, readings, wrong
from entity_conformance.suite.questions.conditions import Designed, Subjects, designed, together


@dataclass(frozen=True, slots=True)
class Filter:
    """Conditions that are asked about at once, and who asks."""

    of: Group
    parts: tuple[Designed, ...]
    credential: Credential

    def question(self, *conditions: Condition) -> Question:
        """The question of all of them, or of some conditions alone."""
        return Question(self.of.entity, conditions or tuple(one.condition for one in self.parts))

    @property
    def has_two_on_one_field(self) -> bool:
        """Whether two operators on one field must hold."""
        return len({one.condition.field for one in self.parts}) < len(self.parts)


async def filters(api: Api, entity: Entity) -> tuple[Filter, ...]:
    """The questions of one entity; every second one is a read-only key's, where there is one."""
    return await api.once(("filters", entity.name), lambda: _filters(api, entity))


async def _filters(api: Api, entity: Entity) -> tuple[Filter, ...]:
    group = await given.group(api, entity)
    is_thorough = api.context.is_thorough and entity == api.entities[0]  # all of them would leave no request to others
    of = Subjects(entity, group.known, api.contract.operators, api.entities, thorough=is_thorough)
    packed = enumerate(together(designed(of), of))
    return tuple([Filter(group, parts, await asker(api, place)) for place, parts in packed])


async def asker(api: Api, place: int) -> Credential:
    """Whose question it is: the API key's and a read-only key's in turns, where that one can list."""
    if place % 2 == 0 or not api.has("read_key"):
        return "api_key"
    return await api.once("asker", lambda: _second_asker(api))


async def _second_asker(api: Api) -> Credential:
    try:
        reply = await api.list(api.entities[0], limit=1, credential="read_key")
    except NoAnswer:
        return "api_key"
    return "read_key" if reply.status == 200 else "api_key"


async def filtered(api: Api, requirement: str, *entities: Entity) -> None:
    """No filter of these entities, of all where none is named, is answered wrongly by a condition of the requirement.

    Raises Blocked where no entity has such a condition.
    """
    asked = 0
    for filter_ in await _of(api, entities):
        mine = [one for one in filter_.parts if one.requirement == requirement]
        asked += len(mine) and is_decided(filter_.question(), filter_.of)
        if not mine or await wrong(api, filter_.of, filter_.question(), filter_.credential) is None:
            continue
        for one in mine:
            found = await _alone(api, filter_, one)
            if found is not None and not await _is_of_the_field(api, filter_, one.condition):
                raise found
    if not asked:
        raise OutOfProfile("no record of this run has a value that tells anything about it")


async def several(api: Api, *entities: Entity, on_one_field: bool) -> None:
    """No filter of several conditions is answered wrongly where each of its conditions is answered rightly."""
    for filter_ in await _of(api, entities):
        if len(filter_.parts) == 1 or filter_.has_two_on_one_field is not on_one_field:
            continue
        found = await wrong(api, filter_.of, filter_.question(), filter_.credential)
        if found is not None and not [one for one in filter_.parts if await _alone(api, filter_, one)]:
            raise found


async def beside_null(api: Api, entity: Entity, operator: Literal["$ne", "$nin"]) -> str:
    """Whether the operator selects records that hold nothing: `match` or `no-match`, the same on every field."""
    await filtered(api, f"filter.{operator[1:]}-beside-null")
    group = await given.group(api, entity)
    name = sample.optional(entity) or ""
    held = [one[name] for one in group.known if one[name] is not None]
    if len(held) == len(group.known):
        raise OutOfProfile(f"no record of {entity.name} holds nothing in {name or 'any field'}")
    operand = held[0] if operator == "$ne" else held[:1]
    if (found := await wrong(api, group, Question(entity, (Condition(name, operator, operand),)))) is not None:
        raise found
    point = "ne_null" if operator == "$ne" else "nin_null"
    return chosen((await readings(api)).left)[point]


async def _is_of_the_field(api: Api, filter_: Filter, condition: Condition) -> bool:
    """Whether not even equality holds on the field, so that nothing is said of its operators."""
    held = next(one[condition.field] for one in filter_.of.known if one[condition.field] is not None)
    equality = filter_.question(Condition(condition.field, "$eq", held, bare=True))
    return not condition.bare and await wrong(api, filter_.of, equality, filter_.credential) is not None


async def _alone(api: Api, filter_: Filter, one: Designed) -> Exception | None:
    return await wrong(api, filter_.of, filter_.question(one.condition), filter_.credential)


async def _of(api: Api, entities: tuple[Entity, ...]) -> list[Filter]:
    if entities:
        return [one for entity in entities for one in await filters(api, entity)]
    found: list[Filter] = []
    blocked: Blocked | OutOfProfile | None = None
    for entity in api.entities:
        if "create" in entity.operations:
            try:
                found += await filters(api, entity)
            except (Blocked, OutOfProfile) as problem:
                blocked = problem
    if not found and blocked is not None:
        raise blocked
    return found
