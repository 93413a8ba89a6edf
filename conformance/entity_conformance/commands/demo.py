"""`conformance demo`: the reference server, started and checked."""

import click
import entity_contract as contracts

from entity_conformance.commands import options
from entity_conformance.commands.demonstration import reference_server
from entity_conformance.commands.driver import Job, drive
from entity_conformance.commands.variables import Command
from entity_conformance.deployment.settings import Given, Settings
from entity_conformance.report.formats import Destination


@click.command(cls=Command)
@options.twin(
    "--fault",
    "faults",
    multiple=True,
    metavar="ID",
    help="Have the server break one clause on purpose; give it again for another.",
)
@options.reports
def command(*, faults: tuple[str, ...], reports: tuple[str, ...], verbose: bool) -> int:
    """Returns the exit code of the verdict. Raises NoServer."""
    destinations = Destination.parse_all(reports)
    for destination in destinations:
        destination.probe()
    contract = contracts.load()
    with reference_server(faults) as served:
        given = Given(api_key=served.api_key, session=served.session_token, other_api_key=served.other_api_key)
        settings = Settings(served.base_url, given)
        return drive(Job(settings, contract, served.folder / "journals", destinations, verbose=verbose))
