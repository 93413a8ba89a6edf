import json
import re
from datetime import UTC, date, datetime
from typing import Any

import pytest
from entity_contract import Operator, load
from entity_server.domain import filtering
from entity_server.domain.filtering import Condition, UnknownOperator, served
from entity_server.domain.sentences import Refused
from entity_server.http.operations.decoding import json_object
from hypothesis import given
from hypothesis import strategies as st

from server.tests.example_entities import THINGS

OPERATORS = served(load().operators)


def found(text: str) -> tuple[Condition, ...]:
    return filtering.conditions(THINGS, json_object(text), OPERATORS)


def conditions(filter_: object) -> list[tuple[str, str, object]]:
    text = filter_ if isinstance(filter_, str) else json.dumps(filter_)
    return [(c.field.name, c.operator, c.value) for c in found(text)]


def refusal(filter_: object) -> str:
    with pytest.raises(Refused) as raised:
        conditions(filter_)
    return raised.value.reason


def test_an_empty_object_is_no_condition() -> None:
    assert conditions({}) == []


def test_a_bare_value_means_equality() -> None:
    assert conditions({"title": "A", "active": True}) == [("title", "$eq", "A"), ("active", "$eq", True)]


def test_every_operator_of_a_field_is_a_condition() -> None:
    assert conditions({"count": {"$gte": 1, "$lt": 5}}) == [("count", "$gte", 1), ("count", "$lt", 5)]


def test_the_operators_are_the_contracts() -> None:
    assert list(OPERATORS) == [operator.name for operator in load().operators]


def test_an_operator_that_the_contract_leaves_out_is_not_served() -> None:
    fewer = {name: operator for name, operator in OPERATORS.items() if name != "$ne"}

    with pytest.raises(Refused, match=r"unknown operator \$ne; there are \$eq, \$gt"):
        filtering.conditions(THINGS, {"title": {"$ne": "a"}}, fewer)


def test_an_operator_has_the_types_that_the_contract_gives_it() -> None:
    narrow = {**OPERATORS, "$gt": Operator("$gt", "value", ("date", "datetime"))}

    with pytest.raises(Refused, match=r"count: \$gt needs a field of type date or datetime"):
        filtering.conditions(THINGS, {"count": {"$gt": 1}}, narrow)


@pytest.mark.parametrize(
    ("operator", "words"),
    [
        (Operator("$regex", "text", ("string",)), "there is no operator $regex; there are $eq, $ne"),
        (Operator("$eq", "list", ("string",)), "$eq takes the operand value, not list"),
        (
            Operator("$gt", "value", ("string", "enum", "boolean")),
            "$gt means nothing on a field of type enum or boolean",
        ),
        (Operator("$contains", "text", ("integer",)), "$contains means nothing on a field of type integer"),
    ],
)
def test_an_operator_that_means_nothing_here_is_found_at_the_start(operator: Operator, words: str) -> None:
    with pytest.raises(UnknownOperator, match=re.escape(words)):
        served((*load().operators, operator))


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("title", "x", "x"),
        ("note", "", ""),
        ("size", "large", "large"),
        ("count", 7, 7),
        ("count", 7.0, 7),
        ("count", -(2**63), -(2**63)),
        ("weight", 7, 7.0),
        ("weight", 7.5, 7.5),
        ("active", False, False),
        ("day", "2025-02-28", date(2025, 2, 28)),
        ("moment", "2025-01-01T00:00:00+02:00", datetime(2024, 12, 31, 22, tzinfo=UTC)),
        ("moment", "2025-01-01T00:00:00.000001", datetime(2025, 1, 1, 0, 0, 0, 1, tzinfo=UTC)),
    ],
)
def test_a_value_takes_the_fields_type(field: str, value: object, expected: object) -> None:
    assert conditions({field: {"$in": [value]}}) == [(field, "$in", (expected,))]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", 1),
        ("title", ["a"]),
        ("size", "huge"),
        ("size", "smal"),
        ("count", True),
        ("count", "1"),
        ("count", 1.5),
        ("count", 2**63),
        ("count", 10**400),
        ("weight", True),
        ("weight", "1"),
        ("weight", 10**400),
        ("active", 1),
        ("active", "true"),
        ("day", "2025-02-30"),
        ("day", "2025-01-01T00:00:00Z"),
        ("day", "0000-01-01"),
        ("moment", "2025-01-01"),
        ("moment", "yesterday"),
        ("moment", "0001-01-01T00:00:00+23:59"),
        ("moment", 0),
    ],
)
@pytest.mark.parametrize("operator", ["$eq", "$ne"])
def test_a_value_of_another_type_is_refused(field: str, value: object, operator: str) -> None:
    assert field in refusal({field: {operator: value}})


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "todo",
        "{'title': 'a'}",
        '{"count": NaN}',
        '{"count": Infinity}',
        '{"count": -Infinity}',
        '{"count": 1e999}',
        '{"weight": 1e999}',
        '{"count": ' + "9" * 5000 + "}",
        '{"title": "a", "title": "b"}',
        '{"count": {"$gt": 1, "$gt": 2}}',
        "[" * 100_000,
        '{"title":' * 100_000,
        '{"title": "\\u0000"}',
        '{"title": "\\ud800"}',
        '{"title\\u0000": 1}',
        "\x00",
        "\ud800",
    ],
)
def test_what_is_no_plain_json_object_is_refused(text: str) -> None:
    refusal(text)


