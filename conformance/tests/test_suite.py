"""A run from the URL to the verdict: however its checks end.

It is long because each end of a run has an exit code, a verdict and leftovers of its own.
"""

import asyncio
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest
from entity_conformance.deployment.api import Api, Secret
from entity_conformance.deployment.problems import Violation
from entity_conformance.deployment.settings import Given, Misuse, Tls, Waiver
from entity_conformance.report.verdict import Outcome, Result
from entity_conformance.suite import expect, ledger
from entity_conformance.suite import run as suite
from entity_conformance.suite.course import Watcher
from entity_contract import Entity

from conformance.tests import answers
from conformance.tests.miniature import BASE, CONTRACT, KEY, OTHER, SESSION, Miniature
from conformance.tests.running import (
    breaks,
    check,
    creates,
    is_blocked,
    is_out,
    observes,
    observes_nonsense,
    passes,
    results,
    run,
    violates,
)


@pytest.mark.parametrize(
    ("body", "requirement", "outcome", "message", "code"),
    [
        (passes, "create.one", Outcome.passed, "It holds.", 0),
        (observes, "create.three", Outcome.observed, "capped", 0),
        (is_out, "create.one", Outcome.skipped, "it is not there", 2),
        (is_blocked, "create.one", Outcome.blocked, "it could not be arranged", 2),
        (violates, "create.two", Outcome.warned, "it is wrong", 0),
        (violates, "create.one", Outcome.failed, "it is wrong", 1),
        (violates, "create.three", Outcome.failed, "it is wrong", 1),
        (
            observes_nonsense,
            "create.three",
            Outcome.broken,
            "the check observed 'whatever', the ledger knows refused, capped",
            70,
        ),
    ],
)
def test_however_a_check_ends_it_is_one_result_and_one_exit_code(  # noqa: PLR0917  # one line of the table above
    journals: Path, body: Any, requirement: str, outcome: Outcome, message: str, code: int
) -> None:
    ended = run(Miniature(), journals, check(body, requirement))

    assert results(ended) == [(requirement, "tasks", outcome, message)]
    assert ended.verdict.exit_code == code


def test_a_violation_tells_what_was_expected_and_what_came(journals: Path) -> None:
    (result,) = run(Miniature(), journals, check(violates)).results

    assert (result.expected, result.actual) == ("right", "wrong")


def test_our_own_exception_is_our_defect_told_with_its_place_and_no_secret(journals: Path) -> None:
    ended = run(Miniature(), journals, check(breaks))

    assert ended.results[0].outcome is Outcome.broken
    assert ended.results[0].message.startswith("KeyError: 'the key is $CONFORMANCE_API_KEY' (deployment/api.py:")
    assert ended.verdict.exit_code == 70


def test_a_strict_run_fails_a_should(journals: Path) -> None:
    ended = run(Miniature(), journals, check(violates, "create.two"), strict=True)

    assert ended.results[0].outcome is Outcome.failed
    assert ended.verdict.exit_code == 1


class Hears(Watcher):
    """Keeps what a watcher is told."""

    def __init__(self) -> None:
        self.told: list[object] = []

    def planned(self, total: int, noun: str = "check") -> None:
        self.told.append((total, noun))

    def started(self, requirement: str, entity: str | None) -> None:
        self.told.append(f"{requirement} [{entity}]")

    def finished(self, result: Result) -> None:
        self.told.append(result.outcome.name)


def test_a_watcher_is_told_how_many_checks_there_are_and_how_each_ended(journals: Path) -> None:
    hears = Hears()

    run(Miniature(), journals, check(passes), check(violates, "create.two"), watcher=hears, concurrency=1)

    assert hears.told == [(2, "check"), "create.one [tasks]", "passed", "create.two [tasks]", "warned"]


def test_who_waits_for_another_check_gives_its_place_up(journals: Path) -> None:
    arranged = asyncio.Event()

    async def needs_it(api: Api, _: Entity) -> None:
        await api.once("what two checks need", arranged.wait)

    async def arranges_it(_: Api, __: Entity) -> None:
        arranged.set()

    proofs = check(needs_it), check(needs_it, "create.two"), check(arranges_it, "create.three")
    ended = run(Miniature(), journals, *proofs, concurrency=2, max_time=5)

    assert [result.outcome for result in ended.results] == [Outcome.passed] * 3


def test_the_choice_of_the_deployment_is_recorded(journals: Path) -> None:
    assert run(Miniature(), journals, check(observes, "create.three")).choices == (("create.three", "capped"),)


