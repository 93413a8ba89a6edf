"""`conformance compare`: what changed between two reports. No request is sent."""

from dataclasses import replace
from pathlib import Path

import click

from entity_conformance.commands.recordings import text_of
from entity_conformance.commands.stdout import tell
from entity_conformance.deployment.exchange import Redactor
from entity_conformance.deployment.settings import without_secrets
from entity_conformance.report import comparing
from entity_conformance.report.recorded import read


@click.command()
@click.argument("before", type=click.Path(path_type=Path))
@click.argument("after", type=click.Path(path_type=Path))
def command(before: Path, after: Path) -> int:
    """Returns 1 where there are new failures, 2 where one of the reports judged nothing. Raises ForeignError."""
    read_ = (read(text_of(path), name=str(path)) for path in (before, after))
    one, other = (replace(report, target=without_secrets(report.target)) for report in read_)
    compared = comparing.compare(one, other)
    # a report that others edited may hold what ours never do
    tell(Redactor().answer("\n".join(comparing.lines(one, other, compared))))
    return compared.exit_code
