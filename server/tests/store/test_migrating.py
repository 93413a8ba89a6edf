"""A changed contract meets an old database: what changed is said, and added where it can be.

It is long because each kind of change is tried on both databases.
"""

import asyncio
import json
import sqlite3
import sys
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import asyncpg  # type: ignore[import-untyped]
import pytest
from entity_contract import Contract, Entity, Field, Relation
from entity_server.domain.problems import ValidationFailed
from entity_server.store import Migration, StoreUnavailable, comparison, migrate, open_store, postgres

from server.tests.example_entities import PARTS, THINGS, USERS, contract_of
from server.tests.store.given import ANN, BOB, query, record, thing

pytestmark = pytest.mark.anyio


def changed(name: str, **changes: Any) -> Contract:
    """The contract whose things have a field that is otherwise."""
    fields = tuple(replace(field, **changes) if field.name == name else field for field in THINGS.fields)
    return contract_of(replace(THINGS, fields=fields), PARTS, USERS)


def added(field: Field) -> Contract:
    """The contract whose things have one field more."""
    return contract_of(replace(THINGS, fields=(*THINGS.fields, field)), PARTS, USERS)


def saying(field: str, **schema: Any) -> Contract:
    """The contract whose things, in answers, have a field with this schema."""
    document = {
        "components": {
            "schemas": {
                "Thing": {"properties": {field: {"$ref": "#/components/schemas/Said", "description": "Said."}}},
                "Said": schema,
            }
        }
    }
    return replace(contract_of(THINGS, PARTS, USERS), document=document)


def things(contract: Contract) -> Entity:
    entity = contract.entity("things")
    assert entity is not None
    return entity


async def old(url: str, **body: Any) -> None:
    """A database that an older server has left, with one thing."""
    store = await open_store(url, contract_of(THINGS, PARTS, USERS))
    await thing(store, "old", id="thg_1", **body)
    await store.close()


async def refusal(url: str, contract: Contract) -> StoreUnavailable:
    with pytest.raises(StoreUnavailable) as refused:
        await open_store(url, contract)
    return refused.value


SMALLER = changed("size", values=("small", "middling"))
LARGER = changed("size", values=("small", "middling", "large", "huge"))
REQUIRED = changed("count", nullable=False, required=True)
OPTIONAL = changed("title", nullable=True, required=False)
COLOUR = added(Field("colour", "enum", default="red", values=("red", "blue")))
ALIAS = added(Field("alias", "string", nullable=True))
OWED = added(Field("owed", "integer", required=True))


@pytest.mark.parametrize(
    ("contract", "said"),
    [
        (SMALLER, "size of table entity_things may no longer be large (in 1 records)"),
        (LARGER, "size of table entity_things may also be huge"),
        (REQUIRED, "count of table entity_things may no longer be null (it is in 1 records)"),
        (OPTIONAL, "title of table entity_things may be null now"),
        (COLOUR, "table entity_things lacks the column colour"),
    ],
)
async def test_what_changed_is_said_at_start_with_what_to_do(database_url: str, contract: Contract, said: str) -> None:
    await old(database_url, size="large")

    refused = await refusal(database_url, contract)

    assert said in refused.message
    assert "`reference-server migrate --dry-run`" in refused.hint


@pytest.mark.parametrize(
    "contract", [LARGER, OPTIONAL, ALIAS, COLOUR, changed("size", values=("large", "small", "middling"))]
)
async def test_what_can_be_added_is_and_the_server_starts(database_url: str, contract: Contract) -> None:
    await old(database_url, size="large")

    migration = await migrate(database_url, contract, dry_run=False)
    store = await open_store(database_url, contract)
    found = await store.records.list(things(contract), query(things(contract)), ANN)
    await store.close()

    assert (len(migration.changes) > 0, migration.refused, found.total) == (True, (), 1)


async def test_a_new_field_has_its_default_in_old_records_and_is_found_by_it(database_url: str) -> None:
    await old(database_url)
    await migrate(database_url, COLOUR, dry_run=False)

    store = await open_store(database_url, COLOUR)
    entity = things(COLOUR)
    found = await store.records.list(entity, query(entity, filter='{"colour": "red"}'), ANN)
    await store.close()

    assert [record["id"] for record in found.records] == ["thg_1"]


