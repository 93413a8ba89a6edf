"""The demo: two users with records of a small shop and those of the contract's examples, and credentials for both.

It may be repeated on the same database: a record that is there stays as it is, the demo's keys are replaced by new
ones. What the contract at hand does not know is left out, so that any contract can be served with `--demo`.
"""

from datetime import datetime, timedelta

from entity_contract import Contract, Entity, Scope

from entity_server.demo_examples import keep_examples
from entity_server.demo_records import ADA, ADAS, BEN, BENS, USERS, Seed
from entity_server.domain.changes import creation
from entity_server.domain.keys import SCOPES, KeyRequest
from entity_server.domain.problems import Problem, ValidationFailed
from entity_server.domain.projection import Record
from entity_server.http.issuing import issue_key, issue_session
from entity_server.http.operations import CompiledContract
from entity_server.settings import Settings, UnusableSetting
from entity_server.store import Store

CREDITS = 100_000

_KEYS: tuple[tuple[str, str, str, tuple[Scope, ...]], ...] = (
    ("apiKey", ADA, "Demo: all scopes", SCOPES),
    ("readKey", ADA, "Demo: read only", ("read",)),
    ("writeKey", ADA, "Demo: write only", ("write",)),
    ("deleteKey", ADA, "Demo: delete only", ("delete",)),
    ("otherApiKey", BEN, "Demo: all scopes", SCOPES),
)
_EXPIRED_KEY = "Demo: expired"
_NAMES = frozenset({_EXPIRED_KEY, *(name for _, _, name, _ in _KEYS)})


async def demo_credentials(
    settings: Settings, store: Store, contract: Contract, compiled: CompiledContract, now: datetime
) -> dict[str, str]:
    """The credentials of the demo, seeded where the settings ask for one. Raises UnusableSetting where that fails."""
    if not settings.demo:
        return {}
    try:
        return await seed(store, contract, compiled, now)
    except Problem as problem:
        reason = " ".join(str(problem.__cause__ or problem.message).split())
        raise UnusableSetting(
            f"the demo cannot be written to the database: {reason}; name one that can be written to with --database"
        ) from problem


async def seed(store: Store, contract: Contract, compiled: CompiledContract, now: datetime) -> dict[str, str]:
    """Fill the database and issue new credentials, by the names that they have in the credentials file."""
    for user_id, name, email in USERS:
        if await store.users.find(user_id) is None:
            await store.users.add(name, email, id=user_id, now=now - timedelta(days=365))
        await store.credits.grant(user_id, max(0, CREDITS - await store.credits.balance(user_id)))
    for owner, seeds in ((ADA, ADAS), (BEN, BENS)):
        for one in seeds:
            if made := _made(contract, compiled, one, now):
                await _keep(store, *made, owner)
    await keep_examples(store, contract, compiled, ADA)
    return await _credentials(store, now)


def _made(contract: Contract, compiled: CompiledContract, one: Seed, now: datetime) -> tuple[Entity, Record] | None:
    """The entity and the record of a seed; None where the contract has no such entity, or another one of its name."""
    entity = contract.entity(one.entity)
    operations = (known for known in compiled.operations.values() if known.operation.entity == one.entity)
    body = next((known.body for known in operations if known.operation.action == "create"), None)
    if entity is None or body is None:
        return None
    try:
        values = body.read(one.body)
    except ValidationFailed:
        return None
    id = f"{entity.id_prefix}_demo_{one.name}"  # noqa: A001 - the field's name
    return entity, creation(entity, values, id=id, now=now - timedelta(days=one.days))


async def _keep(store: Store, entity: Entity, record: Record, owner: str) -> None:
    if await store.records.exists(entity, str(record["id"]), owner):
        return
    if not await store.records.missing_references(entity, record, owner):
        await store.records.create(entity, record, owner)


async def _credentials(store: Store, now: datetime) -> dict[str, str]:
    """New credentials. The old keys are good until the new ones are there: a database may be full."""
    old = [(key.id, user_id) for user_id in (ADA, BEN) for key in await store.keys.list(user_id) if key.name in _NAMES]
    issued: dict[str, str] = {}
    for credential, user_id, name, scopes in _KEYS:
        _, issued[credential] = await issue_key(store.keys, user_id, KeyRequest(name, scopes, None), now=now)
    expired = KeyRequest(_EXPIRED_KEY, SCOPES, expires_at=now - timedelta(days=1))
    _, issued["expiredKey"] = await issue_key(store.keys, ADA, expired, now=now - timedelta(days=2))
    issued["sessionToken"] = await issue_session(store.sessions, ADA)
    for key_id, user_id in old:
        await store.keys.revoke(key_id, user_id)
    return issued
