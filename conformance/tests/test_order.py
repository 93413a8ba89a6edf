"""Which step is started next: pure, on checks that do nothing."""

from collections.abc import Sequence

from entity_conformance.suite.order import Order
from entity_conformance.suite.plan import Plan, Step

from conformance.tests.declared import a_check


def started(*steps: Step, ended: Sequence[int] = ()) -> list[int]:
    """The places that can be started at once, in order, when these have ended."""
    order = Order(Plan(steps, (), ()))
    ready = [order.next() for step in steps if not step.after and not step.check.last]
    for place in ended:
        order.ended(place)
    return [order.next() for _ in range(len(steps) - len(ready))] if ended else ready


def test_the_longest_chain_begins_first() -> None:
    alone = Step(a_check("list.alone", requests=3), None)
    first = Step(a_check("list.first"), None)
    second = Step(a_check("list.second", requests=4), None, after=(1,))

    assert started(alone, first, second) == [1, 0]


def test_of_chains_of_one_length_the_ledgers_order_decides() -> None:
    assert started(Step(a_check("list.one"), None), Step(a_check("list.two"), None)) == [0, 1]


def test_what_needs_an_expired_key_comes_late_however_long_its_chain_is() -> None:
    expired = Step(a_check("auth.expired", needs=frozenset({"expired_key"}), requests=9), None)

    assert started(expired, Step(a_check("list.one"), None)) == [1, 0]


def test_what_looks_back_is_started_when_all_others_have_ended() -> None:
    looks_back = Step(a_check("errors.seen", last=True), None)

    assert started(looks_back, Step(a_check("list.one"), None), Step(a_check("list.two"), None), ended=[1, 2]) == [0]
