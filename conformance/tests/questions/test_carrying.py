"""An order where an answer tells it, and a page where the order says what is on it."""

from entity_conformance.oracle.question import Question
from entity_conformance.suite.questions.carrying import Cut, cuts, orders, unset
from entity_conformance.suite.questions.conditions import Subjects
from entity_contract import Contract

EVERY, TWO, ONE = frozenset({0, 1, 2, 3}), frozenset({0, 1}), frozenset({2})
NONE: list[frozenset[int]] = [frozenset()] * 6


def subjects(contract: Contract, entity: str = "products", **held: object) -> Subjects:
    (of,) = [one for one in contract.entities if one.name == entity]
    records = tuple(
        {"id": f"id_{number}", "stock": number, "text": "x", "createdAt": f"2025-01-0{number}T00:00:00Z", **held}
        for number in range(1, 5)
    )
    fields = dict.fromkeys(field.name for field in of.fields)
    return Subjects(of, tuple(fields | one for one in records), contract.operators, contract.entities)


def test_an_answer_of_several_has_an_order(contract: Contract) -> None:
    of = subjects(contract)

    assert [*orders(of, [TWO, ONE])] == [Question(of.entity, sort="stock", order="asc"), None]


def test_a_field_is_sorted_by_one_way_after_the_other(contract: Contract) -> None:
    of = subjects(contract)

    assert [one and one.order for one in orders(of, [TWO, TWO, TWO])] == ["asc", "desc", "asc"]
    assert [one and one.order for one in orders(of, [ONE, TWO, ONE, TWO])] == [None, "desc", None, "asc"]


def test_where_nothing_that_is_set_can_be_sorted_by_it_is_the_creation(contract: Contract) -> None:
    of = subjects(contract, "comments")

    assert [one and one.sort for one in orders(of, [TWO])] == ["createdAt"]


def test_two_answers_are_asked_for_by_their_second_page_and_one_by_its_first(contract: Contract) -> None:
    of = subjects(contract)
    order = Question(of.entity, sort="stock", order="asc")

    of_each = [*cuts(of, [EVERY, TWO, TWO, TWO, TWO, TWO], [order] * 6, NONE)]
    assert of_each == [Cut(2, 1, 4), Cut(1, 1, 2), Cut(2, 1, 2), Cut(2, 2, 2), Cut(1, 2, 2), Cut(1, 1, 2)]
    assert [*cuts(of, [TWO] * 5 + [EVERY], [order] * 6, NONE)][-1] == Cut(2, 2, 4)


def test_the_last_page_of_an_odd_number_is_not_full(contract: Contract) -> None:
    of = subjects(contract)
    order = Question(of.entity, sort="stock")

    assert [*cuts(of, [TWO] * 5 + [EVERY - ONE], [order] * 6, NONE)][-1] == Cut(2, 2, 3)


def test_of_three_the_second_page_is_the_last(contract: Contract) -> None:
    of = subjects(contract)

    assert [*cuts(of, [EVERY - ONE], [Question(of.entity, sort="stock")], NONE[:1])] == [Cut(2, 2, 3)]


def test_every_third_answer_fills_its_page_and_one_is_asked_for_past_its_end(contract: Contract) -> None:
    of = subjects(contract)

    of_each = [*cuts(of, [ONE] * 5, [None] * 5, NONE[:5])]
    assert of_each == [Cut(2, 1, 1), Cut(1, 1, 1), None, None, Cut(1, 1, 1)]


def test_past_its_end_no_answer_is_asked_for_whose_total_is_that_of_a_mistake(contract: Contract) -> None:
    of = subjects(contract)
    mistaken = [frozenset({1}), frozenset[int](), frozenset[int](), frozenset({2, 0})]

    assert [*cuts(of, [ONE] * 4, [None] * 4, mistaken)] == [None, Cut(1, 1, 1), None, Cut(2, 1, 1)]


def test_what_may_be_selected_otherwise_has_no_page(contract: Contract) -> None:
    of = subjects(contract)

    assert [*cuts(of, [None, None], [Question(of.entity, sort="stock"), None], NONE[:2])] == [None, None]


def test_where_nulls_stand_no_page_tells(contract: Contract) -> None:
    of = subjects(contract, stock=None)

    assert [*cuts(of, [None, None, EVERY], [Question(of.entity, sort="stock")] * 3, NONE[:3])] == [None] * 3


def test_a_field_that_holds_nothing_is_asked_for(contract: Contract) -> None:
    of = subjects(contract)

    assert unset(of, ONE) in {field.name for field in of.entity.fields if field.nullable}
