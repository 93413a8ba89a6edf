from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from entity_contract import Entity, Field, Relation
from entity_server.domain.keys import Key, Session, digest
from entity_server.store import Store, open_store

from server.tests.example_entities import PARTS, THINGS, USERS, contract_of, entity
from server.tests.store.given import ANN, NOW, query, record

pytestmark = pytest.mark.anyio

KEY = Key("key_1", ANN, "CI", ("read", "write"), "sk_live_abc123...", NOW)
SECRET = digest("sk_live_secret")


async def test_the_last_use_is_kept_when_the_store_closes(database_url: str) -> None:
    contract = contract_of(THINGS, PARTS, USERS)
    store = await open_store(database_url, contract)
    await store.keys.add(KEY, SECRET)
    await store.keys.touch("key_1", NOW)
    await store.keys.touch("key_1", NOW - timedelta(seconds=1))
    await store.close()

    store = await open_store(database_url, contract)
    found = await store.keys.find(SECRET)
    await store.close()

    assert found == replace(KEY, last_used_at=NOW)


async def test_no_secret_is_in_the_database_file(tmp_path: Path) -> None:
    store = await open_store(f"sqlite://{tmp_path}/s.sqlite3", contract_of(THINGS))
    await store.keys.add(KEY, digest("sk_live_open_sesame"))
    await store.sessions.add(Session(ANN), digest("token_open_sesame"))
    await store.close()

    assert b"sesame" not in (tmp_path / "s.sqlite3").read_bytes()


async def test_a_new_user_has_a_value_for_whatever_field_the_contract_adds() -> None:
    role = Field("role", "enum", generated=True, values=("reader", "editor"))
    note = Field("note", "text", generated=True, nullable=True)
    store = await open_store("sqlite://:memory:", contract_of(replace(USERS, fields=(*USERS.fields, role, note))))
    user = await store.users.add("Ann", "ann@example.org", now=NOW)
    await store.close()

    assert (user["role"], user["note"]) == ("reader", None)


async def test_users_are_there_even_where_the_contract_has_none() -> None:
    store = await open_store("sqlite://:memory:", contract_of(PARTS))
    user = await store.users.add("Ann", "ann@example.org", now=NOW)
    found = await store.users.find(user["id"])
    await store.close()

    assert found == user


async def test_a_deletion_goes_all_the_way_down_a_circle_of_entities(database_url: str) -> None:
    hens = entity(
        "hens",
        "Hen",
        "hen",
        Field("eggId", "string", nullable=True),
        relations=(Relation("egg", "belongsTo", "eggs", "eggId"),),
    )
    eggs = entity(
        "eggs",
        "Egg",
        "egg",
        Field("henId", "string", required=True),
        relations=(Relation("hen", "belongsTo", "hens", "henId"),),
    )
    store = await open_store(database_url, contract_of(hens, eggs))
    try:
        hen = await record(store, hens, {})
        egg = await record(store, eggs, {"henId": hen["id"]})
        chick = await record(store, hens, {"eggId": egg["id"]})

        await store.records.delete(hens, hen["id"], ANN)

        assert await ids(store, eggs) == []
        assert await ids(store, hens) == [chick["id"]]
    finally:
        await store.close()


async def ids(store: Store, of: Entity) -> list[str]:
    return [record["id"] for record in (await store.records.list(of, query(of), ANN)).records]
