"""A condition is added where the answer tells it, and where it hides nothing that the answer told before."""

from dataclasses import replace

from entity_conformance.oracle import answers
from entity_conformance.oracle.question import Condition
from entity_conformance.oracle.reading import DECIDED
from entity_conformance.suite.questions.conditions import Designed, Subjects
from entity_conformance.suite.questions.filling import (
    AT_MOST,
    can_be_narrowed,
    filled,
    further,
    unplaced,
    untold,
)
from entity_contract import Contract, Entity

STOCK = (1, 2, 3, 4)


def subjects(contract: Contract) -> Subjects:
    (products,) = [one for one in contract.entities if one.name == "products"]
    records = tuple({"id": f"id_{number}", "stock": number, "priceCents": 10 - number} for number in STOCK)
    return Subjects(products, records, contract.operators, contract.entities)


def designed(of: Subjects, field: str, operator: str, operand: object, *, otherwise: object = None) -> Designed:
    """A condition of which being dropped is the one mistake."""
    stated = Condition(field, operator, operand)
    return Designed(
        stated,
        f"filter.{operator[1:]}",
        places(of, stated),
        frozenset({frozenset(range(len(STOCK)))}),
        None if otherwise is None else places(of, Condition(field, operator, otherwise)),
    )


def places(of: Subjects, condition: Condition) -> frozenset[int]:
    entity: Entity = of.entity
    return frozenset(place for place, one in enumerate(of.records) if answers.holds(entity, condition, one, DECIDED))


def test_a_condition_that_leaves_out_another_record_is_added(contract: Contract) -> None:
    of = subjects(contract)
    first, other = designed(of, "stock", "$ne", 1), designed(of, "priceCents", "$gt", 6)

    assert filled([(first,)], of, [(other,)]) == ((first, other),)


def test_a_condition_that_nothing_tells_from_its_being_dropped_is_not_added(contract: Contract) -> None:
    of = subjects(contract)
    first, same = designed(of, "stock", "$gt", 1), designed(of, "priceCents", "$lt", 9)

    assert filled([(first,)], of, [(same,)]) == ((first,),)


def test_a_condition_that_hides_another_is_not_added(contract: Contract) -> None:
    of = subjects(contract)
    first, wider = designed(of, "stock", "$gt", 1), designed(of, "priceCents", "$lt", 8)

    assert filled([(first,)], of, [(wider,)]) == ((first,),)


def test_of_alternatives_one_that_is_told_is_added(contract: Contract) -> None:
    of = subjects(contract)
    first = designed(of, "stock", "$gt", 1)
    hiding, told = designed(of, "priceCents", "$lt", 8), designed(of, "priceCents", "$gt", 6)

    assert filled([(first,)], of, [(hiding, told)]) == ((first, told),)


def test_a_condition_that_may_be_read_in_two_ways_is_added_where_both_answer_the_same(contract: Contract) -> None:
    of = subjects(contract)
    first = designed(of, "stock", "$ne", 1)
    is_open = designed(of, "priceCents", "$ne", 6, otherwise=7)
    is_settled = designed(of, "priceCents", "$ne", 6, otherwise=6)

    assert filled([(first,)], of, [(is_open,)]) == ((first,),)
    assert filled([(first,)], of, [(is_settled,)]) == ((first, is_settled),)


def test_an_operator_is_stated_once_on_a_field(contract: Contract) -> None:
    of = subjects(contract)
    first, again = designed(of, "stock", "$ne", 1), designed(of, "stock", "$ne", 2)

    assert filled([(first,), ()], of, [(again,)]) == ((first,), (again,))


def test_a_question_has_room_for_so_many(contract: Contract) -> None:
    of = subjects(contract)
    everything = frozenset(range(len(STOCK)))
    names = [field.name for field in of.entity.fields if field.name != "stock"][:AT_MOST]
    full = tuple(Designed(Condition(name, "$null", operand=False), "", everything, frozenset()) for name in names)

    assert filled([full], of, [(designed(of, "stock", "$ne", 1),)]) == (full,)


