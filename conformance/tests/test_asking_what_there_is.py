"""Who asks what there is (`--help`, `list`, `explain`) is told all of it, and quickly."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.shell_completion import ShellComplete
from entity_conformance.commands.cli import NAME, cli, command_line
from entity_conformance.suite import ledger

ROOT = Path(__file__).parent.parent.parent


def test_every_requirement_is_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert command_line(["list"]) == 0
    assert "list.limit-caps-page" in capsys.readouterr().out


def test_what_other_commands_judge_is_listed_and_explained_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert command_line(["list"]) == 0
    assert command_line(["explain", "properties.answers"]) == 0
    assert command_line(["explain", "model.update"]) == 0

    told = capsys.readouterr().out
    assert "properties.answers " in told
    assert "model.update " in told
    assert "conformance properties URL --only properties.answers\n" in told
    assert "conformance model URL --only model.update\n" in told


def test_a_command_that_is_not_installed_has_no_requirements(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("entity_conformance.suite.ledger.find_spec", lambda _: None)

    assert ledger.product.__wrapped__("model").requirements == {}


@pytest.mark.parametrize(("name", "clauses"), [("L9", 4), ("l9.comma-list", 1)])
def test_a_ruling_is_explained_with_its_clauses(capsys: pytest.CaptureFixture[str], name: str, clauses: int) -> None:
    assert command_line(["explain", name]) == 0

    told = capsys.readouterr().out
    assert told.startswith("L9  `sort`\n")
    assert sum(line.startswith("  L9.") for line in told.splitlines()) == clauses
    assert "sort.several-fields" in told


def test_a_chapter_is_explained_by_its_requirements(capsys: pytest.CaptureFixture[str]) -> None:
    assert command_line(["explain", "auth"]) == 0

    told = capsys.readouterr().out
    assert "auth.missing-scope-code " in told
    assert "list.limit-caps-page" not in told


def test_a_requirement_is_explained_in_the_references_words(capsys: pytest.CaptureFixture[str]) -> None:
    assert command_line(["explain", "list.limit-caps-page"]) == 0

    out = capsys.readouterr().out
    assert "limit?: number // Default: 20, Max: 100" in out
    assert "A page carries at most `limit` records" in out


HEAVY = (
    "httpx",
    "openapi_core",
    "openapi_spec_validator",
    "jsonschema",
    "entity_conformance.suite.checks",
    "entity_tests",
)
"""What takes long to import, and is of no use to who asks what there is."""


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["list"]])
def test_who_asks_what_there_is_waits_for_no_client_and_no_check(arguments: list[str]) -> None:
    script = f"""
import sys
from entity_conformance.commands.cli import command_line
assert command_line({arguments!r}) == 0
sys.exit(", ".join(name for name in {HEAVY!r} if name in sys.modules) or 0)
"""

    assert in_process("-c", script).stderr == ""


@pytest.mark.parametrize("arguments", [["--help"], ["run", "--help"], ["list"], ["explain", "list.limit-caps-page"]])
def test_nothing_is_lost_where_python_drops_docstrings(arguments: list[str]) -> None:
    called = ("-m", "entity_conformance", *arguments)

    assert in_process("-OO", *called).stdout == in_process(*called).stdout


def in_process(*arguments: str) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join(str(ROOT / face) for face in ("contract", "conformance", "contract_tests"))
    return subprocess.run(
        [sys.executable, *arguments],
        check=False,
        text=True,
        capture_output=True,
        env={**os.environ, "PYTHONPATH": path},
    )


def test_who_stops_reading_a_list_has_read_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    def closed(*_: object, **__: object) -> None:
        raise BrokenPipeError(errno.EPIPE, "Broken pipe")

    monkeypatch.setattr("click.echo", closed)
    monkeypatch.setattr("os.dup2", lambda *_: None)

    assert command_line(["list"]) == 0


@pytest.mark.parametrize("name", ["", "*", "auth.*", "[ab]", "7"])
def test_what_names_no_one_requirement_is_not_explained(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert command_line(["explain", name]) == 2
    assert capsys.readouterr().err == (
        f"conformance: no such requirement: {name!r}; name one, or a chapter; `conformance list` shows all\n"
    )


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("conformance explain au", ["auth"]),
        ("conformance run --skip health", ["health.healthy", "health.version"]),
        ("conformance run --only auth.missing-scope-c", ["auth.missing-scope-code"]),
        ("conformance run --report j", ["json", "junit"]),
        ("conformance run --allow r", ["rate-limit"]),
        ("conformance run --allow-w", ["--allow-writes"]),
    ],
)
def test_the_shell_completes(words: str, offered: list[str]) -> None:
    *before, incomplete = words.split()

    found = [item.value for item in ShellComplete(cli, {}, NAME, "_X").get_completions(before[1:], incomplete)]

    assert set(offered) <= set(found)
    assert all(name.startswith(incomplete) for name in found)
