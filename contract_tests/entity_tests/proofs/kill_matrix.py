"""The kill matrix: each fault makes the requirement that it breaks fail, and no other that it has no reason to.

    python -m entity_tests.proofs.kill_matrix [GLOB]...   each fault alone, with the whole suite; writes, where all were
                                                          run, proofs.json and sentences.json of the suite, unproven.txt

`proofs.json` tells `conformance explain` which faults prove a requirement, `sentences.json` tells `conformance list`
what each check says without importing it. Faults are run in process, with every credential given. The tests put several
into one deployment, which takes a seventh of the time; what goes wrong there is run again alone, and that counts. The
ordinary tests judge a `cover`, one fault of each requirement: all by the requirements that they break, which takes a
quarter of the time, and some by the whole suite.
"""

import asyncio
import json
import logging
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from functools import cache
from itertools import count
from operator import itemgetter
from pathlib import Path
from statistics import median
from typing import get_args

from entity_conformance.deployment.settings import Allowance, Settings
from entity_conformance.report.verdict import Outcome, Result
from entity_conformance.suite import packaged
from entity_conformance.suite import run as suite
from entity_contract import load
from entity_server.faults import FAULTS, Fault

from entity_tests.deployments.in_process import URL, Deployment, deployed
from entity_tests.deployments.serving import ROOT
from entity_tests.proofs.besides import ALONE, HIDDEN, may_fail

SUITE = ROOT / "conformance" / "entity_conformance" / "suite"
PROOFS = SUITE / packaged.PROOFS
SENTENCES = SUITE / packaged.SENTENCES
UNPROVEN = Path(__file__).parent / "unproven.txt"
AT_ONCE = 4
"""Runs side by side, where each fault has its own: some wait a second for a clock to move."""
TOGETHER, OF_A_CHAPTER = 24, 3
"""Faults in one deployment, and how many of them at most break requirements of the same chapter."""
FIRST = ("tasks",)
"""Where most faults show: a run of it makes nine of ten checks, in a third of the time."""
RED = frozenset({Outcome.failed, Outcome.warned})
_CHECKS = {check.requirement: check for check in suite.checks()}

Ends = Mapping[str, frozenset[Outcome]]
"""How the checks of each requirement ended, on whichever entities."""

Told = Callable[[Sequence[Fault], Ends], None]


async def outcomes(
    deployment: Deployment,
    faults: Sequence[Fault],
    journals: Path,
    entities: tuple[str, ...] = (),
    *,
    own: bool = False,
) -> Ends:
    """How the whole suite ends on a deployment with these faults; what has to be asked for is asked for alone.

    It is about these entities, or about all. With `own`, the requirements that the faults break are all that is asked.
    """
    asked_for = any(map(_is_asked_for, faults))
    only = tuple(fault.breaks for fault in faults if own or _is_asked_for(fault))
    allow = get_args(Allowance) if asked_for else ()
    settings = Settings(URL, deployment.given, allow=allow, entities=entities)
    run = await deployment.run(journals, faults=faults, settings=settings, only=only)
    found: dict[str, set[Outcome]] = {}
    for result in run.results:
        found.setdefault(result.requirement, set()).add(result.outcome)
    return {requirement: frozenset(ends) for requirement, ends in found.items()}


async def judged(
    deployment: Deployment,
    groups: Iterable[Sequence[Fault]],
    journals: Path,
    told: Told | None = None,
    *,
    at_once: int = 1,
    first: tuple[str, ...] = (),
) -> dict[str, list[str]]:
    """What is wrong in how the suite ends with each fault, by its id: nothing where it alone is found.

    A group is judged at the entities `first`, which takes a third of the time, and then on all: the faults that do not
    show there, beside each other.

    Faults that others of their groups hide are run again beside each other, and then alone. So are those that are
    suspected where a group accuses an innocent requirement, and the group is run again without them; where nobody is
    suspected, it is run again in halves, until nobody is accused or the fault that does it is alone. What is wrong with
    one alone counts if it is wrong again when no run is beside it: requests that are under way at once come in another
    order each time, and a fault may show a run what another run makes.
    """
    room = asyncio.Semaphore(at_once)
    found: dict[str, list[str]] = {}
    numbers = count(1)

    async def run(group: Sequence[Fault], entities: tuple[str, ...] = ()) -> Ends:
        async with room:
            ends = await outcomes(deployment, group, journals / str(next(numbers)), entities)
        if told is not None:
            told(group, ends)
        return ends

    async def each(groups: Iterable[Sequence[Fault]], entities: tuple[str, ...] = ()) -> list[Fault]:
        """The faults that are to be run again."""
        return [fault for again in await asyncio.gather(*(one(group, entities) for group in groups)) for fault in again]

    async def one(group: Sequence[Fault], entities: tuple[str, ...]) -> Sequence[Fault]:
        ends = await run(group, entities)
        said, hidden = wrong(group, ends), missed(group, ends)
        if len(group) == 1:
            found[group[0].id] = said
            return group if said and entities else ()
        found.update({fault.id: [] for fault in group})
        if len(said) == len(hidden):
            return hidden
        suspected = [fault for fault in group if fault in hidden or _chapter(fault) in _accused_chapters(group, ends)]
        if not 0 < len(suspected) < len(group):
            return await each(_halves(group), entities)
        return [*suspected, *await one([fault for fault in group if fault not in suspected], entities)]

    groups = list(groups)
    again = await each(together(await each(groups, first), of_a_chapter=OF_A_CHAPTER + 1 if first else OF_A_CHAPTER))
    await each((fault,) for fault in again)
    for fault in (fault for group in groups for fault in group if found[fault.id]):
        found[fault.id] = wrong((fault,), await run((fault,)))
    return found


