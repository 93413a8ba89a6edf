"""`conformance cleanup`: removes what earlier runs left behind."""

import asyncio
import textwrap
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import click
import entity_contract as contracts

from entity_conformance.commands import options
from entity_conformance.commands.driver import awaited
from entity_conformance.commands.stdout import tell
from entity_conformance.commands.twins import Configured
from entity_conformance.deployment.problems import Leftover
from entity_conformance.deployment.recovery import Recovered, recover
from entity_conformance.report.text import count, visible

LEFT_BEHIND = 5
WIDTH = 100


@click.command(cls=Configured)
@options.target
@options.configuration
@options.credentials
@options.connection
def command(url: str, contract: Path | None, **given: Any) -> int:  # noqa: ANN401  # click's own
    """Returns 0 when neither a thing nor a journal of the deployment is left."""
    asked, known = options.settings_of(url, **given, allow_writes=True), contracts.load(contract)
    journals = options.journals()
    if asked.wait:
        asyncio.run(awaited(asked, known, journals, asyncio.Event()))
    return told(asyncio.run(recover(asked, journals, known)))


def told(done: Recovered) -> int:
    """Say what a clean-up did; returns the exit code."""
    tell("\n".join(_lines(done)))
    return 0 if done.is_clean and not done.leftovers else LEFT_BEHIND


def _left(leftovers: Iterable[Leftover]) -> Iterator[str]:
    """What is left, by its reason: one thing on a line of its own, several with every name below their reason."""
    names: dict[tuple[str, str], list[str]] = {}
    for left in leftovers:
        name = left.id if left.entity is None else f"{left.entity}/{left.id}"
        names.setdefault((left.kind, visible(left.reason)), []).append(visible(name))
    for (kind, reason), alike in names.items():
        if len(alike) == 1:
            yield f"left: {kind} {alike[0]}: {reason}"
        else:
            yield f"left: {count(len(alike), kind)}: {reason}"
            yield textwrap.fill(
                ", ".join(alike),
                WIDTH,
                initial_indent="  ",
                subsequent_indent="  ",
                break_long_words=False,
                break_on_hyphens=False,
            )


def _lines(done: Recovered) -> Iterator[str]:
    for path in done.running:
        yield f"{path}: that run is still at work, and was left alone"
    if not (done.followed or done.running or done.elsewhere or done.unread):
        yield "nothing to remove"
    if done.followed:
        journals, gone = count(len(done.followed), "journal"), f", {done.gone:,} gone before" if done.gone else ""
        yield f"{done.removed:,} removed by {journals}{gone}, {len(done.leftovers):,} left"
    yield from _left(done.leftovers)
    for path in done.kept:
        yield f"kept: {path}"
    for path, why in done.unread:
        yield f"left: the journal {path} cannot be followed: {why}"
    for url in done.elsewhere:
        yield f"left: a journal about {url}; if that is this deployment, run `conformance cleanup {url}`"
