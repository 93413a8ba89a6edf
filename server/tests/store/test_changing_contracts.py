"""A database that lives through one contract after another, which chance makes: what it tells stays what they say.

Where a contract is refused, the one before opens the database as ever. Where it is not, each list can be answered.
"""

import json
import random
from collections.abc import Mapping
from dataclasses import replace

import pytest
from entity_contract import Contract, Entity, Field, Relation, Scalar
from entity_server.domain.text import folded
from entity_server.store import Store, StoreUnavailable, migrate, open_store
from entity_server.store.tables import always_set

from server.tests.example_entities import USERS, contract_of, entity
from server.tests.store.given import ANN, BOB, query, record

pytestmark = pytest.mark.anyio

TO_THINGS = Relation("thing", "belongsTo", "things", "thingId")
DEFAULTS: Mapping[str, Scalar] = {
    "string": "It's Ä",
    "text": "Ä",
    "integer": 7,
    "boolean": True,
    "date": "2024-02-29",
    "enum": "new",
}
VALUES = ("new", "used", "broken")


def field(chance: random.Random, name: str) -> Field:
    """A field of some type, that may be null, has a default, or is required."""
    kind = chance.choice(["string", "text", "integer", "boolean", "date", "enum"])
    way = chance.choice(["null", "default", "required"])
    made = Field(name, kind, nullable=way == "null", required=way == "required")  # type: ignore[arg-type] # one of them
    return replace(
        made,
        default=DEFAULTS[kind] if way == "default" else None,
        values=tuple(chance.sample(VALUES, len(VALUES)))[: chance.randint(1, 3)] if kind == "enum" else (),
        max_length=chance.choice([20, 5000]) if kind == "string" else None,
    )


def another(chance: random.Random, before: tuple[Field, ...]) -> tuple[Contract, tuple[Field, ...]]:
    """A contract with a field more, less or otherwise than those, and parts that name their thing in some way."""
    name = chance.choice("abc")
    fields = tuple(one for one in before if one.name != name)
    if len(fields) == len(before) or chance.random() < 0.6:
        new = field(chance, name)
        fields += (replace(new, values=tuple({*new.values, "new"})) if new.type == "enum" else new,)
    things = entity("things", "Thing", "thg", Field("title", "string", required=True), *fields)
    way = chance.choice(["none", "null", "required"])
    key = () if way == "none" else (Field("thingId", "string", nullable=way == "null", required=way == "required"),)
    name_of_part = Field("name", "string", required=True)
    parts = entity("parts", "Part", "prt", name_of_part, *key, relations=(TO_THINGS,) if key else ())
    return contract_of(things, parts, replace(USERS, relations=())), fields


def value(chance: random.Random, of: Field) -> object:
    """A value of a field, long where it may be."""
    if of.nullable and chance.random() < 0.4:
        return None
    text = "".join(chr(chance.randrange(0x4E00, 0x9FFF)) for _ in range(min(of.max_length or 3000, 3000)))
    given = {"string": text, "text": text, "integer": chance.randint(-9, 9), "enum": chance.choice(of.values or ("",))}
    return given.get(of.type, DEFAULTS.get(of.type))


async def used(store: Store, things: Entity, parts: Entity, chance: random.Random) -> None:
    """Things and their parts come and go as the contract has it."""
    for owner in (ANN, ANN, BOB):
        own = (one for one in things.fields if not one.generated and (one.required or one.nullable))
        body = {one.name: value(chance, one) for one in own}
        made = await record(store, things, {**body, "title": "A thing"}, owner=owner)
        named = {"thingId": made["id"]} if parts.relations else {}
        await record(store, parts, {"name": "A part", **named}, owner=owner)
    gone = chance.choice((await store.records.list(things, query(things), ANN)).records)["id"]
    before = (await store.records.list(parts, query(parts, limit="100"), ANN)).records
    required = any(one.required for one in parts.fields if one.name == "thingId")
    assert await store.records.delete(things, gone, ANN)
    left = (await store.records.list(parts, query(parts, limit="100"), ANN)).total
    assert left == len(before) - sum(required and part["thingId"] == gone for part in before)


async def told(store: Store, of: Entity, owner: str) -> None:
    """Its lists are what the contract says."""
    every = await store.records.list(of, query(of, limit="100"), owner)
    assert (await store.records.list(of, query(of, limit="1"), owner)).total == every.total == len(every.records)
    for one in of.fields:
        values = [record[one.name] for record in every.records]
        assert not (always_set(one) and None in values), one
        assert not one.values or {*values} <= {*one.values, None}, one
        texts = [text for text in values if text] if one.type in ("string", "text") else []
        for text in texts[:1]:
            part = json.dumps({one.name: {"$contains": text[:9]}})
            found = await store.records.list(of, query(of, filter=part), owner)
            assert found.total == sum(folded(text[:9]) in folded(other) for other in texts)


@pytest.mark.parametrize("seed", [1, 2, *(pytest.param(seed, marks=pytest.mark.soak) for seed in range(3, 20))])
async def test_each_contract_finds_what_it_says_or_is_refused(database_url: str, seed: int) -> None:
    chance = random.Random(seed)
    contract, fields = another(chance, ())
    for _ in range(9):
        new, its_fields = another(chance, fields)
        index = chance.random() < 0.3
        try:
            store = await open_store(database_url, new, text_index=index)
        except StoreUnavailable:
            if (await migrate(database_url, new, dry_run=False)).refused:
                new, its_fields = contract, fields
            store = await open_store(database_url, new, text_index=index)
        contract, fields = new, its_fields
        things, parts = contract.entities[:2]
        try:
            await used(store, things, parts, chance)
            for one in (things, parts):
                for owner in (ANN, BOB):
                    await told(store, one, owner)
        finally:
            await store.close()
