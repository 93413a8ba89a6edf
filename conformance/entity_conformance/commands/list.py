"""`conformance list`: the ledger as a table. It imports no check: their sentences are packaged."""

import sys

import click

from entity_conformance.report.listing import Entry, table
from entity_conformance.report.terminal import terminal_of
from entity_conformance.suite import ledger, packaged


@click.command()
def command() -> None:
    """Write the table to standard output."""
    sentences = packaged.sentences()
    entries = [Entry(clause, sentences.get(clause.id)) for clause in ledger.load().requirements.values()]
    click.echo(table(entries, terminal_of(sys.stdout)), nl=False)