async def unseen(
    deployment: Deployment, groups: Iterable[Sequence[Fault]], journals: Path, *, at_once: int = 1
) -> list[Fault]:
    """The faults that are not found where the requirements that their deployment breaks are all that is asked."""
    room = asyncio.Semaphore(at_once)

    async def one(number: int, group: Sequence[Fault]) -> tuple[Fault, ...]:
        async with room:
            return missed(group, await outcomes(deployment, group, journals / str(number), own=True))

    return [fault for missing in await asyncio.gather(*map(one, count(1), groups)) for fault in missing]


def _halves(group: Sequence[Fault]) -> list[Sequence[Fault]]:
    """Every second fault, and the others: those next to each other are of different chapters."""
    return [group[::2], group[1::2]]


def _accused_chapters(group: Sequence[Fault], ends: Ends) -> frozenset[str]:
    """The chapters of the requirements that are red without a reason."""
    return frozenset(requirement.partition(".")[0] for requirement in (*_innocent(group, ends), *_broken(ends)))


def missed(group: Sequence[Fault], ends: Ends) -> tuple[Fault, ...]:
    """The faults whose own requirement held."""
    return tuple(fault for fault in group if not ends.get(fault.breaks, frozenset()) & RED)


def wrong(group: Sequence[Fault], ends: Ends) -> list[str]:
    """What is wrong in how the suite ended: a fault that was not found, a requirement accused without a reason."""
    names = "+".join(fault.id for fault in group)
    return [
        *(f"{fault.id} is not found: {fault.breaks}" for fault in missed(group, ends)),
        *(f"{names} accuses {one}" for one in _innocent(group, ends)),
        *(f"{names} breaks the check {one}" for one in _broken(ends)),
    ]


def _innocent(group: Sequence[Fault], ends: Ends) -> list[str]:
    red = {requirement for requirement, outcomes in ends.items() if outcomes & RED}
    return sorted(red - frozenset().union(*map(may_fail, group)))


def _broken(ends: Ends) -> list[str]:
    return sorted(requirement for requirement, outcomes in ends.items() if Outcome.broken in outcomes)


def together(faults: Iterable[Fault], *, of_a_chapter: int = OF_A_CHAPTER) -> list[tuple[Fault, ...]]:
    """The faults as deployments, few and of one size, with faults of many chapters in each; none stands on another."""
    groups: list[list[Fault]] = []
    for fault in _dealt(faults):
        fitting = [group for group in groups if _fits(fault, group, of_a_chapter)]
        if fitting:
            min(fitting, key=len).append(fault)
        else:
            groups.append([fault])
    return [tuple(group) for group in groups]


def cover(faults: Sequence[Fault] = FAULTS) -> tuple[Fault, ...]:
    """For each requirement one of the faults that break it, the one that is served beside others with the least ado."""
    first = sorted(faults, key=lambda fault: (fault.id in ALONE, fault.id in HIDDEN, len(may_fail(fault))))
    chosen = {fault.breaks: fault for fault in reversed(first)}
    return tuple(fault for fault in faults if chosen[fault.breaks] is fault)


@cache
def deployments() -> tuple[Sequence[tuple[Fault, ...]], Sequence[tuple[Fault, ...]]]:
    """The cover as deployments, and the rest of the catalogue; made once for all modules of tests that share them."""
    covering = cover()
    return tuple(together(covering)), tuple(together(fault for fault in FAULTS if fault not in covering))


