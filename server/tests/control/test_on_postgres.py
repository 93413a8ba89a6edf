"""The control port on PostgreSQL: a reset puts everything back, and is quick."""

import time
from collections.abc import AsyncIterator

import pytest
from entity_contract import Contract
from entity_server.http.operations import CompiledContract
from entity_server.store import open_store

from server.tests.control.controlled_server import ControlledServer, milliseconds_of_a_reset, running
from server.tests.services import postgres_server

pytestmark = pytest.mark.anyio


@pytest.fixture
async def on_postgres(contract: Contract, compiled: CompiledContract) -> AsyncIterator[ControlledServer]:
    with postgres_server() as postgres:
        store = await open_store(postgres.url, contract)
        async with running(contract, compiled, store) as server:
            yield server
        await store.close()


async def test_a_reset_takes_less_than_300_ms_and_puts_all_back(on_postgres: ControlledServer) -> None:
    before = await on_postgres.control("GET", "/dump")

    took = await milliseconds_of_a_reset(on_postgres, time.perf_counter)

    after = await on_postgres.control("GET", "/dump")
    assert took < 300
    assert {**after, "clock": {}} == {**before, "clock": {}}
