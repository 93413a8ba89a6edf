"""Servers with many choices at once, as `--choices` makes them, as trials for the whole suite."""

from collections.abc import Iterable

from entity_conformance.report.verdict import Outcome
from entity_server.variants.choosing import Chosen, chosen

from entity_tests.proofs.variants.catalogue import OF_THE_SERVER
from entity_tests.proofs.variants.trial import Attempt, Tried

ACCUSED = frozenset({Outcome.failed, Outcome.warned, Outcome.blocked, Outcome.broken})

_BY_ID = {one.id: one for one in OF_THE_SERVER}


def attempt(asked: Chosen) -> Attempt:
    """A trial of the server that was asked for; a strict one, as no choice breaks a SHOULD."""
    return Attempt(tuple(_BY_ID[one.id] for one in asked.variants), strict=True)


def draws(seeds: Iterable[int]) -> list[Attempt]:
    """A trial for each seed of `--choices random`."""
    return [attempt(chosen("random", seed=seed)) for seed in seeds]


def accused(trial: Tried) -> list[str]:
    """What a run says against a server, each in a line. What is out of scope for want of something is none of it."""
    lines = [
        f"{result.requirement} [{result.entity}] {result.outcome.name}: {result.message}"
        f" (expected {result.expected}, actual {result.actual})"
        for result in trial.run.results
        if result.outcome in ACCUSED
    ]
    verdict = trial.run.verdict
    return lines if verdict.exit_code == 0 else [*lines, f"exit {verdict.exit_code}: {verdict.reason}"]