@pytest.mark.parametrize("text", ["[]", '[{"title": "a"}]', '"a"', "1", "null", "true"])
def test_json_that_is_no_object_is_refused(text: str) -> None:
    assert refusal(text) == "Must be a JSON object"


@pytest.mark.parametrize(
    ("filter_", "word"),
    [
        ({"colour": "red"}, "colour"),
        ({"user": "usr_1"}, "user"),
        ({"$or": [{"title": "a"}]}, "$or"),
        ({"title": {"$regex": "a"}}, "$regex"),
        ({"title": {"eq": "a"}}, "eq"),
        ({"title": {}}, "operator"),
        ({"title": None}, "$null"),
        ({"title": {"$eq": None}}, "$null"),
        ({"title": {"$in": ["a", None]}}, "$null"),
        ({"title": {"$in": []}}, "non-empty"),
        ({"title": {"$in": "a"}}, "array"),
        ({"title": {"$nin": {}}}, "array"),
        ({"title": {"$null": 1}}, "true or false"),
        ({"title": {"$null": "true"}}, "true or false"),
        ({"title": {"$null": None}}, "true or false"),
        ({"active": {"$gt": False}}, "needs a field of type string, text, integer"),
        ({"size": {"$lte": "small"}}, "needs a field of type string, text, integer"),
        ({"count": {"$contains": "1"}}, "needs a field of type string or text"),
        ({"size": {"$startsWith": "s"}}, "needs a field of type string or text"),
        ({"title": {"$endsWith": 1}}, "string"),
        ({"title": {"$eq": {"$eq": "a"}}}, "string"),
        ({"title": {"$in": ["a"] * 1001}}, "1000"),
        ({"title": {"$contains": "a" * 5001}}, "5000"),
    ],
)
def test_a_condition_that_means_nothing_is_refused(filter_: object, word: str) -> None:
    assert word in refusal(filter_)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
NAMES = st.sampled_from([field.name for field in THINGS.fields]) | st.text(max_size=3)
OPERANDS = JSON | st.dictionaries(st.sampled_from([*OPERATORS, "$or"]), JSON, max_size=3)


@given(st.dictionaries(NAMES, OPERANDS, max_size=3).map(json.dumps) | st.text())
def test_any_text_is_conditions_or_refused(text: str) -> None:
    try:
        stated = found(text)
    except Refused:
        return
    assert all(isinstance(condition, Condition) for condition in stated)


@given(
    st.dictionaries(st.sampled_from(["title", "note"]), st.text(st.characters(codec="utf-8", exclude_characters="\0")))
)
def test_any_text_can_be_looked_for(members: dict[str, Any]) -> None:
    assert conditions(members) == [(name, "$eq", text) for name, text in members.items()]