@pytest.mark.parametrize(("body", "said"), [(violates, "failed"), (breaks, "broke")])
def test_what_stands_on_a_check_that_did_not_hold_is_blocked(journals: Path, body: Any, said: str) -> None:
    ended = run(Miniature(), journals, check(body), check(passes, "create.two", after=("create.one",)))

    assert ended.results[1].message == f"it stands on create.one [tasks], which {said}"
    assert ended.results[1].outcome is Outcome.blocked


def test_what_stands_on_a_failure_that_does_not_hinder_it_is_judged(journals: Path) -> None:
    async def differs(_: Api, __: Entity) -> None:
        raise Violation("another status", hinders=False)

    ended = run(Miniature(), journals, check(differs), check(passes, "create.two", after=("create.one",)))

    assert [one.outcome for one in ended.results] == [Outcome.failed, Outcome.passed]


def test_what_holds_says_what_of_it_was_not_judged(journals: Path) -> None:
    async def half(_: Api, __: Entity) -> None:
        expect.refused_as(answers.reply(404, text=""), answers.reply(404, text=""), 404, "NOT_FOUND")

    (held,) = run(Miniature(), journals, check(half)).results

    assert (held.outcome, held.message.partition(" by the ")[2]) == (
        Outcome.passed,
        "status alone: the refusal has no code, which errors.envelope judges.",
    )


def test_what_stands_on_a_blocked_check_is_blocked_for_the_same_reason(journals: Path) -> None:
    ended = run(
        Miniature(),
        journals,
        check(is_blocked),
        check(passes, "create.two", after=("create.one",)),
        check(observes, "create.three", after=("create.two",)),
    )

    assert [result.message for result in ended.results] == ["it could not be arranged"] * 3


@pytest.mark.parametrize("body", [passes, is_out])
def test_what_stands_on_anything_else_is_made(journals: Path, body: Any) -> None:
    ended = run(Miniature(), journals, check(body), check(passes, "create.two", after=("create.one",)))

    assert ended.results[1].outcome is Outcome.passed


def test_what_stands_on_a_should_that_does_not_hold_is_skipped(journals: Path) -> None:
    ended = run(
        Miniature(), journals, check(violates, "create.two"), check(violates, "create.one", after=("create.two",))
    )

    assert ended.results[1].outcome is Outcome.skipped
    assert ended.results[1].message == "it is about what create.two [tasks] judges, a SHOULD that does not hold here"
    assert ended.verdict.exit_code == 0


def test_a_deployment_that_goes_away_is_not_accused(journals: Path) -> None:
    deployment = Miniature()

    async def takes_it_down(api: Api, _: Entity) -> None:
        def drop(_: httpx.Request) -> httpx.Response | None:
            raise httpx.ConnectError("gone")

        deployment.before = drop
        await api.list("tasks")

    ended = run(
        deployment, journals, check(takes_it_down), check(passes, "create.two"), given=Given(api_key=KEY), concurrency=1
    )

    assert [result.outcome for result in ended.results] == [Outcome.blocked, Outcome.blocked]
    assert ended.verdict.exit_code == 4
    assert ended.verdict.reason.startswith("could not test: the deployment stopped answering")


def test_a_request_without_an_answer_is_a_violation_where_the_rest_answers(journals: Path) -> None:
    def drop(request: httpx.Request) -> httpx.Response | None:
        if b"poison" in request.url.query:
            raise httpx.ReadError("gone")
        return None

    async def poisons(api: Api, _: Entity) -> None:
        await api.list("tasks", search="poison")

    ended = run(Miniature(before=drop), journals, check(poisons))

    assert ended.results[0].outcome is Outcome.failed
    assert ended.results[0].message == "the connection was closed before the whole answer came"
    assert len(ended.results[0].exchanges) == 2


def test_the_exchange_that_was_judged_is_the_last_of_the_evidence(journals: Path) -> None:
    async def judges_the_first(api: Api, _: Entity) -> None:
        first = await api.list("tasks", page=1)
        await api.list("tasks", page=2)
        await api.list("tasks", page=3)
        expect.equal(first.pagination.get("page"), 7, at="pagination.page")

    ended = run(Miniature(), journals, check(judges_the_first))

    pages = [
        exchange.url[-6:] for id_ in ended.results[0].exchanges for exchange in ended.exchanges if exchange.id == id_
    ]
    assert pages == ["page=2", "page=3", "page=1"]


def test_an_answer_to_another_check_is_evidence_where_it_is_judged(journals: Path) -> None:
    async def looks_back(api: Api, _: Entity) -> None:
        for reply in api.seen:
            expect.status(reply, 204)

    ended = run(Miniature(), journals, check(passes), check(looks_back, "create.two", last=True))

    (judged,) = ended.results[1].exchanges
    assert judged == ended.exchanges[0].id


