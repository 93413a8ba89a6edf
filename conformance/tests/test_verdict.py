"""One verdict by precedence, on every combination of outcomes and circumstances."""

import itertools
from dataclasses import replace

import pytest
from entity_conformance.deployment.problems import NotApplicable
from entity_conformance.report.verdict import (
    LEFT_OUT,
    NOT_SEEN,
    SKIPPED,
    Circumstances,
    Outcome,
    Profile,
    Result,
    Verdict,
    combine,
    out_of_scope,
    outcome_of_violation,
)
from entity_contract.rulings import Level

PROFILE = Profile("api-key", ("key",), (), ("tasks",))
NARROW = Profile("api-key", ("key",), (), ("tasks",), out_of_scope=(("keys.masked", "no session was given"),))
CALM = Circumstances()


def result(outcome: Outcome, *, level: Level = "must", requirement: str = "list.links", message: str = "why") -> Result:
    return Result(requirement, "listing", level, "tasks", outcome, message)


def verdict(*outcomes: Outcome, profile: Profile = PROFILE, circumstances: Circumstances = CALM) -> Verdict:
    return combine([result(outcome) for outcome in outcomes], profile, circumstances)


@pytest.mark.parametrize("others", [(), (Outcome.passed,), (Outcome.passed, Outcome.observed, Outcome.skipped)])
@pytest.mark.parametrize(
    ("worst", "name", "code"),
    [
        (Outcome.passed, "conforms", 0),
        (Outcome.observed, "conforms", 0),
        (Outcome.warned, "conforms", 0),
        (Outcome.failed, "does-not-conform", 1),
        (Outcome.broken, "inconclusive", 70),
    ],
)
def test_the_worst_outcome_decides(worst: Outcome, others: tuple[Outcome, ...], name: str, code: int) -> None:
    found = verdict(*others, worst)

    assert (found.name, found.exit_code) == (name, code)


def test_every_set_of_outcomes_has_its_exit_code() -> None:
    for outcomes in (each for size in range(10) for each in itertools.combinations(Outcome, size)):
        judged = set(outcomes) - {Outcome.new, Outcome.skipped, Outcome.blocked}
        if Outcome.broken in outcomes:
            expected = 70
        elif not judged:
            expected = 2
        elif Outcome.failed in outcomes:
            expected = 1
        elif Outcome.blocked in outcomes:
            expected = 3
        else:
            expected = 0

        assert (outcomes, verdict(*outcomes).exit_code) == (outcomes, expected)


@pytest.mark.parametrize(
    ("circumstances", "code"),
    [
        (Circumstances(interrupted=True, defect="d", refused="r", unready="u", leftovers=1), 130),
        (Circumstances(defect="d", refused="r", unready="u", leftovers=1), 70),
        (Circumstances(refused="r", unready="u", leftovers=1), 4),
        (Circumstances(unready="u", leftovers=1), 2),
    ],
)
def test_circumstances_go_by_precedence(circumstances: Circumstances, code: int) -> None:
    assert combine([], PROFILE, circumstances).exit_code == code


def test_that_only_the_public_was_tested_is_said() -> None:
    public = Profile("public", (), (), ("tasks",), out_of_scope=(("list.links", "no API key was given"),))

    assert verdict(Outcome.passed, profile=public).reason == (
        "conforms in what needs no credentials (1 requirement), and nothing else was judged (give --api-key),"
        " profile public: 1 requirement out of scope"
    )


def test_an_interrupt_outweighs_a_broken_check_and_a_failed_one() -> None:
    found = verdict(Outcome.broken, Outcome.failed, circumstances=Circumstances(interrupted=True))

    assert found == Verdict(
        "inconclusive", 130, "inconclusive: interrupted after 2 checks; until then 1 requirement broken (list.links)"
    )


def test_a_lost_deployment_outweighs_what_failed_before() -> None:
    found = verdict(Outcome.failed, circumstances=Circumstances(refused="it stopped answering"))

    assert (found.name, found.exit_code) == ("could-not-test", 4)
    assert found.reason == "could not test: it stopped answering; until then 1 requirement broken (list.links)"


