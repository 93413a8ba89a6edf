"""The gate: no release breaks a client without its CHANGELOG saying how."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from contract import Contract, load
from contract_tests.changes import __main__ as command
from contract_tests.changes.change import addition, breaking
from contract_tests.changes.comparison import changes
from contract_tests.changes.released import CHANGELOG, announcements, copies, releases, unannounced

LOG = """# Changelog

## 0.2.0 (unreleased)

### Contract
- Task.title: maxLength is 100,
  was 200

### Conformance
- Task.id: the field is gone

## 0.1.0 (2026-01-01)

### Contract
- Task.text: the field is gone
"""


def test_every_release_keeps_its_contract() -> None:
    kept = {path.name.removeprefix("openapi-").removesuffix(".yaml") for path in copies()}

    assert kept == set(releases(CHANGELOG.read_text(encoding="utf-8")))


def test_the_contract_breaks_no_client_of_the_last_release_unannounced(contract: Contract) -> None:
    last = copies()[-1:]

    found = [change for path in last for change in changes(load(path).document, contract.document)]

    assert unannounced(tuple(found), CHANGELOG.read_text(encoding="utf-8")) == ()


def test_a_version_is_released_when_the_changelog_does_not_say_otherwise() -> None:
    assert releases(LOG) == ("0.1.0",)


def test_only_the_next_release_announces_under_contract() -> None:
    assert announcements(LOG) == "- Task.title: maxLength is 100, was 200"


def test_a_breaking_change_must_be_announced_word_for_word() -> None:
    told, hidden = breaking("Task.title", "maxLength is 100, was 200"), breaking("Task.id", "the field is gone")

    assert unannounced((told, hidden, addition("Task.colour", "a new field")), LOG) == (hidden,)


def test_the_latest_copy_is_the_highest_version(tmp_path: Path) -> None:
    for name in ("openapi-0.10.0.yaml", "openapi-0.9.1.yaml", "notes.md"):
        (tmp_path / name).touch()

    assert [path.name for path in copies(tmp_path)] == ["openapi-0.9.1.yaml", "openapi-0.10.0.yaml"]


def test_the_command_says_that_nothing_is_released(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "copies", tuple)

    result = CliRunner().invoke(command.main)

    assert (result.exit_code, result.stdout) == (3, "")
    assert result.stderr == "nothing is released: no contract in docs/released, nothing was compared\n"


def test_the_command_fails_on_a_breaking_change(contract: Contract, tmp_path: Path) -> None:
    old = _written(tmp_path / "old.yaml", contract, 20)
    new = _written(tmp_path / "new.yaml", contract, 10)

    result = CliRunner().invoke(command.main, [str(old), str(new)])

    assert result.exit_code == 1
    assert "- BREAKING GET /v1/tasks ?limit: left out, it means 10; meant 20\n" in result.stdout
    assert result.stdout.endswith("changes since old.yaml, 7 breaking, 7 of them not announced\n")


def test_the_command_is_content_with_what_did_not_change(contract: Contract, tmp_path: Path) -> None:
    same = _written(tmp_path / "same.yaml", contract, 20)

    result = CliRunner().invoke(command.main, [str(same), str(same)])

    assert (result.exit_code, result.stdout) == (0, "0 changes since same.yaml, 0 breaking, 0 of them not announced\n")


def test_the_command_says_which_document_it_cannot_read(tmp_path: Path) -> None:
    result = CliRunner().invoke(command.main, [str(tmp_path / "none.yaml")])

    assert result.exit_code == 2
    assert "none.yaml" in result.stderr


def _written(path: Path, contract: Contract, limit: int) -> Path:
    """The contract as a file, with another default of `limit`."""
    document = json.loads(json.dumps(contract.document))
    document["components"]["parameters"]["Limit"]["schema"]["default"] = limit
    path.write_text(json.dumps(document), encoding="utf-8")
    return path