def _dealt(faults: Iterable[Fault]) -> list[Fault]:
    """The faults of each chapter at equal distances, so that those next to each other do not go into one group."""
    chapters: dict[str, list[Fault]] = {}
    for fault in faults:
        chapters.setdefault(_chapter(fault), []).append(fault)
    placed = [(place / len(them), name, fault) for name, them in chapters.items() for place, fault in enumerate(them)]
    return [fault for *_, fault in sorted(placed, key=itemgetter(0, 1))]


def _fits(fault: Fault, group: Sequence[Fault], of_a_chapter: int) -> bool:
    near = sum(_chapter(other) == _chapter(fault) for other in group)
    return len(group) < TOGETHER and near < of_a_chapter and not any(_hide(fault, other) for other in group)


@cache
def _chapter(fault: Fault) -> str:
    return fault.breaks.partition(".")[0]


def _hide(one: Fault, other: Fault) -> bool:
    """Whether one fault may keep the other from being found."""
    pair = (one, other)
    if {one.id, other.id} & ALONE or any(len(set(map(of, pair))) > 1 for of in (_is_asked_for, _is_hidden)):
        return True
    mine, others = may_fail(one), may_fail(other)
    return bool(others & {one.breaks, *stands_on(one.breaks)} or mine & {other.breaks, *stands_on(other.breaks)})


def _is_asked_for(fault: Fault) -> bool:
    return bool(_CHECKS[fault.breaks].opt_in)


def _is_hidden(fault: Fault) -> bool:
    return fault.id in HIDDEN


@cache
def stands_on(requirement: str) -> frozenset[str]:
    """What must hold before the check of a requirement is made."""
    return frozenset().union(*({one, *stands_on(one)} for one in _CHECKS[requirement].after))


def proofs() -> dict[str, list[str]]:
    """Requirement to the faults that make its check fail, sorted both. That each is true is shown by the matrix."""
    found: dict[str, list[str]] = {}
    for fault in FAULTS:
        found.setdefault(fault.breaks, []).append(fault.id)
    return {requirement: sorted(ids) for requirement, ids in sorted(found.items())}


def unproven(proven: Iterable[str]) -> list[str]:
    """The requirements with a check that no fault turns red yet."""
    checked = {check.requirement for check in suite.checks()}
    return sorted(checked - set(proven))


def green(results: Iterable[Result]) -> frozenset[str]:
    """The requirements that hold on every entity of a run."""
    by_requirement: dict[str, set[Outcome]] = {}
    for result in results:
        by_requirement.setdefault(result.requirement, set()).add(result.outcome)
    good = {Outcome.passed, Outcome.observed}
    return frozenset(requirement for requirement, ends in by_requirement.items() if ends <= good)


def rendered(found: Mapping[str, object]) -> str:
    """The text of a packaged file."""
    return json.dumps(found, indent=2, sort_keys=True) + "\n"


async def _alone(faults: Sequence[Fault], folder: Path, told: Told) -> dict[str, list[str]]:
    logging.disable(logging.ERROR)  # a faulty server says on every answer that it is wrong
    async with deployed(load()) as deployment:
        return await judged(deployment, [(fault,) for fault in faults], folder, told, at_once=AT_ONCE)


def main(patterns: Sequence[str]) -> int:
    """Run faults one by one and write the files; 1 when one is not found, or accuses an innocent requirement."""
    faults = [one for one in FAULTS if not patterns or any(fnmatchcase(one.id, pattern) for pattern in patterns)]
    ended: list[Ends] = []

    def told(group: Sequence[Fault], ends: Ends) -> None:
        ended.append(ends)
        for line in wrong(group, ends):
            print(line, flush=True)  # noqa: T201

    with tempfile.TemporaryDirectory() as folder:
        found = asyncio.run(_alone(faults, Path(folder), told))
    if not patterns:
        PROOFS.write_text(rendered(proofs()))
        SENTENCES.write_text(rendered({check.requirement: check.sentence for check in suite.checks()}))
        UNPROVEN.write_text("".join(f"{requirement}\n" for requirement in unproven(proofs())))
    red = [sum(1 for outcomes in ends.values() if outcomes & RED) for ends in ended]
    failed = [sum(1 for outcomes in ends.values() if Outcome.failed in outcomes) for ends in ended]
    print(f"{len(faults)} faults; failed requirements: median {median(failed)}, at most {max(failed)}; ", end="")  # noqa: T201
    print(f"with warnings: median {median(red)}, at most {max(red)}")  # noqa: T201
    return 1 if any(found.values()) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
