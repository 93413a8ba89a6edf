import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import entity_contract as contract
import pytest
from entity_contract import Field
from entity_server.store import StoreUnavailable, open_store, opening
from entity_server.store.opening import _shown, read

from server.tests.example_entities import PARTS, THINGS, USERS, contract_of
from server.tests.store.given import ANN, query, thing

pytestmark = pytest.mark.anyio

CONTRACT = contract_of(THINGS, PARTS, USERS)


async def unavailable(url: str, known: contract.Contract = CONTRACT) -> StoreUnavailable:
    with pytest.raises(StoreUnavailable) as refusal:
        await open_store(url, known)
    for thread in threading.enumerate():
        if "connection_worker" in thread.name:
            thread.join(timeout=60)
            assert not thread.is_alive()
    return refusal.value


async def test_what_was_kept_is_there_after_opening_again(database_url: str) -> None:
    store = await open_store(database_url, CONTRACT)
    created = await thing(store)
    await store.close()

    store = await open_store(database_url, CONTRACT)
    read = await store.records.get(THINGS, created["id"], ANN)
    await store.close()

    assert read == created


async def test_the_contract_of_this_project_opens(database_url: str) -> None:
    store = await open_store(database_url, contract.load())
    await store.ping()
    await store.close()


async def test_memory_is_a_database_too() -> None:
    store = await open_store("sqlite://:memory:", CONTRACT)
    await thing(store)
    total = (await store.records.list(THINGS, query(), ANN)).total
    await store.close()

    assert total == 1


async def test_a_second_store_in_one_process_is_refused() -> None:
    store = await open_store("sqlite://:memory:", CONTRACT)

    with pytest.raises(StoreUnavailable, match="another store open"):
        await open_store("sqlite://:memory:", CONTRACT)

    await store.ping()
    await store.close()


async def test_closing_twice_is_closing_once() -> None:
    store = await open_store("sqlite://:memory:", CONTRACT)
    await store.close()
    await store.close()


@pytest.mark.parametrize(
    "url",
    [
        "",
        "x",
        "sqlite:",
        "sqlite://",
        "mysql://u:secret@h/d",
        "/tmp/x.sqlite3",
        "postgres://u:secret@h:port/d",
        "postgres://[",
    ],
)
async def test_a_url_of_another_kind_is_refused_with_an_example(url: str) -> None:
    refusal = await unavailable(url)

    assert "sqlite://PATH" in refusal.hint
    assert "secret" not in str(refusal)


@pytest.mark.parametrize("password", ["se/cret", "se?cret", "se#cret", "12/secret", "se@cr/et"])
async def test_no_part_of_a_password_that_was_not_encoded_is_shown(password: str) -> None:
    refusal = await unavailable(f"postgres://user:{password}@127.0.0.1:1/name")

    assert not any(part in str(refusal) for part in ("cret", "12/", "cr/et"))


@pytest.mark.parametrize(
    ("option", "told"),
    [
        ("maxsize=secret", "a maxsize that cannot be used (write a number from 1 on)"),
        ("maxsize=0", "a maxsize that cannot be used (write a number from 1 on)"),
        ("minsize=11", "a minsize that cannot be used (it is more than maxsize, which is 10)"),
        ("maxsize=2&minsize=3", "a minsize that cannot be used (it is more than maxsize, which is 2)"),
        ("timeout=nan", "a timeout that cannot be used (write a number from 1 on)"),
        ("sslmode=secret", "a sslmode that cannot be used (write one of disable, allow, prefer, require, "),
        ("secret=secret", "an option that is not known (there are application_name, command_timeout, host, "),
    ],
)
async def test_an_option_of_the_url_that_cannot_be_used_is_named(option: str, told: str) -> None:
    refusal = await unavailable(f"postgres://127.0.0.1:1/name?{option}")

    assert told in str(refusal)
    assert "secret" not in str(refusal)


async def test_an_option_of_the_url_is_what_the_driver_takes() -> None:
    url = "postgres://u@h/d?sslmode=require&maxsize=3&timeout=2.5&statement_cache_size=0&schema=s"

    _, settings = read(url)
    _, plain = read("postgres://u@h/d?ssl=false")

    known = {name: settings[name] for name in ("ssl", "maxsize", "timeout", "statement_cache_size", "schema", "host")}
    assert known == {
        "ssl": "require", "maxsize": 3, "timeout": 2.5, "statement_cache_size": 0, "schema": "s", "host": "h",
    }  # fmt: skip
    assert plain["ssl"] == "disable"


def test_a_shown_url_has_neither_user_nor_password_nor_options() -> None:
    assert _shown("postgres://user:secret@db.example:5432/shop?ssl=x") == "postgres://db.example:5432/shop"


async def test_a_missing_directory_is_named(tmp_path: Path) -> None:
    refusal = await unavailable(f"sqlite://{tmp_path}/nowhere/x.sqlite3")

    assert f"{tmp_path}/nowhere/x.sqlite3" in refusal.message
    assert "directory exists" in refusal.hint


async def test_a_directory_is_no_database(tmp_path: Path) -> None:
    assert str(tmp_path) in (await unavailable(f"sqlite://{tmp_path}")).message


async def test_another_file_is_no_database(tmp_path: Path) -> None:
    file = tmp_path / "letter.txt"
    file.write_text("Dear Ann, " * 200)

    assert "not a database" in (await unavailable(f"sqlite://{file}")).message
    assert file.read_text().startswith("Dear Ann")