async def reads_page_7(api: Api, _: Entity) -> None:
    reply = await api.list("tasks", page=7)
    expect.contains(reply.body, "data", at="the answer")


def _page_7_is_down(request: httpx.Request) -> httpx.Response | None:
    return httpx.Response(503, json={"message": "Down"}) if "page=7" in str(request.url) else None


@pytest.mark.parametrize("last", [False, True])
def test_a_check_whose_own_request_is_answered_by_503_twice_accuses_nobody(journals: Path, *, last: bool) -> None:
    ended = run(
        Miniature(before=_page_7_is_down), journals, check(passes), check(reads_page_7, "create.three", last=last)
    )

    assert (ended.results[1].outcome, ended.results[1].message) == (Outcome.blocked, "the deployment answered 503")


def test_a_check_of_what_others_saw_judges_a_503(journals: Path) -> None:
    async def looks_back(api: Api, _: Entity) -> None:
        for reply in api.seen:
            expect.contains(reply.body, "code", at="the answer")

    ended = run(
        Miniature(before=_page_7_is_down),
        journals,
        check(reads_page_7, "create.one"),
        check(looks_back, "create.three", last=True),
    )

    assert ended.results[1].outcome is Outcome.failed


def test_a_run_that_is_only_planned_asks_nothing_of_its_checks(journals: Path) -> None:
    ended = run(Miniature(), journals, check(breaks), plan=True)

    assert (ended.verdict.name, ended.verdict.exit_code, ended.results) == ("planned", 0, ())
    assert ended.expected is not None
    assert ended.expected.checks == 1


def test_what_stands_in_for_a_check_that_asks_is_planned_with_no_request(journals: Path) -> None:
    asks, waits = check(passes), check(passes, unseen="no API key was given (--api-key)")

    planned = [run(Miniature(), journals, one, plan=True).expected for one in (asks, waits)]

    assert [one.requests.total - planned[1].requests.total for one in planned if one and planned[1]] == [1, 0]


def test_a_run_that_could_test_nothing_is_no_plan(journals: Path) -> None:
    ended = run(Miniature(), journals, check(passes), plan=True, max_requests=1, given=Given(api_key=KEY))

    assert ended.verdict.exit_code == 2


def test_a_run_within_no_budget_tests_nothing(journals: Path) -> None:
    ended = run(Miniature(), journals, max_requests=1, given=Given(api_key=KEY))

    assert ended.verdict.exit_code == 2
    assert "left out: does not fit --max-requests 1" in ended.verdict.reason
    assert ended.requests.total == 1


def test_no_exchange_and_no_result_holds_a_secret(journals: Path) -> None:
    made: list[str] = []

    async def quotes_a_key(api: Api, _: Entity) -> None:
        key = (await api.create_key({"name": "mine", "scopes": ["read"]})).record["key"]
        made.append(key)
        await api.list("tasks", credential=Secret(key))
        raise Violation(f"it shows {key}", expected=KEY, actual=SESSION)

    ended = run(Miniature(), journals, check(quotes_a_key), headers=(("X-Team-Id", "open-sesame"),))

    assert not any(secret in repr(ended) for secret in (KEY, OTHER, SESSION, "open-sesame", *made))
    assert ended.results[0].expected == "$CONFORMANCE_API_KEY"


def test_an_unknown_requirement_is_misuse_before_anything_is_sent(journals: Path) -> None:
    deployment = Miniature()

    with pytest.raises(Misuse, match=r"did you mean create\.one\?"):
        run(deployment, journals, only=("create.on",))

    assert deployment.requests == []


def test_a_run_tells_when_how_and_against_what(journals: Path) -> None:
    ended = run(Miniature(), journals, seed=7)

    assert (ended.target, ended.seed, ended.contract_sha256) == (BASE, 7, CONTRACT.sha256)
    assert ended.started_at.endswith("Z")
    assert ended.requests.total == len(ended.exchanges)


def test_every_chapter_has_checks_and_every_check_its_sentence() -> None:
    assert {check.chapter for check in suite.checks()} == set(ledger.CHAPTERS)
    assert all(check.sentence.endswith(".") for check in suite.checks())


KNOWN = Waiver("create.one", "fixed in 2.3", date(2099, 12, 31))


def test_a_failure_that_is_known_does_not_fail_the_run(journals: Path) -> None:
    ended = run(Miniature(), journals, check(violates), check(passes, "create.three"), waivers=(KNOWN,))

    assert [one.outcome for one in ended.results] == [Outcome.waived, Outcome.passed]
    assert (ended.verdict.name, ended.verdict.exit_code) == ("conforms-except-waived", 0)
    assert ended.verdict.reason.startswith("conforms except 1 waived (create.one), profile full: ")


