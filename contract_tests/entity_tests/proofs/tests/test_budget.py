"""What a run sends: no more than a limit of an hour leaves, as it said before, and the same for the same seed."""

import asyncio
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any
from unicodedata import combining, normalize
from urllib.parse import unquote_plus

import pytest
from entity_conformance.deployment.credentials import Given
from entity_conformance.deployment.settings import Settings
from entity_conformance.report.verdict import Outcome, Run
from entity_conformance.suite.fitting import BASICS
from entity_contract import load
from entity_tests.deployments.in_process import URL, deployed
from entity_tests.proofs.costs import run_counted

BY_KEYS, BY_THE_GIVEN_KEY, BY_SESSION, ON_TASKS = 600, 210, 33, 405
"""Bounds of a full run, and of one on tasks alone."""
BY_A_KEY_ALONE = 500
"""A bound of a run with one key and nothing else, so that two of them fit into the hour of a key."""
SMOKE = 60
USUAL = ("api_key", "session", "other_api_key")
TOLERANCE = 0.1


_PERFORMED: dict[tuple[object, ...], Run] = {}


def performed(journals: Path, *credentials: str, **options: Any) -> Run:
    """A run on a fresh reference server with these credentials; one for all tests that ask for the same."""
    asked = (credentials, *sorted(options.items()))
    if asked not in _PERFORMED:
        _PERFORMED[asked] = performed_anew(journals, *credentials, **options)
    return _PERFORMED[asked]


def performed_anew(journals: Path, *credentials: str, **options: Any) -> Run:
    """A run that nobody else has asked for."""

    async def perform() -> Run:
        async with deployed(load()) as deployment:
            values: dict[str, str] = {row.name: secret.value for row, secret in deployment.given}
            given = Given(**{name: values[name] for name in credentials})
            settings = replace(Settings(URL, given), **options)
            run, _ = await run_counted(deployment, settings, journals)
            return run

    return asyncio.run(perform())


def judged(run: Run) -> set[str]:
    return {one.requirement for one in run.results if one.outcome in {Outcome.passed, Outcome.observed}}


def test_a_full_run_leaves_room_for_others_within_the_hour(tmp_path: Path) -> None:
    run = performed(tmp_path, *USUAL)

    by = Counter(exchange.credential for exchange in run.exchanges)
    assert run.verdict.exit_code == 0
    assert run.requests.key <= BY_KEYS
    assert by["api_key"] <= BY_THE_GIVEN_KEY
    assert run.requests.session <= BY_SESSION


def test_two_runs_with_a_key_alone_fit_into_the_hour(tmp_path: Path) -> None:
    run = performed(tmp_path, "api_key")

    assert run.verdict.exit_code == 0
    assert sum(exchange.credential == "api_key" for exchange in run.exchanges) <= BY_A_KEY_ALONE


@pytest.mark.parametrize(
    ("credentials", "options"),
    [
        (USUAL, {}),
        (("api_key",), {}),
        pytest.param(("session",), {}, marks=pytest.mark.soak),
        (USUAL, {"entities": ("tasks",)}),
        pytest.param(USUAL, {"entities": ("orders",)}, marks=pytest.mark.soak),
        (USUAL, {"only": ("list", "create")}),
        (USUAL, {"smoke": True}),
        pytest.param(USUAL, {"thorough": True}, marks=pytest.mark.soak),
        pytest.param(USUAL, {"thorough": True, "entities": ("tasks",)}, marks=pytest.mark.soak),
    ],
    ids="-".join,
)
def test_a_run_sends_what_it_said_before(tmp_path: Path, credentials: tuple[str, ...], options: Any) -> None:
    """The ways whose costs are counted are in `test_costs`: with every credential, to read alone, with none."""
    run = performed(tmp_path, *credentials, **options)

    assert run.expected is not None
    assert abs(run.expected.requests.total - run.requests.total) <= TOLERANCE * run.requests.total


@pytest.mark.parametrize(
    ("credentials", "options"),
    [
        (USUAL, {}),
        (USUAL, {"smoke": True}),
        (USUAL, {"entities": ("orders",)}),
        (("api_key",), {}),
        (("api_key",), {"smoke": True}),
        ((), {}),
        ((), {"smoke": True}),
    ],
    ids="-".join,
)
def test_a_run_that_only_reads_sends_no_more_than_it_said(
    tmp_path: Path, credentials: tuple[str, ...], options: Any
) -> None:
    run = performed(tmp_path, *credentials, read_only=True, **options)

    assert run.expected is not None
    planned, sent = run.expected.requests, run.requests
    assert planned.total / (1 + 2 * TOLERANCE) <= sent.total <= planned.total
    assert sent.session <= planned.session
    assert (planned.key == 0) == (sent.key == 0)


def test_what_is_there_is_not_asked_about_where_nothing_is_judged_by_it(tmp_path: Path) -> None:
    run = performed(tmp_path, "api_key", read_only=True, only=("health",))

    assert run.requests.total <= 20
    assert "what is there" not in {one.check for one in run.exchanges}


def test_one_entity_takes_less(tmp_path: Path) -> None:
    assert performed(tmp_path, *USUAL, entities=("tasks",)).requests.total <= ON_TASKS


def test_a_smoke_test_judges_most_chapters_in_sixty_requests(tmp_path: Path) -> None:
    run = performed(tmp_path, *USUAL, smoke=True)

    chapters = {requirement.partition(".")[0] for requirement in judged(run)}
    assert (run.verdict.exit_code, run.requests.total <= SMOKE) == (0, True)
    assert len(judged(run)) >= 88
    assert {"auth", "list", "filter", "sort", "create", "read", "update", "delete", "errors"} <= chapters
    assert BASICS[0] <= judged(run)


@pytest.mark.parametrize("entities", [("tasks",), pytest.param((), marks=pytest.mark.soak)], ids=["tasks", "all"])
def test_the_same_seed_sends_the_same_requests(tmp_path: Path, entities: tuple[str, ...]) -> None:
    """But for one READ: of a deletion and a change at once either is first, and no change goes at what may be gone."""
    runs = (performed_anew(tmp_path, *USUAL, seed=7, concurrency=1, entities=entities) for _ in range(2))

    first, second = map(_shapes, runs)
    others = (first - second) + (second - first)

    assert others.total() <= 1
    assert all(one[:2] == ("api_key", "GET") and one[2].endswith("/tasks/*") for one in others)


def _shapes(run: Run) -> Counter[tuple[str, ...]]:
    """The requests of a run without its mark, the words made for it, ids and times."""
    (mark,) = {found[1] for one in run.exchanges if (found := _MARK.search(one.request_body or ""))}

    def told(text: str) -> str:
        plain = "".join(part for part in normalize("NFD", unquote_plus(text)) if not combining(part))
        return _OWN.sub("*", plain.replace(mark, "*"))

    return Counter((one.credential, one.method, told(one.url), told(one.request_body or "")) for one in run.exchanges)


_MARK = re.compile("conformance-([a-z]{9})")
_OWN = re.compile(
    r"conformance-[a-z]+|[a-z]?(?:[b-df-hj-np-tv-z][aeiou]){2,}[a-z]?|\b[a-z]{3}_[0-9a-z]+|sk_(?:live|test)_\w+"
    r"|\d{4}-\d\d-\d\d(?:T[\d:.]+(?:Z|[+-][\d:]+)?)?|\b00\d{10}\b",
    re.IGNORECASE,
)
