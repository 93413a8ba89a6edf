"""`model` on deployments where others work too: choices, budget, limits, links, and nothing left behind.

It is long because each of these needs a deployment of its own, with what others do to it meanwhile.
"""

import asyncio
import itertools
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from entity_conformance.deployment.credentials import Given
from entity_conformance.deployment.settings import Settings
from entity_conformance.report.causes import causes
from entity_conformance.report.verdict import Outcome, Result, Run
from entity_contract import Contract
from entity_server.faults import chosen
from entity_server.variants import VARIANTS
from entity_tests.model.command import model
from entity_tests.proofs.model_in_process import BASE, Connection, Servers, in_process

BUDGET = 300


@pytest.fixture(scope="module")
def servers(contract: Contract) -> Iterator[Servers]:
    with in_process(contract) as servers:
        yield servers


@dataclass
class Deployment(httpx.AsyncBaseTransport):
    """A server on which the same user has other records. `asked` are the requests that the run sent."""

    servers: Servers
    connection: Connection
    asked: list[httpx.Request] = field(default_factory=list)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        return await self.connection.transport.handle_async_request(request)

    def send(self, method: str, path: str, body: object = None) -> Any:
        headers = {"Authorization": f"Bearer {self.connection.keys['api_key']}", "Content-Type": "application/json"}
        request = httpx.Request(method, BASE + path, headers=headers, content=json.dumps(body) if body else None)
        answer = self.servers.runner.run(self.connection.transport.handle_async_request(request))
        return answer.json()["data"]

    def listed(self, *names: str) -> list[str]:
        return [record["id"] for name in names for record in self.send("GET", f"/{name}?limit=100")]


def deployment(servers: Servers, *faults: str, of: type[Deployment] = Deployment) -> Deployment:
    made = of(servers, servers.connected(chosen(faults)))
    for title in ("somebody's", "somebody else's", "alpha"):
        made.send("POST", "/tasks", {"title": title})
    return made


def run(there: Deployment, folder: Path, *, stop: asyncio.Event | None = None, **settings: Any) -> Run:
    asked = Settings(BASE, Given(api_key=there.connection.keys["api_key"]), max_requests=BUDGET)
    work = model(
        replace(asked, **settings), journals=folder, contract=there.servers.contract, transport=there, stop=stop
    )
    return there.servers.runner.run(work)


def of(run: Run, outcome: Outcome) -> list[Result]:
    return [result for result in run.results if result.outcome is outcome]


ENTITIES = ("tasks", "comments", "products", "customers", "orders")


def test_a_right_deployment_conforms_within_the_budget_and_is_left_as_it_was(servers: Servers, folder: Path) -> None:
    there = deployment(servers)
    before = there.listed("tasks")
    there.asked.clear()

    done = run(there, folder, max_requests=800)

    assert done.verdict.exit_code == 0, done.verdict
    assert done.verdict.reason.endswith("; the budget of 800 requests is used up")
    assert of(done, Outcome.failed) == of(done, Outcome.warned) == of(done, Outcome.blocked) == []
    assert len(there.asked) == done.requests.total <= 800
    assert there.listed(*ENTITIES) == before
    assert not list(folder.glob("*"))


def test_entities_that_each_count_their_records_are_no_difference(servers: Servers, folder: Path) -> None:
    counted = next(one for one in VARIANTS if one.id == "ids-are-numbers")
    there = Deployment(servers, servers.connected(counted.acts))
    there.send("POST", "/tasks", {"title": "somebody's"})
    there.send("POST", "/customers", {"name": "Somebody", "email": "somebody@example.org"})

    done = run(there, folder, max_requests=400, entities=("tasks", "customers"))

    assert of(done, Outcome.failed) == of(done, Outcome.blocked) == []
    assert there.listed("tasks", "customers") == ["1", "1"]


