"""`python -m entity_tests.document.release check|announce|publish`: prepare the next release of this repository.

The last released contract is compared with openapi.yaml: what breaks clients must be announced in CHANGELOG.md, under a
version that says so. Exit status: 0 all is well; 1 something is not, each told in one line; 2 a document cannot be
read; 3 nothing is released, and nothing was compared.
"""

import json
import sys
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import click
from entity_conformance.suite import frozen
from entity_contract import ContractError
from entity_contract.changes.change import Change
from entity_contract.changes.comparison import changes
from entity_contract.document import read

from entity_tests.document.release import changelog
from entity_tests.document.release.preparation import next_release, problems, unannounced
from entity_tests.document.release.project import ROOT, UNRELEASED, Project, Section

REQUIREMENT_SETS = "conformance/entity_conformance/suite/released"
"""Where the requirements are kept as each release had them."""

_root = click.option("--root", type=click.Path(path_type=Path), default=ROOT, help="The checkout; this one by default.")


@click.group()
def main() -> None:
    """Prepare the next release of this repository."""


@main.command()
@_root
def check(root: Path) -> None:
    """Tell what has changed since the last release, breaking changes first, and what is not prepared."""
    project = Project(root)
    released, sections = project.released(), project.sections()
    found = compared(project)
    for change in sorted(found, key=lambda change: not change.breaking):
        click.echo(f"- {'BREAKING ' if change.breaking else ''}{change.sentence}")
    wrong = list(problems(found, version=project.version(), released=released, sections=sections))
    for problem in wrong:
        click.echo(problem, err=True)
    if not released:
        click.echo("nothing is released: no contract in docs/released, nothing was compared", err=True)
        sys.exit(1 if wrong else 3)
    breaks, open_ = sum(change.breaking for change in found), len(unannounced(found, sections))
    since = project.copy(released[-1]).name
    click.echo(f"{len(found)} changes since {since}, {breaks} breaking, {open_} of them not announced")
    sys.exit(1 if wrong else 0)


@main.command()
@_root
def announce(root: Path) -> None:
    """Write into CHANGELOG.md what it does not announce yet."""
    project = Project(root)
    upcoming = _upcoming(project)
    text = project.changelog.read_text(encoding="utf-8")
    text = changelog.announced(text, (change for change in compared(project) if not upcoming.announces(change)))
    project.changelog.write_text(text, encoding="utf-8")


@main.command()
@click.option("--date", default=None, help="The day of the release; today (UTC) by default.", metavar="YYYY-MM-DD")
@_root
def publish(date: str | None, root: Path) -> None:
    """Keep openapi.yaml as docs/released/openapi-VERSION.yaml, and the requirements; date CHANGELOG.md's version."""
    project = Project(root)
    upcoming = _upcoming(project)
    wrong = list(
        problems(compared(project), version=project.version(), released=project.released(), sections=project.sections())
    )
    if wrong:
        click.echo("\n".join(wrong), err=True)
        sys.exit(1)
    copy = project.copy(upcoming.version)
    copy.parent.mkdir(parents=True, exist_ok=True)
    copy.write_bytes(project.contract.read_bytes())
    sets = project.root / REQUIREMENT_SETS
    if sets.is_dir():
        kept = frozen.document(upcoming.version, sha256(copy.read_bytes()).hexdigest())
        (sets / f"{upcoming.version}.json").write_text(f"{json.dumps(kept, indent=2)}\n", encoding="utf-8")
    text = project.changelog.read_text(encoding="utf-8")
    project.changelog.write_text(changelog.released(text, date or f"{datetime.now(UTC):%Y-%m-%d}"), encoding="utf-8")
    click.echo(f"released {upcoming.version}: commit {copy.relative_to(project.root)} and CHANGELOG.md, and tag them")


def compared(project: Project) -> tuple[Change, ...]:
    """The changes since the last release, none before the first; ends the program with 2 for a bad document."""
    known = project.released()
    try:
        old, new = (
            read(file).content for file in (project.copy(known[-1]) if known else project.contract, project.contract)
        )
    except ContractError as error:
        click.echo(f"{error}", err=True)
        sys.exit(2)
    return changes(old, new)


def _upcoming(project: Project) -> Section:
    """The section of the next release; ends the program with 1 when there is none."""
    upcoming = next_release(project.sections())
    if upcoming is None:
        click.echo(f"nothing to release: CHANGELOG.md has no section `## VERSION {UNRELEASED}`", err=True)
        sys.exit(1)
    return upcoming


if __name__ == "__main__":
    main()
