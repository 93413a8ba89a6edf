"""The chores of a release, on a project in a temporary folder: no release breaks a client unannounced."""

import json
import textwrap
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from entity_contract.changes.change import addition, breaking
from entity_tests.document.release.__main__ import main
from entity_tests.document.release.changelog import announced
from entity_tests.document.release.project import Project, sections

LOG = """# Changelog

## 0.2.0 (unreleased)

### Contract
- Task.title: maxLength is 100,
  was 200
- Breaking: Task.text: the field is gone. Read Task.description.

### Conformance
- Task.id: the field is gone

## 0.1.0 (2026-01-01)

### Contract
- Task.gone: the field is gone
"""
FIRST = "# Changelog\n\n## 0.1.0 (unreleased)\n\n### Contract\n- The whole API.\n\n### Server\n- All of it.\n"
NARROWED = "GET /things ?colour: must be sent now, was optional"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A project before its first release."""
    made = Project(tmp_path)
    _version(made, "0.1.0")
    made.changelog.write_text(FIRST)
    _with_colour(made, required=False)
    return made


def _version(project: Project, version: str) -> None:
    (project.root / "pyproject.toml").write_text(f'[project]\nname = "some"\nversion = "{version}"\n')


def _with_colour(project: Project, *, required: bool) -> None:
    """A small contract whose only operation takes a parameter."""
    parameter = {"name": "colour", "in": "query", "required": required, "schema": {"type": "string"}}
    answer = {
        "description": "All of them.",
        "headers": {"X-Request-ID": {"schema": {"type": "string"}}},
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/ErrorCode"}}},
    }
    things = {"operationId": "listThings", "security": [], "parameters": [parameter], "responses": {"200": answer}}
    document = {
        "openapi": "3.1.1",
        "info": {"title": "Things", "version": "1.0.0"},
        "paths": {"/things": {"get": things}},
        "components": {"schemas": {"ErrorCode": {"enum": ["NOT_FOUND"], "x-statuses": {"NOT_FOUND": 404}}}},
    }
    project.contract.write_text(json.dumps(document))


def _run(command: str, project: Project, *arguments: str) -> Result:
    return CliRunner().invoke(main, [command, "--root", str(project.root), *arguments], catch_exceptions=False)


def _prepare(project: Project, version: str) -> None:
    text = project.changelog.read_text()
    project.changelog.write_text(text.replace("# Changelog\n", f"# Changelog\n\n## {version} (unreleased)\n", 1))
    _version(project, version)


def _released(project: Project) -> Project:
    assert _run("publish", project, "--date", "2026-01-01").exit_code == 0
    return project


def test_this_project_could_be_released_as_it_stands() -> None:
    result = CliRunner().invoke(main, ["check"])

    assert result.exit_code == (0 if Project().released() else 3), result.output


def test_every_release_of_this_project_keeps_its_contract() -> None:
    project = Project()

    assert set(project.released()) == {section.version for section in project.sections() if section.released}


def test_before_the_first_release_nothing_is_compared(project: Project) -> None:
    result = _run("check", project)

    assert (result.exit_code, result.stdout) == (3, "")
    assert result.stderr == "nothing is released: no contract in docs/released, nothing was compared\n"


def test_before_the_first_release_it_must_be_prepared(project: Project) -> None:
    project.changelog.write_text(FIRST.replace("Contract", "Else"))
    _version(project, "0.3.0")

    result = _run("check", project)

    assert result.exit_code == 1
    assert result.stderr.splitlines()[:2] == [
        "pyproject.toml builds 0.3.0, CHANGELOG.md prepares 0.1.0: make them one",
        "CHANGELOG.md has nothing under 0.1.0's `### Contract`: run `announce`",
    ]


def test_a_release_keeps_the_contract_and_dates_the_section(project: Project) -> None:
    result = _run("publish", project, "--date", "2026-01-01")

    assert result.stdout == "released 0.1.0: commit docs/released/openapi-0.1.0.yaml and CHANGELOG.md, and tag them\n"
    assert project.copy("0.1.0").read_bytes() == project.contract.read_bytes()
    assert project.changelog.read_text() == FIRST.replace("(unreleased)", "(2026-01-01)")


def test_what_did_not_change_since_the_release_passes(project: Project) -> None:
    result = _run("check", _released(project))

    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == "0 changes since openapi-0.1.0.yaml, 0 breaking, 0 of them not announced\n"


def test_nothing_is_released_twice(project: Project) -> None:
    result = _run("publish", _released(project))

    assert result.exit_code == 1
    assert result.stderr == "nothing to release: CHANGELOG.md has no section `## VERSION (unreleased)`\n"


def test_a_breaking_change_must_be_announced(project: Project) -> None:
    _with_colour(_released(project), required=True)
    _prepare(project, "0.2.0")

    result = _run("check", project)

    assert result.exit_code == 1
    assert result.stdout.splitlines()[0] == f"- BREAKING {NARROWED}"
    assert f"CHANGELOG.md does not announce under 0.2.0's `### Contract`: {NARROWED}\n" in result.stderr
    assert _run("publish", project).exit_code == 1
    assert project.released() == ("0.1.0",)


def test_a_released_section_announces_nothing_more(project: Project) -> None:
    text = project.changelog.read_text()
    project.changelog.write_text(text.replace("The whole API.", NARROWED))
    _with_colour(_released(project), required=True)

    result = _run("check", project)

    assert result.exit_code == 1
    assert result.stderr == "CHANGELOG.md has no section for the next release: begin with `## VERSION (unreleased)`\n"


def test_a_breaking_change_needs_a_version_that_says_so(project: Project) -> None:
    _with_colour(_released(project), required=True)
    _prepare(project, "0.1.1")
    _run("announce", project)

    result = _run("check", project)

    assert result.exit_code == 1
    assert result.stderr == (
        "CHANGELOG.md prepares 0.1.1, but the contract breaks clients of 0.1.0: take 0.2.0 or higher\n"
    )


def test_what_is_written_into_the_changelog_passes_and_can_be_released(project: Project) -> None:
    _with_colour(_released(project), required=True)
    _prepare(project, "0.2.0")

    written = _run("announce", project)

    assert (written.exit_code, written.stderr) == (0, "")
    assert f"### Contract\n- Breaking: {NARROWED}\n" in project.changelog.read_text()
    assert _run("publish", project, "--date", "2026-02-02").exit_code == 0
    assert project.released() == ("0.1.0", "0.2.0")
    assert _run("check", project).exit_code == 0


def test_writing_again_writes_nothing(project: Project) -> None:
    _with_colour(_released(project), required=True)
    _prepare(project, "0.2.0")
    _run("announce", project)
    once = project.changelog.read_text()

    _run("announce", project)

    assert project.changelog.read_text() == once


def test_a_document_that_cannot_be_read_is_named(project: Project) -> None:
    project.contract.unlink()

    result = _run("check", project)

    assert result.exit_code == 2
    assert "openapi.yaml: cannot be read" in result.stderr


def test_the_latest_release_is_the_highest_version(project: Project) -> None:
    for version in ("0.10.0", "0.9.1"):
        project.copy(version).parent.mkdir(parents=True, exist_ok=True)
        project.copy(version).touch()
    project.copy("0.9.1").with_name("notes.md").touch()

    assert project.released() == ("0.9.1", "0.10.0")


def test_a_section_knows_its_version_and_its_items() -> None:
    upcoming, last = sections(LOG)

    assert (upcoming.version, upcoming.released, last.version, last.released) == ("0.2.0", False, "0.1.0", True)
    assert upcoming.contract[0] == "Task.title: maxLength is 100, was 200"


@pytest.mark.parametrize(
    ("where", "what", "said"),
    [
        ("Task.title", "maxLength is 100, was 200", True),
        ("Task.text", "the field is gone", True),
        ("Task.title", "maxLength is 100, was 20", False),
        ("Task.id", "the field is gone", False),
        ("Task.gone", "the field is gone", False),
    ],
)
def test_a_change_is_announced_word_for_word_under_the_next_contract(where: str, what: str, said: bool) -> None:  # noqa: FBT001  # a column of the table
    upcoming, _ = sections(LOG)

    assert upcoming.announces(breaking(where, what)) is said


def test_changes_are_written_behind_what_is_there_breaking_ones_first() -> None:
    changes = (addition("Task.colour", "a new field"), breaking("Task.id", f"is {'very ' * 25}long"))

    text = announced(LOG, changes)

    written = textwrap.dedent(f"""\
        - Breaking: Task.text: the field is gone. Read Task.description.
        - Breaking: Task.id: is {("very " * 19).strip()}
          {"very " * 6}long
        - Task.colour: a new field

        ### Conformance
        """)
    assert written in text
    assert sections(text) is not None
    assert all(next(sections(text)).announces(change) for change in changes)
    assert text.endswith(LOG[LOG.index("### Conformance") :])