@pytest.mark.parametrize(
    ("outcomes", "profile", "found"),
    [
        (
            (Outcome.passed, Outcome.waived),
            PROFILE,
            Verdict(
                "conforms-except-waived",
                0,
                "conforms except 1 waived (list.links), profile api-key: nothing out of scope",
            ),
        ),
        (
            (Outcome.passed,),
            replace(PROFILE, out_of_scope=(("list.order", SKIPPED),)),
            Verdict(
                "conforms",
                0,
                "conforms except 1 skipped by --skip (list.order), profile api-key: 1 requirement out of scope",
            ),
        ),
        (
            (Outcome.waived,),
            replace(PROFILE, out_of_scope=(("list.order", SKIPPED),)),
            Verdict(
                "conforms-except-waived",
                0,
                "conforms except 1 waived (list.links) and 1 skipped by --skip (list.order), profile api-key:"
                " 1 requirement out of scope",
            ),
        ),
        (
            (Outcome.waived, Outcome.failed),
            PROFILE,
            Verdict(
                "does-not-conform",
                1,
                "does not conform, profile api-key: 1 requirement broken (list.links), besides 1 waived (list.links)",
            ),
        ),
        (
            (Outcome.waived, Outcome.blocked),
            PROFILE,
            Verdict(
                "inconclusive",
                3,
                "inconclusive, profile api-key, besides 1 waived (list.links): list.links could not be tested (why)",
            ),
        ),
        (
            (Outcome.passed, Outcome.new),
            PROFILE,
            Verdict("conforms", 0, "conforms, profile api-key: nothing out of scope, 1 requirement new and not scored"),
        ),
    ],
)
def test_what_the_user_took_out_is_said_first(outcomes: tuple[Outcome, ...], profile: Profile, found: Verdict) -> None:
    assert verdict(*outcomes, profile=profile) == found


STALE = Circumstances(stale=("list.links",))


@pytest.mark.parametrize(
    ("circumstances", "name", "code"),
    [(STALE, "conforms", 0), (replace(STALE, strict_waivers=True), "waivers-are-stale", 1)],
)
def test_a_stale_waiver_fails_the_run_where_that_is_asked_for(
    circumstances: Circumstances, name: str, code: int
) -> None:
    found = verdict(Outcome.passed, circumstances=circumstances)

    assert (found.name, found.exit_code) == (name, code)


def test_a_verdict_ends_with_its_caveats() -> None:
    found = verdict(Outcome.passed, circumstances=Circumstances(caveats=("no certificate was verified",)))

    assert found.reason == "conforms, profile api-key: nothing out of scope; no certificate was verified"


def test_a_failure_outweighs_leftovers() -> None:
    assert verdict(Outcome.failed, circumstances=Circumstances(leftovers=3)).exit_code == 1


@pytest.mark.parametrize("also", [Outcome.passed, Outcome.blocked])
def test_leftovers_outweigh_conforming_and_inconclusive(also: Outcome) -> None:
    found = verdict(Outcome.passed, also, circumstances=Circumstances(leftovers=2))

    assert found.exit_code == 5
    assert found.reason.endswith("but 2 things that the run made could not be removed")


def test_nothing_tested_is_no_verdict() -> None:
    found = verdict(Outcome.skipped, profile=NARROW)

    assert found.exit_code == 2
    assert found.reason == (
        "could not test: nothing was tested, profile api-key leaves out every requirement (no session was given)"
    )


def test_a_selection_that_leaves_nothing_says_so() -> None:
    narrow = replace(NARROW, out_of_scope=(("list.order", LEFT_OUT),))
    found = combine([result(Outcome.skipped, message=LEFT_OUT)], narrow, CALM)

    assert found.reason.endswith("leaves out every requirement (--only and --skip leave none)")


def test_a_selection_that_lacks_a_credential_names_it() -> None:
    narrow = replace(NARROW, out_of_scope=(("list.order", LEFT_OUT),))
    lacking = result(Outcome.skipped, requirement="create.returns-record", message="no API key was given (--api-key)")
    found = combine([result(Outcome.skipped, message=LEFT_OUT), lacking], narrow, CALM)

    assert found.reason.endswith("leaves out every requirement (no API key was given (--api-key))")


def test_where_nothing_is_tested_the_reason_of_most_is_told() -> None:
    reasons = ("no session was given (--session)", *["left out: does not fit --max-requests 5"] * 2)
    left = [result(Outcome.skipped, requirement=f"list.{at}", message=reason) for at, reason in enumerate(reasons)]

    found = combine(left, replace(NARROW, out_of_scope=()), CALM)

    assert found.reason.endswith("leaves out every requirement (left out: does not fit --max-requests 5)")


def test_everything_blocked_is_nothing_tested() -> None:
    found = combine([result(Outcome.blocked, message="the budget of 5 requests is used up")], PROFILE, CALM)

    assert found == Verdict(
        "could-not-test", 2, "could not test: every check was blocked (the budget of 5 requests is used up)"
    )


def test_a_blocked_must_is_inconclusive() -> None:
    found = combine([result(Outcome.passed), result(Outcome.blocked, requirement="keys.masked")], PROFILE, CALM)

    assert found == Verdict("inconclusive", 3, "inconclusive, profile api-key: keys.masked could not be tested (why)")


@pytest.mark.parametrize(("level", "code"), [("must", 3), ("should", 0), ("choice", 0)])
def test_only_a_blocked_must_hinders_conforming(level: Level, code: int) -> None:
    found = combine([result(Outcome.passed), result(Outcome.blocked, level=level)], PROFILE, CALM)

    assert found.exit_code == code


