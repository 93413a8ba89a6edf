"""A worker thread that asks through the run's event loop: answers, journal, safety, and what a stop does to it."""

import asyncio
import contextlib
import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import httpx
import pytest
from entity_conformance.deployment import target
from entity_conformance.deployment.api import Api
from entity_conformance.deployment.blocking import Blocking, Stopped, in_thread
from entity_conformance.deployment.context import RunContext
from entity_conformance.deployment.journal import Journal
from entity_conformance.deployment.no_answer import NoAnswer
from entity_conformance.deployment.opening import opened
from entity_conformance.deployment.outgoing import Outgoing
from entity_conformance.deployment.ownership import Unsafe
from entity_conformance.deployment.problems import Blocked, OutOfProfile
from entity_conformance.deployment.reply import Reply
from entity_conformance.deployment.settings import Given, Settings

from conformance.tests.miniature import BASE, CONTRACT, KEY, Miniature

Came = TypeVar("Came")


class Worker:
    """What one worker does on a small deployment, and what its run remembers."""

    def __init__(self, journals: Path, deployment: Miniature | None = None, **settings: object) -> None:
        self.deployment = deployment or Miniature()
        self.evidence: list[str] = []
        self.context: RunContext
        self.journal: Journal
        self._settings = Settings(**{"url": BASE, "given": Given(api_key=KEY), **settings})  # type: ignore[arg-type]
        self._journals = journals

    def does(self, work: Callable[["Worker", Blocking], Came], stop: asyncio.Event | None = None) -> Came | None:
        async def run() -> Came | None:
            self.context, self.journal = opened(
                self._settings, self._journals, CONTRACT, transport=self.deployment.transport
            )
            with contextlib.closing(self.journal):
                async with self.context.wire:
                    target.fill(Api(self.context, "preparation"), self._settings.given)
                    return await in_thread(self.context, lambda blocking: work(self, blocking), stop or asyncio.Event())

        return asyncio.run(run())

    def request(self, method: str, path: str, body: object = ...) -> Outgoing:
        return Api(self.context, "x").outgoing(method, path, json=body)

    def send(self, blocking: Blocking, method: str, path: str, body: object = ...) -> Reply:
        return blocking.send(self.request(method, path, body), check="a check", evidence=self.evidence)


def test_a_worker_gets_the_answer_and_the_exchange_is_its_evidence(journals: Path) -> None:
    worker = Worker(journals)
    reply = worker.does(lambda it, blocking: it.send(blocking, "GET", "/tasks"))
    assert reply is not None
    assert (reply.status, reply.data) == (200, [])
    assert [one.id for one in worker.context.wire.log.exchanges() if one.check == "a check"] == worker.evidence


def test_what_a_worker_creates_is_in_the_journal_before_it_is_sent(journals: Path) -> None:
    lines: list[str] = []

    def watched(request: httpx.Request) -> None:
        if request.method == "POST":
            lines.extend(path.read_text() for path in journals.iterdir())

    worker = Worker(journals, Miniature(before=watched))
    title = "conformance-abcdefghi"
    made = worker.does(lambda it, blocking: it.send(blocking, "POST", "/tasks", {"title": title}))
    assert made is not None
    assert json.loads(lines[0].splitlines()[1])["entity"] == "tasks"
    assert [thing.id for thing in worker.journal.account.outstanding] == [made.id]
    assert worker.context.owned.own("tasks") == (made.id,)


def test_a_worker_may_delete_what_it_made_and_nothing_else(journals: Path) -> None:
    deployment = Miniature()
    deployment.store("tasks", {"title": "another's"}, "ada")

    def work(it: Worker, blocking: Blocking) -> None:
        made = it.send(blocking, "POST", "/tasks", {"title": "x"}).id
        it.send(blocking, "DELETE", f"/tasks/{made}")
        with pytest.raises(Unsafe):
            it.send(blocking, "DELETE", "/tasks/tsk_1")

    worker = Worker(journals, deployment)
    worker.does(work)
    assert list(deployment.records["tasks"]) == ["tsk_1"]
    assert worker.journal.account.outstanding == ()


def test_a_record_that_a_creation_answers_with_and_that_was_there_before_is_not_the_runs(journals: Path) -> None:
    deployment = Miniature()
    old = deployment.store("tasks", {"title": "another's"}, "ada")

    def answers_with_old(request: httpx.Request) -> httpx.Response | None:
        return httpx.Response(201, json={"success": True, "data": old}) if request.method == "POST" else None

    deployment.before = answers_with_old

    def work(it: Worker, blocking: Blocking) -> None:
        it.send(blocking, "GET", "/tasks")
        it.send(blocking, "POST", "/tasks", {"title": "x"})
        with pytest.raises(Blocked, match="is not written to"):
            it.send(blocking, "DELETE", f"/tasks/{old['id']}")

    worker = Worker(journals, deployment)
    worker.does(work)
    assert worker.journal.account.outstanding == ()


