"""The reference server without a socket: the runner's transport handed straight to the server's gateway.

What is left out is Sanic and the network; everything from the request line inwards is the real thing, on a database in
memory. That makes a server for each of some hundred faults affordable.
"""

from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from pathlib import Path
from urllib.parse import parse_qsl

import httpx
from entity_conformance.deployment.settings import Given, Settings
from entity_conformance.report.verdict import Run
from entity_conformance.suite import run as suite
from entity_contract import Contract, load
from entity_server.app import compose, gateway, utc_now
from entity_server.demo import seed
from entity_server.faults import Fault
from entity_server.faults.spoiling import relinked
from entity_server.http.gateway import Gateway
from entity_server.http.operations import CompiledContract, compile_contract
from entity_server.settings import Settings as ServerSettings
from entity_server.store import Store, open_store
from entity_server.testing.transport import answered
from entity_server.variants.variant import Readdress, Rewrite

URL = "http://127.0.0.1:5173"


class GatewayTransport(httpx.AsyncBaseTransport):
    """Every request goes to a gateway."""

    def __init__(
        self, gateway: Gateway, rewrites: Sequence[Rewrite] = (), readdresses: Sequence[Readdress] = ()
    ) -> None:
        self._gateway = gateway
        self._rewrites, self._readdresses = rewrites, readdresses

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        asked = request
        for readdress in self._readdresses:
            asked = readdress(asked)
        response = await answered(self._gateway, asked, await asked.aread())
        await response.aread()
        if asked is not request and "Link" in response.headers:
            query = parse_qsl(request.url.query.decode(), keep_blank_values=True)
            response.headers["Link"] = relinked(response.headers["Link"], query)
        await request.aread()
        response.request = request
        for rewrite in self._rewrites:
            response = rewrite(response)
        return response


@dataclass(frozen=True, slots=True)
class Deployment:
    """A demo database, and gateways to it with or without faults.

    `expected` is the contract that the runner goes by; the server's own may differ from it where a deployment's may.
    """

    contract: Contract
    expected: Contract
    store: Store
    compiled: CompiledContract
    given: Given = field(repr=False)

    def gateway(
        self, faults: Iterable[Fault] = (), *, clock: Callable[[], datetime] = utc_now, limit: str = "1000/hour"
    ) -> Gateway:
        """The server, wrong in these ways."""
        settings = ServerSettings(key_limit=limit)
        services = compose(self.contract, self.store, settings, clock=clock, compiled=self.compiled)
        return gateway(services, faults)

    async def run(
        self,
        journals: Path,
        *,
        faults: Iterable[Fault] = (),
        rewrites: Sequence[Rewrite] = (),
        readdresses: Sequence[Readdress] = (),
        settings: Settings | None = None,
        only: tuple[str, ...] = (),
    ) -> Run:
        """The suite's run on it, with every credential unless the settings say otherwise."""
        return await suite.run(
            replace(settings or Settings(URL, self.given), only=only),
            journals=journals,
            contract=self.expected,
            transport=GatewayTransport(self.gateway(faults), rewrites, readdresses),
        )


def compiled_once(contract: Contract) -> CompiledContract:
    """The contract as a server needs it; of the one that is installed it is made once for each process."""
    return _installed() if contract is load() else compile_contract(contract)


@cache
def _installed() -> CompiledContract:
    return compile_contract(load())


@asynccontextmanager
async def deployed(contract: Contract, *, expected: Contract | None = None) -> AsyncIterator[Deployment]:
    """A fresh demo database in memory."""
    store = await open_store("sqlite://:memory:", contract)
    try:
        compiled = compiled_once(contract)
        credentials = await seed(store, contract, compiled, utc_now())
        given = Given(
            api_key=credentials["apiKey"],
            session=credentials["sessionToken"],
            other_api_key=credentials["otherApiKey"],
            read_key=credentials["readKey"],
            write_key=credentials["writeKey"],
            delete_key=credentials["deleteKey"],
            expired_key=credentials["expiredKey"],
        )
        yield Deployment(contract, expected or contract, store, compiled, given)
    finally:
        await store.close()
