"""`conformance compare`: what changed between two reports. No request is sent."""

from pathlib import Path

import click

from entity_conformance.commands.recordings import text_of
from entity_conformance.report import comparing
from entity_conformance.report.recorded import read


@click.command()
@click.argument("before", type=click.Path(path_type=Path))
@click.argument("after", type=click.Path(path_type=Path))
def command(before: Path, after: Path) -> int:
    """Returns 1 where there are new failures, 2 where one of the reports judged nothing. Raises ForeignError."""
    one, other = (read(text_of(path), name=str(path)) for path in (before, after))
    compared = comparing.compare(one, other)
    click.echo("\n".join(comparing.lines(one, other, compared)))
    return compared.exit_code
