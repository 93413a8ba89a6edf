"""Filters by design: each operator is asked about with each type, and each question tells its conditions' mistakes."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import cast

import pytest
from entity_conformance.oracle import answers
from entity_conformance.oracle.question import Condition, Question
from entity_conformance.oracle.reading import DECIDED
from entity_conformance.oracle.records import Record
from entity_conformance.suite import sample
from entity_conformance.suite.questions.conditions import Designed, Subjects, designed, requirement_of, spare, together
from entity_contract import Contract, Entity, Field, FieldType, load


def subjects(entity: Entity, contract: Contract) -> Subjects:
    """The seven designed records of an entity; all but the last have one parent, and one belongs to somebody."""
    parents: Mapping[str, str] = {one.foreign_key: one.entity for one in entity.relations if one.type == "belongsTo"}
    records: list[Record] = []
    for index in range(sample.RECORDS):
        keys = {
            name: f"{of}_{index // 6}"
            for name, of in parents.items()
            if (of != "users" and name != "productId") or index == 4
        }
        body = sample.bordering(entity, "abcdefghi", group="a group", index=index, keys=keys)
        records.append({field.name: body.get(field.name) for field in entity.fields} | {"id": f"id_{index}"})
    return Subjects(entity, tuple(records), contract.operators, contract.entities)


@pytest.fixture(scope="module")
def everything() -> dict[str, tuple[Subjects, tuple[tuple[Designed, ...], ...]]]:
    contract = load()
    of = [subjects(entity, contract) for entity in contract.entities if "create" in entity.operations]
    return {one.entity.name: (one, together(designed(one), one)) for one in of}


Asked = dict[str, tuple[Subjects, tuple[tuple[Designed, ...], ...]]]


def test_each_operator_is_asked_of_each_type_that_can_have_it(everything: Asked, contract: Contract) -> None:
    asked = {
        (one.condition.operator, field.type)
        for of, questions in everything.values()
        for question in questions
        for one in question
        if (field := of.entity.field(one.condition.field)) is not None
    }
    pairs = {(operator.name, type_) for operator in contract.operators for type_ in operator.types}

    assert pairs - asked == {("$null", "enum"), ("$null", "integer"), ("$null", "boolean")}, "none of them is nullable"


@pytest.mark.parametrize("operator", ["$gt", "$gte", "$lt", "$lte"])
def test_a_comparison_in_single_precision_or_as_text_is_told(everything: Asked, operator: str) -> None:
    _, questions = everything["products"]
    compared = [
        one
        for question in questions
        for one in question
        if one.condition.operator == operator and one.condition.field == "weightKg"
    ]

    assert {one.condition.operand for one in compared} <= {4096.5, 4096.5001}
    assert compared


def test_false_zero_and_the_empty_text_are_asked_about_without_an_operator(everything: Asked) -> None:
    bare = {
        repr(one.condition.operand)
        for _, questions in everything.values()
        for question in questions
        for one in question
        if one.condition.bare
    }

    assert {"False", "0", "''"} <= bare


def test_a_condition_that_is_dropped_changes_the_answer_of_its_question(everything: Asked) -> None:
    for of, questions in everything.values():
        for question in questions:
            conditions = tuple(one.condition for one in question)
            whole = answers.selected(of.records, Question(of.entity, conditions), DECIDED)
            for place, one in enumerate(question):
                rest = (*conditions[:place], *conditions[place + 1 :])
                without = answers.selected(of.records, Question(of.entity, rest), DECIDED)
                assert without != whole or len(one.selects) == len(of.records), one.condition


def test_a_question_has_up_to_five_conditions_each_once_and_a_bare_one_alone_on_its_field(everything: Asked) -> None:
    for _, questions in everything.values():
        for question in questions:
            fields = [one.condition.field for one in question]
            assert len(question) <= 5
            assert len({(one.condition.field, one.condition.operator) for one in question}) == len(question)
            assert all(fields.count(one.condition.field) == 1 for one in question if one.condition.bare)


def test_every_operator_with_every_border_of_a_type_is_asked_where_a_run_is_thorough(contract: Contract) -> None:
    asked: dict[tuple[str, str], set[str]] = defaultdict(set)
    for of in [subjects(entity, contract) for entity in contract.entities if "create" in entity.operations]:
        types = {field.name: field.type for field in of.entity.fields}
        for one, *_ in designed(replace(of, thorough=True)):
            asked[one.condition.operator, types[one.condition.field]].add(str(one.condition.operand))

    assert asked["$lt", "integer"] >= {"0", "9", "120"}
    assert asked["$ne", "date"] >= {"1969-12-31", "2019-12-31", "2020-02-29", "2021-07-09", "2099-01-01"}
    for operator in ("$eq", "$ne", "$gt", "$gte", "$lt", "$lte"):
        for kind in ("integer", "number", "date", "datetime"):
            assert len(asked[operator, kind]) >= 4, (operator, kind, asked[operator, kind])


def test_of_an_entity_with_hundreds_of_fields_some_of_each_type_are_asked_about(contract: Contract) -> None:
    (products,) = [one for one in contract.entities if one.name == "products"]
    types: tuple[FieldType, ...] = ("string", "integer", "boolean", "date", "number", "datetime", "text")
    more = tuple(Field(f"more{number}", types[number % 7], nullable=True) for number in range(350))
    of = subjects(replace(products, fields=(*products.fields, *more)), contract)

    found = of.fields()

    assert len(found) == 16
    assert {one.type for one in found} == {*types, "enum"}
    assert len(together(designed(replace(of, thorough=True)), of)) < 120


def test_a_thorough_run_asks_more(everything: Asked) -> None:
    for of, _ in everything.values():
        assert len(designed(replace(of, thorough=True))) > len(designed(of))


@pytest.mark.parametrize(
    ("condition", "requirement"),
    [
        (Condition("stock", "$eq", 0, bare=True), "filter.integer-equality"),
        (Condition("stock", "$eq", 0), "filter.eq"),
        (Condition("stock", "$gt", 0), "filter.integers-by-value"),
        (Condition("name", "$gt", "m"), "filter.gt"),
        (Condition("name", "$contains", "50%_off"), "filter.contains-literally"),
        (Condition("description", "$eq", "", bare=True), "filter.empty-text"),
        (Condition("description", "$null", operand=True), "filter.null"),
        (Condition("releasedOn", "$ne", "2020-02-29"), "filter.ne-beside-null"),
    ],
)
def test_a_condition_is_about_its_operator_or_its_type(
    contract: Contract, condition: Condition, requirement: str
) -> None:
    (products,) = [one for one in contract.entities if one.name == "products"]
    field = products.field(condition.field)
    assert field is not None

    assert requirement_of(condition, field, products, has_nulls=field.nullable) == requirement


def every(contract: Contract) -> list[tuple[Subjects, Designed]]:
    """Each condition that may be asked, with what it is asked of."""
    of = [subjects(entity, contract) for entity in contract.entities if "create" in entity.operations]
    return [(one, each) for one in of for some in (*designed(one), *spare(one)) for each in some]


def test_lists_are_asked_about_for_each_of_their_values(contract: Contract) -> None:
    lists = [(of, one) for of, one in every(contract) if one.is_of_later_values]

    assert {one.condition.operator for _, one in lists} == {"$in", "$nin"}
    assert {"status", "customerId", "taskId", "category"} <= {one.condition.field for _, one in lists}
    for of, one in lists:
        single = [replace(one.condition, operand=[value]) for value in cast("list[object]", one.condition.operand)]
        alone = [answers.selected(of.records, Question(of.entity, (each,)), DECIDED) for each in single]
        assert one.mistakes == {frozenset(of.records.index(record) for record in some) for some in alone}


def test_capitals_are_asked_for_by_letters_beyond_ascii(everything: Asked) -> None:
    _, questions = everything["tasks"]
    asked = [one for question in questions for one in question if one.requirement == "filter.contains-any-case"]

    assert [one.condition.operand for one in asked] == ["PLAINLY E\u0301 \u00c9"]


@pytest.mark.parametrize("printed", ["2026-01-31T23:59:59Z", "2026-01-31T23:59:59.000Z"])
@pytest.mark.parametrize("operator", ["$gt", "$gte", "$lt", "$lte"])
def test_a_moment_in_whole_seconds_is_compared_with_one_that_is_further_away(printed: str, operator: str) -> None:
    contract = load()
    (orders,) = (one for one in contract.entities if one.name == "orders")
    unset: Record = {field.name: None for field in orders.fields}
    records = (unset | {"id": "ord_1", "shippedAt": printed}, unset | {"id": "ord_2"})

    of = Subjects(orders, records, contract.operators, contract.entities)
    operands = {
        str(alternative.condition.operand)
        for alternatives in designed(of)
        for alternative in alternatives
        if (alternative.condition.field, alternative.condition.operator) == ("shippedAt", operator)
    }

    apart = {abs((datetime.fromisoformat(one) - datetime.fromisoformat(printed)).total_seconds()) for one in operands}
    assert apart == ({0.0} if "." in printed else {2.0})