def test_a_run_that_only_reads_sends_no_write(journals: Path) -> None:
    def work(it: Worker, blocking: Blocking) -> None:
        with pytest.raises(OutOfProfile, match="only reads"):
            it.send(blocking, "POST", "/tasks", {"title": "x"})

    worker = Worker(journals, url="https://shop.example.com/api/v1")
    worker.does(work)
    assert worker.deployment.requests == []


def test_secrets_that_the_deployment_echoes_come_as_their_placeholders(journals: Path) -> None:
    def echoes(request: httpx.Request) -> httpx.Response:
        said = request.headers["authorization"]
        return httpx.Response(401, json={"success": False, "error": said, "code": "UNAUTHORIZED"}, headers={"X": said})

    reply = Worker(journals, Miniature(before=echoes)).does(lambda it, blocking: it.send(blocking, "GET", "/tasks"))
    assert reply is not None
    assert (reply.error, reply.headers["x"]) == ("Bearer $CONFORMANCE_API_KEY", "Bearer $CONFORMANCE_API_KEY")


def test_a_secret_that_is_echoed_in_percents_beside_other_octets_comes_as_its_placeholder(journals: Path) -> None:
    def echoes(request: httpx.Request) -> httpx.Response:
        secret = request.headers["authorization"].removeprefix("Bearer ")
        spelled = "".join(f"%{octet:02X}" for octet in secret.encode())
        return httpx.Response(401, json={"success": False, "error": f"%FF{spelled}%E9", "code": "UNAUTHORIZED"})

    reply = Worker(journals, Miniature(before=echoes)).does(lambda it, blocking: it.send(blocking, "GET", "/tasks"))
    assert reply is not None
    assert "$CONFORMANCE_API_KEY" in reply.text


def test_a_refusal_by_200_reaches_a_worker_as_it_came_and_the_run_as_it_is_meant(journals: Path) -> None:
    said = {"success": False, "error": {"code": "NOT_FOUND", "message": "There is none."}}
    worker = Worker(journals, Miniature(before=lambda _: httpx.Response(200, json=said)))

    reply = worker.does(lambda it, blocking: it.send(blocking, "GET", "/tasks/tsk_1"))

    assert reply is not None
    assert (reply.status, json.loads(reply.judged)) == (200, said)
    (kept,) = worker.context.replies
    assert (kept.status, kept.came_by, kept.code) == (404, 200, "NOT_FOUND")


def test_no_answer_and_a_spent_budget_are_raised_in_the_worker(journals: Path) -> None:
    def silent(_: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    def work(it: Worker, blocking: Blocking) -> None:
        with pytest.raises(NoAnswer):
            it.send(blocking, "GET", "/tasks")
        with pytest.raises(Blocked, match="the budget of 2 requests is used up"):
            it.send(blocking, "GET", "/tasks")

    Worker(journals, Miniature(before=silent), max_requests=2).does(work)


def test_what_the_work_raises_is_raised_where_it_is_waited_for(journals: Path) -> None:
    def work(_: Worker, __: Blocking) -> None:
        raise KeyError("x")

    with pytest.raises(KeyError):
        Worker(journals).does(work)


def test_a_stopped_run_sends_nothing_more_and_the_worker_unwinds(
    journals: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("entity_conformance.deployment.blocking.GRACE", 60.0)  # so that a busy machine changes nothing
    unwound = threading.Event()
    stop = asyncio.Event()

    def work(it: Worker, blocking: Blocking) -> None:
        try:
            while True:
                it.send(blocking, "GET", "/tasks")
                blocking._loop.call_soon_threadsafe(stop.set)
        except Stopped:
            unwound.set()
            raise

    worker = Worker(journals)
    assert worker.does(work, stop) is None
    assert unwound.is_set()


def test_a_write_under_way_is_answered_before_a_stopped_run_ends(journals: Path) -> None:
    stop = asyncio.Event()
    worker = Worker(journals)

    def stops_meanwhile(request: httpx.Request) -> None:
        if request.method == "POST":
            stop.set()

    worker.deployment.before = stops_meanwhile
    worker.does(lambda it, blocking: it.send(blocking, "POST", "/tasks", {"title": "x"}), stop)
    assert [thing.id for thing in worker.journal.account.outstanding] == ["tsk_1"]


def test_a_thread_that_does_not_end_keeps_no_stopped_run_waiting(
    journals: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("entity_conformance.deployment.blocking.GRACE", 0.01)
    for_ever, stop = threading.Event(), asyncio.Event()

    def work(_: Worker, blocking: Blocking) -> None:
        blocking._loop.call_soon_threadsafe(stop.set)
        for_ever.wait(60)

    assert Worker(journals).does(work, stop) is None
    for_ever.set()
