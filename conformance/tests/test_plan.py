"""Which checks in which order, and why not the others: pure, on checks that do nothing."""

from collections.abc import Sequence
from typing import Any

import pytest
from entity_conformance.deployment.problems import Blocked, OutOfProfile
from entity_conformance.deployment.settings import Misuse
from entity_conformance.report.verdict import PlannedCheck
from entity_conformance.suite import ledger
from entity_conformance.suite.plan import Plan, PlanError, Scope, named, plan
from entity_conformance.suite.registry import Check

from conformance.tests.declared import a_check
from conformance.tests.miniature import CONTRACT

TASKS, USERS, ORDERS = (entity for name in ("tasks", "users", "orders") if (entity := CONTRACT.entity(name)))

LEDGER = ledger.parse(
    [
        (
            f"requirements/{chapter}.yaml",
            f"chapter: {chapter}\ntitle: T\nrequirements:\n"
            + "".join(f"  - {{id: {id_}, text: t, source: s, pointer: '#'}}\n" for id_ in ids),
        )
        for chapter, ids in {
            "list": ["list.links", "list.limit"],
            "create": ["create.returns-record"],
            "keys": ["keys.masked", "keys.expired"],
        }.items()
    ]
)


def check(requirement: str, **declared: Any) -> Check:
    return a_check(requirement, chapter=LEDGER.requirements[requirement].chapter, **declared)


def planned(*checks: Check, **scope: Any) -> Plan:
    facts: dict[str, Any] = {"entities": (TASKS,), "operators": frozenset(), "missing": {}}
    return plan(checks, LEDGER, Scope(**{**facts, **scope}))


def names(of: Plan) -> Sequence[str]:
    return [step.name for step in of.steps]


def test_checks_stand_in_the_ledgers_order() -> None:
    of = planned(check("keys.masked"), check("list.limit"), check("list.links"))

    assert names(of) == ["list.links [tasks]", "list.limit [tasks]", "keys.masked [tasks]"]


def test_what_needs_a_scope_that_the_key_lacks_is_out_of_scope() -> None:
    of = planned(
        check("list.links", scopes=frozenset({"read"})),
        check("list.limit", scopes=frozenset({"read", "write"})),
        scopes=frozenset({"read"}),
    )

    assert names(of) == ["list.links [tasks]"]
    assert of.out_of_scope == (("list.limit", "the API key lacks the scope write"),)


def test_what_a_check_stands_on_comes_before_it() -> None:
    of = planned(check("list.links", after=("create.returns-record",)), check("create.returns-record"))

    assert names(of) == ["create.returns-record [tasks]", "list.links [tasks]"]
    assert of.steps[1].after == (0,)


def test_a_check_stands_on_the_same_entitys_step() -> None:
    of = planned(
        check("list.links", after=("create.returns-record",)), check("create.returns-record"), entities=(TASKS, ORDERS)
    )

    assert [(step.name, step.after) for step in of.steps] == [
        ("create.returns-record [tasks]", ()),
        ("list.links [tasks]", (0,)),
        ("create.returns-record [orders]", ()),
        ("list.links [orders]", (2,)),
    ]


def test_a_check_of_no_entity_stands_on_the_first() -> None:
    of = planned(
        check("keys.masked", after=("create.returns-record",), entities="none"),
        check("create.returns-record"),
        entities=(TASKS, ORDERS),
    )

    assert of.steps[-1].after == (0,)


def test_what_is_left_out_holds_nobody_up() -> None:
    of = planned(
        check("list.links", after=("create.returns-record",)), check("create.returns-record"), only=("list.links",)
    )

    assert of.steps[0].after == ()


def test_checks_that_stand_on_each_other_are_a_defect() -> None:
    with pytest.raises(PlanError, match=r"list\.links \[tasks\] > list\.limit \[tasks\]"):
        planned(check("list.links", after=("list.limit",)), check("list.limit", after=("list.links",)))


def test_a_check_that_stands_on_one_that_comes_last_is_a_defect() -> None:
    with pytest.raises(PlanError, match=r"list\.links \[tasks\] stands on list\.limit \[tasks\], which comes last"):
        planned(check("list.links", after=("list.limit",)), check("list.limit", last=True))


def test_an_expired_key_and_what_looks_back_come_last() -> None:
    of = planned(
        check("list.links", last=True),
        check("list.limit", needs=frozenset({"expired_key"})),
        check("keys.masked"),
    )

    assert names(of) == ["keys.masked [tasks]", "list.limit [tasks]", "list.links [tasks]"]


def test_an_entity_that_a_check_does_not_suit_gives_no_step() -> None:
    of = planned(check("create.returns-record", operations=frozenset({"create"})), entities=(TASKS, USERS))

    assert names(of) == ["create.returns-record [tasks]"]
    assert of.out_of_scope == ()


def test_a_check_of_an_operator_that_the_contract_lacks_is_out_of_scope() -> None:
    of = planned(
        check("list.links", operators=frozenset({"$eq", "$near"})),
        check("list.limit", operators=frozenset({"$eq"})),
        operators=frozenset({"$eq"}),
    )

    assert of.out_of_scope == (("list.links", "the contract has no operator $near"),)
    assert names(of) == ["list.limit [tasks]"]


def test_a_check_that_suits_no_entity_is_out_of_scope() -> None:
    of = planned(check("create.returns-record", operations=frozenset({"create"})), entities=(USERS,))

    assert of.out_of_scope == (("create.returns-record", "no entity of this run has what it is about"),)


