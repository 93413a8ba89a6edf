"""A server in this process, for tests: an open store, users with credentials, and a clock that only a test moves."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from entity_contract import Contract
from entity_server.app import compose, create_app, simulated
from entity_server.domain.keys import SCOPES, KeyRequest
from entity_server.faults import Fault
from entity_server.http.docs import Docs
from entity_server.http.gateway import Gateway
from entity_server.http.issuing import issue_key, issue_session
from entity_server.http.operations import CompiledContract
from entity_server.http.services import Around
from entity_server.http.serving import App, create_sanic
from entity_server.settings import Settings
from entity_server.store import Store

ROOMY = Settings(key_limit="100000/hour", session_limit="100000/hour")
START = datetime(2025, 6, 1, 12, tzinfo=UTC)
NO_ID = "nothing_here"


@dataclass(slots=True)
class Clock:
    """The time, as the test has it."""

    now: datetime = START

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, **time: float) -> None:
        self.now += timedelta(**time)


@dataclass(frozen=True, slots=True)
class ServedApi:
    """A served application and credentials for it: those of `owner`, and a key of another user."""

    client: httpx.AsyncClient
    clock: Clock
    store: Store
    credentials: Mapping[str, str]
    owner: str = "usr_owner"
    other: str = "usr_other"

    async def send(
        self,
        method: str,
        path: str,
        *,
        credential: str | None = "key",
        headers: Mapping[str, str] | None = None,
        **request: Any,
    ) -> httpx.Response:
        """A request to a path below /api/v1, or from the root when it starts with /api."""
        url = path if path.startswith("/api") else f"/api/v1{path}"
        return await self.client.request(
            method, url, headers={**self.authentication(credential), **(headers or {})}, **request
        )

    def authentication(self, credential: str | None) -> dict[str, str]:
        match credential:
            case None:
                return {}
            case "session":
                return {"Cookie": f"better-auth.session_token={self.credentials['session']}"}
            case _:
                return {"Authorization": f"Bearer {self.credentials[credential]}"}

    async def created(self, path: str, **body: Any) -> str:
        """The id of a new record."""
        answer = await self.send("POST", path, json=body)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["data"]["id"])


async def populated(store: Store, now: datetime) -> dict[str, str]:
    """Two users and their credentials."""
    issued: dict[str, str] = {}
    for user in ("owner", "other"):
        await store.users.add(user.title(), f"{user}@example.com", id=f"usr_{user}", now=now)
        await store.credits.grant(f"usr_{user}", 1000)
    for name, user, scopes in (
        ("key", "owner", SCOPES),
        ("read", "owner", ("read",)),
        ("write", "owner", ("write",)),
        ("delete", "owner", ("delete",)),
        ("other", "other", SCOPES),
    ):
        asked = KeyRequest(name, tuple(scope for scope in SCOPES if scope in scopes), None)
        _, issued[name] = await issue_key(store.keys, f"usr_{user}", asked, now=now)
    expired = KeyRequest("expired", SCOPES, now)
    _, issued["expired"] = await issue_key(store.keys, "usr_owner", expired, now=now - timedelta(days=1))
    issued["session"] = await issue_session(store.sessions, "usr_owner")
    issued["expired session"] = await issue_session(store.sessions, "usr_owner", expires_at=now)
    issued["unknown"] = "sk_live_" + "0" * 40
    return issued


@asynccontextmanager
async def lifespan(app: App) -> AsyncIterator[None]:
    """Start and stop an ASGI application: httpx sends no lifespan events, and without them Sanic has no loop."""
    heard: asyncio.Queue[Mapping[str, Any]] = asyncio.Queue()
    said: asyncio.Queue[Mapping[str, Any]] = asyncio.Queue()
    running = asyncio.create_task(app({"type": "lifespan"}, heard.get, said.put))
    for moment in ("startup", "shutdown"):
        await heard.put({"type": f"lifespan.{moment}"})
        assert (await said.get())["type"] == f"lifespan.{moment}.complete"
        if moment == "startup":
            yield
    await running


@asynccontextmanager
async def opened(
    contract: Contract,
    store: Store,
    credentials: Mapping[str, str],
    settings: Settings = ROOMY,
    *,
    faults: Iterable[Fault] = (),
    bug: Around | None = None,
    compiled: CompiledContract | None = None,
) -> AsyncIterator[ServedApi]:
    """An application of its own over a store that others may share.

    A bug goes wrong as a fault does, but nobody asked for it: what it answers is not forgiven.
    """
    clock = Clock()
    services = compose(contract, store, settings, clock=clock, compiled=compiled)
    app = create_app(services, faults, answering=simulated(services) if settings.simulate else None)
    if bug is not None:
        app = create_sanic(Gateway(services, around=(bug,)), Docs(contract, clock))
    async with (
        lifespan(app),
        httpx.AsyncClient(
            transport=httpx.ASGITransport(app, raise_app_exceptions=False), base_url="http://test"
        ) as client,
    ):
        yield ServedApi(client, clock, store, credentials)