def test_what_is_added_to_a_narrowed_question_tells_of_what_is_left(contract: Contract) -> None:
    of = subjects(contract)
    first, inside, outside = (
        designed(of, "stock", "$ne", 4),
        designed(of, "priceCents", "$ne", 8),
        designed(of, "priceCents", "$ne", 9),
    )

    assert filled([(first,)], of, [(outside,)], {0: {1, 2, 3}}) == ((first,),)
    assert filled([(first,)], of, [(inside,)], {0: {1, 2, 3}}) == ((first, inside),)


def test_nothing_is_added_that_hides_what_narrows_the_question(contract: Contract) -> None:
    of = subjects(contract)
    first, hiding = designed(of, "stock", "$ne", 4), designed(of, "stock", "$gt", 1)

    assert filled([(first,)], of, [(hiding,)], {0: {1, 2, 3}}) == ((first,),)


def test_a_question_can_be_narrowed_where_it_tells_what_it_told(contract: Contract) -> None:
    of = subjects(contract)
    question = [designed(of, "stock", "$ne", 4)]

    assert can_be_narrowed(question, of, {1, 2, 3})
    assert not can_be_narrowed(question, of, {0, 1, 2})  # the condition selects nothing out any more
    assert not can_be_narrowed(question, of, {0, 1, 2, 3})
    assert not can_be_narrowed(question, of, {3})


def test_conditions_that_no_answer_tells_from_their_being_dropped_make_a_further_question(contract: Contract) -> None:
    of = subjects(contract)
    apart = [
        designed(of, field, "$ne", operand)
        for field, operand in (("stock", 1), ("stock", 2), ("priceCents", 7), ("priceCents", 6))
    ]
    named = [replace(one, condition=replace(one.condition, field=f"field{place}")) for place, one in enumerate(apart)]

    assert further([], of, [(one,) for one in named]) == (tuple(named),)
    assert further([tuple(named[:2])], of, [(one,) for one in named]) == ()  # the others are too few for a request


def test_a_condition_that_hides_another_waits_for_the_next_question(contract: Contract) -> None:
    of = subjects(contract)
    alike = [designed(of, "stock", "$ne", 1)] * 5
    named = [replace(one, condition=replace(one.condition, field=f"field{place}")) for place, one in enumerate(alike)]

    assert further([], of, [(one,) for one in named]) == ()


def test_of_several_questions_one_keeps_some_of_its_answer(contract: Contract) -> None:
    of = subjects(contract)
    first, second = designed(of, "stock", "$ne", 1), designed(of, "stock", "$in", [2, 3])
    others = [(designed(of, "priceCents", "$gt", 6),), (designed(of, "priceCents", "$ne", 8),)]

    longest, other = filled([(first,), (second,)], of, others)

    assert longest == (first,)
    assert len(other) > 1


def test_a_thorough_run_asks_what_no_question_tells(contract: Contract) -> None:
    of = subjects(contract)
    packed = designed(of, "stock", "$gt", 1)
    told, border = designed(of, "priceCents", "$gt", 6), designed(of, "stock", "$gt", 2)
    conditions = [(packed,), (border,), (told,), (designed(of, "priceCents", "$gt", 7),)]

    assert [*untold(conditions, [(packed,)], [(packed, told)], of)] == [(border,)]


def test_a_requirement_that_no_question_is_about_is_asked_though_its_operator_was(contract: Contract) -> None:
    of = subjects(contract)
    told = designed(of, "priceCents", "$gt", 6)
    literal = replace(designed(of, "priceCents", "$gt", 7), requirement="filter.contains-literally")

    assert [*untold([(told,), (literal,)], [], [(told,)], of)] == [(literal,)]


def test_what_found_no_place_in_a_question_is_left(contract: Contract) -> None:
    of = subjects(contract)
    placed, left = designed(of, "priceCents", "$gt", 6), designed(of, "stock", "$gt", 2)

    assert [*unplaced([(placed, left), (left,)], [(placed,)])] == [(left,)]


def test_the_later_values_of_a_list_are_told_apart_from_its_being_dropped(contract: Contract) -> None:
    of = subjects(contract)
    dropped = designed(of, "stock", "$gt", 1)
    later = replace(dropped, is_of_later_values=True)

    assert further([(dropped,)], of, [(dropped,)], worth=1) == ()
    assert further([(dropped,)], of, [(later,)], worth=1) == ((later,),)
