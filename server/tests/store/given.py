"""Arrangement: records and queries in a few words."""

from datetime import UTC, datetime
from typing import Any

from entity_contract import Entity, load
from entity_server.domain.changes import creation
from entity_server.domain.filtering import served
from entity_server.domain.identifiers import new_id
from entity_server.domain.query import Query
from entity_server.domain.values import border
from entity_server.http.operations.lists import list_query, reading
from entity_server.http.operations.queries import as_it_is
from entity_server.store import Store

from server.tests.example_entities import PARTS, THINGS

ANN = "usr_ann"
BOB = "usr_bob"
NOW = datetime(2025, 1, 15, 10, 30, tzinfo=UTC)
OPERATORS = served(load().operators)


async def record(
    store: Store,
    entity: Entity,
    body: dict[str, Any],
    *,
    owner: str = ANN,
    now: datetime = NOW,
    id: str | None = None,  # noqa: A002 - the field's name
) -> dict[str, Any]:
    """A record of that entity."""
    new = creation(entity, body, id=id or new_id(entity.id_prefix, now), now=now)
    return await store.records.create(entity, new, owner)


async def thing(
    store: Store,
    title: str = "A thing",
    *,
    owner: str = ANN,
    now: datetime = NOW,
    id: str | None = None,  # noqa: A002 - the field's name
    **body: Any,
) -> dict[str, Any]:
    """A thing."""
    return await record(store, THINGS, {"title": title, **body}, owner=owner, now=now, id=id)


async def part(
    store: Store, of: dict[str, Any], name: str = "A part", *, owner: str = ANN, **body: Any
) -> dict[str, Any]:
    """A part of a thing."""
    return await record(store, PARTS, {"name": name, "thingId": of["id"], **body}, owner=owner)


def query(entity: Entity = THINGS, /, **arguments: str) -> Query:
    """The query that these parameters spell."""
    values: dict[str, Any] = {"page": 1, "limit": 20}
    for name, text in arguments.items():
        decoded: Any = (
            int(text) if name in ("page", "limit") else text.split(",") if name in ("fields", "include") else text
        )
        read = border if name in ("startDate", "endDate") else as_it_is
        values[name] = reading(entity, name, read, OPERATORS)(decoded)
    return list_query(values)


def _decoded(name: str, text: str) -> int | str | list[str]:
    match name:
        case "page" | "limit":
            return int(text)
        case "fields" | "include":
            return text.split(",")
        case _:
            return text


async def titles(store: Store, *, owner: str = ANN, **arguments: str) -> list[str]:
    """The titles of the things that a query lists, in order."""
    listing = await store.records.list(THINGS, query(THINGS, **arguments), owner)
    return [record["title"] for record in listing.records]
