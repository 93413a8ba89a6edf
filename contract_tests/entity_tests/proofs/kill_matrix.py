"""The kill matrix: for each fault, the run in which the check of the clause that it breaks goes red.

    python -m entity_tests.proofs.kill_matrix      writes proofs.json and sentences.json (of the suite) and unproven.txt

`proofs.json` tells `conformance explain` which faults prove a requirement, `sentences.json` tells `conformance list`
what each check says without importing it. A fault is run in process, against the check
of its own clause, with every credential given.
"""

import asyncio
import json
import logging
import sys
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from entity_conformance.report.verdict import Outcome, Result
from entity_conformance.suite import ledger, packaged
from entity_conformance.suite import run as suite
from entity_contract import load
from entity_server.faults import FAULTS, Fault

from entity_tests.deployments.in_process import Deployment, deployed
from entity_tests.deployments.serving import ROOT

SUITE = ROOT / "conformance" / "entity_conformance" / "suite"
PROOFS = SUITE / packaged.PROOFS
SENTENCES = SUITE / packaged.SENTENCES
UNPROVEN = Path(__file__).parent / "unproven.txt"
AT_ONCE = 6
"""Runs side by side: some wait a second for a clock to move."""
RED = frozenset({Outcome.failed, Outcome.warned})
LOOKING_BACK = frozenset(check.requirement for check in suite.checks() if check.last)
"""Requirements that are judged over what the other checks saw: they need a run of their whole chapter."""


async def outcomes(deployment: Deployment, fault: Fault, journals: Path) -> frozenset[Outcome]:
    """How the check of the clause ends, on whichever entities, with the fault."""
    prefix = fault.breaks.partition(".")[0]
    only = (fault.breaks, f"{prefix}.*") if fault.breaks in LOOKING_BACK else (fault.breaks,)
    run = await deployment.run(journals, faults=(fault,), only=only)
    return frozenset(result.outcome for result in run.results if result.requirement == fault.breaks)


async def tripped(deployment: Deployment, faults: Iterable[Fault], journals: Path) -> dict[str, frozenset[Outcome]]:
    """How the check of each fault's clause ends, by the fault's id."""
    room = asyncio.Semaphore(AT_ONCE)

    async def one(fault: Fault) -> tuple[str, frozenset[Outcome]]:
        async with room:
            folder = journals / fault.id
            folder.mkdir()
            return fault.id, await outcomes(deployment, fault, folder)

    return dict(await asyncio.gather(*(one(fault) for fault in faults)))


def proofs(ends: Mapping[str, frozenset[Outcome]]) -> dict[str, list[str]]:
    """Requirement to the faults that turn its check red, sorted both."""
    found: dict[str, list[str]] = {}
    for fault in FAULTS:
        if ends[fault.id] & RED:
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


async def _all(folder: Path) -> dict[str, frozenset[Outcome]]:
    logging.disable(logging.ERROR)  # a faulty server says on every answer that it is wrong
    async with deployed(load()) as deployment:
        return await tripped(deployment, FAULTS, folder)


def main() -> int:
    """Run every fault and write the files; 1 when a fault does not turn its check red."""
    with tempfile.TemporaryDirectory() as folder:
        ends = asyncio.run(_all(Path(folder)))
    found = proofs(ends)
    PROOFS.write_text(rendered(found))
    SENTENCES.write_text(rendered({check.requirement: check.sentence for check in suite.checks()}))
    UNPROVEN.write_text("".join(f"{requirement}\n" for requirement in unproven(found)))
    survivors = [f"{one.id} ({one.breaks}): {sorted(ends[one.id])}" for one in FAULTS if not ends[one.id] & RED]
    known = len(ledger.load().requirements)
    print(f"{len(FAULTS)} faults prove {len(found)} of {known} requirements")  # noqa: T201
    print("\n".join(survivors) or "each turns the check of its clause red")  # noqa: T201
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())
