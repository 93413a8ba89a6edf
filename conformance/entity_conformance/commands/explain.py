"""`conformance explain`: one requirement."""

import sys

import click

from entity_conformance.deployment.settings import Misuse
from entity_conformance.report.listing import Entry, explanation
from entity_conformance.report.terminal import terminal_of
from entity_conformance.suite import ledger, packaged
from entity_conformance.suite.plan import nearest


@click.command()
@click.argument("requirement")
def command(requirement: str) -> None:
    """Write what is known. Raises Misuse for a requirement that there is not."""
    known = ledger.load()
    clause = known.requirements.get(requirement)
    if clause is None:
        raise Misuse(f"no such requirement: {requirement}", hint=nearest(known, requirement))
    entry = Entry(clause, packaged.sentences().get(clause.id))
    faults = packaged.proofs().get(clause.id, ())
    click.echo(explanation(entry, faults=faults, terminal=terminal_of(sys.stdout)), nl=False)
