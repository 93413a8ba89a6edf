from datetime import UTC, date, datetime
from typing import Any

import pytest
from entity_server.domain.problems import ValidationFailed
from entity_server.http.operations import CompiledContract
from hypothesis import given
from hypothesis import strategies as st

ORDER = {"reference": "R1", "customerId": "cus_1", "totalCents": 1}
PRODUCT = {"name": "Lamp", "sku": "L1", "priceCents": 1}
INSTANT = "Must be an RFC 3339 date-time"


def read(compiled: CompiledContract, operation: str, body: dict[str, object]) -> dict[str, Any]:
    return compiled.operations[operation].named_body().read(body)


def refused(compiled: CompiledContract, operation: str, body: dict[str, object]) -> dict[str, str]:
    with pytest.raises(ValidationFailed) as refusal:
        read(compiled, operation, body)
    return dict(refusal.value.details)


def test_values_have_the_types_of_their_fields(compiled: CompiledContract) -> None:
    body: dict[str, object] = {**ORDER, "deliveryDate": "2024-02-29", "shippedAt": "2025-01-01T12:00:00.5+02:00"}

    assert read(compiled, "createOrder", body) == {
        **ORDER,
        "deliveryDate": date(2024, 2, 29),
        "shippedAt": datetime(2025, 1, 1, 10, 0, 0, 500_000, tzinfo=UTC),
    }


def test_texts_stay_as_they_are(compiled: CompiledContract) -> None:
    body: dict[str, object] = {"title": " Ä\u0301 \U0001f600\n", "description": ""}

    assert read(compiled, "createTask", body) == body


def test_an_integer_may_be_spelt_with_a_point(compiled: CompiledContract) -> None:
    values = read(compiled, "createProduct", {**PRODUCT, "stock": 12.0, "weightKg": 1})

    assert [(values[name], type(values[name])) for name in ("stock", "weightKg")] == [(12, int), (1.0, float)]


def test_a_zero_has_no_sign(compiled: CompiledContract) -> None:
    assert str(read(compiled, "createProduct", {**PRODUCT, "weightKg": -0.0})["weightKg"]) == "0.0"


def test_a_null_stays_a_null(compiled: CompiledContract) -> None:
    assert read(compiled, "updateTask", {"description": None}) == {"description": None}


@pytest.mark.parametrize(
    ("title", "reason"),
    [
        ("", "Must not be empty"),
        (" ", "Must not be blank"),
        ("\t\n", "Must not be blank"),
        ("\ufeff", "Must not be blank"),
        ("\x85", "Must not be blank"),
        ("\x1c", "Must not be blank"),
        (None, "Must be a string"),
        (5, "Must be a string"),
        ({"a": 1}, "Must be a string"),
        ("a\0b", "Must not contain the character U+0000"),
        ("\ud800", "Must be valid Unicode, without lone surrogates"),
        ("ab\udfffc", "Must be valid Unicode, without lone surrogates"),
        (["\ud800"], "Must be valid Unicode, without lone surrogates"),
        ({"a": [{"b": "\ud800"}]}, "Must be valid Unicode, without lone surrogates"),
        ("x" * 201, "Must be at most 200 characters"),
    ],
)
def test_a_required_text_is_neither_blank_nor_unstorable(
    compiled: CompiledContract, title: object, reason: str
) -> None:
    assert refused(compiled, "createTask", {"title": title}) == {"title": reason}


def test_length_is_counted_in_code_points(compiled: CompiledContract) -> None:
    assert read(compiled, "createTask", {"title": "\U0001f600" * 200}) == {"title": "\U0001f600" * 200}


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (-1, "Must be at least 0"),
        (1_000_001, "Must be at most 1000000"),
        (10**400, "Must be at most 1000000"),
        (1.5, "Must be an integer"),
        (True, "Must be an integer"),
        ("1", "Must be an integer"),
    ],
)
def test_an_integer_has_the_contracts_bounds(compiled: CompiledContract, value: object, reason: str) -> None:
    assert refused(compiled, "createProduct", {**PRODUCT, "stock": value}) == {"stock": reason}


@pytest.mark.parametrize("text", ["2025-01-01", "2025-01-01T00:00:00", "0001-01-01T00:00:00+23:59", "soon", ""])
def test_a_moment_in_a_body_has_its_offset(compiled: CompiledContract, text: str) -> None:
    assert refused(compiled, "createOrder", {**ORDER, "shippedAt": text}) == {"shippedAt": INSTANT}


def test_every_bad_field_is_named(compiled: CompiledContract) -> None:
    body: dict[str, object] = {
        "sku": "a\0",
        "priceCents": -1,
        "category": "x",
        "stock": "1",
        "active": None,
        "releasedOn": "2025-02-30",
        "id": "prd_mine",
        "colour": "red",
    }

    assert refused(compiled, "createProduct", body) == {
        "name": "Name is required",
        "sku": "Must not contain the character U+0000",
        "priceCents": "Must be at least 0",
        "category": "Must be one of: electronics, clothing, books, home, other",
        "stock": "Must be an integer",
        "active": "Must be true or false",
        "releasedOn": "Must be a date (YYYY-MM-DD)",
        "id": "Id is not a field that can be written",
        "colour": "Colour is not a field that can be written",
    }


def test_an_empty_change_is_refused(compiled: CompiledContract) -> None:
    assert refused(compiled, "updateTask", {}) == {"body": "Must name at least 1 field"}


@pytest.mark.parametrize("name", ["title", "status", "priority"])
def test_a_change_clears_no_required_field_and_none_with_a_default(compiled: CompiledContract, name: str) -> None:
    assert set(refused(compiled, "updateTask", {name: None})) == {name}


@pytest.mark.parametrize(
    ("member", "value", "reason"),
    [
        ("name", "", "Must not be empty"),
        ("name", "\x85", "Must not be blank"),
        ("name", "x" * 101, "Must be at most 100 characters"),
        ("name", "a\0", "Must not contain the character U+0000"),
        ("name", 5, "Must be a string"),
        ("scopes", [], "Must have at least 1 item"),
        ("scopes", "read", "Must be an array"),
        ("scopes", ["read", "admin"], "Must be one of: read, write, delete"),
        ("scopes", [None], "Must be one of: read, write, delete"),
        ("expiresAt", "tomorrow", INSTANT),
        ("expiresAt", "2026-01-01", INSTANT),
        ("expiresAt", 1767225600, "Must be a string or null"),
        ("colour", "red", "Colour is not a field that can be written"),
    ],
)
def test_a_bad_member_of_a_key_is_refused(compiled: CompiledContract, member: str, value: object, reason: str) -> None:
    body = {"name": "CI", "scopes": ["read"], member: value}

    assert refused(compiled, "createApiKey", body) == {member: reason}


@given(
    body=st.dictionaries(
        st.sampled_from(["name", "sku", "priceCents", "category", "weightKg", "active", "releasedOn", "id", "x"]),
        st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.integers()),
    )
)
def test_any_object_is_values_or_a_problem(body: dict[str, object], compiled: CompiledContract) -> None:
    try:
        values = read(compiled, "createProduct", body)
    except ValidationFailed:
        return
    assert values.keys() == body.keys()
