"""`python -m entity_tests.document.changes.release`: release the version that CHANGELOG.md prepares.

Keeps openapi.yaml as docs/released/openapi-VERSION.yaml and puts the date in place of "(unreleased)", so that the next
changes are compared with this release. Commit both files with the version's tag. Exit status: 0 done; 1 the gate of
breaking changes refuses, and nothing was written; 2 a document cannot be read.
"""

import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from entity_tests.document.changes.__main__ import compared
from entity_tests.document.changes.changelog import released
from entity_tests.document.changes.gate import next_release, problems
from entity_tests.document.changes.project import ROOT, UNRELEASED, Project


@click.command()
@click.option("--date", default=None, help="The day of the release; today (UTC) by default.", metavar="YYYY-MM-DD")
@click.option("--root", type=click.Path(path_type=Path), default=ROOT, help="The checkout; this one by default.")
def main(date: str | None, root: Path) -> None:
    """Release the version that CHANGELOG.md prepares."""
    project = Project(root)
    known, sections = project.released(), project.sections()
    found = compared(project.copy(known[-1]), project.contract) if known else compared(*[project.contract] * 2)
    told = list(problems(found, version=project.version(), released=known, sections=sections))
    upcoming = next_release(sections)
    if upcoming is None and not told:
        told = [f"nothing to release: CHANGELOG.md has no section `## VERSION {UNRELEASED}`"]
    if told or upcoming is None:
        click.echo("\n".join(told), err=True)
        sys.exit(1)
    copy = project.copy(upcoming.version)
    copy.parent.mkdir(parents=True, exist_ok=True)
    copy.write_bytes(project.contract.read_bytes())
    text = project.changelog.read_text(encoding="utf-8")
    project.changelog.write_text(released(text, date or f"{datetime.now(UTC):%Y-%m-%d}"), encoding="utf-8")
    click.echo(f"released {upcoming.version}: commit {copy.relative_to(project.root)} and CHANGELOG.md, and tag them")


if __name__ == "__main__":
    main()