@pytest.mark.soak
def test_a_parent_that_its_children_touch_is_no_difference(servers: Servers, folder: Path) -> None:
    touching = next(one for one in VARIANTS if one.id == "children-touch-their-parents")
    there = Deployment(servers, servers.connected(touching.acts))

    done = run(there, folder, max_requests=1200)

    assert of(done, Outcome.failed) == of(done, Outcome.warned) == of(done, Outcome.blocked) == []


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.soak) for seed in (1, 2))])
def test_a_small_budget_is_inconclusive_at_worst(servers: Servers, folder: Path, seed: int) -> None:
    there = deployment(servers)

    done = run(there, folder, max_requests=60, seed=seed)

    assert done.verdict.exit_code == 3
    assert len(there.asked) <= 60 + 3
    assert len(there.listed(*ENTITIES)) == 3


def test_a_must_that_does_not_hold_is_reported_with_its_sequence(servers: Servers, folder: Path) -> None:
    there = deployment(servers, "list.has-prev-never")

    done = run(there, folder, max_requests=250)

    assert done.verdict.exit_code == 1
    found = next(one for one in of(done, Outcome.failed) if one.requirement == "model.page")
    assert found.message.startswith("pagination.hasPrev differs (GET ")
    evidence = [exchange for exchange in done.exchanges if exchange.id in found.exchanges]
    assert [exchange.method for exchange in evidence][-1] == "GET"
    assert len(evidence) == len(found.exchanges) > 1
    assert len(there.listed(*ENTITIES)) == 3


def test_what_led_to_a_difference_is_its_evidence_and_no_more(servers: Servers, folder: Path) -> None:
    there = deployment(servers, "list.per-page-header-missing")

    done = run(there, folder, max_requests=250)

    found = of(done, Outcome.failed)
    sent = {exchange.id: exchange for exchange in done.exchanges}
    assert found
    for one in found:
        assert len(one.exchanges) < 20
        assert all(sent[id_].url.startswith(f"{BASE}/{one.entity}") for id_ in one.exchanges)


@pytest.mark.parametrize(
    ("fault", "requirement"),
    [
        ("errors.ids-in-capitals", "errors.request-id-echoes-uuid"),
        ("limits.one-limit-in-twenty", "limits.limit-header"),
        ("limits.reset-in-milliseconds", "limits.reset-header"),
        ("errors.sql-in-404", "errors.nothing-leaks"),
        ("errors.no-request-id", "model.every-answer"),
        ("limits.none-on-creations", "model.every-answer"),
    ],
)
def test_what_holds_of_every_answer_is_watched_and_told_once(
    servers: Servers, folder: Path, fault: str, requirement: str
) -> None:
    done = run(deployment(servers, fault), folder, max_requests=200)

    assert {one.requirement for one in of(done, Outcome.failed)} == {requirement}


def test_a_should_that_does_not_hold_is_a_warning(servers: Servers, folder: Path) -> None:
    done = run(deployment(servers, "filter.ne-means-eq"), folder, max_requests=250)
    assert of(done, Outcome.failed) == []
    assert any("$ne" in warning.message for warning in of(done, Outcome.warned))


def test_a_should_that_does_not_hold_fails_when_strict(servers: Servers, folder: Path) -> None:
    done = run(deployment(servers, "filter.ne-means-eq"), folder, max_requests=250, strict=True)
    assert done.verdict.exit_code == 1
    assert any("$ne" in failure.message for failure in of(done, Outcome.failed))


def test_requirements_that_are_left_out_do_not_fail_the_run(servers: Servers, folder: Path) -> None:
    there = deployment(servers, "list.has-prev-never")
    done = run(there, folder, max_requests=250, skip=("model.page*",))
    assert of(done, Outcome.failed) == []
    assert {result.requirement for result in of(done, Outcome.skipped)} == {"model.page", "model.page-past-end"}
    assert len(there.listed(*ENTITIES)) == 3


def test_where_no_ids_can_be_filtered_by_own_records_are_found_otherwise(servers: Servers, folder: Path) -> None:
    there = deployment(servers, "filter.ignored")
    done = run(there, folder)
    assert done.verdict.exit_code == 1
    assert [cause.title for cause in causes(done)] == ["GET /tasks?filter=: data holds more records"]
    assert len(there.listed(*ENTITIES)) == 3


