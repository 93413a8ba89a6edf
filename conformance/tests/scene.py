"""An Api over a deployment that answers every request the same way, for tests of what is sent and told."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import httpx
from entity_conformance.deployment.api import Api, Secret
from entity_conformance.deployment.context import RunContext
from entity_conformance.deployment.credentials import User, Wallet
from entity_conformance.deployment.exchange import Log, Redactor
from entity_conformance.deployment.outgoing import Bounds
from entity_conformance.deployment.ownership import Ownership
from entity_conformance.deployment.problems import Blocked, OutOfProfile
from entity_conformance.deployment.wire import Wire

from conformance.tests.miniature import BASE, CONTRACT

Came = TypeVar("Came")


class Told:
    """Writes down what it is told, in order."""

    def __init__(self) -> None:
        self.told: list[tuple[object, ...]] = []

    def will_change(self, entity: str, id: str, body: object) -> None: ...  # noqa: A002

    def will_create(  # of the journal's form
        self,
        entity: str,
        body: object,
        credential: str,
        since: object = None,  # noqa: ARG002
    ) -> int:
        self.told.append(("will", entity, body, credential))
        return len(self.told)

    def made(self, ticket: int, id: str, since: object = None) -> None:  # noqa: A002, ARG002
        self.told.append(("made", ticket, id))

    def made_nothing(self, ticket: int) -> None:
        self.told.append(("nothing", ticket))

    def unsent(self, ticket: int) -> None:
        self.told.append(("unsent", ticket))

    def is_late(self, entity: str, user: User) -> None:
        self.told.append(("late", entity, user))

    def gone(self, entity: str, id: str) -> None:  # noqa: A002
        self.told.append(("gone", entity, id))


class Scene:
    """An Api over a deployment that answers every request the same way."""

    def __init__(self, answer: httpx.Response | None = None, *, bounds: Bounds | None = None, **facts: Any) -> None:
        self.requests: list[httpx.Request] = []
        self.journal = Told()
        self.answer = answer or httpx.Response(200, json={"success": True, "data": {"id": "tsk_1"}})
        wallet = Wallet()
        wallet.put("api_key", Secret("the-key"))
        wallet.put("session", Secret("the-token=", "session"))
        wallet.lack("other_api_key", OutOfProfile("no other user's API key was given"))
        wallet.lack("read_key", Blocked("no read-only key could be made"))
        self.context = RunContext(
            wire=Wire(Log(Redactor()), bounds, transport=httpx.MockTransport(self._answered)),
            base=BASE,
            wallet=wallet,
            journal=self.journal,
            owned=Ownership("abcdefghi"),
            contract=CONTRACT,
            entities=CONTRACT.entities,
            run="abcdefghi",
            **facts,
        )
        for collection, id_ in (("tasks", "tsk_1"), ("tasks", "a b"), ("keys", "key_1")):
            self.context.owned.made(collection, id_)
        self.api = Api(self.context, "a check")

    def _answered(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return httpx.Response(self.answer.status_code, headers=self.answer.headers, content=self.answer.content)

    def does(self, act: Callable[[Api], Awaitable[Came]]) -> Came:
        async def run() -> Came:
            return await act(self.api)

        return asyncio.run(run())

    @property
    def line(self) -> str:
        return f"{self.requests[-1].method} {self.requests[-1].url}"
