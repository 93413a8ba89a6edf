from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial

import entity_contract as facts
import pytest
from entity_contract import Contract
from entity_server.demo import seed
from entity_server.demo_records import ADA, ADAS, BEN, BENS
from entity_server.domain.keys import digest
from entity_server.domain.paging import Page
from entity_server.domain.projection import Projection
from entity_server.domain.query import Query
from entity_server.domain.selection import Selection
from entity_server.http.operations import compile_contract
from entity_server.store import Store, open_store

pytestmark = pytest.mark.anyio
Demo = Callable[[datetime], Awaitable[Mapping[str, str]]]
NOW = datetime(2025, 6, 1, 12, tzinfo=UTC)
EVERYTHING = Query(Page(1, 100), Selection(), None, Projection())
CREDENTIALS = {"apiKey", "readKey", "writeKey", "deleteKey", "expiredKey", "otherApiKey", "sessionToken"}


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
def contract() -> Contract:
    return facts.load()


@pytest.fixture
async def store(contract: Contract) -> AsyncIterator[Store]:
    store = await open_store("sqlite://:memory:", contract)
    yield store
    await store.close()


@pytest.fixture
def demo(store: Store, contract: Contract) -> Demo:
    return partial(seed, store, contract, compile_contract(contract))


async def _counts(store: Store, contract: Contract) -> dict[tuple[str, str], int]:
    return {
        (entity.name, owner): (await store.records.list(entity, EVERYTHING, owner)).total
        for entity in contract.entities
        for owner in (ADA, BEN)
    }


async def test_every_entity_has_records_of_both_users(store: Store, contract: Contract, demo: Demo) -> None:
    await demo(NOW)

    counts = await _counts(store, contract)

    assert min(counts.values()) >= 1
    of_examples, users = 5, 3  # a record of each entity, all of them Ada's; everybody sees all users
    assert sum(counts.values()) == len(ADAS) + len(BENS) + of_examples + 2 * users


async def test_a_second_demo_adds_no_record_and_replaces_the_keys(store: Store, contract: Contract, demo: Demo) -> None:
    first = await demo(NOW)
    before = await _counts(store, contract)
    keys = len(await store.keys.list(ADA))

    second = await demo(NOW + timedelta(days=1))

    assert await _counts(store, contract) == before
    assert len(await store.keys.list(ADA)) == keys == 6
    assert await store.keys.find(digest(first["apiKey"])) is None
    assert await store.keys.find(digest(second["apiKey"])) is not None


async def test_a_key_that_is_not_the_demos_stays(store: Store, demo: Demo) -> None:
    from entity_server.domain.keys import KeyRequest  # noqa: PLC0415
    from entity_server.http.issuing import issue_key  # noqa: PLC0415

    await demo(NOW)
    key, _ = await issue_key(store.keys, ADA, KeyRequest("Mine", ("read",), None), now=NOW)

    await demo(NOW)

    assert key.id in {kept.id for kept in await store.keys.list(ADA)}


async def test_the_credentials_are_what_their_names_say(store: Store, demo: Demo) -> None:
    issued = await demo(NOW)

    keys = {name: await store.keys.find(digest(issued[name])) for name in CREDENTIALS - {"sessionToken"}}
    session = await store.sessions.find(digest(issued["sessionToken"]))
    assert set(issued) == CREDENTIALS
    assert {name: (key.user_id, key.scopes, key.expired(NOW)) for name, key in keys.items() if key} == {
        "apiKey": (ADA, ("read", "write", "delete"), False),
        "readKey": (ADA, ("read",), False),
        "writeKey": (ADA, ("write",), False),
        "deleteKey": (ADA, ("delete",), False),
        "expiredKey": (ADA, ("read", "write", "delete"), True),
        "otherApiKey": (BEN, ("read", "write", "delete"), False),
    }
    assert session is not None
    assert (session.user_id, session.expired(NOW)) == (ADA, False)


async def test_what_the_contract_shows_is_there(store: Store, contract: Contract, demo: Demo) -> None:
    await demo(NOW)

    orders = contract.entity("orders")
    assert orders is not None
    shown = await store.records.get(orders, "ord_abc123", ADA)
    assert shown is not None
    assert (shown["customerId"], shown["productId"], shown["totalCents"]) == ("cus_abc123", "prd_abc123", 39800)
    assert shown["updatedAt"] == "2025-01-15T14:20:00.000Z"
    assert [key.name for key in await store.keys.list(ADA) if key.id == "key_abc123"] == ["Production API Key"]


async def test_what_is_shown_and_was_deleted_is_there_again(store: Store, contract: Contract, demo: Demo) -> None:
    await demo(NOW)
    tasks = contract.entity("tasks")
    assert tasks is not None
    await store.records.delete(tasks, "tsk_abc123", ADA)

    await demo(NOW)

    assert await store.records.exists(tasks, "tsk_abc123", ADA)
