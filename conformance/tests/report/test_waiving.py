"""Which failures a waiver holds for, and what becomes of it."""

from dataclasses import replace
from datetime import date

import pytest
from entity_conformance.deployment.settings import Waiver
from entity_conformance.report.verdict import Outcome, Result, WaiverState
from entity_conformance.report.waiving import caveats, stale, told, waived, waiver_of, with_new

from conformance.tests.report.samples import FAILED, PASSED

TODAY = date(2026, 3, 31)
PLAIN = Waiver("list.limit-caps-page", "fixed in 2.3", date(2026, 12, 31))


def of(outcome: Outcome, entity: str | None = "tasks") -> Result:
    return replace(FAILED, outcome=outcome, entity=entity)


@pytest.mark.parametrize(
    "waiver",
    [
        PLAIN,
        replace(PLAIN, requirement="list.*"),
        replace(PLAIN, requirement="*"),
        replace(PLAIN, requirement="listing"),
        replace(PLAIN, entity="tasks"),
        replace(PLAIN, expires=TODAY),
    ],
)
def test_a_known_failure_is_waived(waiver: Waiver) -> None:
    (result,), (use,) = waived([FAILED], [waiver], today=TODAY)

    assert result == replace(FAILED, outcome=Outcome.waived)
    assert (use.state, use.about) == ("holds", (("list.limit-caps-page", "tasks"),))
    assert waiver_of([use], result) == waiver


@pytest.mark.parametrize(
    "waiver",
    [
        replace(PLAIN, requirement="list.limit"),
        replace(PLAIN, requirement="filter.*"),
        replace(PLAIN, entity="orders"),
        replace(PLAIN, expires=date(2026, 3, 30)),
    ],
)
def test_another_failure_is_none_of_a_waiver(waiver: Waiver) -> None:
    (result,), (use,) = waived([FAILED], [waiver], today=TODAY)

    assert result is FAILED
    assert waiver_of([use], result) is None


@pytest.mark.parametrize(
    ("results", "state"),
    [
        ([of(Outcome.passed)], "stale"),
        ([of(Outcome.observed)], "stale"),
        ([of(Outcome.passed), of(Outcome.skipped, "orders")], "stale"),
        ([of(Outcome.passed), of(Outcome.failed, "orders")], "holds"),
        ([of(Outcome.warned)], "holds"),
        ([of(Outcome.passed), of(Outcome.blocked, "orders")], "not-judged"),
        ([of(Outcome.broken)], "not-judged"),
        ([of(Outcome.new)], "not-judged"),
        ([of(Outcome.skipped)], "not-judged"),
        ([PASSED], "not-judged"),
        ([], "not-judged"),
    ],
)
def test_what_becomes_of_a_waiver(results: list[Result], state: WaiverState) -> None:
    assert waived(results, [PLAIN], today=TODAY)[1][0].state == state


def test_a_waiver_for_an_entity_is_stale_where_nothing_is_wrong_with_any() -> None:
    _, (use,) = waived([of(Outcome.passed, None)], [replace(PLAIN, entity="orders")], today=TODAY)

    assert use.state == "stale"


def test_only_a_failure_is_waived() -> None:
    others = [of(outcome) for outcome in Outcome if outcome is not Outcome.failed]

    assert waived(others, [PLAIN], today=TODAY)[0] == tuple(others)


def test_results_that_were_waived_before_keep_their_waiver() -> None:
    once, _ = waived([FAILED], [PLAIN], today=TODAY)

    assert waived(once, [PLAIN], today=TODAY)[1][0].state == "holds"


@pytest.mark.parametrize(
    ("message", "told_"),
    [
        (
            "it stands on list.limit-caps-page [tasks], which failed",
            "it stands on list.limit-caps-page [tasks], which is waived",
        ),
        ("it stands on list.limit-caps-page [orders], which failed", None),
        ("it stands on list.limit-caps-page, which failed", None),
        ("it stands on list.limit-caps-page [tasks], which broke", None),
        ("the deployment answered 503", None),
    ],
)
def test_what_stands_on_a_known_failure_was_not_tested_for_that(message: str, told_: str | None) -> None:
    blocked = replace(of(Outcome.blocked), requirement="list.total", message=message)

    (_, result), _ = waived([FAILED, blocked], [PLAIN], today=TODAY)

    expected = blocked if told_ is None else replace(blocked, outcome=Outcome.skipped, message=told_)
    assert result == expected


def test_what_does_not_hold_is_told() -> None:
    expired = replace(PLAIN, expires=date(2026, 3, 30))
    unneeded = [replace(PLAIN, entity=name) for name in ("orders", "users")]
    held = [of(Outcome.passed, name) for name in ("orders", "users")]

    _, uses = waived([FAILED, *held], [expired, *unneeded], today=TODAY)

    unnamed, named = caveats(uses)
    assert unnamed == "a waiver has expired and waives nothing (list.limit-caps-page on 2026-03-30)"
    assert named.startswith("each of 2 waivers is stale: what it waives was judged and holds (")
    assert stale(uses) == ("list.limit-caps-page [orders]", "list.limit-caps-page [users]")


def test_a_waiver_in_words() -> None:
    assert told(replace(PLAIN, ticket="SHOP-7")) == "fixed in 2.3 (SHOP-7), until 2026-12-31"
    assert told(PLAIN) == "fixed in 2.3, until 2026-12-31"


EXPIRED = replace(PLAIN, expires=date(2026, 1, 31), ticket="SHOP-7")
NEW = Waiver("*", "because", date(2027, 1, 31))


@pytest.mark.parametrize(
    ("before", "failing", "after"),
    [
        (EXPIRED, ["tasks"], [None]),
        (EXPIRED, ["tasks", "orders"], [None]),
        (replace(EXPIRED, entity="tasks"), ["tasks"], ["tasks"]),
        (replace(EXPIRED, entity="orders"), ["tasks"], ["orders", "tasks"]),
    ],
)
def test_an_expired_waiver_is_renewed_as_wide_as_it_was(
    before: Waiver, failing: list[str], after: list[str | None]
) -> None:
    results = [of(Outcome.failed, entity) for entity in failing] + [of(Outcome.passed, "users")]

    waivers = with_new(results, [before], NEW, today=TODAY)

    assert [one.entity for one in waivers] == after
    assert waivers[-1].expires == NEW.expires
    assert waivers[-1].ticket == (None if len(after) > 1 else "SHOP-7")
    found, _ = waived(results, waivers, today=TODAY)
    assert Outcome.failed not in {one.outcome for one in found}


def test_an_expired_waiver_of_more_is_left_and_nothing_is_said_of_it_where_others_waive_the_same() -> None:
    wide = replace(EXPIRED, requirement="list.*")
    waivers = with_new([FAILED], [wide], NEW, today=TODAY)

    assert waivers == (wide, replace(NEW, requirement=FAILED.requirement, entity=FAILED.entity))
    assert caveats(waived([FAILED], waivers, today=TODAY)[1]) == ()
    assert caveats(waived([FAILED], [wide], today=TODAY)[1]) != ()
    assert caveats(waived([of(Outcome.passed)], [wide], today=TODAY)[1]) != ()
