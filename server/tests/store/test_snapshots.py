from datetime import timedelta

import pytest
from entity_server.domain.keys import SCOPES, KeyRequest
from entity_server.http.issuing import issue_key, issue_session
from entity_server.store import Store

from server.tests.example_entities import PARTS, THINGS
from server.tests.store.given import ANN, BOB, NOW, part, query, thing

pytestmark = pytest.mark.anyio

LATER = NOW + timedelta(hours=1)


async def titles(store: Store, owner: str = ANN) -> list[str]:
    listing = await store.records.list(THINGS, query(sort="title", order="asc"), owner)
    return [str(record["title"]) for record in listing.records]


async def test_a_record_that_was_made_since_is_gone(store: Store) -> None:
    await thing(store, "old")
    snapshot = await store.snapshot()
    await thing(store, "new")

    await store.restore(snapshot)

    assert await titles(store) == ["old"]


async def test_a_record_that_was_deleted_since_is_back_with_what_went_with_it(store: Store) -> None:
    car, bike = await thing(store, "car"), await thing(store, "bike")
    wheel = await part(store, car, "wheel", spareOfId=bike["id"])
    snapshot = await store.snapshot()
    await store.records.delete(THINGS, bike["id"], ANN)
    await store.records.delete(THINGS, car["id"], ANN)

    await store.restore(snapshot)

    assert await store.records.get(THINGS, car["id"], ANN) == car
    assert await store.records.get(PARTS, wheel["id"], ANN) == wheel


async def test_a_record_that_was_changed_since_is_as_it_was(store: Store) -> None:
    car = await thing(store, "car", note="A note", count=3, weight=0.1, day="2024-02-29", moment=NOW)
    snapshot = await store.snapshot()
    await store.records.update(THINGS, car["id"], {"title": "van", "note": None, "count": 4}, ANN, LATER)

    await store.restore(snapshot)

    assert (await store.records.get(THINGS, car["id"], ANN) or {})["note"] == "A note"
    assert await titles(store) == ["car"]
    found = await store.records.list(THINGS, query(search="CAR"), ANN)
    assert found.total == 1


async def test_an_old_record_that_belongs_to_a_new_one_stays(store: Store) -> None:
    car = await thing(store, "car")
    wheel = await part(store, car, "wheel")
    snapshot = await store.snapshot()
    bike = await thing(store, "bike")
    await store.records.update(PARTS, wheel["id"], {"thingId": bike["id"]}, ANN, LATER)

    await store.restore(snapshot)

    assert await store.records.get(PARTS, wheel["id"], ANN) == wheel


async def test_a_snapshot_holds_the_records_of_everybody(store: Store) -> None:
    await thing(store, "hers", owner=ANN)
    his = await thing(store, "his", owner=BOB)
    snapshot = await store.snapshot()
    await store.records.delete(THINGS, his["id"], BOB)

    await store.restore(snapshot)

    assert await titles(store, BOB) == ["his"]


async def test_keys_sessions_and_credits_go_back(store: Store) -> None:
    key, _ = await issue_key(store.keys, ANN, KeyRequest("old", SCOPES, None), now=NOW)
    await store.credits.grant(ANN, 10)
    snapshot = await store.snapshot()
    await store.keys.revoke(key.id, ANN)
    await issue_key(store.keys, ANN, KeyRequest("new", SCOPES, None), now=NOW)
    await issue_session(store.sessions, ANN)
    await store.credits.spend(ANN, 7)
    await store.credits.grant(BOB, 1)

    await store.restore(snapshot)

    contents = await store.contents()
    assert contents.keys == (key,)
    assert contents.sessions == ()
    assert contents.credits == {ANN: 10}


async def test_a_use_of_a_key_that_is_not_written_yet_is_forgotten(store: Store) -> None:
    key, _ = await issue_key(store.keys, ANN, KeyRequest("old", SCOPES, None), now=NOW)
    snapshot = await store.snapshot()
    await store.keys.touch(key.id, LATER)

    await store.restore(snapshot)

    assert [known.last_used_at for known in await store.keys.list(ANN)] == [None]


async def test_a_use_of_a_key_before_the_snapshot_is_kept(store: Store) -> None:
    key, _ = await issue_key(store.keys, ANN, KeyRequest("old", SCOPES, None), now=NOW)
    await store.keys.touch(key.id, NOW)
    snapshot = await store.snapshot()
    await store.keys.touch(key.id, LATER)

    await store.restore(snapshot)

    assert [known.last_used_at for known in await store.keys.list(ANN)] == [NOW]


async def test_one_goes_back_as_often_as_one_likes(store: Store) -> None:
    car = await thing(store, "car")
    wheel = await part(store, car, "wheel")
    first = await store.snapshot()
    await store.records.update(THINGS, car["id"], {"title": "van"}, ANN, LATER)
    second = await store.snapshot()
    for _ in range(2):
        await store.records.delete(THINGS, car["id"], ANN)
        await store.restore(second)
        changed = await titles(store), await store.records.get(PARTS, wheel["id"], ANN)
        await store.restore(first)
        assert (changed, await titles(store)) == ((["van"], wheel), ["car"])
        assert await store.records.get(THINGS, car["id"], ANN) == car


async def test_a_snapshot_after_going_back_holds_what_is_there_then(store: Store) -> None:
    await thing(store, "old")
    first = await store.snapshot()
    await thing(store, "new")
    await store.restore(first)
    await thing(store, "newest", now=LATER)

    contents = await store.contents()

    assert [record["title"] for _, record in contents.records["things"]] == ["old", "newest"]


async def test_contents_tell_records_with_their_owner_oldest_first(store: Store) -> None:
    young = await thing(store, "young", owner=BOB, now=LATER)
    old = await thing(store, "old", owner=ANN)

    contents = await store.contents()

    assert contents.records["things"] == ((ANN, old), (BOB, young))
