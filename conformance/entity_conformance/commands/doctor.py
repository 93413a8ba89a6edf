"""`conformance doctor`: whether a run could work, and what it would leave out, in a few harmless requests."""

import asyncio
from typing import Any

import click
import entity_contract as contracts

from entity_conformance.commands import configured, options
from entity_conformance.commands.driver import awaited
from entity_conformance.commands.stdout import tell
from entity_conformance.commands.twins import Configured
from entity_conformance.report.text import visible
from entity_conformance.suite.examination import examine, lines, verdict


@click.command(cls=Configured)
@options.target
@options.configuration
@options.credentials
@options.selection
@options.conduct
@options.connection
def command(url: str, **given: Any) -> int:  # noqa: ANN401  # click's own
    """Returns 0 where a run could work, else the code that it would end with. Raises Misuse."""
    contract = contracts.load(given.pop("contract"))
    asked = options.settings_of(url, waivers=configured.waivers(configured.configuration()), **given)
    journals = options.journals()
    if asked.wait:
        asyncio.run(awaited(asked, contract, journals, asyncio.Event()))
    done = asyncio.run(examine(asked, journals=journals, contract=contract))
    tell("\n".join(map(visible, (f"Looking at {done.target}", *lines(done), verdict(done)))))
    return done.exit_code
