"""`conformance explain`: one requirement, those of a chapter, one row of the rulings, or one clause of a row."""

import difflib
import re
import sys

import click
from entity_contract import rulings
from entity_contract.rulings import Rulings

from entity_conformance.commands import completing
from entity_conformance.deployment.settings import Misuse
from entity_conformance.report.listing import explanation, ruling_explanation, table
from entity_conformance.report.terminal import terminal_of
from entity_conformance.suite import ledger, packaged
from entity_conformance.suite.plan import nearest

_RULING = re.compile(r"[A-Za-z][0-9]+(?:\..*)?")


@click.command()
@click.argument("requirement", shell_complete=completing.requirements)
def command(requirement: str) -> None:
    """Write what is known. Raises Misuse for a requirement that there is not."""
    if not re.search(r"[A-Za-z]", requirement) or re.search(r"[*?\[]", requirement):
        raise Misuse(
            f"no such requirement: {requirement!r}", hint="name one, or a chapter; `conformance list` shows all"
        )
    known, decided, terminal = ledger.everything(), rulings.load(), terminal_of(sys.stdout)
    clause = known.requirements.get(requirement)
    chapter = [packaged.entry(one) for one in known.requirements.values() if one.chapter == requirement]
    if clause is not None:
        faults = packaged.proofs().get(clause.id, ())
        click.echo(explanation(packaged.entry(clause), faults=faults, decided=decided, terminal=terminal), nl=False)
    elif chapter:
        click.echo(table(chapter, terminal), nl=False)
    elif clauses := decided.matching(requirement):
        click.echo(ruling_explanation(clauses, decided, known.requirements.values(), terminal), nl=False)
    elif any(requirement in faults for faults in packaged.proofs().values()):
        raise Misuse(
            f"{requirement} is a fault of the reference server", hint=f"run: conformance demo --fault {requirement}"
        )
    elif _RULING.fullmatch(requirement):
        raise Misuse(f"no such ruling: {requirement}", hint=_nearest_ruling(decided, requirement))
    else:
        raise Misuse(f"no such requirement: {requirement}", hint=nearest(known, requirement))


def _nearest_ruling(decided: Rulings, name: str) -> str:
    """The clauses of the row where there is one, else the rows that are spelled most alike."""
    row = name.upper().partition(".")[0]
    own = [clause.id for clause in decided.matching(row)]
    near = own or difflib.get_close_matches(row, decided.rows, cutoff=0.0)
    return f"the nearest are {', '.join(near)}; `entity-contract rulings` shows all"
