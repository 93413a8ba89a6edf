"""What is asked about records that are not there, and where none can be made."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from entity_conformance.deployment.reply import Headers
from entity_conformance.oracle.messages import Answer, Caller, Request
from entity_conformance.oracle.records import Record
from entity_contract import Contract, Entity
from entity_tests.model.deployment import TICK, Aside
from entity_tests.model.machine import Machine, refuses_a_null
from entity_tests.model.operations import Operations
from entity_tests.model.random_source import RandomSource

LIMITS = (("X-RateLimit-Limit", "9"), ("X-RateLimit-Remaining", "8"), ("X-RateLimit-Reset", "9999999999"))
NOT_FOUND = {"success": False, "error": "Not found", "code": "NOT_FOUND"}


class Empty:
    """A deployment of others, in which nothing is found; keeps the methods that were sent."""

    exact = False
    mark: str | None = None
    callers: tuple[Caller, ...] = ("api_key",)
    directory: tuple[Record, ...] = ()

    def __init__(self) -> None:
        self.aside = Aside()
        self.methods: set[str] = set()
        self.taken: set[str] = set()

    def send(self, request: Request, *, pause: timedelta = TICK) -> Answer:
        del pause
        self.methods.add(request.method)
        headers = Headers((("X-Request-ID", "r"), *LIMITS))
        return Answer(404, headers, NOT_FOUND, {}, "http://x/api/v1/tasks/x", datetime(2026, 1, 1, tzinfo=UTC))

    def rest(self) -> None:
        pass

    def invent(self, record_id: str) -> None:
        pass

    def is_vacant(self, entity: Entity, record_id: str) -> bool:
        del entity
        return record_id not in self.taken

    def narrowing(self, entity: Entity, records: Sequence[Record]) -> str:
        del entity, records
        return "filter"


@pytest.mark.parametrize(
    ("record_id", "methods"), [("%25", {"GET"}), ("a/b", {"GET"}), ("tsk_nobody", {"GET", "PATCH", "DELETE"})]
)
def test_what_is_no_plain_segment_is_only_read(contract: Contract, record_id: str, methods: set[str]) -> None:
    deployment = Empty()
    operations = Operations(contract, deployment)
    for drawn in range(3):
        operations.missing(RandomSource(bytes([drawn])), contract.entities[0], record_id, "api_key", is_odd=True)

    assert deployment.methods == methods


def test_what_somebody_seems_to_have_is_only_read(contract: Contract) -> None:
    deployment = Empty()
    deployment.taken.add("tsk_nobody")
    operations = Operations(contract, deployment)
    for drawn in range(3):
        operations.missing(RandomSource(bytes([drawn])), contract.entities[0], "tsk_nobody", "api_key", is_odd=False)

    assert deployment.methods == {"GET"}


@pytest.mark.parametrize("drawn", range(3))
def test_what_was_deleted_is_read_whatever_else_is_asked(contract: Contract, drawn: int) -> None:
    deployment = Empty()
    Operations(contract, deployment).gone(RandomSource(bytes([drawn])), contract.entities[0], "tsk_1", "api_key")

    assert deployment.methods == ({"GET"}, {"GET", "PATCH"}, {"GET", "DELETE"})[drawn]


def test_where_no_entity_takes_records_nothing_more_is_sent(contract: Contract) -> None:
    deployment = Empty()
    machine = Machine(lambda: Operations(contract, deployment), 0)
    machine.operations = Operations(contract, deployment)
    machine.operations.writable = ()

    for drawn in range(20):
        machine.step(RandomSource(bytes([drawn])))

    assert deployment.methods == set()


@pytest.mark.parametrize(
    ("details", "is_refused"),
    [
        ({"phone": "No."}, False),
        ({"company": "No."}, True),
        ({"company": "One of them.", "phone": "One of them."}, False),
        ({"company": "One of them.", "email": "One of them."}, False),
        ({}, True),
        (None, True),
    ],
)
def test_a_null_is_refused_where_the_refusal_names_it_or_nothing(details: object, *, is_refused: bool) -> None:
    body = {"success": False, "code": "VALIDATION_FAILED", "details": details}
    answer = Answer(400, Headers(()), body, {}, "http://x/api/v1/customers/x", datetime(2026, 1, 1, tzinfo=UTC))
    assert refuses_a_null(answer, {"phone": "1", "company": None}) is is_refused
    assert not refuses_a_null(answer, {"phone": "1"})