def test_a_primary_check_is_made_once_on_the_first_that_suits() -> None:
    of = planned(
        check("list.links", entities="primary", applies=lambda entity: entity.name != "tasks"),
        entities=(TASKS, USERS, ORDERS),
    )

    assert names(of) == ["list.links [users]"]


def test_a_thorough_run_makes_a_primary_check_on_each_and_one_of_the_first_on_that_alone() -> None:
    of = planned(
        check("list.links", entities="primary"),
        check("list.limit", entities="first"),
        entities=(TASKS, ORDERS),
        is_thorough=True,
    )

    assert names(of) == ["list.links [tasks]", "list.links [orders]", "list.limit [tasks]"]


def test_a_check_without_its_credential_is_out_of_scope_with_the_reason() -> None:
    missing = {"session": OutOfProfile("no session was given (--session)")}

    of = planned(check("keys.masked", needs=frozenset({"session"})), missing=missing)

    assert of.steps == ()
    assert of.out_of_scope == (("keys.masked", "no session was given (--session)"),)


def test_a_check_with_a_scope_needs_the_key() -> None:
    reason = OutOfProfile("no API key was given")

    of = planned(check("list.links", scopes=frozenset({"read"})), missing={"api_key": reason})

    assert of.out_of_scope == (("list.links", "no API key was given"),)


def test_a_credential_that_could_not_be_made_blocks() -> None:
    of = planned(
        check("keys.masked", needs=frozenset({"read_key"})), missing={"read_key": Blocked("no key could be made")}
    )

    assert of.steps[0].blocked == "no key could be made"


def test_a_run_that_only_reads_leaves_out_what_writes() -> None:
    of = planned(check("create.returns-record", scopes=frozenset({"write"})), check("list.links"), is_read_only=True)

    assert names(of) == ["list.links [tasks]"]
    assert of.out_of_scope[0][1].startswith("this run only reads")


def test_a_pattern_selects_requirements_and_chapters() -> None:
    checks = [check(requirement) for requirement in LEDGER.requirements]

    assert names(planned(*checks, only=("list.l*s", "create"))) == [
        "list.links [tasks]",
        "create.returns-record [tasks]",
    ]
    assert names(planned(*checks, only=("list", "keys"), skip=("*.limit", "keys.*"))) == ["list.links [tasks]"]


@pytest.mark.parametrize("name", ["list", "listing", "listing*", "list.*"])
def test_a_chapter_is_taken_by_the_name_that_it_had_before_too(name: str) -> None:
    checks = (check("list.links"), check("keys.masked"))

    assert names(planned(*checks, only=(name,))) == names(planned(check("list.links")))
    assert names(planned(*checks, skip=(name,))) == names(planned(check("keys.masked")))


def test_what_was_not_selected_is_out_of_scope() -> None:
    of = planned(check("list.links"), check("list.limit"), skip=("list.limit",))

    assert of.out_of_scope == (("list.limit", "left out by --skip"),)


def test_commas_part_nothing() -> None:
    with pytest.raises(Misuse, match=r"--only list,keys: no such .*; commas part nothing: give the option again"):
        planned(check("list.links"), only=("list,keys",))


@pytest.mark.parametrize("name", ["LIST", "List", "LISTS"])
def test_capitals_are_no_other_letters(name: str) -> None:
    with pytest.raises(Misuse, match=rf"--only {name}: no such requirement or chapter; did you mean list\?"):
        planned(check("list.links"), only=(name,))


@pytest.mark.parametrize("option", ["only", "skip"])
def test_a_pattern_that_selects_nothing_is_misuse_with_the_nearest_name(option: str) -> None:
    with pytest.raises(
        Misuse, match=rf"--{option} list\.lnks: no such requirement or chapter; did you mean list\.links\?"
    ):
        planned(check("list.links"), **{option: ("list.lnks",)})


@pytest.mark.parametrize("pattern", ["model.page", "model", "model.*"])
def test_a_pattern_of_what_another_command_judges_names_the_command(pattern: str) -> None:
    with pytest.raises(Misuse, match="`conformance model` judges it"):
        named(ledger.load(), pattern, "--only")


def test_a_pattern_like_nothing_is_misuse_with_the_way_to_all() -> None:
    with pytest.raises(Misuse, match=r"the nearest is list\.links; `conformance list` shows all"):
        planned(check("list.links"), only=("zzzzzz",))


def test_what_uses_something_up_runs_when_it_is_allowed() -> None:
    own = check("keys.expired", opt_in="credits")

    assert planned(own).opt_in == ("keys.expired",)
    assert planned(own).steps == ()
    assert planned(own).out_of_scope == ()
    assert planned(own, only=("keys.*",)).steps == ()
    assert planned(own, allow=("rate-limit",)).steps == ()
    assert names(planned(own, allow=("credits",))) == ["keys.expired [tasks]"]
    with pytest.raises(
        Misuse, match=r"--only keys\.expired: its check uses something up; allow it \(--allow credits\)"
    ):
        planned(own, only=("keys.expired",))


def test_a_run_that_only_reads_uses_nothing_up() -> None:
    of = planned(check("keys.expired", opt_in="credits"), allow=("credits",), is_read_only=True)

    assert of.steps == ()
    assert of.out_of_scope[0][1].startswith("this run only reads")


def test_the_outline_tells_each_step() -> None:
    of = planned(check("keys.masked", entities="none"), check("list.links", after=("keys.masked",)))

    assert of.outline == (
        PlannedCheck("keys.masked", None),
        PlannedCheck("list.links", "tasks", ("keys.masked",)),
    )