def test_strict_makes_a_blocked_should_inconclusive() -> None:
    results = [result(Outcome.passed), result(Outcome.blocked, level="should")]

    assert combine(results, PROFILE, Circumstances(strict=True)).exit_code == 3


def test_strict_makes_a_warning_fail() -> None:
    assert verdict(Outcome.passed, Outcome.warned, circumstances=Circumstances(strict=True)).exit_code == 1


def test_a_warning_is_told_though_it_conforms() -> None:
    found = verdict(Outcome.passed, Outcome.warned)

    assert found.reason == "conforms, profile api-key: nothing out of scope, 1 requirement warned"


def test_what_is_out_of_scope_is_counted() -> None:
    found = verdict(Outcome.passed, profile=NARROW)

    assert found == Verdict("conforms", 0, "conforms, profile api-key: 1 requirement out of scope")


def test_what_is_out_of_scope_is_inconclusive_when_all_is_required() -> None:
    found = verdict(Outcome.passed, profile=NARROW, circumstances=Circumstances(require_full=True))

    assert found == Verdict(
        "inconclusive",
        3,
        "inconclusive, profile api-key: 1 requirement out of scope, and the full profile is required",
    )


def test_what_a_check_had_to_skip_is_inconclusive_when_all_is_required() -> None:
    found = verdict(Outcome.passed, Outcome.skipped, circumstances=Circumstances(require_full=True))

    assert found.exit_code == 3


def test_what_an_entity_cannot_have_is_no_gap_where_it_was_judged_of_others() -> None:
    lacking = result(Outcome.skipped, message=str(NotApplicable("comments has no required text")))
    others = result(Outcome.skipped, message=str(NotApplicable("comments has no parent")), requirement="select.parent")

    found = combine([result(Outcome.passed), lacking], PROFILE, Circumstances(require_full=True))
    nowhere = combine([result(Outcome.passed), lacking, others], PROFILE, Circumstances(require_full=True))

    told = "nothing out of scope, 1 requirement not applicable to some entities"
    assert found == Verdict("conforms", 0, f"conforms, profile api-key: {told}")
    assert nowhere.exit_code == 3
    assert nowhere.reason.startswith("inconclusive, profile api-key: 1 requirement out of scope")


def test_a_blocked_should_is_inconclusive_when_all_is_required() -> None:
    results = [result(Outcome.passed), result(Outcome.blocked, level="should")]

    assert combine(results, PROFILE, Circumstances(require_full=True)).exit_code == 3


def test_a_full_profile_conforms_when_all_is_required() -> None:
    assert verdict(Outcome.passed, circumstances=Circumstances(require_full=True)).exit_code == 0


def test_a_requirement_out_of_scope_and_skipped_is_counted_once() -> None:
    skipped = result(Outcome.skipped, requirement="keys.masked")

    assert out_of_scope([skipped, skipped, result(Outcome.skipped)], NARROW) == ("keys.masked", "list.links")


def test_a_requirement_broken_on_many_entities_is_counted_once() -> None:
    assert verdict(Outcome.failed, Outcome.failed).reason == (
        "does not conform, profile api-key: 1 requirement broken (list.links)"
    )


def test_a_reason_names_no_more_than_three() -> None:
    results = [result(Outcome.failed, requirement=f"list.r{number}") for number in range(5)]

    assert combine(results, PROFILE, CALM).reason == (
        "does not conform, profile api-key: 5 requirements broken (list.r0, list.r1, list.r2 and 2 more)"
    )


@pytest.mark.parametrize(
    ("level", "strict", "outcome"),
    [
        ("must", False, Outcome.failed),
        ("must", True, Outcome.failed),
        ("choice", False, Outcome.failed),
        ("should", False, Outcome.warned),
        ("should", True, Outcome.failed),
    ],
)
def test_the_level_decides_what_a_violation_is(level: Level, strict: bool, outcome: Outcome) -> None:  # noqa: FBT001
    assert outcome_of_violation(level, strict=strict) is outcome


def test_what_was_not_tested_is_named_where_all_else_conforms() -> None:
    found = combine(
        [result(Outcome.passed), result(Outcome.blocked, level="should", requirement="list.past-the-end")],
        PROFILE,
        CALM,
    )

    assert found.reason == (
        "conforms, profile api-key: nothing out of scope, 1 requirement not tested (list.past-the-end)"
    )


def test_what_no_exchange_was_about_is_not_out_of_scope() -> None:
    unseen = result(Outcome.skipped, requirement="list.total", message=NOT_SEEN)

    found = combine([result(Outcome.passed), unseen], PROFILE, CALM)

    assert found.reason == "conforms, profile api-key: nothing out of scope, 1 requirement not seen (list.total)"
