"""What the contract's examples show is there in the demo: each of them can be sent as it is written.

A record is the one that the entity's READ shows, with its id and its moments; the key is the one that the list of keys
shows, and nobody has its secret. A record that names one which is not there is left out.
"""

from collections.abc import Iterator
from datetime import datetime

from entity_contract import Contract, Entity, Json, Object
from entity_contract.references import mapping, sequence

from entity_server.domain.changes import creation
from entity_server.domain.keys import SCOPES, Key, digest, new_key
from entity_server.domain.problems import ValidationFailed
from entity_server.domain.projection import Record
from entity_server.domain.times import read_instant, wire_time
from entity_server.http.operations import CompiledContract
from entity_server.http.simulation.examples import example_of
from entity_server.store import Store


async def keep_examples(store: Store, contract: Contract, compiled: CompiledContract, owner: str) -> None:
    """Keep what the examples show, as the owner's, where it is not there yet."""
    await _keep_user(store, contract)
    left = list(_records(contract, compiled))
    while left:
        kept = [one for one in left if await _kept(store, *one, owner)]
        if not kept:
            break  # what is left names records that nobody has
        left = [one for one in left if one not in kept]
    await _keep_key(store, contract, owner)


async def _kept(store: Store, entity: Entity, record: Record, owner: str) -> bool:
    if await store.records.exists(entity, str(record["id"]), owner):
        return True
    if await store.records.missing_references(entity, record, owner):
        return False
    await store.records.create(entity, record, owner)
    return True


def _records(contract: Contract, compiled: CompiledContract) -> Iterator[tuple[Entity, Record]]:
    """The records that a body could have made."""
    creating = (known for known in compiled.operations.values() if known.operation.action == "create")
    bodies = {known.operation.entity: known.body for known in creating}
    for entity in contract.entities:
        shown, body = _shown(contract, entity), bodies.get(entity.name)
        created, changed = (_moment(shown.get(name)) for name in ("createdAt", "updatedAt"))
        if body is None or created is None or changed is None:
            continue
        given = (field.name for field in entity.fields if not field.generated and field.name in shown)
        try:
            values = body.read({name: shown[name] for name in given})
        except ValidationFailed:
            continue
        made = creation(entity, values, id=str(shown["id"]), now=created)
        yield entity, {**made, "updatedAt": wire_time(changed)}


def _shown(contract: Contract, entity: Entity) -> Object:
    """The record that the entity's READ shows; empty where it has none."""
    for operation in contract.operations:
        if (operation.entity, operation.action) == (entity.name, "read") and (answer := operation.response(200)):
            return mapping(mapping(example_of(contract, answer.pointer)).get("data"))
    return {}


def _moment(text: Json) -> datetime | None:
    return read_instant(text) if isinstance(text, str) else None


async def _keep_user(store: Store, contract: Contract) -> None:
    shown = _shown(contract, store.users.entity)
    created, changed = (_moment(shown.get(name)) for name in ("createdAt", "updatedAt"))
    name, email, user_id = (str(shown.get(member, "")) for member in ("name", "email", "id"))
    if created is None or changed is None or not email or await store.users.find(user_id) is not None:
        return
    await store.users.add(name, email, id=user_id, now=created, updatedAt=wire_time(changed))


async def _keep_key(store: Store, contract: Contract, owner: str) -> None:
    """The first key that is listed."""
    operation = next((one for one in contract.operations if one.id == "listApiKeys"), None)
    answer = operation and operation.response(200)
    listed = sequence(mapping(example_of(contract, answer.pointer)).get("data")) if answer else ()
    shown = mapping(listed[0]) if listed else {}
    created = _moment(shown.get("createdAt"))
    if created is None or str(shown["id"]) in {key.id for key in await store.keys.list(owner)}:
        return
    key = Key(
        id=str(shown["id"]),
        user_id=owner,
        name=str(shown["name"]),
        scopes=tuple(scope for scope in SCOPES if scope in sequence(shown["scopes"])),
        display=str(shown["key"]),
        created_at=created,
        last_used_at=_moment(shown.get("lastUsedAt")),
    )
    await store.keys.add(key, digest(new_key()))
