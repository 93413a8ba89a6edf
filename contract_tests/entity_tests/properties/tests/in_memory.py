"""A deployment of canned answers, asked by a worker thread as the property tests ask: no network, no time."""

import asyncio
import json
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, TypeVar

import httpx
from entity_conformance.deployment import target
from entity_conformance.deployment.api import Api
from entity_conformance.deployment.blocking import in_thread
from entity_conformance.deployment.context import RunContext
from entity_conformance.deployment.credentials import Given
from entity_conformance.deployment.opening import opened
from entity_conformance.deployment.settings import Settings
from entity_contract import load
from entity_tests.properties.sender import Sender

Came = TypeVar("Came")
Canned = httpx.Response | Exception | Callable[[httpx.Request], httpx.Response]

BASE = "http://127.0.0.1:5173/api/v1"
KEY = "sk_live_0123456789abcdefghijklmnopqrstuv"
TOKEN = "a-session-token-that-nobody-knows"
CONTRACT = load()
EMPTY = {"success": True, "data": []}


def answered(status: int, body: object = None, **headers: object) -> httpx.Response:
    pairs = {name.replace("_", "-"): str(value) for name, value in headers.items()}
    return httpx.Response(status, headers=pairs, content=json.dumps(body).encode())


def made(id_: str) -> httpx.Response:
    return answered(201, {"success": True, "data": {"id": id_}})


class Deployment:
    """Gives each answer once, in turn, and empty pages after that; keeps the requests as they came.

    An answer may be made of the request.
    """

    def __init__(self, folder: Path, *answers: Canned, **settings: Any) -> None:
        self.requests: list[httpx.Request] = []
        self.context: RunContext
        self._answers: Iterator[Canned] = iter(answers)
        self._folder = folder
        given = {"url": BASE, "given": Given(api_key=KEY, session=TOKEN), "max_requests": 100, **settings}
        self._settings = Settings(**given)

    def does(self, work: Callable[[Sender], Came]) -> Came:
        """What some work comes to, in a worker thread."""

        async def run() -> Came | None:
            transport = httpx.MockTransport(self._answered)
            self.context, journal = opened(self._settings, self._folder, CONTRACT, transport=transport)
            with closing(journal):
                async with self.context.wire:
                    target.fill(Api(self.context, "preparation"), self._settings.given)
                    return await in_thread(self.context, lambda one: work(Sender(one)), asyncio.Event())

        came = asyncio.run(run())
        assert came is not None
        return came

    def _answered(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = next(self._answers, None)
        if isinstance(answer, Exception):
            raise answer
        if callable(answer):
            return answer(request)
        return answered(200, EMPTY) if answer is None else answer