async def test_a_file_that_another_program_has_locked_is_told_to_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await (await open_store(f"sqlite://{tmp_path}/shop.sqlite3", CONTRACT)).close()
    monkeypatch.setitem(opening._SQLITE_SETTINGS, "busy_timeout", 50)
    with closing(sqlite3.connect(tmp_path / "shop.sqlite3", isolation_level=None)) as another:
        another.execute("BEGIN IMMEDIATE")

        refusal = await unavailable(f"sqlite://{tmp_path}/shop.sqlite3")

    assert "database is locked" in refusal.message
    assert refusal.hint == "another program is writing to it: wait until it is done, or end it"


async def test_a_server_that_is_not_there_is_named() -> None:
    refusal = await unavailable("postgres://user:secret@127.0.0.1:1/name")

    assert "postgres://127.0.0.1:1/name" in refusal.message
    assert "server is up" in refusal.hint
    assert "secret" not in str(refusal)


async def test_a_database_name_that_is_not_there_is_named(postgres: str) -> None:
    refusal = await unavailable(postgres.replace("/postgres?", "/no_such_name?"))

    assert "no_such_name" in refusal.message


@pytest.mark.parametrize("schema", ["nowhere", "pg_catalog"])
async def test_a_schema_where_no_table_can_be_made_is_told(postgres: str, schema: str) -> None:
    refusal = await unavailable(f"{postgres}&schema={schema}")

    assert refusal.hint == "the user needs the right to make tables, in a schema that is there"


async def test_a_table_without_a_column_of_the_contract_is_named(database_url: str) -> None:
    await (await open_store(database_url, CONTRACT)).close()
    wider = replace(THINGS, fields=(*THINGS.fields, Field("colour", "string", nullable=True)))

    refusal = await unavailable(database_url, contract_of(wider, PARTS, USERS))

    assert "table entity_things lacks the column colour" in refusal.message
    assert "another database" in refusal.hint
    assert "postgres:postgres@" not in str(refusal)


async def test_a_column_of_another_type_is_named(database_url: str) -> None:
    await (await open_store(database_url, CONTRACT)).close()
    fields = tuple(replace(field, type="datetime") if field.name == "day" else field for field in THINGS.fields)

    refusal = await unavailable(database_url, contract_of(replace(THINGS, fields=fields), PARTS, USERS))

    assert "column day of table entity_things is date, not timestamp with time zone" in refusal.message


async def test_fields_that_the_contract_no_longer_has_do_not_disturb(database_url: str) -> None:
    await (await open_store(database_url, CONTRACT)).close()
    narrower = replace(
        THINGS, fields=tuple(field for field in THINGS.fields if field.name != "note"), searchable=("title",)
    )

    store = await open_store(database_url, contract_of(narrower, PARTS, USERS))
    new = {field.name: None for field in narrower.fields} | {"id": "thg_1", "title": "A"}
    created = await store.records.create(narrower, new, ANN)
    await store.close()

    assert created["title"] == "A"


def called(*names: str) -> contract.Contract:
    """The contract whose things have texts of these names besides."""
    fields = (*THINGS.fields, *(Field(name, "string", nullable=True) for name in names))
    return contract_of(replace(THINGS, fields=fields), PARTS, USERS)


@pytest.mark.parametrize("name", ["a" * 56, "rowid", "select", "oid"])
async def test_a_name_that_every_database_keeps_is_opened_again(database_url: str, name: str) -> None:
    for _ in range(2):
        await (await open_store(database_url, called(name))).close()


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("a" * 57, f"PostgreSQL keeps 63 bytes of a name, and {'a' * 57}$folded of table entity_things has more"),
        ("é" * 29, f"PostgreSQL keeps 63 bytes of a name, and {'é' * 29}$folded of table entity_things has more"),
        ("ctid", "PostgreSQL keeps the name ctid of table entity_things for itself"),
    ],
)
async def test_a_name_that_postgresql_does_not_keep_is_told(postgres: str, name: str, told: str) -> None:
    refusal = await unavailable(postgres, called(name))

    assert (refusal.message, refusal.hint) == (told, "give it another name in the contract")


async def test_an_entity_whose_table_would_share_its_name_is_told(postgres: str) -> None:
    long = replace(PARTS, name="p" * 57)

    refusal = await unavailable(postgres, contract_of(THINGS, long, USERS))

    assert "PostgreSQL keeps 63 bytes of a name, and entity_ppp" in refusal.message


async def test_names_that_sqlite_takes_for_one_are_told() -> None:
    refusal = await unavailable("sqlite://:memory:", called("colour", "Colour"))

    assert refusal.message == "to SQLite colour and Colour of table entity_things are one name"


async def test_an_entity_needs_its_three_fields() -> None:
    timeless = replace(PARTS, fields=tuple(field for field in PARTS.fields if field.name != "createdAt"))

    assert "parts.createdAt" in (await unavailable("sqlite://:memory:", contract_of(timeless))).message


def test_the_tables_are_plain_to_read(tmp_path: Path) -> None:
    program = (
        "import asyncio, entity_contract as contract; from entity_server.store import open_store\n"
        f"async def main(): await (await open_store('sqlite://{tmp_path}/s.sqlite3', contract.load())).close()\n"
        "asyncio.run(main())"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)

    with sqlite3.connect(tmp_path / "s.sqlite3") as connection:
        names = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        journal = connection.execute("PRAGMA journal_mode").fetchone()
    connection.close()
    assert {"entity_tasks", "entity_users", "access_keys"} <= names
    assert journal == ("wal",)


def test_a_process_with_an_open_store_that_fails_to_open_another_ends() -> None:
    program = (
        "import asyncio, entity_contract as contract; from entity_server.store import StoreUnavailable, open_store\n"
        "async def main():\n"
        "    try: await open_store('sqlite:///nowhere/at/all.sqlite3', contract.load())\n"
        "    except StoreUnavailable as error: print(error.message)\n"
        "asyncio.run(main())"
    )

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)

    assert "/nowhere/at/all.sqlite3" in done.stdout