@pytest.mark.parametrize("contract", [SMALLER, REQUIRED, OWED, changed("day", type="datetime")])
async def test_anything_else_is_named_and_refused_unchanged(database_url: str, contract: Contract) -> None:
    await old(database_url, size="large")

    migration = await migrate(database_url, contract, dry_run=False)
    store = await open_store(database_url, contract_of(THINGS, PARTS, USERS))
    kept = await store.records.get(THINGS, "thg_1", ANN)
    await store.close()

    assert len(migration.refused) == 1
    assert kept is not None


async def test_a_dry_run_changes_nothing(database_url: str) -> None:
    await old(database_url)

    told = await migrate(database_url, ALIAS, dry_run=True)
    refused = await refusal(database_url, ALIAS)
    done = await migrate(database_url, ALIAS, dry_run=False)

    assert "lacks the column alias" in refused.message
    assert told == done


async def test_a_second_migration_has_nothing_to_do(database_url: str) -> None:
    await old(database_url)
    await migrate(database_url, COLOUR, dry_run=False)

    assert await migrate(database_url, COLOUR, dry_run=False) == Migration((), ())


async def test_a_table_and_an_index_that_lack_are_added_and_named(database_url: str) -> None:
    store = await open_store(database_url, contract_of(replace(THINGS, relations=(), sortable=("title",)), USERS))
    await store.close()

    migration = await migrate(database_url, contract_of(replace(THINGS, relations=()), PARTS, USERS), dry_run=False)

    assert "there is no table entity_parts" in migration.changes
    assert "table entity_things lacks an index on $owner, count, id" in migration.changes


async def test_a_value_that_no_record_has_can_go(database_url: str) -> None:
    await old(database_url, size="small")

    migration = await migrate(database_url, SMALLER, dry_run=False)
    await (await open_store(database_url, SMALLER)).close()

    assert migration.changes[0] == "size of table entity_things may no longer be large"


async def test_a_database_that_knows_nothing_of_its_contract_is_judged_by_its_records(database_url: str) -> None:
    store = await open_store(database_url, contract_of(THINGS, PARTS, USERS))
    await thing(store, "old", size="large", owner=BOB)
    await store._database.connection.execute_script("DROP TABLE contract_columns")
    await store.close()

    refused = await refusal(database_url, SMALLER)
    await (await open_store(database_url, LARGER)).close()

    assert "may no longer be large (in 1 records)" in refused.message


SHORT = saying("title", type="string", maxLength=3)
FEW = saying("count", type=["integer", "null"], maximum=10)
SMALL = saying("count", type=["integer", "null"], format="int32")
LIGHT = saying("weight", type=["number", "null"], exclusiveMaximum=2.5)
MATCHING = saying("note", type=["string", "null"], pattern="^[A-Z]")
EMAIL = saying("note", type=["string", "null"], format="email")
EARLY = saying("day", type=["string", "null"], format="date", pattern="^20")
LISTED = changed("title", type="enum", values=("new", "used"))


@pytest.mark.parametrize(
    ("contract", "kept", "broken"),
    [
        (SHORT, {}, {"title": "longer"}),
        (FEW, {"count": 10}, {"count": 11}),
        (SMALL, {"count": 2**31 - 1}, {"count": 2**31}),
        (LIGHT, {"weight": 2.4}, {"weight": 2.5}),
        (MATCHING, {"note": "Good"}, {"note": "bad"}),
        (EMAIL, {"note": "ann@example.com"}, {"note": "nobody"}),
        (EARLY, {"day": "2025-01-31"}, {"day": "1999-12-31"}),
    ],
)
async def test_rules_that_a_record_breaks_are_said_at_start_and_refused(
    database_url: str, contract: Contract, kept: dict[str, Any], broken: dict[str, Any]
) -> None:
    await old(database_url, **kept)
    await (await open_store(database_url, contract)).close()
    store = await open_store(database_url, contract_of(THINGS, PARTS, USERS))
    await thing(store, **{"title": "new", "id": "thg_2", "owner": BOB, **broken})
    await store.close()

    refused = await refusal(database_url, contract)
    migration = await migrate(database_url, contract, dry_run=False)

    name = next(iter(broken))
    assert f"{name} of table entity_things may no longer be what it is in 1 records, such as thg_2" in refused.message
    assert [text.split(":")[1] for text in migration.refused] == [" change these records first"]
    assert migration.changes == ()


