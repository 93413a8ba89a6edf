"""A listed value of an enum that is refused by its name: what stands beside it may be why, or what the record was.

`metadata.enum-values-are-taken` accuses a value that no CREATE takes, whatever the other enums and booleans hold, and
that no UPDATE leads to from any of the enum's other values (O4.untold-rules). So each such value is tried in all these
ways once, before another one is sent in its place.
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress

from entity_contract import Entity, Scalar

from entity_conformance.deployment.api import Api, Reply
from entity_conformance.deployment.problems import Blocked, OutOfProfile, Violation
from entity_conformance.suite import sample
from entity_conformance.suite.given.conflicts import BY_A_RULE, named
from entity_conformance.suite.given.created import made


def refused_values(entity: Entity, sent: Mapping[str, object], reply: Reply) -> tuple[str, ...]:
    """The enums whose listed values in a body are all that its refusal names."""
    names = named(reply) & sent.keys() if reply.status in BY_A_RULE else set()
    enums = [one for one in entity.fields if one.type == "enum" and one.name in names]
    return tuple(one.name for one in enums if len(names) == 1 and sent[one.name] in one.values)


async def in_company(
    api: Api, entity: Entity, name: str, body: Mapping[str, object], *, sent: Mapping[str, object]
) -> None:
    """Writes of the value that a body holds in an enum, in every company, until one is granted; once for each value.

    At last a CREATE names nothing that it need not: what need not be there may be why. `sent` was refused already. Of
    its own entity the reference tells every rule: what was refused is wrong by that alone.
    """

    async def tried() -> None:
        with suppress(Blocked, OutOfProfile, Violation):
            for one in _bodies(entity, name, body):
                if one != sent and (await api.create(entity, one)).is_granted:
                    return
            await _led_to(api, entity, name, body)

    if entity.name != sample.REFERENCES_OWN and not _was_taken(api, entity, name, body[name]):
        await api.once(("company", entity.name, name, body[name]), tried)


def refused_so_far(api: Api, entity: Entity, body: Mapping[str, object]) -> set[str]:
    """The enums whose values in a body some CREATE was refused for."""
    return {
        name
        for sent, reply in _creations(api, entity)
        for name in refused_values(entity, sent, reply)
        if sent[name] == body.get(name)
    }


def _was_taken(api: Api, entity: Entity, name: str, value: object) -> bool:
    return any(reply.is_granted and sent.get(name) == value for sent, reply in _creations(api, entity))


def _creations(api: Api, entity: Entity) -> Iterator[tuple[Mapping[str, object], Reply]]:
    return (
        (one.sent, one.reply)
        for one in api.context.asked
        if one.request.method == "POST" and one.path == (entity.name,)
        if isinstance(one.sent, dict) and one.reply is not None
    )


def _bodies(entity: Entity, name: str, body: Mapping[str, object]) -> Iterator[Mapping[str, object]]:
    companies, company = sample.companies(entity, name, body), sample.company(entity, name)
    if company and not companies:
        return  # nobody is accused where they are too many
    least = {one: value for one, value in body.items() if one in {name, *company, *sample.required(entity)}}
    yield from ({**of, **others} for of in (body, least) for others in ({}, *companies))


async def _led_to(api: Api, entity: Entity, name: str, body: Mapping[str, object]) -> None:
    """UPDATEs to a value from each other one that a record comes to hold, until one is granted."""
    id_ = ""
    left = [one for one in sample.values(entity, name) if one != body[name]] if "update" in entity.operations else []
    while left:
        reached: list[Scalar] = []
        for value in left:
            if not id_ or not (await api.update(entity, id_, {name: value})).is_granted:
                reply = await api.create(entity, {**body, name: value})
                if not reply.is_granted:
                    continue
                id_ = str(made(api, reply)["id"])
            reached.append(value)
            if (await api.update(entity, id_, {name: body[name]})).is_granted:
                return
        if not reached:
            return
        left = [one for one in left if one not in reached]
