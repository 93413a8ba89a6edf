"""`reference-server variants`: what can be asked for with `--choices` and `--variant`."""

import click

from entity_server.commands.ending import say
from entity_server.commands.options import Command


@click.command(cls=Command)
def variants() -> None:
    """List what is allowed besides: the choices of the rulings, then the variants by name."""
    from entity_contract.rulings import load  # noqa: PLC0415 - `--help` must be quick

    from entity_server.variants import VARIANTS  # noqa: PLC0415 - likewise
    from entity_server.variants.choosing import FAMILIES  # noqa: PLC0415 - likewise

    for clause in load().clauses.values():
        if clause.level == "choice":
            say(f"{clause.id}  {', '.join(clause.alternatives)}")
    say()
    for name, ids in FAMILIES.items():
        say(f"{name}  {', '.join(ids)}")
    say()
    for one in VARIANTS:
        clauses = ", ".join(
            f"{clause}={one.takes[clause]}" if clause in one.takes else clause for clause in one.clauses
        )
        level = ", against a SHOULD" if one.is_against_should else ""
        say(f"{one.id}  {clauses}{level}  {one.summary}")