async def test_rules_that_every_record_keeps_are_nobodys_concern(database_url: str) -> None:
    await old(database_url, count=3)

    assert await migrate(database_url, FEW, dry_run=False) == Migration((), ())
    await (await open_store(database_url, FEW)).close()


async def test_records_are_judged_once_for_the_same_rules(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    await old(database_url, count=3)
    await (await open_store(database_url, FEW)).close()
    monkeypatch.setattr(comparison, "accepts", pytest.fail)

    await (await open_store(database_url, FEW)).close()


async def test_a_text_that_becomes_an_enum_is_judged_by_its_records(database_url: str) -> None:
    await old(database_url)

    refused = await refusal(database_url, LISTED)

    assert "title of table entity_things may no longer be old (in 1 records)" in refused.message


async def test_an_enum_that_was_a_text_for_a_while_is_judged_again(database_url: str) -> None:
    await old(database_url, size="large")
    free = changed("size", type="string", values=(), default=None, required=True)
    store = await open_store(database_url, free)
    await record(store, things(free), {"title": "new", "size": "enormous"})
    await store.close()

    refused = await refusal(database_url, contract_of(THINGS, PARTS, USERS))

    assert "size of table entity_things may no longer be enormous (in 1 records)" in refused.message


def without(name: str, *fields: Field) -> Contract:
    """The contract whose things have these fields instead of that one."""
    left = (*(field for field in THINGS.fields if field.name != name), *fields)
    sortable = tuple(one for one in THINGS.sortable if one != name)
    return contract_of(replace(THINGS, fields=left, sortable=sortable, searchable=()), PARTS, USERS)


@pytest.mark.parametrize(
    ("field", "told"),
    [
        (Field("active", "boolean", default=False), "active of table entity_things gets its default in 1 records"),
        (Field("tag", "string", default="Blue"), "tag of table entity_things gets its default in 1 records"),
    ],
    ids=["boolean", "text"],
)
async def test_a_field_that_comes_again_has_its_default_in_what_came_meanwhile(
    database_url: str, field: Field, told: str
) -> None:
    again, gone = without("active", field), without("active")
    for contract, id_ in ((again, "thg_1"), (gone, "thg_2")):
        store = await open_store(database_url, contract)
        await record(store, things(contract), {"title": "A thing"}, id=id_)
        await store.close()

    refused = await refusal(database_url, again)
    migration = await migrate(database_url, again, dry_run=False)
    store = await open_store(database_url, again)
    condition = {"tag": {"$contains": "blue"}} if field.type == "string" else {"active": False}
    found = await store.records.list(things(again), query(things(again), filter=json.dumps(condition)), ANN)
    await store.close()

    assert told in refused.message
    assert (migration.changes[0], migration.refused) == (told, ())
    assert [one[field.name] for one in found.records] == [field.default, field.default]


async def test_a_field_without_a_default_that_comes_again_is_judged_by_what_came_meanwhile(database_url: str) -> None:
    await old(database_url)
    gone = without("title")
    await (await open_store(database_url, gone)).close()
    await (await open_store(database_url, contract_of(THINGS, PARTS, USERS))).close()
    store = await open_store(database_url, gone)
    await record(store, things(gone), {})
    await store.close()

    refused = await refusal(database_url, contract_of(THINGS, PARTS, USERS))

    assert "title of table entity_things may no longer be null (it is in 1 records)" in refused.message


async def test_a_longer_text_is_kept_out_by_no_index_of_its_shorter_days(database_url: str) -> None:
    await old(database_url)
    longer = changed("title", max_length=5000)
    title = "".join(map(chr, range(0x4E00, 0x4E00 + 5000)))

    migration = await migrate(database_url, longer, dry_run=True)
    store = await open_store(database_url, longer)
    made = await thing(store, title)
    await store.close()

    needless = [change for change in migration.changes if "has an index that the contract asks for no longer" in change]
    assert len(needless) == 1
    assert made["title"] == title
    assert await migrate(database_url, longer, dry_run=True) == Migration((), ())


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_name_that_sqlite_takes_for_another_is_said_and_refused(database_url: str) -> None:
    await old(database_url)
    field = without("note", Field("Note", "text", nullable=True))
    table = contract_of(replace(THINGS, name="Things"), replace(USERS, relations=()))

    said = [(await refusal(database_url, contract)).message for contract in (field, table)]
    refused = [(await migrate(database_url, contract, dry_run=False)).refused[0] for contract in (field, table)]

    assert "table entity_things lacks the column Note, and has note" in said[0]
    assert "to SQLite the table entity_Things is entity_things, which is there" in said[1]
    assert [text.partition(": ")[2] for text in refused] == [
        "to SQLite these are one; give it another name",
        "give the entity another name, or name another database",
    ]


OF_NOBODY = replace(THINGS, operations=("list", "read", "metadata"), create_schema=None, update_schema=None)


async def test_records_change_hands_by_no_contract(database_url: str) -> None:
    owned, unowned = contract_of(THINGS, PARTS, USERS), contract_of(OF_NOBODY, PARTS, USERS)
    await old(database_url)
    shown = await migrate(database_url, unowned, dry_run=False)
    store = await open_store(database_url, owned)
    await store.records.delete(THINGS, "thg_1", ANN)
    await store.close()
    store = await open_store(database_url, unowned)
    await record(store, OF_NOBODY, {"title": "A thing"})
    await store.close()
    hidden = await migrate(database_url, owned, dry_run=False)

    assert [text.partition(": ")[0] for text in (*shown.refused, *hidden.refused)] == [
        "table entity_things has 1 records of users, which everybody would see now",
        "table entity_things has 1 records of nobody, which nobody would see now",
    ]


@pytest.mark.parametrize("emptied", [False, True])
async def test_records_get_owners_where_there_are_none(database_url: str, emptied: bool) -> None:  # noqa: FBT001 - a case
    store = await open_store(database_url, contract_of(OF_NOBODY, PARTS, USERS))
    await record(store, OF_NOBODY, {"title": "A thing"}, id="thg_1")
    if emptied:
        await store._database.connection.execute_script("DELETE FROM entity_things")
    await store.close()

    migration = await migrate(database_url, contract_of(THINGS, PARTS, USERS), dry_run=False)
    totals = []
    if emptied:
        store = await open_store(database_url, contract_of(THINGS, PARTS, USERS))
        for owner in (ANN, ANN, BOB):
            await thing(store, owner=owner)
        totals = [(await store.records.list(THINGS, query(limit="1"), owner)).total for owner in (ANN, BOB)]
        await store.close()

    what = "table entity_things lacks the column $owner"
    nobodys = f"{what}: its records would belong to nobody; remove them first"
    assert (migration.refused, totals) == (((), [2, 1]) if emptied else ((nobodys,), []))


async def test_nothing_goes_with_a_record_that_it_does_not_name(database_url: str) -> None:
    await with_a_part(database_url, contract_of(THINGS, PARTS, USERS), thingId="thg_1")
    parts = replace(
        PARTS,
        fields=tuple(field for field in PARTS.fields if field.name != "thingId"),
        relations=PARTS.relations[1:],
        sortable=("id",),
    )
    now = contract_of(replace(THINGS, relations=()), parts, USERS)

    said, migration = await outcome(database_url, now)
    store = await open_store(database_url, now)
    await store.records.delete(things(now), "thg_1", ANN)
    left = await store.records.list(parts, query(parts), ANN)
    await store.close()

    what = "the foreign key thingId of table entity_parts to entity_things on delete cascade is none now"
    assert what in said
    assert (migration.changes[0], migration.refused, left.total) == (what, (), 1)


def related(*relations: Relation, **changes: Any) -> Contract:
    """The contract whose parts have these relations, by a field that is otherwise."""
    fields = tuple(replace(one, **changes) if one.name == "thingId" else one for one in PARTS.fields)
    return contract_of(replace(THINGS, relations=()), replace(PARTS, fields=fields, relations=relations), USERS)


TO_THINGS = Relation("thing", "belongsTo", "things", "thingId")
SPARE = Relation("spareOf", "belongsTo", "things", "spareOfId")
TO_USERS = Relation("user", "belongsTo", "users", "thingId")


async def with_a_part(url: str, contract: Contract, **body: Any) -> None:
    store = await open_store(url, contract)
    parts = contract.entity("parts")
    assert parts is not None
    await thing(store, id="thg_1")
    await record(store, parts, {"name": "A part", **body})
    await store.close()


async def outcome(url: str, contract: Contract) -> tuple[str, Migration]:
    """What the start says, and what a migration does."""
    refused = await refusal(url, contract)
    migration = await migrate(url, contract, dry_run=False)
    if not migration.refused:
        await (await open_store(url, contract)).close()
    return refused.message, migration


async def test_a_relation_that_is_none_now_is_said_and_dropped(database_url: str) -> None:
    await with_a_part(database_url, related(TO_THINGS), thingId="thg_1")

    said, migration = await outcome(database_url, related())

    what = "the foreign key thingId of table entity_parts to entity_things on delete cascade is none now"
    assert what in said
    assert (migration.changes[0], migration.refused) == (what, ())


@pytest.mark.parametrize(
    ("before", "named", "now", "target"),
    [((TO_THINGS,), "thg_1", TO_USERS, "users"), ((), "thg_none", TO_THINGS, "things")],
    ids=["to another entity", "that is new"],
)
async def test_a_relation_is_said_with_what_names_no_record_of_it(
    database_url: str, before: tuple[Relation, ...], named: str, now: Relation, target: str
) -> None:
    await with_a_part(database_url, related(*before), thingId=named)

    said, migration = await outcome(database_url, related(now))

    assert f"thingId of table entity_parts names no record of entity_{target} in 1 records" in said
    assert len(migration.refused) == 1


async def test_a_parents_deletion_does_what_the_contract_says_now(database_url: str) -> None:
    await with_a_part(database_url, related(TO_THINGS), thingId="thg_1")
    now = related(TO_THINGS, required=False, nullable=True)

    _, migration = await outcome(database_url, now)

    assert "table entity_parts lacks the foreign key thingId to entity_things on delete set null" in migration.changes
    store = await open_store(database_url, now)
    await store.records.delete(things(now), "thg_1", ANN)
    parts = now.entity("parts")
    assert parts is not None
    left = await store.records.list(parts, query(parts), ANN)
    await store.close()
    assert [part["thingId"] for part in left.records] == [None]


async def test_a_table_that_is_made_anew_keeps_what_it_has(tmp_path: Path) -> None:
    url = f"sqlite://{tmp_path}/store.sqlite3"
    wider = replace(
        PARTS, fields=(*PARTS.fields, Field("colour", "string", nullable=True)), relations=(TO_THINGS, SPARE)
    )
    store = await open_store(url, contract_of(replace(THINGS, relations=()), wider, USERS), text_index=True)
    await thing(store, id="thg_1")
    for name in ("wheel", "door"):
        await record(store, wider, {"name": name, "thingId": "thg_1", "spareOfId": "thg_1", "colour": "red"}, id=name)
    await store.records.delete(wider, "wheel", ANN)
    await store.close()
    now = related(SPARE)

    migration = await migrate(url, now, dry_run=False)
    store = await open_store(url, now, text_index=True)
    parts = now.entity("parts")
    assert parts is not None
    await record(store, parts, {"name": "roof", "thingId": "thg_none"}, id="roof")
    total = (await store.records.list(parts, query(parts), ANN)).total
    found = (await store.records.list(parts, query(parts, search="door"), ANN)).records
    with pytest.raises(ValidationFailed):
        await record(store, parts, {"name": "roof", "thingId": "", "spareOfId": "thg_none"})
    await store.records.delete(things(now), "thg_1", ANN)
    left = (await store.records.list(parts, query(parts, sort="name"), ANN)).records
    await store.close()
    with closing(sqlite3.connect(tmp_path / "store.sqlite3")) as connection:
        colours = connection.execute("SELECT id, colour FROM entity_parts ORDER BY id").fetchall()

    assert migration.refused == ()
    assert (total, [one["id"] for one in found]) == (2, ["door"])
    assert [(one["name"], one["thingId"], one["spareOfId"]) for one in left] == [
        ("door", "thg_1", None),
        ("roof", "thg_none", None),
    ]
    assert colours == [("door", "red"), ("roof", None)]


async def migrating(url: str) -> asyncio.subprocess.Process:
    """A process that gives things a colour, and prints how many changes that took."""
    program = (
        "import asyncio; from entity_server.store import migrate;"
        "from server.tests.store.test_migrating import COLOUR;"
        f"print(len(asyncio.run(migrate({url!r}, COLOUR, dry_run=False)).changes))"
    )
    return await asyncio.create_subprocess_exec(sys.executable, "-c", program, stdout=asyncio.subprocess.PIPE)


async def test_of_two_migrations_at_once_the_second_has_nothing_to_do(database_url: str) -> None:
    await old(database_url)
    both = [await migrating(database_url) for _ in range(2)]

    told = sorted([(await one.communicate())[0].decode().strip() for one in both])

    assert told == ["0", "2"]
    await (await open_store(database_url, COLOUR)).close()


async def test_what_an_older_server_still_writes_has_the_default_of_a_new_field(database_url: str) -> None:
    store = await open_store(database_url, contract_of(THINGS, PARTS, USERS))
    migration = await migrating(database_url)
    while migration.returncode is None:
        await thing(store)
        await asyncio.sleep(0.01)
    await thing(store)
    await store.close()

    store = await open_store(database_url, COLOUR)
    entity = things(COLOUR)
    found = await store.records.list(entity, query(entity, limit="100"), ANN)
    red = await store.records.list(entity, query(entity, filter='{"colour": "red"}'), ANN)
    await store.close()

    assert migration.returncode == 0
    assert {one["colour"] for one in found.records} == {"red"}
    assert red.total == found.total


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
async def test_a_start_with_nothing_to_do_waits_for_no_table(database_url: str) -> None:
    await old(database_url)
    address, _, schema = database_url.partition("&schema=")
    other = await asyncpg.connect(address)
    async with other.transaction():
        await other.execute(f"LOCK TABLE {schema}.entity_things IN ROW EXCLUSIVE MODE")
        await other.execute(f"LOCK TABLE {schema}.entity_parts IN ROW EXCLUSIVE MODE")
        started = time.monotonic()
        await (await open_store(database_url, contract_of(THINGS, PARTS, USERS))).close()
        took = time.monotonic() - started
    await other.close()

    assert took < 4


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
async def test_a_migration_that_a_lock_is_in_the_way_of_is_told_what_to_do(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await old(database_url)
    monkeypatch.setattr(postgres, "_LOCK_TIMEOUT", "SET lock_timeout = 50")
    address, _, schema = database_url.partition("&schema=")
    other = await asyncpg.connect(address)
    async with other.transaction():
        await other.execute(f"LOCK TABLE {schema}.entity_things IN ROW EXCLUSIVE MODE")
        with pytest.raises(StoreUnavailable) as refused:
            await migrate(database_url, COLOUR, dry_run=False)
    await other.close()

    assert refused.value.hint == "another program is writing to it: wait until it is done, or end it"


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
async def test_a_dry_run_makes_no_extension(database_url: str) -> None:
    await old(database_url)
    address, _, _ = database_url.partition("&schema=")
    other = await asyncpg.connect(address)
    await other.execute("DROP EXTENSION IF EXISTS pg_trgm")

    migration = await migrate(database_url, contract_of(THINGS, PARTS, USERS), dry_run=True, text_index=True)
    there = await other.fetch("SELECT 1 FROM pg_extension WHERE extname = 'pg_trgm'")
    await other.close()

    assert (len(migration.changes), migration.refused, there) == (3, (), [])


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
async def test_a_start_that_waits_for_a_migration_says_so(
    database_url: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(postgres, "_LOCK_TIMEOUT", "SET lock_timeout = 50")
    monkeypatch.setattr(postgres, "_A_WHILE", 0.05)
    other = await asyncpg.connect(database_url.partition("&schema=")[0])
    async with other.transaction():
        await other.execute(f"SELECT pg_advisory_xact_lock({postgres._TABLES})")
        start = asyncio.create_task(open_store(database_url, contract_of(THINGS, PARTS, USERS)))
        async with asyncio.timeout(30):
            while not caplog.messages:  # noqa: ASYNC110 - the start goes on when it likes
                await asyncio.sleep(0.01)
        await asyncio.sleep(0.2)
        waited = not start.done()
    await (await start).close()
    await other.close()

    assert waited
    assert caplog.messages == [postgres._WAITING]
