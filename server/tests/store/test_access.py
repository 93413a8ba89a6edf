import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from entity_server.domain.keys import Key, Session, digest
from entity_server.store import Store
from entity_server.store import keys as keys_module

from server.tests.store.given import ANN, BOB, NOW

pytestmark = pytest.mark.anyio

KEY = Key("key_1", ANN, "CI", ("read", "write"), "sk_live_abc123...", NOW)
SECRET = digest("sk_live_secret")


async def test_a_key_is_found_by_the_digest_of_its_secret(store: Store) -> None:
    key = replace(KEY, expires_at=NOW + timedelta(microseconds=123_456))
    await store.keys.add(key, SECRET)

    assert await store.keys.find(SECRET) == key


@pytest.mark.parametrize("wrong", [digest("other"), "", "%", SECRET.upper(), SECRET[:-1]])
async def test_another_digest_finds_no_key(store: Store, wrong: str) -> None:
    await store.keys.add(KEY, SECRET)

    assert await store.keys.find(wrong) is None


async def test_a_users_keys_are_listed_newest_first_with_expired_ones(store: Store) -> None:
    old = replace(KEY, id="key_old", created_at=NOW - timedelta(days=1), expires_at=NOW - timedelta(hours=1))
    await store.keys.add(old, digest("1"))
    await store.keys.add(KEY, digest("2"))
    await store.keys.add(replace(KEY, id="key_bob", user_id=BOB), digest("3"))

    assert await store.keys.list(ANN) == (KEY, old)


async def test_a_revoked_key_is_unknown_at_once(store: Store) -> None:
    await store.keys.add(KEY, SECRET)

    assert await store.keys.revoke("key_1", ANN) is True
    assert await store.keys.find(SECRET) is None
    assert await store.keys.list(ANN) == ()
    assert await store.keys.revoke("key_1", ANN) is False


@pytest.mark.parametrize(("id_", "user"), [("key_1", BOB), ("key_2", ANN), ("a\0", ANN), ("\ud800", ANN)])
async def test_nobody_revokes_what_is_not_theirs(store: Store, id_: str, user: str) -> None:
    await store.keys.add(KEY, SECRET)

    assert await store.keys.revoke(id_, user) is False
    assert await store.keys.find(SECRET) == KEY


async def test_a_use_shows_at_once(store: Store) -> None:
    await store.keys.add(KEY, SECRET)

    await store.keys.touch("key_1", NOW)

    assert (await store.keys.list(ANN))[0].last_used_at == NOW


async def test_a_use_shows_while_it_is_being_written(store: Store) -> None:
    await store.keys.add(KEY, SECRET)
    await store.keys.touch("key_1", NOW)

    (listed,), _ = await asyncio.gather(store.keys.list(ANN), store.keys._flush())

    assert listed.last_used_at == NOW


async def test_many_uses_are_one_write(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys_module, "_FLUSH_AFTER", 0)
    await store.keys.add(KEY, SECRET)
    for number in range(100):
        await store.keys.touch("key_1", NOW + timedelta(seconds=number))
    flushing = store.keys._flushing
    assert flushing is not None

    await flushing

    assert store.keys._used == {}
    assert (await store.keys.list(ANN))[0].last_used_at == NOW + timedelta(seconds=99)


async def test_a_session_is_found_by_the_digest_of_its_token(store: Store) -> None:
    await store.sessions.add(Session(ANN, NOW), SECRET)

    assert await store.sessions.find(SECRET) == Session(ANN, NOW)
    assert await store.sessions.find(digest("other")) is None


async def test_a_user_is_found_by_id_and_by_email(store: Store) -> None:
    user = await store.users.add("Ann", "ann@example.org", now=NOW, id=ANN)

    assert user == {
        "id": ANN,
        "name": "Ann",
        "email": "ann@example.org",
        "active": True,
        "createdAt": "2025-01-15T10:30:00.000Z",
        "updatedAt": "2025-01-15T10:30:00.000Z",
    }
    assert await store.users.find(ANN) == user
    assert await store.users.find("ann@example.org") == user


@pytest.mark.parametrize("who", ["usr_nobody", "", "a\0", "\ud800"])
async def test_nobody_is_found_by_another_name(store: Store, who: str) -> None:
    await store.users.add("Ann", "ann@example.org", now=NOW)

    assert await store.users.find(who) is None


async def test_other_fields_of_a_user_can_be_given(store: Store) -> None:
    user = await store.users.add("Ann", "ann@example.org", now=NOW, active=False)

    assert user["active"] is False


async def test_a_user_without_credits_has_none_to_spend(store: Store) -> None:
    assert await store.credits.balance(ANN) == 0
    assert await store.credits.spend(ANN, 1) is False


async def test_what_is_spent_is_gone(store: Store) -> None:
    await store.credits.grant(ANN, 5)
    await store.credits.grant(ANN, 5)

    assert await store.credits.spend(ANN, 10) is True
    assert await store.credits.spend(ANN, 1) is False
    assert await store.credits.balance(ANN) == 0
