"""With a text index the answers are the same to the letter; and it is kept true, made, dropped and made again."""

import asyncio
import json
import logging
from typing import Any

import pytest
from entity_server.domain.sentences import Refused
from entity_server.running import opened
from entity_server.store import Store, narrowing, open_store, text_index
from entity_server.store.opening import migrate
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from server.tests.example_entities import PARTS, THINGS, USERS, contract_of
from server.tests.store.given import ANN, BOB, NOW, part, query, thing

pytestmark = pytest.mark.anyio

CONTRACT = contract_of(THINGS, PARTS, USERS)
PIECES = (
    "aAbB", "Éé", "e\u0301", "\u0308", "ß", "SS", "İ", "\u0131", "Σ", "ς", "%", "_", "\\", '"', "'", "*", "(", "^",
    "-", " ", "\r\n", "\n", "😀", "\U0001d49c", "\uffff", "\ufffe", "\ufffd", "漢字", "AND", "NEAR", "rank", "zebra",
)  # fmt: skip
TEXT = st.lists(st.sampled_from(PIECES), min_size=1, max_size=8).map("".join)
NEEDLE = TEXT | st.tuples(TEXT, st.integers(0, 5), st.integers(1, 4)).map(lambda cut: cut[0][cut[1] : cut[1] + cut[2]])
Answer = tuple[list[str], int]


async def answers(store: Store, words: list[str]) -> list[Answer]:
    """What the things of Ann are that each word finds: ids and total, by several ways of asking."""
    found = []
    for word in words:
        asked: list[dict[str, str]] = [{"search": word}, {"search": f"{word} a", "sort": "title", "order": "desc"}]
        if word:
            asked.append({"filter": json.dumps({"note": {"$contains": word}}), "limit": "2"})
            asked.append(
                {"filter": json.dumps({"title": {"$contains": word}}), "search": "e", "limit": "2", "page": "2"}
            )
            asked.append({"filter": json.dumps({"note": {"$contains": word}}), "page": "9"})
            asked.append({"filter": json.dumps({"size": "small", "title": {"$contains": word}}), "sort": "size"})
        for arguments in asked:
            listing = await store.records.list(THINGS, query(THINGS, **arguments), ANN)
            found.append(([record["id"] for record in listing.records], listing.total))
    return found


async def by_the_index(store: Store) -> None:
    """Leave PostgreSQL, whose tables are small here, no other way; the pool gives the connection that it got last."""
    if store._database.dialect == "postgres":
        connection = store._database.connection
        named = "SELECT indexname AS name FROM pg_indexes WHERE schemaname = current_schema() AND indexname LIKE 'ix%'"
        others = [f"DROP INDEX {row['name']}" for row in await connection.execute_query_dict(named)]
        await connection.execute_script(";".join((*others, "SET enable_seqscan = off")))


async def both_ways(url: str, texts: list[tuple[str, str]], words: list[str]) -> list[list[Answer]]:
    """The answers with a text index, and then without."""
    found = []
    for indexed in (True, False):
        store = await open_store(url, CONTRACT, text_index=indexed)
        try:
            if indexed:
                await store._database.connection.execute_script("DELETE FROM entity_things")
                for number, (title, note) in enumerate(texts):
                    await thing(
                        store, f"x{title}", note=note, id=f"thg_{number}", owner=BOB if number % 5 == 4 else ANN
                    )
                await by_the_index(store)
            found.append(await answers(store, words))
        finally:
            await store.close()
    return found


