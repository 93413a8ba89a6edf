"""`conformance run`: the requirements."""

from pathlib import Path
from typing import Any

import click

from entity_conformance.commands import options
from entity_conformance.commands.driver import drive
from entity_conformance.commands.twins import Configured


@click.command(cls=Configured)
@options.asking
@options.extent
@options.resume
def command(resume: Path | None, **given: Any) -> int:  # noqa: ANN401  # click's own
    """Returns the exit code of the verdict. Raises Misuse."""
    job = options.job(**given)
    if resume is not None:
        from entity_conformance.commands.resume import resuming  # noqa: PLC0415  # for those who ask for it

        return drive(job, resuming(resume, job))
    if job.settings.thorough:
        from entity_conformance.commands.thorough import thorough  # noqa: PLC0415  # for those who ask for it

        return drive(job, thorough)
    return drive(job)
