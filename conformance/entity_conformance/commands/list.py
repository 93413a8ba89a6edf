"""`conformance list`: all that is judged, as a table. It imports no check: their sentences are packaged."""

import sys

import click

from entity_conformance.report.listing import table
from entity_conformance.report.terminal import terminal_of
from entity_conformance.suite import ledger, packaged


@click.command()
def command() -> None:
    """Write the table to standard output."""
    entries = [packaged.entry(requirement) for requirement in ledger.everything().requirements.values()]
    click.echo(table(entries, terminal_of(sys.stdout)), nl=False)
