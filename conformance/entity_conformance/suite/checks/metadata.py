"""OPTIONS: what an entity says about itself."""

import re
from collections.abc import Iterator, Mapping
from typing import get_args

from entity_contract import Action, Entity, RelationType

from entity_conformance.deployment.api import Api
from entity_conformance.suite import expect, given, sample
from entity_conformance.suite.registry import Chapter

chapter = Chapter("metadata")

METADATA: frozenset[Action] = frozenset({"metadata"})
TYPES = ("string", "text", "enum", "integer", "number", "boolean", "date", "datetime")
_TASK_FIELDS: Mapping[str, Mapping[str, object]] = {
    "id": {"type": "string", "required": False, "generated": True},
    "title": {"type": "string", "required": True, "maxLength": 200},
    "description": {"type": "string", "required": False},
    "status": {"type": "enum", "values": ["todo", "in_progress", "completed"], "default": "todo"},
    "priority": {"type": "enum", "values": ["low", "medium", "high"], "default": "medium"},
    "assigneeId": {"type": "string", "required": False},
    "createdAt": {"type": "datetime", "required": False, "generated": True},
    "updatedAt": {"type": "datetime", "required": False, "generated": True},
}
_TASK_RELATIONS: Mapping[str, Mapping[str, object]] = {
    "assignee": {"type": "belongsTo", "entity": "users", "foreignKey": "assigneeId"},
    "comments": {"type": "hasMany", "entity": "comments", "foreignKey": "taskId"},
}
_BOUNDS, _TIMES = ("minimum", "maximum"), ("date", "datetime")
GENERATED = ("id", "createdAt", "updatedAt")
FREE = r"success|data\.(schema|relations)\.[^.]+\.type|data\.methods\.\d+"
"""What a description says in words of its own: `metadata.types` and `metadata.methods` judge that, and who judges every
envelope whether it says that it is a success.
"""


def is_tasks(entity: Entity) -> bool:
    """The reference shows the metadata of tasks only."""
    return entity.name == "tasks"


@chapter.proves("metadata.describes-entity", operations=METADATA)
async def describes_entity(api: Api, entity: Entity) -> None:
    """OPTIONS describes the entity that was asked for, as the contract documents it."""
    reply = await given.description(api, entity)

    expect.status(reply, 200)
    expect.equal(reply.record.get("entity"), entity.name, at="data.entity")
    apart = (FREE, *_of_other_types(reply.record.get("relations")), *_told_freely(reply.record.get("schema")))
    expect.schema(reply, api.contract, apart_from="|".join(apart))


def _of_other_types(relations: object) -> Iterator[str]:
    """The places of relations that the contract has no type for (O8)."""
    for name, facts in relations.items() if isinstance(relations, Mapping) else ():
        if isinstance(facts, Mapping) and facts.get("type") not in get_args(RelationType):
            yield rf"data\.relations\.{re.escape(name)}(\..*)?"


def _told_freely(fields: object) -> Iterator[str]:
    """The places of facts that are told as null, which is to tell none, and of days or moments as bounds (O4)."""
    for name, facts in fields.items() if isinstance(fields, Mapping) else ():
        for fact, value in facts.items() if isinstance(facts, Mapping) else ():
            is_bound = fact in _BOUNDS and isinstance(value, str) and facts.get("type") in _TIMES
            if (value is None and fact != "type") or is_bound:
                yield rf"data\.schema\.{re.escape(name)}\.{re.escape(fact)}"


@chapter.proves("metadata.fields-of-tasks", operations=METADATA, applies=is_tasks)
async def fields_of_tasks(api: Api, entity: Entity) -> None:
    """The fields of tasks are those of the reference, with their types, bounds, values and defaults."""
    reply = await given.metadata(api, entity)

    described = expect.mapping(reply.record.get("schema"), at="data.schema")
    for name, facts in _TASK_FIELDS.items():
        found = expect.mapping(described.get(name), at=f"data.schema.{name}")
        expect.equal({fact: found.get(fact, False) for fact in facts}, facts, at=f"data.schema.{name}")


@chapter.proves("metadata.relations-of-tasks", operations=METADATA, applies=is_tasks)
async def relations_of_tasks(api: Api, entity: Entity) -> None:
    """The relations of tasks are those of the reference."""
    reply = await given.metadata(api, entity)

    described = expect.mapping(reply.record.get("relations"), at="data.relations")
    known = {relation.name for relation in entity.relations}  # without those to an entity that is not there
    for name, relation in [(name, one) for name, one in _TASK_RELATIONS.items() if name in known]:
        expect.members(described.get(name), relation, at=f"data.relations.{name}")


@chapter.proves("metadata.covers-the-record", scopes={"read", "write"}, operations={"create", "metadata"})
async def covers_the_record(api: Api, entity: Entity) -> None:
    """Every field is described that the server sets or a body can set; what else a record shows is no field of it."""
    record = (await given.records(api, entity))[0]
    description = await given.metadata(api, entity)
    described = expect.mapping(description.record.get("schema"), at="data.schema")

    expect.has(described, given.stamps(entity, record, *GENERATED), at="data.schema")
    for name, value in given.undescribed(api, entity, record, described).items():
        reply = await api.create(entity, await given.body(api, entity, **{name: value}))

        expect.not_taken_over(reply, name, value)