@dataclass
class Particular(Deployment):
    """It refuses a new product whose name is short, a rule that its OPTIONS does not tell."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.method == "POST" and request.url.path.endswith("/products"):
            body = json.loads(await request.aread() or b"{}")
            if isinstance(body, dict) and len(str(body.get("name", "long enough, or not named at all"))) < 28:
                refusal = {"success": False, "error": "name is short", "code": "VALIDATION_FAILED"}
                limits = {"X-RateLimit-Limit": "900", "X-RateLimit-Remaining": "900", "X-RateLimit-Reset": "4000000000"}
                named = {"X-Request-ID": request.headers.get("X-Request-ID", "1")}
                return httpx.Response(400, json=refusal, headers={**limits, **named}, request=request)
        return await super().handle_async_request(request)


def test_a_rule_that_options_does_not_tell_is_no_difference(servers: Servers, folder: Path) -> None:
    done = run(deployment(servers, of=Particular), folder, max_requests=300)
    assert of(done, Outcome.failed) == []
    assert any(result.entity == "products" for result in of(done, Outcome.passed))


@dataclass
class Demanding(Deployment):
    """A task of high priority needs a description, and no two tasks have one title, of which it tells no more.

    A new task's description, if any, has twenty characters and words that one can pronounce.
    """

    refused: set[int] = field(default_factory=set)
    titles: dict[str, str] = field(default_factory=dict)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer = await super().handle_async_request(request)
        made = json.loads(await answer.aread() or b"{}").get("data")
        if request.method == "POST" and answer.status_code == 201:
            wants = made["priority"] == "high" and json.loads(request.content).get("description", 7) is None
            wants = wants or _is_slight(made["description"])
            if wants or made["title"] in self.titles.values():
                gone = httpx.Request("DELETE", f"{request.url}/{made['id']}", headers=request.headers)
                await super().handle_async_request(gone)
                return self._refusal(answer, *((400, {"description": "Is needed"}) if wants else (409, {})))
        if request.method in ("POST", "PATCH") and isinstance(made, dict):
            self.titles[made["id"]] = made["title"]
        if request.method == "DELETE":
            self.titles.pop(request.url.path.rpartition("/")[2], None)
        return answer

    def _refusal(self, instead: httpx.Response, status: int, details: dict[str, str]) -> httpx.Response:
        self.refused.add(status)
        code = "VALIDATION_FAILED" if details else "CONFLICT"
        said = {"success": False, "error": "No", "code": code, "details": details}
        own = {name: value for name, value in instead.headers.items() if name.startswith("x-")}
        return httpx.Response(status, json=said, headers=own, request=instead.request)


def _is_slight(text: str | None) -> bool:
    return text is not None and (len(text) < 20 or re.search("[b-df-hj-np-tv-xz]{5}", text) is not None)


def test_a_rule_about_what_other_fields_and_records_hold_is_no_difference(servers: Servers, folder: Path) -> None:
    there = deployment(servers, of=Demanding)
    assert isinstance(there, Demanding)
    done = run(there, folder, max_requests=600, entities=("tasks",))
    assert of(done, Outcome.failed) == []
    assert isinstance(there, Demanding)
    assert there.refused == {400, 409}


@dataclass
class Lacking(Deployment):
    """It has no PATCH."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer = await super().handle_async_request(request)
        if request.method != "PATCH":
            return answer
        said = {"success": False, "error": "No such operation", "code": "METHOD_NOT_ALLOWED"}
        kept = [(name, value) for name, value in answer.headers.items() if name.startswith("x-")]
        return httpx.Response(405, json=said, headers=kept, request=request)


def test_an_operation_that_is_not_there_is_told_once(servers: Servers, folder: Path) -> None:
    done = run(deployment(servers, of=Lacking), folder, max_requests=600)
    assert {one.requirement for one in of(done, Outcome.failed)} == {"model.update"}
    assert of(done, Outcome.warned) == []
    assert {one.message for one in of(done, Outcome.blocked) if one.entity == "tasks"} <= {
        "PATCH /tasks/{id} answers 405, whatever is asked"
    }


@dataclass
class Limited(Deployment):
    """Its rate limit lets 60 requests through, and then none for an hour."""

    left: Iterator[int] = field(default_factory=lambda: itertools.count(59, -1))

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer = await super().handle_async_request(request)
        answer.headers["X-RateLimit-Remaining"] = str(next(self.left))
        return answer


