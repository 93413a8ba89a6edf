"""`conformance rerun`: what failed in a report, and nothing else, three times each."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import click
from entity_contract import Contract

from entity_conformance.commands import options
from entity_conformance.commands.driver import Ask, is_written, performed
from entity_conformance.commands.extra import asking
from entity_conformance.commands.passing import Passing
from entity_conformance.commands.recordings import text_of
from entity_conformance.commands.signals import INTERRUPTED
from entity_conformance.commands.stderr import say
from entity_conformance.commands.stdout import tell
from entity_conformance.commands.twins import Configured
from entity_conformance.deployment.settings import Misuse, Settings, without_secrets
from entity_conformance.report import repeating
from entity_conformance.report.expected import Expected
from entity_conformance.report.findings import verdict_line
from entity_conformance.report.recorded import Place, Recorded, parsed, read
from entity_conformance.report.verdict import Run
from entity_conformance.suite import ledger, sample
from entity_conformance.suite import run as suite
from entity_conformance.suite.course import Watcher
from entity_conformance.suite.recordings.asking_again import blind

LEFT_BEHIND, UNREPORTED = 5, 2
_ENDED = frozenset({2, 4, 70, INTERRUPTED})
"""Exit codes of a run behind which no other is begun."""


@click.command(cls=Configured)
@click.argument("report", type=click.Path(path_type=Path))
@click.argument("url", required=False, envvar="CONFORMANCE_URL", metavar="[URL]")
@options.told
def command(report: Path, url: str | None, **given: Any) -> int:  # noqa: ANN401  # click's own
    """Returns 0 only when all is fixed. Raises ForeignError, and Misuse where nothing failed."""
    text = text_of(report)
    before = read(text, name=str(report))
    if not before.failed:
        raise Misuse(f"nothing failed in {report}", hint="name a report with failures")
    job = options.job(url=url or before.target, **given)
    if job.waivers_into is not None:
        raise Misuse("rerun writes no waivers", hint="`conformance run --update-waivers` does")
    if options.flags("only", "skip"):
        raise Misuse("--only and --skip are the report's here: what failed is run", hint="leave them out")
    again = _Again(before, _asked(before), entities=job.settings.entities if options.flags("entities") else ())
    last = performed(job, again)
    if last is None:
        return INTERRUPTED
    if last.verdict.exit_code in _ENDED:
        say(verdict_line(last.verdict))
        return last.verdict.exit_code
    unasked = blind(parsed(text, name=before.name), before.failed, again.tries, job.contract, name=before.name)
    wrote = not repeating.only_read(before.profile)
    found = repeating.repeated(before.failed, again.tries, wrote=wrote, unasked=unasked)
    told = replace(before, target=without_secrets(before.target))
    takes_stdout = any(destination.path is None for destination in job.destinations)
    said = (*repeating.notes(told, last), *repeating.lines(found))
    if takes_stdout:  # which is the report's alone
        for line in said:
            say(line)
    else:
        tell("\n".join(said))
    code = repeating.exit_code(found)
    if any(run.leftovers for runs in again.tries for run in runs):
        say(f"something was left behind; `conformance cleanup {last.target}` tries again to remove it")
        code = code if code == 1 else LEFT_BEHIND
    is_told = [is_written(last, destination, verbose=job.verbose) for destination in job.destinations]
    return code if all(is_told) else UNREPORTED


@dataclass(frozen=True, slots=True)
class _Again:
    """Asks what failed, as often as it is tried; the last run stands for all in a report.

    `entities` are those of the command line, in place of those where it failed.
    """

    before: Recorded
    asked: Mapping[str, tuple[Place, ...]]
    entities: tuple[str, ...] = ()
    tries: list[list[Run]] = field(default_factory=list)

    async def __call__(
        self, settings: Settings, *, journals: Path, contract: Contract, watcher: Watcher, stop: asyncio.Event
    ) -> Run:
        asks: dict[str, Ask] = {name: suite.run if name == "run" else asking(name) for name in self.asked}
        told = _Told(watcher)
        while True:
            self.tries.append([])
            for name, places in self.asked.items():
                wanted = _narrowed(settings, self.before, name, places, contract)
                if self.entities:
                    wanted = replace(wanted, entities=self.entities)
                run = await asks[name](wanted, journals=journals, contract=contract, watcher=told, stop=stop)
                self.tries[-1].append(run)
                if stop.is_set() or run.verdict.exit_code in _ENDED:
                    return run
            told.is_planned = True
            if len(self.tries) == repeating.TRIES:
                return run


class _Told(Passing):
    """Tells all to another, but the plan of the first try only: that of the others is the same."""

    def __init__(self, watcher: Watcher) -> None:
        super().__init__(watcher)
        self.is_planned = False

    def expects(self, expected: Expected) -> None:
        if not self.is_planned:
            say(f"each of {repeating.TRIES} tries is planned so:")
            self._watcher.expects(replace(expected, left_out=()))  # nobody expects what did not fail


def _asked(before: Recorded) -> dict[str, tuple[Place, ...]]:
    """What failed, by the command that judges it. Raises Misuse where this suite knows nothing of it."""
    known = ledger.everything().requirements
    asked: dict[str, tuple[Place, ...]] = {}
    for place in before.failed:
        if place[0] in known:
            command_ = ledger.command_of(known[place[0]])
            asked[command_] = (*asked.get(command_, ()), place)
    if not asked:
        raise Misuse(f"this suite knows no requirement that failed in {before.name}", hint="run the whole suite")
    return asked


def _narrowed(
    settings: Settings, before: Recorded, command_: str, places: tuple[Place, ...], contract: Contract
) -> Settings:
    """The settings for what failed.

    What was seen wrong in another check's answer, or beside it, needs that check as well, and the entity of the answer;
    so does an entity whose records need a parent.
    """
    known = ledger.load().requirements
    names = [requirement for requirement, _ in places]
    own = [entity for _, entity in places if entity is not None]
    entities = tuple(dict.fromkeys([*own, *(one for place in places for one in before.asked_of[place])]))
    settings = replace(settings, skip=(), waivers=())
    if command_ != "run":
        return replace(settings, only=tuple(dict.fromkeys(names)))
    senders = [check.partition(" [")[0] for place in places for check in before.asked_by[place]]
    only = dict.fromkeys([*names, *(one for one in senders if one in known)])
    if any(entity is None for _, entity in places):
        return replace(settings, only=tuple(only))
    return replace(settings, only=tuple(only), entities=with_parents(contract, entities))


def with_parents(contract: Contract, names: tuple[str, ...]) -> tuple[str, ...]:
    """The entities, and in front of each those that its records cannot be without."""
    found: list[str] = []
    begun: set[str] = set()

    def add(name: str) -> None:
        if name in begun:
            return
        begun.add(name)
        if (entity := contract.entity(name)) is not None:
            for relation in sample.parents(entity, "required"):
                add(relation.entity)
        found.append(name)

    for name in names:
        add(name)
    return tuple(found)
