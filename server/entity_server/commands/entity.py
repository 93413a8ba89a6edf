"""`reference-server entity`: the declaration of a new entity."""

from pathlib import Path
from typing import Any

import click

from entity_server.commands.ending import fail, say
from entity_server.commands.options import Command, option

_TITLE = "The word for one record, in PascalCase, where the plural does not tell: Person for people."
_PREFIX = "What its ids begin with; without one, the title's first three letters."
_FIELD = (
    "A field, in place of the eight to begin with; may be repeated. ! for a required one; paid:boolean, state:enum=a,b."
)
_PARENT = "An entity that a record belongs to, by a foreign key; may be repeated. Without one, users."
_INSERT = "Write it into this document, all else untouched, instead of printing it."


@click.command(cls=Command)
@click.argument("name")
@option("--title", metavar="TITLE", help=_TITLE)
@option("--id-prefix", metavar="PREFIX", help=_PREFIX)
@option("--field", "fields", multiple=True, metavar="NAME:TYPE[!]", help=_FIELD)
@option("--belongs-to", "parents", multiple=True, metavar="ENTITY", help=_PARENT)
@option("--contract", type=click.Path(path_type=Path), help="The document that it is for; without one, the installed.")
@option("--insert", type=click.Path(path_type=Path), metavar="FILE", help=_INSERT)
def entity(contract: Path | None, insert: Path | None, **asked: Any) -> None:  # noqa: ANN401 - click's own
    """Print the declaration of a new entity, to be added to openapi.yaml.

    NAME is the path segment, a plural: `reference-server entity invoices`.
    """
    from entity_server.new_entity import Asked, DeclarationError, new_entity  # noqa: PLC0415 - `--help` must be quick

    try:
        say(new_entity(Asked(**asked), contract=contract, insert=insert), nl=False)
    except DeclarationError as error:
        fail(str(error))
