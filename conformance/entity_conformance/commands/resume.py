"""`conformance run --resume REPORT.json`: what an earlier run did not come to."""

import asyncio
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

from entity_contract import Contract

from entity_conformance.commands import options
from entity_conformance.commands.driver import Ask, Job
from entity_conformance.commands.passing import Passing
from entity_conformance.commands.recordings import text_of
from entity_conformance.deployment.settings import Misuse, Settings, base_url
from entity_conformance.report.expected import Expected
from entity_conformance.report.recorded import commands, parsed
from entity_conformance.report.verdict import LEFT_OUT, Run
from entity_conformance.suite import ledger
from entity_conformance.suite import run as suite
from entity_conformance.suite.course import Watcher
from entity_conformance.suite.recordings import earlier as recorded
from entity_conformance.suite.resuming import proofs, resumed, unsettled
from entity_conformance.suite.watch import passive_checks


def resuming(path: Path, job: Job) -> Ask:
    """What asks the rest. Raises ReportError, and Misuse where the report is about something else."""
    settings, name = job.settings, str(path)
    if options.flags("only", "skip", "entities", "smoke", "thorough"):
        raise Misuse("--resume goes on with what its report was about", hint="leave out what narrows or widens the run")
    document = parsed(text_of(path), name=name)
    earlier = recorded.run(document, name=name)
    if "run" not in (asked_by := commands(document)):
        other = " and ".join(asked_by)
        raise Misuse(f"{name} is of `conformance {other}`", hint="name a report of `conformance run`")
    for what, was, is_ in (
        ("target", base_url(earlier.target), base_url(settings.url)),
        ("contract", earlier.contract_sha256[:12], job.contract.sha256[:12]),
    ):
        if was != is_:
            raise Misuse(f"{name} is about another {what}: {was}, not {is_}", hint="name a report of this run")
    asked = unsettled(earlier, ledger.load().requirements)
    if not asked:
        raise Misuse(f"{name} has an outcome for everything", hint="run it again whole, or `conformance rerun` it")

    known = suite.checks()
    performed = known if _is_whole(asked) else proofs(earlier, asked, known, passive_checks())
    names = asked if _is_whole(asked) else tuple(check.requirement for check in performed)

    async def ask(
        settings: Settings, *, journals: Path, contract: Contract, watcher: Watcher, stop: asyncio.Event
    ) -> Run:
        narrowed, told = _narrowed(settings, earlier, names), _Rest(watcher)
        run = await suite.run(narrowed, journals=journals, contract=contract, proofs=performed, watcher=told, stop=stop)
        expected = None if run.expected is None else _unsettled(run.expected)
        return resumed(earlier, replace(run, expected=expected), asked, settings)

    return ask


class _Rest(Passing):
    """Tells all to another, but that what is settled is left out."""

    def expects(self, expected: Expected) -> None:
        super().expects(_unsettled(expected))


def _unsettled(expected: Expected) -> Expected:
    """What is expected of the rest: nobody has asked for --only."""
    return replace(expected, left_out=tuple(pair for pair in expected.left_out if pair[0] != LEFT_OUT))


def _is_whole(names: Collection[str]) -> bool:
    """Whether these are all requirements: nothing is narrowed for them."""
    return len(names) == len(ledger.load().requirements)


def _narrowed(settings: Settings, earlier: Run, names: tuple[str, ...]) -> Settings:
    """The settings for these requirements, on the entities of the earlier run where that was about some only.

    What the environment or the file narrows was narrowed then too, and is in the report.
    """
    is_selected = "selected" in earlier.profile.name.split(", ")
    entities = (is_selected and earlier.profile.entities) or settings.entities
    if _is_whole(names):
        return replace(settings, entities=entities)
    return replace(settings, only=names, skip=(), entities=entities, smoke=False, thorough=False)
