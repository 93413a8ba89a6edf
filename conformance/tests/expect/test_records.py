"""Verbs over records: which ones, in which order, holding what; and the contract's verdict on an answer."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from typing import Any

import entity_contract as contract
import pytest
from entity_conformance.deployment.problems import Violation
from entity_conformance.suite import expect
from entity_contract import Contract, Entity, Field

from conformance.tests.answers import TASK, reply, success

A, B, C = ({"id": "a"}, {"id": "b"}, {"id": "c"})
HEADERS = {
    "X_Request_ID": "1",
    "X_RateLimit_Limit": "1000",
    "X_RateLimit_Remaining": "999",
    "X_RateLimit_Reset": "1640995200",
}


@pytest.fixture(scope="module")
def v1() -> Contract:
    return contract.load()


@pytest.fixture(scope="module")
def orders(v1: Contract) -> Entity:
    entity = v1.entity("orders")
    assert entity is not None
    return entity


@pytest.mark.parametrize(
    ("holds", "violates"),
    [
        (lambda: expect.exactly([B, A], [A, B]), lambda: expect.exactly([A], [A, B])),
        (lambda: expect.exactly([], []), lambda: expect.exactly([A, B, B], [A, B])),
        (lambda: expect.in_order([A, B], [A, B]), lambda: expect.in_order([B, A], [A, B])),
        (lambda: expect.includes([A, B, C], C, A), lambda: expect.includes([A, B], C)),
        (lambda: expect.excludes([A, B], C), lambda: expect.excludes([A, B], C, B)),
        (lambda: expect.no_duplicates([A, B]), lambda: expect.no_duplicates([A, B, A])),
        (lambda: expect.names(A, ["id"]), lambda: expect.names({"id": "a", "x": 1}, ["id"])),
        (lambda: expect.has({"id": "a", "x": 1}, ["id"]), lambda: expect.has(A, ["id", "title"])),
        (lambda: expect.nulls({"x": None}, ["x"]), lambda: expect.nulls({}, ["x"])),
        (lambda: expect.by_id([A, B], "b"), lambda: expect.by_id([A, B, B], "b")),
        (lambda: expect.ids([A]), lambda: expect.ids([{"title": "no id"}])),
    ],
)
def test_a_verb_tells_what_holds_from_what_does_not(
    holds: Callable[[], object], violates: Callable[[], object]
) -> None:
    holds()

    with pytest.raises(Violation):
        violates()


def test_a_record_holds_a_body_with_the_same_moment_in_other_words(orders: Entity) -> None:
    record = {"reference": "R", "totalCents": 5, "shippedAt": "2025-01-15T11:30:00.000+01:00", "more": 1}

    expect.holds(record, {"reference": "R", "totalCents": 5, "shippedAt": "2025-01-15T10:30:00Z"}, orders)


def test_a_record_need_not_hold_what_only_the_server_sets(orders: Entity) -> None:
    own = replace(orders, fields=(*orders.fields, Field("slug", "string", generated=True)))

    expect.holds({"reference": "R", "slug": "b"}, {"reference": "R", "slug": "a"}, own)


@pytest.mark.parametrize(
    "record",
    [
        {"reference": "r", "shippedAt": "2025-01-15T10:30:00Z"},
        {"reference": "R", "shippedAt": "2025-01-15T10:30:01Z"},
        {"reference": "R", "shippedAt": None},
        {"shippedAt": "2025-01-15T10:30:00Z"},
    ],
)
def test_a_record_with_another_value_does_not_hold_the_body(record: dict[str, object], orders: Entity) -> None:
    with pytest.raises(Violation):
        expect.holds(record, {"reference": "R", "shippedAt": "2025-01-15T10:30:00Z"}, orders)


def test_a_field_that_two_changed_holds_one_of_both_in_any_words(orders: Entity) -> None:
    allowed = ["2025-01-15T10:30:00Z", "2025-02-01T00:00:00Z"]

    expect.holds_one_of({"shippedAt": "2025-01-15T11:30:00.000+01:00"}, "shippedAt", allowed, orders)
    with pytest.raises(Violation, match=r"data\.shippedAt is none of the allowed values"):
        expect.holds_one_of({"shippedAt": "2025-01-15T11:30:00Z"}, "shippedAt", allowed, orders)


def test_a_documented_answer_agrees_with_the_contract(v1: Contract) -> None:
    answer = reply(201, success(TASK), method="POST", **HEADERS)

    expect.schema(answer, v1)


@pytest.mark.parametrize(
    ("status", "change"),
    [
        (201, {"status": "unknown"}),
        (201, {"createdAt": "yesterday"}),
        (201, {"title": 5}),
        (201, {"id": None}),
        (202, {}),
    ],
    ids=["enum", "format", "type", "required", "undocumented status"],
)
def test_an_answer_that_the_contract_does_not_document_is_a_violation(
    v1: Contract, status: int, change: dict[str, Any]
) -> None:
    answer = reply(status, success(TASK | change), method="POST", **HEADERS)

    with pytest.raises(Violation, match="does not agree with the contract"):
        expect.schema(answer, v1)


def test_the_headers_of_an_answer_are_judged_elsewhere(v1: Contract) -> None:
    answer = reply(201, success(TASK), method="POST", X_RateLimit_Reset="soon")

    expect.schema(answer, v1)
    expect.schema(answer, v1, headers=True)
    with pytest.raises(Violation, match="X-Request-ID"):
        expect.schema(reply(201, success(TASK), method="POST", X_Request_ID="a" * 129), v1, headers=True)


def test_a_request_id_as_long_as_it_may_be_agrees_with_the_contract(v1: Contract) -> None:
    answer = reply(201, success(TASK), method="POST", **HEADERS | {"X_Request_ID": "a" * 128})

    expect.schema(answer, v1, headers=True)


def test_a_place_that_is_free_may_hold_anything_and_no_other_place(v1: Contract) -> None:
    answer = reply(201, success(TASK | {"status": "unknown"}), method="POST", **HEADERS)
    another = reply(201, success(TASK | {"status": "unknown", "priority": "none"}), method="POST", **HEADERS)

    expect.schema(answer, v1, apart_from=r"data\.status")
    with pytest.raises(Violation, match=r"data\.priority"):
        expect.schema(another, v1, apart_from=r"data\.status")


def test_a_record_may_have_members_that_are_no_fields(orders: Entity) -> None:
    shown = {"id": "o1", "reference": "R", "_links": {}}

    expect.fields(shown, ["id", "reference"], orders)
    with pytest.raises(Violation, match="other fields"):
        expect.fields(shown | {"customer": None}, ["id", "reference"], orders)
    with pytest.raises(Violation, match="other fields"):
        expect.fields(shown, ["id", "reference", "status"], orders)


def test_html_does_not_agree_with_the_contract(v1: Contract) -> None:
    with pytest.raises(Violation, match="does not agree"):
        expect.schema(reply(200, text="<html>", Content_Type="text/html", **HEADERS), v1)


def test_an_entity_other_than_tasks_may_have_fields_of_its_own(v1: Contract) -> None:
    record = deepcopy(TASK) | {"status": "a word of the deployment's own"}

    expect.schema(reply(200, success(record), url="http://h/api/v1/orders/o1", **HEADERS), v1)


@pytest.mark.parametrize("body", [{"status": "healthy"}, {"status": "fine", "version": "1", "timestamp": "now"}])
def test_health_is_judged_outside_of_v1(v1: Contract, body: dict[str, str]) -> None:
    with pytest.raises(Violation, match="does not agree"):
        expect.schema(reply(200, body, url="http://h/api/health", X_Request_ID="1"), v1)


def test_a_record_that_comes_twice_is_told_so() -> None:
    with pytest.raises(Violation, match="data holds a record twice"):
        expect.exactly([A, B, B], [A, B])
    with pytest.raises(Violation, match="data holds fewer records"):
        expect.exactly([A, A], [A, B])