@chapter.proves("metadata.types", operations=METADATA)
async def types(api: Api, entity: Entity) -> None:
    """Every field has a type that the contract knows."""
    reply = await given.metadata(api, entity)

    for name, facts in expect.mapping(reply.record.get("schema"), at="data.schema").items():
        expect.one_of(expect.mapping(facts, at=name).get("type"), TYPES, at=f"data.schema.{name}.type")


@chapter.proves("metadata.methods", operations=METADATA)
async def methods(api: Api, entity: Entity) -> None:
    """`methods` names what the entity's two paths support together."""
    reply = await given.metadata(api, entity)

    told = [str(name) for name in expect.array(reply.record.get("methods"), at="data.methods")]
    aside = await given.methods_aside(api, entity, told)
    named = sorted(name for name in told if name not in aside)
    supported = {*sample.methods(entity), *await given.untold_methods(api, entity, told)}
    expect.equal(named, sorted(supported), at="data.methods, sorted, without HEAD")


@chapter.proves(
    "metadata.permissions-of-a-key",
    needs={"read_key", "write_key", "delete_key"},
    operations={"metadata", "create"},
    entities="primary",
)
async def permissions_of_a_key(api: Api, entity: Entity) -> None:
    """`permissions` are what the caller's own scopes allow."""
    await given.metadata(api, entity)
    for scope, (of, reply) in (await given.descriptions(api, entity)).items():
        allowed = {name: is_there and name == scope for name, is_there in sample.permissions(of).items()}
        expect.members(reply.record.get("permissions"), allowed, at=f"data.permissions of a key for {scope}")


@chapter.proves(
    "metadata.permissions-of-a-full-key",
    scopes={"read", "write", "delete"},
    after={"metadata.methods"},
    operations={"metadata"},
)
async def permissions_of_a_full_key(api: Api, entity: Entity) -> None:
    """A key with all scopes may do whatever the entity supports."""
    reply = await given.metadata(api, entity)

    expect.members(reply.record.get("permissions"), sample.permissions(entity), at="data.permissions")


@chapter.proves(
    "metadata.permissions-of-a-session", needs={"session"}, operations={"metadata", "create"}, entities="primary"
)
async def permissions_of_a_session(api: Api, entity: Entity) -> None:
    """A session may do everything."""
    await given.metadata(api, entity)
    reply = await api.metadata(entity, credential="session")

    expect.members(reply.record.get("permissions"), sample.permissions(entity), at="data.permissions")


@chapter.proves("metadata.rate-limit", operations=METADATA, after={"limits.limit-header"})
async def rate_limit(api: Api, entity: Entity) -> None:
    """`rateLimit.limit` is the limit that the headers tell."""
    reply = await given.metadata(api, entity)

    described = expect.mapping(reply.record.get("rateLimit"), at="data.rateLimit")
    expect.equal(described.get("limit"), given.limit(reply), at="data.rateLimit.limit")


@chapter.proves("metadata.window", operations=METADATA)
async def window(api: Api, entity: Entity) -> None:
    """`rateLimit.window` is a whole number of days, hours, minutes or seconds."""
    reply = await given.metadata(api, entity)

    described = expect.mapping(reply.record.get("rateLimit"), at="data.rateLimit")
    expect.window(described.get("window"), at="data.rateLimit.window")


@chapter.proves("metadata.needs-no-scope", needs={"write_key", "delete_key"}, operations=METADATA, entities="primary")
async def needs_no_scope(api: Api, entity: Entity) -> None:
    """Metadata asks for authentication, and for no scope."""
    for reply in await given.described_without_scope(api, entity):
        expect.status(reply, 200)


@chapter.proves("metadata.needs-authentication", operations=METADATA, entities="primary")
async def needs_authentication(api: Api, entity: Entity) -> None:
    """Metadata is not public."""
    reply = await given.stranger(api, entity, "metadata")

    expect.refused_as(reply, await given.unauthenticated(api), 401, "UNAUTHORIZED")


@chapter.proves("metadata.unknown-entity", entities="none")
async def unknown_entity(api: Api) -> None:
    """An entity that is not in the registry has no metadata."""
    reply = await given.metadata_of_nothing(api)

    expect.error(reply, 404, *await given.codes(api, [reply], "ENTITY_NOT_FOUND"))


@chapter.proves("metadata.preflight", operations=METADATA, entities="first")
async def preflight(api: Api, entity: Entity) -> None:
    """A browser's preflight asks for no authentication."""
    asked = {"Origin": "https://conformance.example", "Access-Control-Request-Method": "GET"}

    reply = await api.metadata(entity, credential="none", headers=asked)

    expect.status(reply, 200, 204)
