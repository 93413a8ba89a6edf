"""`conformance demo`: the reference server, started and checked."""

from urllib.parse import urlsplit

import click
import entity_contract as contracts

from entity_conformance.commands import options
from entity_conformance.commands.demonstration import reference_server
from entity_conformance.commands.driver import Job, drive
from entity_conformance.commands.stderr import say
from entity_conformance.commands.twins import twin
from entity_conformance.commands.variables import Command
from entity_conformance.deployment.settings import Given, Settings

DOES_NOT_CONFORM = 1


@click.command(cls=Command)
@twin(
    "--fault",
    "faults",
    multiple=True,
    metavar="ID",
    help="Have the server break one clause on purpose; give it again for another.",
)
@options.reports
def command(*, faults: tuple[str, ...], reports: tuple[str, ...], verbose: bool) -> int:
    """Returns the exit code of the verdict. Raises NoServer."""
    destinations = options.destinations(reports)
    for destination in destinations:
        destination.probe()
    contract = contracts.load()
    with reference_server(faults) as served:
        given = Given(api_key=served.api_key, session=served.session_token, other_api_key=served.other_api_key)
        settings = Settings(served.base_url, given)
        journals = served.folder / "journals"
        code = drive(Job(settings, contract, journals, destinations, verbose=verbose, is_temporary=True))
    if code == DOES_NOT_CONFORM:
        say(_again(faults, urlsplit(served.base_url).port))
    return code


def _again(faults: tuple[str, ...], port: int | None) -> str:
    """How to have the server that the curl lines name."""
    server = " ".join(["reference-server run --demo", *(f"--fault {name}" for name in faults), f"--port {port}"])
    keys = "its keys, for the variables, are in reference-server.credentials.json"
    return f"the server that the curl lines name has ended; `{server}` starts it again, and {keys}"
