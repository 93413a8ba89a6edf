"""`conformance run`: the requirements."""

from typing import Any

import click

from entity_conformance.commands import options
from entity_conformance.commands.driver import drive
from entity_conformance.commands.thorough import thorough
from entity_conformance.commands.twins import Configured


@click.command(cls=Configured)
@options.asking
@options.extent
def command(**given: Any) -> int:  # noqa: ANN401  # click's own
    """Returns the exit code of the verdict."""
    job = options.job(**given)
    return drive(job, thorough) if job.settings.thorough else drive(job)