@pytest.mark.parametrize("share", [1, 8])
@given(
    texts=st.lists(st.tuples(TEXT, TEXT), min_size=5, max_size=20),
    words=st.lists(NEEDLE, min_size=1, max_size=5),
)
@example(texts=[("zebra", "ZEBRA")] * 6, words=["z", "ze", "Zeb", "zebra", '"', "%ra", "a\uffff"])
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_answers_are_the_same_with_and_without(
    database_url: str, share: int, texts: list[tuple[str, str]], words: list[str]
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(narrowing, "SHARE", share)
        with_index, without = asyncio.run(both_ways(database_url, texts, words))

    assert with_index == without


@pytest.mark.parametrize("word", ["a\0b", "\0", "abc\0"])
def test_a_null_character_is_refused(word: str) -> None:
    with pytest.raises(Refused):
        query(THINGS, search=word)


async def things(store: Store, number: int) -> None:
    """So many things of Ann; every tenth is about a zebra."""
    for one in range(number):
        await thing(store, f"A Zebra {one}" if one % 10 == 0 else f"A horse {one}", id=f"thg_{one:04}")


async def found(store: Store, word: str = "zEBRa", **arguments: str) -> Answer:
    """What a search finds."""
    listing = await store.records.list(THINGS, query(THINGS, search=word, **arguments), ANN)
    return [one["id"] for one in listing.records], listing.total


async def test_the_index_is_used(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    store = await open_store(database_url, CONTRACT, text_index=True)
    planned = store._database.reading.planned

    async def watched(statement: str, values: list[Any]) -> Any:
        form = "EXPLAIN QUERY PLAN" if store._database.dialect == "sqlite" else "EXPLAIN"
        asked.extend(str(tuple(row)) for row in await planned(f"{form} {statement}", values))
        return await planned(statement, values)

    monkeypatch.setattr(store._database.reading, "planned", watched)
    await things(store, 40)
    await by_the_index(store)
    await found(store)
    await store.close()

    name = text_index.index_name(store._database.table("entity_things").table)
    assert any(name in step for step in asked)


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
async def test_no_plan_is_kept_for_a_search(database_url: str) -> None:
    store = await open_store(database_url, CONTRACT, text_index=True)
    await things(store, 10)
    for word in ("zebra", "ze", "horse", "z", "zebra", "ze", "horse"):
        await found(store, word)
    kept = await store._database.connection.execute_query_dict(
        "SELECT count(*) FILTER (WHERE strpos(statement, '$folded\" ' || 'LIKE') > 0) AS searches, count(*) AS every"
        " FROM pg_prepared_statements"
    )
    await store.close()

    assert kept[0]["searches"] == 0
    assert kept[0]["every"] > 0


async def test_changes_are_found_at_once(database_url: str) -> None:
    store = await open_store(database_url, CONTRACT, text_index=True)
    await things(store, 40)
    await by_the_index(store)
    await store.records.update(THINGS, "thg_0000", {"title": "A horse again"}, ANN, NOW)
    await store.records.update(THINGS, "thg_0001", {"note": "Zebra crossing"}, ANN, NOW)
    await store.records.update(THINGS, "thg_0010", {"size": "large"}, ANN, NOW)
    await store.records.delete(THINGS, "thg_0020", ANN)
    answer = await found(store, sort="id")
    await whole(store)
    await store.close()

    assert answer == (["thg_0001", "thg_0010", "thg_0030"], 3)


async def test_cascades_and_snapshots_are_followed(database_url: str) -> None:
    store = await open_store(database_url, CONTRACT, text_index=True)
    made = await thing(store, "A zebra")
    await part(store, made, "Zebra's hoof")
    snapshot = await store.snapshot()
    await store.records.delete(THINGS, made["id"], ANN)
    await whole(store)
    gone = await found(store)
    await store.restore(snapshot)
    await whole(store)
    back = await found(store)
    await store.close()

    assert (gone, back) == (([], 0), ([made["id"]], 1))


async def whole(store: Store, *, indexed: bool = True) -> None:
    """Have SQLite compare its indexes with their tables; it raises where they differ."""
    if store._database.dialect == "sqlite" and indexed:
        for mapped in store._database.tables:
            if mapped.texts:
                name = text_index.index_name(mapped)
                await store._database.connection.execute_query(
                    f"INSERT INTO {name} ({name}, rank) VALUES ('integrity-check', 1)"
                )


async def indexes(store: Store) -> int:
    """How many text indexes there are."""
    async with store._database.alone() as connection:
        there = await text_index.existing(connection, store._database.dialect, wanted=False)
    return len(there.names)


async def test_it_is_dropped_by_a_start_without_it_and_made_again(database_url: str) -> None:
    numbers = []
    for step, indexed in enumerate((None, True, None, False, True)):
        store = await open_store(database_url, CONTRACT, text_index=indexed)
        await thing(store, f"A zebra {step}", id=f"thg_{step}")
        await by_the_index(store)
        numbers.append((await indexes(store), (await found(store))[1]))
        await whole(store, indexed=numbers[-1][0] > 0)
        await store.close()

    assert numbers == [(0, 1), (3, 2), (3, 3), (0, 4), (3, 5)]


async def test_an_index_that_lost_its_rows_is_built_again(tmp_path: Any) -> None:
    url = f"sqlite://{tmp_path}/store.sqlite3"
    store = await open_store(url, CONTRACT, text_index=True)
    await things(store, 40)
    name = text_index.index_name(store._database.table("entity_things").table)
    await store._database.connection.execute_query(f"INSERT INTO {name} ({name}) VALUES ('delete-all')")
    lost = (await found(store))[1]
    await store.close()
    store = await open_store(url, CONTRACT, text_index=True)
    answer = (await found(store))[1]
    await store.close()

    assert (lost, answer) == (0, 4)


@pytest.mark.parametrize("url", ["sqlite://:memory:"])
async def test_without_fts5_it_goes_on_and_says_so(
    url: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(text_index, "_has_fts5", lambda: False)
    with caplog.at_level(logging.WARNING):
        async with opened(url, CONTRACT, text_index=True) as store:
            await things(store, 40)
            answer = (await found(store))[1]

    assert answer == 4
    assert [line.message for line in caplog.records if "text-index" in line.message] == [
        "searches go on without --text-index: this SQLite has no FTS5 with trigrams (3.34 has it)"
    ]


async def test_a_migration_makes_it_where_it_is_asked_for(database_url: str) -> None:
    store = await open_store(database_url, CONTRACT)
    await things(store, 40)
    await store.close()

    told = [
        (await migrate(database_url, CONTRACT, dry_run=dry_run, text_index=indexed)).changes
        for dry_run, indexed in ((True, False), (True, True), (False, True), (True, True), (False, False))
    ]
    store = await open_store(database_url, CONTRACT)
    number = await indexes(store)
    await whole(store)
    await store.close()

    lacking = (
        "table entity_things lacks a text index on title, note",
        "table entity_parts lacks a text index on name",
        "table entity_users lacks a text index on name, email",
    )
    assert told == [(), lacking, lacking, (), ()]
    assert number == 3
