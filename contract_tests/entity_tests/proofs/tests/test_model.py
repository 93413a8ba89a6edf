"""The state machine finds what is wrong, and nothing else; the large tier is `python -m entity_tests.model`.

Bounded by examples and never by time, from fixed seeds: a slow machine changes nothing.
"""

import json
from collections.abc import Iterator, Mapping

import httpx
import pytest
from entity_contract import Contract
from entity_server.faults import FAULTS, Fault, chosen
from entity_tests.model.deployment import Deployment
from entity_tests.model.running import examples
from entity_tests.proofs.concerned import CHAPTERS, concerned
from entity_tests.proofs.model_in_process import Stage, stage

EXAMPLES = 20
FAULTY_EXAMPLES = 60
FOUND = (
    "list.total-off-by-one",
    "list.link-drops-parameters",
    "list.dates-beside-search-ignored",
    "filter.first-condition-alone",
    "filter.contains-by-case",
    "sort.enums-ignored",
    "sort.nulls-in-the-middle",
    "search.words-in-one-field",
    "select.first-child-alone",
    "dates.end-exclusive",
    "create.trims-text",
    "update.clears-the-rest",
    "update.refused-is-applied",
    "delete.takes-a-neighbour",
    "delete.all-children-too",
)
"""A fault or two of each chapter; all of them are the large tier's."""


@pytest.fixture(scope="module")
def servers(contract: Contract) -> Iterator[Stage]:
    with stage(contract) as servers:
        yield servers


def test_the_right_server_answers_as_the_model(contract: Contract, servers: Stage) -> None:
    run = examples(contract.entities, servers.opened, count=EXAMPLES, shrinks=True)
    assert run.found is None, run.found
    assert run.requests > EXAMPLES * 20


@pytest.mark.parametrize("fault", chosen(FOUND), ids=lambda fault: fault.id)
def test_a_fault_is_found(contract: Contract, servers: Stage, fault: Fault) -> None:
    run = examples(contract.entities, lambda: servers.opened((fault,)), count=FAULTY_EXAMPLES)
    assert run.found is not None


def test_a_planted_difference_is_told_in_plain_words(contract: Contract, servers: Stage) -> None:
    """A server that hides one record of every full page, and says so nowhere."""

    def opened() -> Deployment:
        deployment = servers.opened()
        for client in deployment.clients.values():
            client.event_hooks["response"] = [_hide_one]
        return deployment

    run = examples(contract.entities, opened, count=FAULTY_EXAMPLES, shrinks=True)
    assert run.found is not None
    asked, _, came = run.found.partition("expected:")
    assert "asked:    GET /" in asked
    assert "`data` must hold the records [" in came
    assert "came:     200 {" in came


def _hide_one(response: httpx.Response) -> None:
    body = json.loads(response.read())
    if isinstance(body.get("data"), list) and len(body["data"]) > 2:
        body["data"].pop()
        response._content = json.dumps(body).encode()


def test_no_key_is_told(contract: Contract, servers: Stage) -> None:
    keys: list[str] = []

    def opened() -> Deployment:
        deployment = servers.opened(chosen(["list.total-off-by-one"]))
        keys.extend(_bearer(client.headers) for client in deployment.clients.values())
        return deployment

    run = examples(contract.entities, opened, count=3)
    assert run.found is not None
    assert keys
    assert not [key for key in keys if key in run.found]


def _bearer(headers: Mapping[str, str]) -> str:
    return headers["Authorization"].removeprefix("Bearer ")


def test_the_faults_that_concern_the_machine_are_chosen_by_chapter() -> None:
    left_out = {fault.breaks.partition(".")[0] for fault in FAULTS} - set(CHAPTERS)
    assert left_out == {"auth", "errors", "generate", "health", "keys", "limits", "metadata"}
    assert len(concerned()) > 200
