"""The state machine on the reference server, for minutes: `python -m entity_tests.proofs.model_run`.

First the right server, then each fault that concerns the machine. Ends with 0 when the right server answers as the
model and enough faults are found, else with 1.
"""

import sys
from collections.abc import Iterator
from fnmatch import fnmatch

import click
from entity_contract import load

from entity_tests.model.running import Exploration, explore
from entity_tests.proofs.concerned import concerned
from entity_tests.proofs.model_in_process import Servers, in_process

WANTED = 0.9
"""Which part of the faults is to be found."""


@click.command()
@click.option("--minutes", default=10.0, show_default=True, help="How long the right server is run; 0 leaves it out.")
@click.option("--seconds", default=60.0, show_default=True, help="How long a fault may hide; 0 leaves them out.")
@click.option("--fault", "globs", multiple=True, metavar="GLOB", help="Run these faults alone.")
@click.option("--seed", default=1, show_default=True, help="Another number makes other sequences.")
def main(minutes: float, seconds: float, globs: tuple[str, ...], seed: int) -> None:
    """Compare the reference server, right and wrong, with the model of its records."""
    with in_process(load()) as servers:
        is_right = True
        if minutes:
            run = explore(servers.contract, servers.opened, seconds=minutes * 60, number=seed)
            click.echo(f"the right server: {_size(run)}: {run.found or 'no difference'}")
            is_right = run.found is None
        found = list(_faults(servers, seconds, globs, seed)) if seconds else []
    if found:
        share = sum(found) / len(found)
        click.echo(f"{sum(found)} of {len(found)} faults found ({share:.0%}; {WANTED:.0%} are wanted)")
        is_right = is_right and share >= WANTED
    sys.exit(0 if is_right else 1)


def _faults(servers: Servers, seconds: float, globs: tuple[str, ...], seed: int) -> Iterator[bool]:
    """Whether each fault is found in that time; prints a line for each."""
    for fault in concerned():
        if globs and not any(fnmatch(fault.id, glob) for glob in globs):
            continue
        opened = lambda fault=fault: servers.opened((fault,))  # noqa: E731 - binds this fault
        run = explore(servers.contract, opened, seconds=seconds, number=seed)
        click.echo(f"{fault.id:<42} {'found' if run.found else 'NOT FOUND'} {_size(run)}")
        yield run.found is not None


def _size(run: Exploration) -> str:
    return f"{run.sequences} sequences, {run.requests} requests, {run.seconds:.1f} s"


if __name__ == "__main__":
    main()
