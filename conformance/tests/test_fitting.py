"""Which steps are made where not all fit: MUSTs first, and what proves most for its requests. Pure."""

from collections import Counter

import pytest
from entity_conformance.report.verdict import Outcome, Profile
from entity_conformance.suite import fitting as suite_fitting
from entity_conformance.suite import ledger
from entity_conformance.suite.costs import Cost
from entity_conformance.suite.course import left_out
from entity_conformance.suite.fitting import BASICS, Bound, fitting
from entity_conformance.suite.plan import Plan, Step, without

from conformance.tests.declared import a_check
from conformance.tests.miniature import CONTRACT

READ, WRITE = ("api_key", True), ("api_key", False)
TASKS, ORDERS = (entity for name in ("tasks", "orders") if (entity := CONTRACT.entity(name)))
LEDGER = ledger.parse(
    [
        (
            "requirements/list.yaml",
            "chapter: list\ntitle: T\nrequirements:\n"
            "  - {id: list.may, text: t, source: s, pointer: '#', decision: L1.details}\n"
            + "".join(f"  - {{id: list.{name}, text: t, source: s, pointer: '#'}}\n" for name in ("a", "b", "c")),
        )
    ]
)


def step(name: str, *, after: tuple[int, ...] = ()) -> Step:
    return Step(a_check(f"list.{name}"), TASKS, after)


def costs(**requests: int) -> dict[str, Cost]:
    return {f"list.{name} [tasks]": Cost(Counter({READ: number})) for name, number in requests.items()}


def left(steps: list[Step], known: dict[str, Cost], at_most: float) -> list[str]:
    bound = Bound(lambda *_: True, at_most, "too much")
    return [steps[place].check.requirement for place in fitting(steps, LEDGER, known, [bound], ())]


def test_what_fits_is_made_whole() -> None:
    assert left([step("a"), step("b")], costs(a=2, b=3), 5) == []


def test_a_must_goes_before_what_is_none_however_cheap_that_is() -> None:
    assert left([step("may"), step("a")], costs(may=1, a=4), 4) == ["list.may"]


def test_the_cheapest_goes_first() -> None:
    assert left([step("a"), step("b"), step("c")], costs(a=4, b=1, c=2), 3) == ["list.a"]


def test_what_a_client_does_all_day_goes_first_however_dear_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(suite_fitting, "BASICS", (frozenset({"list.a"}),))

    assert left([step("a"), step("b"), step("c")], costs(a=4, b=1, c=2), 4) == ["list.b", "list.c"]


def test_every_basic_is_a_requirement_and_one_is_no_other() -> None:
    named = [name for some in BASICS for name in some]

    assert set(named) <= ledger.load().requirements.keys()
    assert len(named) == len(set(named))


def test_what_a_step_stands_on_is_paid_with_it() -> None:
    assert left([step("a"), step("b", after=(0,)), step("c")], costs(a=3, b=1, c=3), 4) == ["list.c"]


def test_what_two_use_is_paid_by_the_first() -> None:
    shared = {
        "list.a [tasks]": Cost(Counter({READ: 1}), ("group [tasks]",)),
        "list.b [tasks]": Cost(Counter({READ: 1}), ("group [tasks]",)),
        "list.c [tasks]": Cost(Counter({READ: 5})),
        "group [tasks]": Cost(Counter({WRITE: 3})),
    }

    assert left([step("a"), step("b"), step("c")], shared, 5) == ["list.c"]


def test_what_was_arranged_before_costs_nothing() -> None:
    known = {"list.a [tasks]": Cost(Counter({READ: 1}), ("group",)), "group": Cost(Counter({WRITE: 3}))}
    bound = Bound(lambda *_: True, 1, "too much")

    assert fitting([step("a")], LEDGER, known, [bound], {"group"}) == {}


def test_a_bound_counts_its_own_requests_alone() -> None:
    known = {"list.a [tasks]": Cost(Counter({READ: 9})), "list.b [tasks]": Cost(Counter({WRITE: 2}))}
    writes = Bound(lambda _, reads: not reads, 1, "too many writes")

    assert fitting([step("a"), step("b")], LEDGER, known, [writes], ()) == {1: "too many writes"}


def test_a_requirement_is_left_out_when_no_entity_is_left_of_it() -> None:
    steps = (step("a"), Step(a_check("list.a"), ORDERS), step("b", after=(0,)))

    assert without(Plan(steps, (), ()), {1: "too much"}).out_of_scope == ()
    assert without(Plan(steps, (), ()), {2: "too much"}).out_of_scope == (("list.b", "too much"),)


def test_what_is_left_out_on_one_entity_alone_is_told_by_the_plan() -> None:
    steps = (step("a"), Step(a_check("list.a"), ORDERS), step("b"))

    assert without(Plan(steps, (), ()), {1: "too much", 2: "too much"}).elsewhere == ((steps[1], "too much"),)


def test_what_is_left_out_on_one_entity_alone_is_a_result_of_that_entity() -> None:
    profile = Profile("full", credentials=("api_key",), capabilities=(), entities=("tasks", "orders"))

    (result,) = left_out(profile, LEDGER.requirements, [(Step(a_check("list.a"), ORDERS), "too much")])

    assert (result.requirement, result.entity, result.message) == ("list.a", "orders", "too much")
    assert result.outcome is Outcome.skipped


def test_what_takes_nothing_of_a_bound_fits_however_much_that_is_overdrawn() -> None:
    known = {"list.a [tasks]": Cost(Counter({READ: 9})), "list.b [tasks]": Cost(Counter({WRITE: 1}))}
    writes = Bound(lambda _, reads: not reads, -3, "too many writes")

    assert fitting([step("a"), step("b")], LEDGER, known, [writes], ()) == {1: "too many writes"}
