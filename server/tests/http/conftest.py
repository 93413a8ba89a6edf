from collections.abc import AsyncIterator, Mapping

import entity_contract as facts
import pytest
from entity_contract import Contract
from entity_server.http.operations import CompiledContract, compile_contract
from entity_server.store import Store, open_store

from server.tests.http.served_api import START, ServedApi, opened, populated


@pytest.fixture(scope="session")
def contract() -> Contract:
    return facts.load()


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
async def store(contract: Contract) -> AsyncIterator[Store]:
    store = await open_store("sqlite://:memory:", contract)
    yield store
    await store.close()


@pytest.fixture(scope="module")
async def credentials(store: Store) -> Mapping[str, str]:
    return await populated(store, START)


@pytest.fixture(scope="session")
def compiled(contract: Contract) -> CompiledContract:
    return compile_contract(contract)


@pytest.fixture
async def api(
    contract: Contract, compiled: CompiledContract, store: Store, credentials: Mapping[str, str]
) -> AsyncIterator[ServedApi]:
    async with opened(contract, store, credentials, compiled=compiled) as api:
        yield api
