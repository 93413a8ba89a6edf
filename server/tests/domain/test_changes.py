from datetime import UTC, datetime
from typing import Any

import pytest
from entity_server.domain.changes import creation, patch
from entity_server.domain.problems import Problem, UnprocessableEntity, ValidationFailed
from hypothesis import given
from hypothesis import strategies as st

from server.tests.example_entities import THINGS

NOW = datetime(2025, 1, 15, 10, 30, 0, 123_456, tzinfo=UTC)


def created(body: object) -> dict[str, Any]:
    return creation(THINGS, body, id="thg_1", now=NOW)


def refused(body: object) -> set[str]:
    with pytest.raises(ValidationFailed) as refusal:
        created(body)
    return set(refusal.value.details)


def test_a_record_has_every_field_with_defaults_and_nulls() -> None:
    assert created({"title": "A"}) == {
        "id": "thg_1",
        "title": "A",
        "note": None,
        "size": "small",
        "count": None,
        "weight": None,
        "active": False,
        "day": None,
        "moment": None,
        "userId": None,
        "createdAt": "2025-01-15T10:30:00.123Z",
        "updatedAt": "2025-01-15T10:30:00.123Z",
    }


def test_values_are_kept_as_they_are() -> None:
    body = {"title": " Ä\u0301 \U0001f600\n", "count": -1, "weight": 0.1, "active": True, "day": "2024-02-29"}

    assert {name: created(body)[name] for name in body} == body


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("2025-01-01T12:00:00+02:00", "2025-01-01T10:00:00.000Z"),
        ("2025-01-01T12:00:00.123Z", "2025-01-01T12:00:00.123Z"),
        ("2025-01-01T12:00:00.123456Z", "2025-01-01T12:00:00.123456Z"),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000Z"),
    ],
)
def test_a_moment_is_kept_as_an_instant_with_its_microseconds(text: str, kept: str) -> None:
    assert created({"title": "A", "moment": text})["moment"] == kept


def test_every_bad_field_is_named() -> None:
    body = {"note": 1, "size": "huge", "count": True, "weight": "1", "active": None, "day": "x", "id": "y", "z": 1}

    assert refused(body) == {"title", *body}


@pytest.mark.parametrize("title", ["", " ", "\t\n", None, 5, "a\0b", "\ud800", "ab\udfffc"])
def test_a_required_text_is_neither_blank_nor_unstorable(title: object) -> None:
    assert refused({"title": title}) == {"title"}


def test_an_optional_text_may_be_blank() -> None:
    assert created({"title": "A", "note": ""})["note"] == ""


@pytest.mark.parametrize("name", ["id", "createdAt", "updatedAt"])
def test_what_the_server_sets_is_refused(name: str) -> None:
    assert refused({"title": "A", name: "2025-01-01T00:00:00Z"}) == {name}


@pytest.mark.parametrize("body", [None, [], "a", 1, True, [{"title": "A"}]])
def test_a_body_that_is_no_object_is_unprocessable(body: object) -> None:
    with pytest.raises(UnprocessableEntity):
        created(body)


def test_a_patch_is_what_it_names() -> None:
    assert patch(THINGS, {"size": "large", "note": None}) == {"size": "large", "note": None}


@pytest.mark.parametrize("name", ["title", "size", "active"])
def test_a_patch_clears_no_required_field_and_none_with_a_default(name: str) -> None:
    with pytest.raises(ValidationFailed) as refusal:
        patch(THINGS, {name: None})

    assert refusal.value.details == {name: "Must not be null"}


def test_an_empty_patch_is_refused() -> None:
    with pytest.raises(ValidationFailed):
        patch(THINGS, {})


def test_an_unencodable_field_name_is_named_in_an_encodable_way() -> None:
    with pytest.raises(ValidationFailed) as refusal:
        patch(THINGS, {"a\ud800": 1})

    assert list(refusal.value.details) == ["a\ufffd"]


@given(
    st.dictionaries(
        st.sampled_from([field.name for field in THINGS.fields]),
        st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.integers()),
    )
)
def test_any_object_is_a_record_or_a_problem(body: dict[str, object]) -> None:
    try:
        record = created(body)
    except Problem:
        return
    assert set(record) == {field.name for field in THINGS.fields}
