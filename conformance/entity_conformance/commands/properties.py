"""`conformance properties`: generated requests. What it does is `entity_tests.properties.command.perform`."""

from typing import Any

import click

from entity_conformance.commands import options
from entity_conformance.commands.extra import product
from entity_conformance.commands.twins import Configured


@click.command(cls=Configured)
@options.asking
def command(**given: Any) -> int:  # noqa: ANN401  # click's own
    """Returns the exit code of the verdict. Raises Misuse where the extra is missing."""
    perform = product("properties")
    return perform(options.job(**given))
