"""What checks cost on the reference server, counted by running them.

    python -m entity_tests.proofs.costs      writes costs.json of the suite, by which a run is planned

A run with every credential, a thorough one, one of tasks (and a thorough one of these), of comments and of users alone,
one that only reads, one with a key that only reads and one without credentials are counted, in process.
"""

import asyncio
import logging
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import get_args

from entity_conformance.deployment.credentials import Given
from entity_conformance.deployment.settings import Settings
from entity_conformance.report.verdict import Run
from entity_conformance.suite import costs
from entity_conformance.suite import run as suite
from entity_conformance.suite.costs import Costs, Way
from entity_conformance.suite.course import Watcher
from entity_contract import load

from entity_tests.deployments.in_process import URL, Deployment, GatewayTransport, deployed
from entity_tests.deployments.serving import ROOT

COSTS = ROOT / "conformance" / "entity_conformance" / "suite" / costs.COSTS
ELSEWHERE = "http://staging.example.test"
"""A host that is not this machine, on which a run only reads."""


class _Counting(Watcher):
    costs: Costs = {}  # noqa: RUF012  # replaced as a whole

    def spent(self, costs: Costs) -> None:
        self.costs = costs


async def run_counted(deployment: Deployment, settings: Settings, journals: Path) -> tuple[Run, Costs]:
    """A run, and what it took by what it was for."""
    counting = _Counting()
    run = await suite.run(
        settings,
        journals=journals,
        contract=deployment.expected,
        watcher=counting,
        transport=GatewayTransport(deployment.gateway()),
    )
    return run, counting.costs


async def count(journals: Path, *ways: Way) -> Mapping[Way, tuple[Run, Costs]]:
    """Each of these ways, or every one, on a fresh reference server: the run, and what it took."""
    counted: dict[Way, tuple[Run, Costs]] = {}
    for way in ways or get_args(Way):
        async with deployed(load()) as deployment:
            settings = Settings(URL, deployment.given)
            match way:
                case "read-only":
                    settings = replace(settings, url=ELSEWHERE)
                case "reader":
                    settings = replace(settings, given=Given(read_key=_value(deployment, "read_key")))
                case "public":
                    settings = replace(settings, given=Given())
            entities = (costs.ALONE[way],) if way in costs.ALONE else ()
            settings = replace(settings, thorough=way.startswith("thorough"), entities=entities)
            counted[way] = await run_counted(deployment, settings, journals)
            assert counted[way][0].verdict.exit_code == 0, counted[way][0].verdict.reason
    return counted


def _value(deployment: Deployment, name: str) -> str:
    return next(secret.value for row, secret in deployment.given if row.name == name)


def main() -> None:
    """Count, and write the file."""
    logging.disable(logging.ERROR)
    with tempfile.TemporaryDirectory() as journals:
        counted = {way: known for way, (_, known) in asyncio.run(count(Path(journals))).items()}
    COSTS.write_text(costs.told(counted), "utf-8")
    for way, known in counted.items():
        total = sum((cost.sent for cost in known.values()), costs.Sent())
        sys.stdout.write(f"{way}: {len(known)} costs, {total.total()} requests\n")


if __name__ == "__main__":
    main()
