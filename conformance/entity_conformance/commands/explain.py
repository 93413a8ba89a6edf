"""`conformance explain`: one requirement, one row of the rulings, or one clause of a row."""

import sys

import click
from entity_contract import rulings

from entity_conformance.deployment.settings import Misuse
from entity_conformance.report.listing import explanation, ruling_explanation
from entity_conformance.report.terminal import terminal_of
from entity_conformance.suite import ledger, packaged
from entity_conformance.suite.plan import nearest


@click.command()
@click.argument("requirement")
def command(requirement: str) -> None:
    """Write what is known. Raises Misuse for a requirement that there is not."""
    known, decided, terminal = ledger.everything(), rulings.load(), terminal_of(sys.stdout)
    clause = known.requirements.get(requirement)
    if clause is not None:
        faults = packaged.proofs().get(clause.id, ())
        click.echo(explanation(packaged.entry(clause), faults=faults, decided=decided, terminal=terminal), nl=False)
    elif clauses := decided.matching(requirement):
        click.echo(ruling_explanation(clauses, decided, known.requirements.values(), terminal), nl=False)
    else:
        raise Misuse(f"no such requirement: {requirement}", hint=nearest(known, requirement))