def test_a_rate_limit_ends_the_run_with_enough_left_to_clean_up(servers: Servers, folder: Path) -> None:
    there = deployment(servers, of=Limited)
    done = run(there, folder)
    assert done.verdict.exit_code == 3
    assert "the rate limit is " in done.verdict.reason
    assert len(there.asked) <= 60
    assert done.leftovers == ()
    assert len(there.listed(*ENTITIES)) == 3


def test_a_rate_limit_makes_a_run_inconclusive_that_judged_by_every_must(servers: Servers, folder: Path) -> None:
    there = deployment(servers, of=Limited)
    assert isinstance(there, Limited)
    there.left = itertools.count(600, -1)
    done = run(there, folder, max_requests=800)
    assert {one.level for one in of(done, Outcome.blocked)} <= {"should"}
    assert done.verdict.exit_code == 3
    assert done.verdict.reason.startswith("inconclusive, profile api-key: raise --max-wait (")


@dataclass
class OtherOrigin(Deployment):
    """Its links lead to another host."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer = await super().handle_async_request(request)
        if "Link" in answer.headers:
            answer.headers["Link"] = answer.headers["Link"].replace("</api", "<https://elsewhere.example/api")
            answer.headers["Link"] = answer.headers["Link"].replace(BASE, "https://elsewhere.example/api/v1")
        return answer


def test_a_link_to_another_origin_is_a_choice_and_never_followed(servers: Servers, folder: Path) -> None:
    there = deployment(servers, of=OtherOrigin)
    done = run(there, folder, max_requests=250)
    assert of(done, Outcome.failed) == []
    assert {request.url.host for request in there.asked} == {"127.0.0.1"}


@dataclass
class Echoing(Deployment):
    """It shows the headers of each request in its answer, and differs from the model."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer = await super().handle_async_request(request)
        body = json.loads(await answer.aread())
        body |= {"success": request.method != "PATCH", "echo": dict(request.headers)}
        return httpx.Response(answer.status_code, headers=_without_length(answer), json=body, request=request)


def _without_length(answer: httpx.Response) -> list[tuple[str, str]]:
    return [(name, value) for name, value in answer.headers.items() if name.lower() != "content-length"]


def test_no_secret_is_shown_by_a_deployment_that_echoes_headers(servers: Servers, folder: Path) -> None:
    there = deployment(servers, of=Echoing)
    done = run(there, folder, headers=(("X-Team-Id", "open-sesame-4711"),))
    assert done.verdict.exit_code == 1
    shown = repr((done.results, done.exchanges, done.verdict))
    assert there.connection.keys["api_key"] not in shown
    assert "open-sesame-4711" not in shown


@dataclass
class Stopping(Deployment):
    """It asks the run to stop, at the request of that number."""

    stop: asyncio.Event = field(default_factory=asyncio.Event)
    at: int = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if len(self.asked) == self.at:
            self.stop.set()
            await asyncio.sleep(0)
        return await super().handle_async_request(request)


@pytest.mark.parametrize("at", [0, 3, 47, *(pytest.param(at, marks=pytest.mark.soak) for at in (12, 25, 90, 130))])
def test_a_run_that_is_stopped_leaves_nothing_behind(servers: Servers, folder: Path, at: int) -> None:
    there = deployment(servers, of=Stopping)
    assert isinstance(there, Stopping)
    there.at = at

    done = run(there, folder, stop=there.stop)

    assert done.verdict.exit_code == 130
    assert done.leftovers == ()
    assert len(there.listed(*ENTITIES)) == 3
    assert not list(folder.glob("*"))


@dataclass
class Going(Deployment):
    """It stops answering after 60 requests."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if len(self.asked) > 60:
            raise httpx.ConnectError("refused")
        return await super().handle_async_request(request)


def test_a_deployment_that_goes_away_is_lost_and_its_records_are_named(servers: Servers, folder: Path) -> None:
    there = deployment(servers, of=Going)
    done = run(there, folder)
    assert done.verdict.exit_code == 4
    assert "the deployment stopped answering" in done.verdict.reason
    assert {left.id for left in done.leftovers} == set(there.listed(*ENTITIES)) - set(there.listed("tasks")[-3:])
