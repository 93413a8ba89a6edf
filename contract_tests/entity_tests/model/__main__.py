"""The large tier: `python -m entity_tests.model`. `--help` tells what it can be asked for.

Without CONTRACT_TESTS_URL it runs the right reference server for minutes and then each fault that concerns the machine
for seconds; with it, one run on that deployment. Charter: reads, runs, prints, and ends with an exit code.
"""

import os
import sys
from collections.abc import Iterator
from fnmatch import fnmatch

import click
import httpx
from entity_conformance.deployment.settings import Misuse
from entity_contract import Contract, ContractError, load

from entity_tests.model import elsewhere
from entity_tests.model.deployment import Unusable
from entity_tests.model.reading import chosen
from entity_tests.model.running import Run, examples
from entity_tests.model.settings import from_environment
from entity_tests.proofs.concerned import concerned
from entity_tests.proofs.model_in_process import Stage, stage
from entity_tests.properties.settings import LiveSettings

WANTED = 0.9
"""Which part of the faults is to be found."""
SHOWN = 10
"""Warnings that are printed."""


@click.command()
@click.option("--minutes", default=10.0, show_default=True, help="How long the right server is run; 0 leaves it out.")
@click.option("--seconds", default=60.0, show_default=True, help="How long a fault may hide; 0 leaves them out.")
@click.option("--fault", "globs", multiple=True, metavar="GLOB", help="Run these faults alone.")
@click.option("--chance", default=1, show_default=True, help="Another number makes other sequences.")
def main(minutes: float, seconds: float, globs: tuple[str, ...], chance: int) -> None:
    """Compare the reference server, right and wrong, with the model of its records.

    With CONTRACT_TESTS_URL and CONTRACT_TESTS_API_KEY in the environment another deployment is compared instead.
    """
    try:
        settings, contract = from_environment(os.environ), load()
        sys.exit(_there(settings, contract) if settings else _here(contract, minutes, seconds, globs, chance))
    except Unusable as unusable:
        click.echo(str(unusable), err=True)
        sys.exit(unusable.code)
    except (Misuse, ContractError) as error:
        click.echo(" ".join(str(error).split()), err=True)
        sys.exit(2)


def _here(contract: Contract, minutes: float, seconds: float, globs: tuple[str, ...], chance: int) -> int:
    with stage(contract) as servers:
        right = True
        if minutes:
            run = examples(contract.entities, servers.opened, seconds=minutes * 60, chance=chance)
            click.echo(f"the right server: {_sized(run)}: {run.found or 'nothing is wrong'}")
            right = run.found is None
        found = list(_faults(servers, seconds, globs, chance)) if seconds else []
    if found:
        share = sum(found) / len(found)
        click.echo(f"{sum(found)} of {len(found)} faults found ({share:.0%}; {WANTED:.0%} are wanted)")
        right = right and share >= WANTED
    return 0 if right else 1


def _faults(servers: Stage, seconds: float, globs: tuple[str, ...], chance: int) -> Iterator[bool]:
    """Whether each fault is found in that time; tells of each."""
    for fault in concerned():
        if globs and not any(fnmatch(fault.id, glob) for glob in globs):
            continue
        opened = lambda fault=fault: servers.opened((fault,))  # noqa: E731 - binds this fault
        run = examples(servers.contract.entities, opened, seconds=seconds, chance=chance)
        click.echo(f"{fault.id:<42} {'found' if run.found else 'NOT FOUND'} {_sized(run)}")
        yield run.found is not None


def _there(settings: LiveSettings, contract: Contract) -> int:
    """One run on another deployment: 0 as the model, 1 otherwise, 3 nothing was compared, 5 something was left."""
    ground = elsewhere.opened(settings, contract)
    try:
        run = examples(ground.entities, lambda: ground.deployment, chance=settings.seed, strict=settings.strict)
    except httpx.HTTPError as problem:
        raise Unusable(f"{settings.base} does not answer any more: {type(problem).__name__}", 4) from None
    finally:
        ground.deployment.close()
        for place in ground.deployment.left:
            click.echo(f"left behind: {place}")
    for name, reason in ground.left_out.items():
        click.echo(f"left out: {name}: {reason}")
    for warning in run.warnings[:SHOWN]:
        click.echo(f"warning (this should be otherwise):\n{warning}\n")
    if len(run.warnings) > SHOWN:
        click.echo(f"and {len(run.warnings) - SHOWN} warnings more")
    for point, choice in chosen(run.readings).items():
        click.echo(f"chosen: {point.replace('_', ' ')}: {choice}")
    click.echo(f"{settings.base}: {_sized(run)}; it ended because {run.stopped or 'something was found'}")
    click.echo(run.found or "nothing is wrong")
    if run.found:
        return 1
    return 5 if ground.deployment.left else 0


def _sized(run: Run) -> str:
    return f"{run.examples} sequences, {run.requests} requests, {run.seconds:.1f} s"


if __name__ == "__main__":
    main()
