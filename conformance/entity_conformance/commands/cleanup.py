"""`conformance cleanup`: removes what earlier runs left behind."""

import asyncio
from pathlib import Path
from typing import Any

import click
import entity_contract as contracts

from entity_conformance.commands import options
from entity_conformance.deployment.recovery import Recovered, recover

LEFT_BEHIND = 5


@click.command()
@options.target
@options.credentials
@options.connection
def command(url: str, contract: Path | None, **given: Any) -> int:  # noqa: ANN401  # click's own
    """Returns 0 when nothing is left."""
    asked = options.settings_of(url, **given, allow_writes=True)
    return told(asyncio.run(recover(asked, options.journals(), contracts.load(contract))))


def told(done: Recovered) -> int:
    """Say what a clean-up did; returns the exit code."""
    for path in done.running:
        click.echo(f"{path}: that run is still at work, and was left alone")
    if not done.followed:
        click.echo("nothing to remove")
        return 0
    click.echo(f"{done.removed:,} removed by {len(done.followed):,} journals, {len(done.leftovers):,} left")
    for left in done.leftovers:
        click.echo(f"left: {left.kind} {left.entity or ''} {left.id}: {left.reason}")
    return LEFT_BEHIND if done.leftovers else 0
