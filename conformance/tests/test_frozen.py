"""The requirements of a release stay as they were, and score a run."""

import hashlib
import json
import re
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import pytest
from entity_conformance.deployment.settings import Misuse
from entity_conformance.report.scoring import scored
from entity_conformance.report.verdict import Outcome, Result
from entity_conformance.suite import frozen, ledger

from conformance.tests.report.samples import FAILED

ROOT = Path(__file__).resolve().parents[2]
NEVER_CHANGED = {"0.1.0": "be381157a92b1f40e8e8fd31919d12265082f5bd58aa38a7213acc03a1be8f34"}
"""SHA-256 of each set's file."""


def test_every_released_version_has_its_requirements() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text("utf-8")
    released = re.findall(r"^## \[?(\d+\.\d+\.\d+)\]?(?! \(unreleased\))", changelog, re.MULTILINE)

    assert sorted(frozen.everything()) == sorted(released) == sorted(NEVER_CHANGED)


@pytest.mark.parametrize("version", NEVER_CHANGED)
def test_a_released_set_is_never_changed(version: str) -> None:
    content = (files("entity_conformance.suite") / "released" / f"{version}.json").read_bytes()

    assert hashlib.sha256(content).hexdigest() == NEVER_CHANGED[version]


@pytest.mark.parametrize("version", NEVER_CHANGED)
def test_a_set_belongs_to_the_contract_that_was_released_with_it(version: str) -> None:
    contract = (ROOT / "docs" / "released" / f"openapi-{version}.yaml").read_bytes()

    assert frozen.named(version).contract_sha256 == hashlib.sha256(contract).hexdigest()


@pytest.mark.parametrize("version", NEVER_CHANGED)
def test_a_requirement_that_was_released_is_still_judged(version: str) -> None:
    assert frozen.named(version).levels.keys() - ledger.everything().requirements.keys() == set()


@pytest.mark.parametrize("name", ["0.1", "0.1.0"])
def test_a_set_is_named_by_its_version_or_the_beginning_of_it(name: str) -> None:
    assert frozen.named(name).version == "0.1.0"
    assert len(frozen.named(name).levels) == 321


@pytest.mark.parametrize("name", ["0.3", "0.1.1", "1", "0.10", ""])
def test_a_set_that_there_is_not_is_told_with_those_that_there_are(name: str) -> None:
    with pytest.raises(Misuse, match=f"--requirements {name}: there is no such set of requirements; there is 0.1.0"):
        frozen.named(name)


def test_what_is_told_of_a_set_changes_with_its_requirements() -> None:
    old, new = frozen.told(frozen.named("0.1")), frozen.told(None)

    assert (old.version, new.version) == ("0.1.0", "unreleased")
    assert old.sha256 == hashlib.sha256(_lines("0.1.0").encode()).hexdigest() != new.sha256


def _lines(version: str) -> str:
    levels = frozen.named(version).levels
    return "".join(f"{name} {level}\n" for name, level in sorted(levels.items()))


def test_what_a_release_keeps_can_be_read_again() -> None:
    kept = json.loads(json.dumps(frozen.document("9.9.9", "a" * 64)))

    assert (kept["version"], kept["contractSha256"]) == ("9.9.9", "a" * 64)
    assert kept["requirements"]["list.limit-caps-page"] == "must"
    assert kept["requirements"].keys() == ledger.everything().requirements.keys()


@pytest.mark.parametrize("outcome", [one for one in Outcome if one not in {Outcome.skipped, Outcome.broken}])
def test_a_requirement_that_was_added_later_is_new_whatever_became_of_it(outcome: Outcome) -> None:
    (result,) = scored([replace(FAILED, outcome=outcome)], {}, strict=True)

    assert result.outcome is Outcome.new
    assert result.message == f"not scored, {outcome.name}: {FAILED.message}"
    assert (result.expected, result.exchanges) == (FAILED.expected, FAILED.exchanges)


@pytest.mark.parametrize("outcome", [Outcome.skipped, Outcome.broken])
def test_what_was_not_judged_is_told_as_it_is(outcome: Outcome) -> None:
    one = replace(FAILED, outcome=outcome)

    assert scored([one], {}, strict=False) == (one,)


def of(result: Result, level: str, *, strict: bool = False) -> Result:
    return scored([result], {FAILED.requirement: level}, strict=strict)[0]  # type: ignore[dict-item]


def test_a_requirement_that_there_was_is_scored_as_it_is() -> None:
    assert of(FAILED, "must") is FAILED


def test_a_should_that_became_a_must_is_scored_as_a_should() -> None:
    assert of(FAILED, "should") == replace(FAILED, level="should", outcome=Outcome.warned)
    assert of(FAILED, "should", strict=True) == replace(FAILED, level="should", outcome=Outcome.failed)
