"""`python -m contract_tests.changes [OLD [NEW]]`: what changed in the contract, and whether it breaks clients.

Without arguments the last released contract is compared with openapi.yaml. Exit status: 0 nothing breaks, or all that
breaks is announced in CHANGELOG.md; 1 something breaks unannounced; 2 a document cannot be read; 3 nothing is
released, so there is nothing to compare with.
"""

import sys
from pathlib import Path

import click

from contract import ContractError, load
from contract_tests.changes.comparison import changes
from contract_tests.changes.released import CHANGELOG, RELEASED, ROOT, copies, unannounced


@click.command()
@click.argument("old", type=click.Path(path_type=Path), required=False)
@click.argument("new", type=click.Path(path_type=Path), required=False)
def main(old: Path | None, new: Path | None) -> None:
    """Tell every change from OLD (the last release) to NEW (openapi.yaml), breaking ones first."""
    released = copies()
    if old is None and not released:
        click.echo(f"nothing is released: no contract in {RELEASED.relative_to(ROOT)}, nothing was compared", err=True)
        sys.exit(3)
    before = old or released[-1]
    after = new or ROOT / "openapi.yaml"
    try:
        found = changes(load(before).document, load(after).document)
    except ContractError as error:
        click.echo(f"{error}", err=True)
        sys.exit(2)
    for change in sorted(found, key=lambda change: not change.breaking):
        click.echo(f"- {'BREAKING ' if change.breaking else ''}{change.sentence}")
    open_ = unannounced(found, CHANGELOG.read_text(encoding="utf-8"))
    breaks = sum(change.breaking for change in found)
    click.echo(f"{len(found)} changes since {before.name}, {breaks} breaking, {len(open_)} of them not announced")
    sys.exit(1 if open_ else 0)


if __name__ == "__main__":
    main()
