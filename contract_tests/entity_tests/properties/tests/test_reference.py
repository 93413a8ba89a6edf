"""The reference server takes every decision itself and has the default limits: nothing is found.

The ordinary tests ask two entities and all that is no entity's, within half of the budget; all entities, of which
the others have the same operations, are asked in the soak. Other seeds are those of `proofs/soak_properties`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from entity_conformance.report.verdict import Outcome, Run
from entity_tests.deployments.databases import Rows, dump
from entity_tests.deployments.property_runs import found, run
from entity_tests.deployments.serving import serving

SEED = 0
WHOLE = 800
"""The budget by default."""
SOME = ("*Task*", "*Comment*", "*Key*", "generateText", "getHealth")


@dataclass(frozen=True, slots=True)
class Ran:
    """A run, and the rows of the database before and after."""

    run: Run
    budget: int
    before: Rows = field(repr=False)
    after: Rows = field(repr=False)


@pytest.fixture(scope="module", params=["some", pytest.param("all", marks=pytest.mark.soak)])
def ran(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ran]:
    options: dict[str, Any] = {"some": {"only": SOME, "max_requests": 400}, "all": {}}[request.param]
    folder = tmp_path_factory.mktemp("reference")
    with serving(folder) as served:
        before = dump(served.database)
        ended = run(served, folder / "journals", seed=SEED, **options)
        yield Ran(ended, options.get("max_requests", WHOLE), before, dump(served.database))


def test_nothing_is_found_and_every_operation_was_reached(ran: Ran) -> None:
    said = found(ran.run, *(outcome for outcome in Outcome if outcome is not Outcome.passed))
    left_out = [line for line in said if line.startswith("properties.scope: listRecords, ")]
    assert said == left_out[:1]
    assert bool(left_out) == (ran.budget < WHOLE)
    assert (ran.run.verdict.exit_code, ran.run.choices) == (0, ())


def test_records_and_keys_are_as_before(ran: Ran) -> None:
    assert ran.before == ran.after
    assert ran.before
    assert ran.run.leftovers == ()


def test_the_budget_and_the_default_limits_are_kept(ran: Ran) -> None:
    assert ran.budget * 7 / 8 <= ran.run.requests.total <= ran.budget
    assert 0 < ran.run.requests.session <= 92


def test_every_check_of_our_own_judges_answers(ran: Ran) -> None:
    own = ("envelope", "error-code-of-status", "rate-limit-headers", "request-id", "record-read-back")
    told = {one.requirement: one.message for one in ran.run.results}
    judged = {name: int(told[f"properties.{name}"].split()[4].replace(",", "")) for name in own}
    assert min(judged.values()) >= 10, judged


def test_no_more_than_two_short_texts_are_generated(ran: Ran) -> None:
    sent = [one for one in ran.run.exchanges if one.url.endswith("/ai/generate") and one.status in (200, 201)]
    assert 1 <= len(sent) <= 2
