"""One record of a group held other values before: an UPDATE gave it those that it has while questions are asked.

So every question about the group tells an index, a search or a list that still answers by what a record was.
"""

from collections.abc import Container, Mapping
from contextlib import suppress

from entity_contract import Entity

from entity_conformance.deployment.api import Api, Record
from entity_conformance.deployment.problems import Violation
from entity_conformance.suite import sample
from entity_conformance.suite.given.askers import writer
from entity_conformance.suite.given.reduced import reduced_read
from entity_conformance.suite.sample import Body

_DONE = 200


def is_amended(api: Api, entity: Entity) -> bool:
    """Whether one record of the entity's group is changed: of the first half of the entities, of all if it is thorough.

    A smoke test has no requests for it.
    """
    able = [one for one in api.entities if {"read", "update"}.issubset(one.operations)]
    number = len(able) if api.context.is_thorough else (len(able) + 1) // 2
    return not api.context.is_smoke and entity in able[:number]


async def amended(api: Api, entity: Entity, earlier: tuple[Record, Body], wanted: Body) -> tuple[Record, Body] | None:
    """A record and its body with every field set to what is wanted, or to nothing.

    None where the UPDATE is refused or clears nothing, or READ shows the record otherwise than its answer does: others
    judge that.
    """
    id_, body = earlier[0]["id"], {**dict.fromkeys(earlier[1]), **_emptied(entity), **wanted}
    reply = await api.update(entity, id_, body, credential=writer(api))
    if not reply.is_granted:
        return None
    answered = reply.shown[0] if reply.shown else {}
    shown = await _shown(api, entity, id_, {**body, **answered}, body)
    if shown is None or any(value is None and shown.get(name) is not None for name, value in body.items()):
        return None
    fields = {one.name for one in entity.fields} & shown.keys()
    cleared = {name: None for name, value in body.items() if value is None}  # which need not show (R11)
    return {**earlier[0], **cleared, **answered, **{name: shown[name] for name in fields}, "id": id_}, body


async def _shown(
    api: Api, entity: Entity, id_: str, answered: Mapping[str, object], names: Container[str]
) -> Record | None:
    """The record as READ shows it: all fields but one, or where these differ from what was answered, the whole."""
    for query in (reduced_read(entity), {}):
        with suppress(Violation):  # no answer, which others judge
            reply = await api.read(entity, id_, params=query)
            shown = reply.shown[0] if reply.status == _DONE and reply.shown else None
            if shown and all(shown.get(name) == value for name, value in answered.items() if name in names):
                return shown
    return None


def _emptied(entity: Entity) -> Body:
    """Every field without a value, or with its default where it has one."""
    return {one.name: one.default for one in sample.writable(entity) if not one.required}
