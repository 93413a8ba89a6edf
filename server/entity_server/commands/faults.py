"""`reference-server faults`: what can be asked for with `--fault`."""

import click

from entity_server.commands.ending import say
from entity_server.commands.options import Command


@click.command(cls=Command)
def faults() -> None:
    """List the faults: id, the requirement that it breaks, summary."""
    from entity_server.faults import FAULTS  # noqa: PLC0415 - `--help` must be quick

    for fault in FAULTS:
        say(f"{fault.id}  breaks {fault.breaks}: {fault.summary}")
