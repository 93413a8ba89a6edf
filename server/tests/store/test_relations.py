import json
from typing import Any

import pytest
from entity_server.domain.problems import ValidationFailed
from entity_server.store import Store

from server.tests.example_entities import PARTS, THINGS, USERS
from server.tests.store.given import ANN, BOB, NOW, part, query, thing

pytestmark = pytest.mark.anyio

USER, HAS_PARTS, HAS_SPARES = THINGS.relations
THING, SPARE_OF = PARTS.relations


async def test_belongs_to_embeds_the_record_or_null(store: Store) -> None:
    user = await store.users.add("Ann", "ann@example.org", now=NOW)
    await thing(store, "assigned", userId=user["id"])
    await thing(store, "unassigned")

    listing = await store.records.list(THINGS, query(include="user", sort="title"), ANN)

    assert [(record["title"], record["userId"], record["user"]) for record in listing.records] == [
        ("assigned", user["id"], user),
        ("unassigned", None, None),
    ]


async def test_has_many_embeds_the_records_that_name_this_one(store: Store) -> None:
    car, bike = await thing(store, "car"), await thing(store, "bike")
    wheel = await part(store, car, "wheel")
    door = await part(store, car, "door", spareOfId=bike["id"])

    read = await store.records.get(THINGS, car["id"], ANN, (HAS_PARTS, HAS_SPARES))

    assert read is not None
    assert sorted(read["parts"], key=lambda part: str(part["name"])) == [door, wheel]
    assert read["spares"] == []


async def test_nobody_elses_record_is_embedded(store: Store) -> None:
    user = await store.users.add("Ann", "ann@example.org", now=NOW)
    mine = await thing(store, "mine", userId=user["id"])
    await thing(store, "theirs", owner=BOB, userId=user["id"])

    directory = await store.records.list(USERS, query(USERS, include="things"), ANN)

    assert directory.records[0]["things"] == [mine]


async def test_embedding_needs_no_field_that_was_not_asked_for(store: Store) -> None:
    user = await store.users.add("Ann", "ann@example.org", now=NOW)
    await thing(store, "A", id="thg_1", userId=user["id"])

    listing = await store.records.list(THINGS, query(fields="title", include="user,parts"), ANN)

    assert listing.records == ({"id": "thg_1", "title": "A", "userId": user["id"], "user": user, "parts": []},)


def counted(read: Any, queries: list[str]) -> Any:
    async def reading(self: object, statement: str, values: Any) -> Any:
        queries.append(statement)
        return await read(self, statement, values)

    return reading


async def test_a_relation_costs_one_query_for_the_whole_page(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(10):
        await part(store, await thing(store, f"{number}"))
    queries: list[str] = []
    reading = type(store._database.reading)
    for name in ("point", "many"):
        monkeypatch.setattr(reading, name, counted(getattr(reading, name), queries))

    await store.records.list(THINGS, query(include="parts,spares"), ANN)

    assert len(queries) == 3


async def test_a_foreign_key_that_names_nobody_is_missing(store: Store) -> None:
    mine, theirs = await thing(store), await thing(store, owner=BOB)

    missing = await store.records.missing_references(PARTS, {"thingId": theirs["id"], "spareOfId": mine["id"]}, ANN)

    assert missing == ("thingId",)


@pytest.mark.parametrize("value", ["thg_nobody", "", "a\0", "\ud800"])
async def test_any_text_can_be_asked_after(store: Store, value: str) -> None:
    assert await store.records.missing_references(PARTS, {"thingId": value}, ANN) == ("thingId",)


async def test_nothing_is_missing_where_nothing_is_named(store: Store) -> None:
    assert await store.records.missing_references(PARTS, {"spareOfId": None, "name": "x"}, ANN) == ()


async def test_a_record_whose_parent_has_just_gone_is_refused(store: Store) -> None:
    gone = await thing(store)
    await store.records.delete(THINGS, gone["id"], ANN)

    with pytest.raises(ValidationFailed) as refusal:
        await part(store, gone)

    assert set(refusal.value.details) == {"thingId"}
    assert (await store.records.list(PARTS, query(PARTS), ANN)).total == 0


async def test_a_change_to_a_parent_that_has_just_gone_is_refused(store: Store) -> None:
    kept = await part(store, await thing(store))

    with pytest.raises(ValidationFailed) as refusal:
        await store.records.update(PARTS, kept["id"], {"spareOfId": "thg_gone"}, ANN, NOW)

    assert set(refusal.value.details) == {"spareOfId"}
    assert await store.records.get(PARTS, kept["id"], ANN) == kept


async def test_children_go_where_their_key_is_required_and_lose_it_where_it_is_not(store: Store) -> None:
    car, bike = await thing(store, "car"), await thing(store, "bike")
    await part(store, car, "goes")
    stays = await part(store, bike, "stays", spareOfId=car["id"])

    await store.records.delete(THINGS, car["id"], ANN)

    listing = await store.records.list(PARTS, query(PARTS), ANN)
    assert listing.records == (stays | {"spareOfId": None},)


@pytest.mark.parametrize("operator", ["$contains", "$startsWith", "$endsWith"])
async def test_a_foreign_key_that_became_null_matches_no_text(store: Store, operator: str) -> None:
    car, bike = await thing(store, "car"), await thing(store, "bike", id="thg_bike")
    door = await part(store, car, "door", spareOfId=bike["id"])
    asked = query(PARTS, filter=json.dumps({"spareOfId": {operator: "thg_bike"}}))

    before = await store.records.list(PARTS, asked, ANN)
    await store.records.delete(THINGS, bike["id"], ANN)
    after = await store.records.list(PARTS, asked, ANN)

    assert [record["id"] for record in before.records] == [door["id"]]
    assert (after.records, after.total) == ((), 0)
