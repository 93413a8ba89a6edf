"""The runner accuses no deployment of what the decisions allow: a red can be trusted.

The allowed variants are served here, many of them in one deployment, with the whole suite on each: of those that break
a SHOULD one for each, and the others are marked `soak`, as are those of which a deployment can have one or two alone.
One by one, which is slower and lets none hide behind another: `python -m entity_tests.proofs.variants`.
"""

import asyncio
import logging
from collections.abc import Iterable, Sequence
from typing import Any

import pytest
from entity_conformance.report.verdict import Outcome
from entity_conformance.suite import ledger
from entity_contract import Contract
from entity_server import variants as served
from entity_tests.proofs.variants.catalogue import BY_CHAPTER, CLAIMS, NEVER_ALONE, OPT_IN, VARIANTS
from entity_tests.proofs.variants.claims import Variant
from entity_tests.proofs.variants.trial import Attempt, Tried, attempted, is_said_of, misjudged, together, unseen


def _cover() -> list[Variant]:
    """The variants that break no SHOULD, or one that none before them breaks."""
    chosen: list[Variant] = []
    broken: set[str] = set()
    for one in VARIANTS:
        if not one.allowed.warns or not one.allowed.warns <= broken:
            chosen.append(one)
            broken |= one.allowed.warns
    return chosen


COVER = _cover()
GROUPS = together(COVER)
REST = together(one for one in VARIANTS if one not in COVER)
"""Further variants that break the same SHOULDs."""

FEW = [group for group in GROUPS if len(group) > 2 or any(one.allowed.warns for one in group)]
"""The deployments of the ordinary tests: those of a variant or two are of a kind that has others there."""

EACH_GROUP = [group if group in FEW else pytest.param(group, marks=pytest.mark.soak) for group in (*GROUPS, *REST)]
_ORDINARY = {one.id for group in FEW for one in group}
EACH = [one if one.id in _ORDINARY else pytest.param(one, marks=pytest.mark.soak) for one in VARIANTS]
FULL = tuple(one for one in VARIANTS if one.id in {"fields-with-told-patterns", "an-entity-of-one-text"})
"""A deployment whose records are hard to make and to find, and of which all can be tested."""

BROKEN = next(group for group in GROUPS if group[0].allowed.warns)
"""A deployment that breaks many a SHOULD."""

FEWEST = 5
"""A deployment of the ordinary tests with fewer variants is judged by one entity, on which they all show."""

Trials = dict[str, Tried]


@pytest.fixture(scope="module")
def trials(contract: Contract, request: pytest.FixtureRequest) -> Trials:
    """Each variant's trial; under `plain` that of the reference server as it is; a `strict` one and a `full` one.

    A deployment that no test is about is not tried.
    """
    tests = (item for item in request.session.items if isinstance(item, pytest.Function))
    groups = _asked_for(test for test in tests if test.module is request.module)
    apart = [Attempt(BROKEN, ("tasks",), strict=True), Attempt(FULL, require_full=True)]
    attempts = [*apart, *(Attempt(group, _entities(group)) for group in groups)]
    logging.disable(logging.ERROR)  # a server that is forgiving says on every answer what it forgave
    try:
        (plain,) = asyncio.run(attempted(contract, [Attempt()], asks=VARIANTS))
        strict, full, *others = asyncio.run(attempted(contract, attempts))
    finally:
        logging.disable(logging.NOTSET)
    by_variant = {one.id: trial for group, trial in zip(groups, others, strict=True) for one in group}
    by_variant |= _once_more(contract, by_variant, groups)
    return {"plain": plain, "strict": strict, "full": full, **by_variant}


def _entities(group: tuple[Variant, ...]) -> tuple[str, ...]:
    return ("tasks",) if group in FEW and len(group) < FEWEST else ()


def _asked_for(tests: Iterable[pytest.Function]) -> list[tuple[Variant, ...]]:
    """The deployments that the tests are about."""
    told: list[dict[str, Any]] = [
        test.callspec.params for test in tests if "trials" in test.fixturenames and hasattr(test, "callspec")
    ]
    variants: list[Variant] = [one for params in told for one in params.get("group", [params.get("variant")])]
    ids = {one.id for one in variants}
    return [group for group in (*GROUPS, *REST) if not ids.isdisjoint(one.id for one in group)]