def test_a_waiver_that_has_expired_waives_nothing_and_is_told(journals: Path) -> None:
    expired = replace(KNOWN, expires=date(2020, 1, 1))

    ended = run(Miniature(), journals, check(violates), waivers=(expired,))

    assert ended.verdict.exit_code == 1
    assert ended.verdict.reason.endswith("a waiver has expired and waives nothing (create.one on 2020-01-01)")


@pytest.mark.parametrize(("strict", "code"), [(False, 0), (True, 1)])
def test_a_stale_waiver_is_told_and_fails_a_run_that_is_strict_about_it(
    journals: Path, *, strict: bool, code: int
) -> None:
    ended = run(Miniature(), journals, check(passes), waivers=(KNOWN,), strict_waivers=strict)

    assert ended.verdict.exit_code == code
    assert ended.caveats == ("a waiver is stale: what it waives was judged and holds (create.one)",)


def test_a_waiver_for_an_entity_that_nobody_has_is_told(journals: Path) -> None:
    misspelt = replace(KNOWN, requirement="create.two", entity="taks")

    ended = run(Miniature(), journals, check(passes), waivers=(misspelt,))

    assert ended.caveats == ("a waiver waives nothing: there is no entity taks (create.two), the nearest is tasks",)


def test_a_waiver_that_was_not_judged_is_not_stale(journals: Path) -> None:
    elsewhere = replace(KNOWN, requirement="create.two")

    ended = run(Miniature(), journals, check(passes), waivers=(elsewhere,), strict_waivers=True)

    assert (ended.verdict.exit_code, ended.caveats, ended.waivers[0].state) == (0, (), "not-judged")


def test_what_fails_is_written_down_as_waived(journals: Path) -> None:
    expired = replace(KNOWN, expires=date(2020, 1, 1), entity="tasks")
    new = replace(KNOWN, requirement="*", reason="later")

    ended = run(Miniature(), journals, check(violates), waivers=(expired,), new_waiver=new)

    assert [use.waiver for use in ended.waivers] == [replace(new, requirement="create.one", entity="tasks")]
    assert ended.verdict.exit_code == 0


def test_that_no_certificate_was_verified_is_told(journals: Path) -> None:
    ended = run(Miniature(), journals, check(passes), url="https://shop.example.test", tls=Tls(insecure=True))

    assert ended.caveats == ("no certificate was verified (--insecure)",)
    assert ended.verdict.reason.endswith("; no certificate was verified (--insecure)")


def test_a_run_that_only_reads_writes_nothing_on_this_machine_either(journals: Path) -> None:
    ended = run(Miniature(), journals, check(creates, scopes=frozenset({"write"})), read_only=True)

    assert ended.verdict.exit_code == 2
    assert "this run only reads (--read-only)" in ended.verdict.reason


def test_a_run_is_scored_by_the_requirements_of_a_release(journals: Path) -> None:
    ended = run(Miniature(), journals, check(violates), requirements="0.1")

    assert [one.outcome for one in ended.results] == [Outcome.new]
    assert (ended.requirement_set.version, ended.verdict.exit_code) == ("0.1.0", 2)
    assert ended.verdict.reason == "could not test: nothing that is scored was tested, what was is new (create.one)"


def test_a_release_that_there_is_not_is_misuse(journals: Path) -> None:
    with pytest.raises(Misuse, match=r"--requirements 7: there is no such set of requirements"):
        run(Miniature(), journals, check(passes), requirements="7")


def test_what_uses_something_up_is_planned_with_all_that_it_takes(journals: Path) -> None:
    spends = check(passes, opt_in="rate-limit", requests=1_100)

    ended = run(Miniature(), journals, spends, allow=("rate-limit",), plan=True)

    assert ended.expected is not None
    assert 1_100 < ended.expected.requests.total < 1_150
    assert (
        "does not fit --max-requests 500"
        in run(Miniature(), journals, spends, allow=("rate-limit",), max_requests=500).verdict.reason
    )


def test_what_stands_on_a_known_failure_leaves_the_verdict_alone(journals: Path) -> None:
    other = check(passes, "create.three", after=("create.one",))

    ended = run(Miniature(), journals, check(violates), other, waivers=(KNOWN,))

    assert results(ended)[1:] == [
        ("create.three", "tasks", Outcome.skipped, "it stands on create.one [tasks], which is waived")
    ]
    assert ended.verdict.exit_code == 0
    assert ended.verdict.reason.startswith(
        "conforms except 1 waived (create.one) and 1 not tested for that (create.three), profile full: "
    )
