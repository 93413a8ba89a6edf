"""`python -m entity_tests.document.changes [OLD [NEW]]`: what changed in the contract, and whether it breaks clients.

Without arguments the last released contract is compared with openapi.yaml, and the next release is judged: what breaks
must be announced in CHANGELOG.md, under a version that says so. Exit status: 0 all is well; 1 something is not, each
told in one line; 2 a document cannot be read; 3 nothing is released, and nothing was compared.
"""

import sys
from pathlib import Path

import click
from entity_contract import ContractError
from entity_contract.document import read

from entity_tests.document.changes.change import Change
from entity_tests.document.changes.changelog import announced
from entity_tests.document.changes.comparison import changes
from entity_tests.document.changes.gate import next_release, problems, unannounced
from entity_tests.document.changes.project import ROOT, Project


@click.command()
@click.argument("old", type=click.Path(path_type=Path), required=False)
@click.argument("new", type=click.Path(path_type=Path), required=False)
@click.option("--write", is_flag=True, help="Write what is not announced yet into CHANGELOG.md.")
@click.option("--root", type=click.Path(path_type=Path), default=ROOT, help="The checkout; this one by default.")
def main(old: Path | None, new: Path | None, root: Path, *, write: bool) -> None:
    """Tell every change from OLD (the last release) to NEW (openapi.yaml), breaking ones first."""
    project = Project(root)
    released = project.released()
    before = old or (project.copy(released[-1]) if released else None)
    found = compared(before, new or project.contract) if before else ()
    if write:
        announce(project, found)
    for change in sorted(found, key=lambda change: not change.breaking):
        click.echo(f"- {'BREAKING ' if change.breaking else ''}{change.sentence}")
    sections = project.sections()
    open_ = unannounced(found, sections)
    told = [f"CHANGELOG.md does not announce: {change.sentence}" for change in open_]
    if old is None:
        told = list(problems(found, version=project.version(), released=released, sections=sections))
    for problem in told:
        click.echo(problem, err=True)
    if before is None:
        click.echo("nothing is released: no contract in docs/released, nothing was compared", err=True)
        sys.exit(1 if told else 3)
    breaks = sum(change.breaking for change in found)
    click.echo(f"{len(found)} changes since {before.name}, {breaks} breaking, {len(open_)} of them not announced")
    sys.exit(1 if told else 0)


def compared(old: Path, new: Path) -> tuple[Change, ...]:
    """The changes between two files; ends the program with 2 when one cannot be read."""
    try:
        return changes(read(old).content, read(new).content)
    except ContractError as error:
        click.echo(f"{error}", err=True)
        sys.exit(2)


def announce(project: Project, found: tuple[Change, ...]) -> None:
    """Write into the CHANGELOG what it does not announce yet; without a section for it that is left to the gate."""
    upcoming = next_release(project.sections())
    if upcoming is not None:
        text = project.changelog.read_text(encoding="utf-8")
        text = announced(text, (change for change in found if not upcoming.announces(change)))
        project.changelog.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
