"""The state machine finds what is wrong, and nothing else; the large tier is `python -m entity_tests.model`.

Bounded by examples and never by time, from fixed seeds: a slow machine changes nothing.
"""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from entity_conformance.oracle.messages import Answer, Request
from entity_contract import Contract
from entity_server.faults import FAULTS, Fault, chosen
from entity_tests.model.deployment import TICK
from entity_tests.model.running import explore
from entity_tests.proofs.concerned import CHAPTERS, concerned
from entity_tests.proofs.model_in_process import InProcess, Servers, in_process

EXAMPLES = 12
FAULTY_EXAMPLES = 60
FOUND = (
    "list.total-off-by-one",
    "filter.first-condition-alone",
    "sort.enums-ignored",
    "search.words-in-one-field",
    "select.first-child-alone",
    "dates.end-exclusive",
    "create.trims-text",
    "update.clears-the-rest",
    "delete.still-listed",
)
"""A fault of each chapter; all of them are the large tier's."""
MORE = (
    "list.link-drops-parameters",
    "list.dates-beside-search-ignored",
    "filter.contains-by-case",
    "sort.nulls-in-the-middle",
    "update.refused-is-applied",
    "delete.all-children-too",
)
"""Another fault of some chapters."""


@pytest.fixture(scope="module")
def servers(contract: Contract) -> Iterator[Servers]:
    with in_process(contract) as servers:
        yield servers


def test_the_right_server_answers_as_the_model(contract: Contract, servers: Servers) -> None:
    run = explore(contract, servers.opened, count=EXAMPLES)
    assert run.found is None, run.found
    assert run.requests > EXAMPLES * 20


@pytest.mark.parametrize(
    "fault",
    [*chosen(FOUND), *(pytest.param(one, marks=pytest.mark.soak) for one in chosen(MORE))],
    ids=lambda fault: fault.id,
)
def test_a_fault_is_found(contract: Contract, servers: Servers, fault: Fault) -> None:
    run = explore(contract, lambda: servers.opened((fault,)), count=FAULTY_EXAMPLES)
    assert run.found is not None


class HidesOne(InProcess):
    """A server that hides one record of every full page, and does not say so anywhere."""

    def send(self, request: Request, *, pause: timedelta = TICK) -> Answer:
        answer = super().send(request, pause=pause)
        if isinstance(answer.data, list) and len(answer.data) > 2:
            answer.data.pop()
        return answer


def test_a_planted_difference_is_described_with_what_led_to_it(contract: Contract, servers: Servers) -> None:
    def opened() -> InProcess:
        right = servers.opened()
        return HidesOne(right.connection, right.loop, right.clock)

    run = explore(contract, opened, count=FAULTY_EXAMPLES)

    assert run.found is not None
    asked, _, answer = run.found.partition("expected:")
    assert "asked:    GET /" in asked
    assert "data holds fewer records" in answer
    assert "answer:   200 {" in answer
    (failure,) = run.failures.values()
    assert len(failure.requests) < run.requests
    assert {one.method for one in failure.requests[:-1]} <= {"POST", "PATCH", "DELETE"}


def test_no_key_is_shown(contract: Contract, servers: Servers) -> None:
    keys: list[str] = []

    def opened() -> InProcess:
        deployment = servers.opened(chosen(["list.total-off-by-one"]))
        keys.extend(deployment.connection.keys.values())
        return deployment

    run = explore(contract, opened, count=3)

    assert run.found is not None
    assert keys
    assert not [key for key in keys if key in run.found]


def test_a_fault_of_each_chapter_that_concerns_the_machine_is_found() -> None:
    assert {fault.breaks.partition(".")[0] for fault in chosen(FOUND)} >= set(CHAPTERS) - {"read"}


def test_the_faults_that_concern_the_machine_are_chosen_by_chapter() -> None:
    left_out = {fault.breaks.partition(".")[0] for fault in FAULTS} - set(CHAPTERS)
    assert left_out == {"auth", "errors", "generate", "health", "keys", "limits", "metadata", "situations"}
    assert len(concerned()) > 200
