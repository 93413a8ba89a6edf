from collections.abc import AsyncIterator

import entity_contract as facts
import pytest
from entity_contract import Contract
from entity_server.http.operations import CompiledContract, compile_contract
from entity_server.store import open_store

from server.tests.control.controlled_server import ControlledServer, running


@pytest.fixture(scope="session")
def contract() -> Contract:
    return facts.load()


@pytest.fixture(scope="session")
def compiled(contract: Contract) -> CompiledContract:
    return compile_contract(contract)


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
async def started(
    contract: Contract, compiled: CompiledContract, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[ControlledServer]:
    store = await open_store(f"sqlite://{tmp_path_factory.mktemp('control')}/shop.sqlite3", contract)
    async with running(contract, compiled, store) as server:
        yield server
    await store.close()


@pytest.fixture
async def server(started: ControlledServer) -> ControlledServer:
    await started.control("POST", "/reset")
    for snapshot in await started.control("GET", "/snapshots"):
        await started.control("DELETE", f"/snapshots/{snapshot['id']}")
    return started