def _once_more(contract: Contract, by_variant: Trials, groups: Iterable[tuple[Variant, ...]]) -> Trials:
    """The trials of deployments that are misjudged, without any beside them, whose records stand in the same store."""
    again: Trials = {}
    for group in groups:
        if misjudged(by_variant[group[0].id], group):
            (trial,) = asyncio.run(attempted(contract, [Attempt(group)]))
            again |= {one.id: trial for one in group}
    return again


@pytest.mark.parametrize("group", EACH_GROUP, ids=lambda group: f"{group[0].id}+{len(group) - 1}")
def test_a_deployment_with_allowed_variants_conforms(trials: Trials, group: Sequence[Variant]) -> None:
    assert misjudged(trials[group[0].id], group) == []


@pytest.mark.parametrize("variant", EACH, ids=lambda variant: variant.id)
def test_a_variant_is_in_effect(trials: Trials, variant: Variant) -> None:
    assert unseen(trials[variant.id], variant) == []


def test_nothing_that_shows_a_variant_shows_without_it(trials: Trials) -> None:
    assert [variant.id for variant in VARIANTS if is_said_of(variant, trials["plain"])] == []


def test_a_broken_should_fails_a_strict_run(trials: Trials) -> None:
    """One is enough: what fails stands in the way of what is about it."""
    run = trials["strict"].run
    failed = {result.requirement for result in run.results if result.outcome is Outcome.failed}
    assert run.verdict.exit_code == 1
    assert failed
    assert failed <= frozenset[str]().union(*(one.allowed.warns for one in BROKEN))


def test_a_run_is_full_where_records_are_hard_to_make_and_to_find(trials: Trials) -> None:
    assert misjudged(trials["full"], FULL) == []


def test_each_variant_is_in_one_deployment() -> None:
    assert sorted(one.id for group in (*GROUPS, *REST) for one in group) == sorted(one.id for one in VARIANTS)


def test_every_should_that_a_run_checks_is_broken_by_a_variant() -> None:
    shoulds = {one.id for one in ledger.load().requirements.values() if one.level == "should" and not one.untested}
    broken = frozenset[str]().union(*(one.allowed.warns for one in COVER))
    assert sorted(shoulds - broken - OPT_IN - NEVER_ALONE) == []


@pytest.mark.parametrize("chapter", BY_CHAPTER)
def test_variants_of_every_chapter_are_served_by_the_ordinary_tests(chapter: str) -> None:
    assert len(_ORDINARY & set(BY_CHAPTER[chapter])) > 2


def test_every_choice_that_a_run_checks_is_taken_otherwise_by_a_variant() -> None:
    """Every member of a CHOICE is taken by the reference server or by a variant."""
    taken = {(requirement, one) for variant in VARIANTS for requirement, one in variant.allowed.chooses.items()}
    missing = [
        f"{requirement.id}: {sorted(set(requirement.choices) - {one for name, one in taken if name == requirement.id})}"
        for requirement in ledger.load().requirements.values()
        if requirement.choices
        and len(set(requirement.choices) - {one for name, one in taken if name == requirement.id}) > 1
    ]
    assert missing == []


def test_the_server_and_the_proofs_have_the_same_variants() -> None:
    assert sorted(CLAIMS) == sorted(one.id for one in served.VARIANTS)


def test_the_server_names_the_clauses_that_the_proof_is_about() -> None:
    told = [(one.id, {*one.clauses}, {*one.takes.items()}, one.is_against_should) for one in served.VARIANTS]
    proved = {id_: (id_, {*one.clauses}, {*one.takes}, bool(one.warns)) for id_, one in CLAIMS.items()}

    assert told == [proved[one.id] for one in served.VARIANTS]


def test_the_ids_of_variants_are_unique() -> None:
    assert len({variant.id for variant in VARIANTS}) == len(VARIANTS)


def test_every_variant_says_how_it_shows() -> None:
    assert [
        one.id
        for one in VARIANTS
        if not (one.allowed.chooses or one.allowed.warns or one.allowed.lacks or one.allowed.shows)
    ] == []
