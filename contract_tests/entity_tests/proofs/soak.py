"""The largest tier of the property tests: `python -m entity_tests.proofs.soak [REQUESTS]`, 6,000 by default.

Prints a table of answers by operation, and ends with 1 when a figure is missed: anything that is found, an operation
that was hardly ever accepted, or too many refusals.
"""

import sys
import tempfile
from collections import Counter
from pathlib import Path

from entity_conformance.report.verdict import Outcome, Run
from entity_contract import Contract, Operation, load

from entity_tests.deployments.property_runs import found, run
from entity_tests.deployments.serving import UNLIMITED, Served, serving

REQUESTS = 6000
ACCEPTED = 50
ACCEPTED_RARELY = 10
RARE = frozenset({"getHealth", "listApiKeys", "createApiKey", "revokeApiKey"})
COSTLY = "generateText"
"""Never more than two of its answers are 2xx."""
REFUSED = 0.6
MORE_ROUNDS = 10
SEED = 1
WRONG = (Outcome.failed, Outcome.warned, Outcome.broken, Outcome.observed)


def wanted(operation: Operation) -> int:
    """How many 2xx answers an operation has to give."""
    if operation.id == COSTLY:
        return 1
    return ACCEPTED_RARELY if operation.id in RARE else ACCEPTED


class Figures:
    """What several runs came to: answers by operation and status, and what was found."""

    def __init__(self) -> None:
        self.answers: dict[str, Counter[int]] = {}
        self.found: list[str] = []

    def add(self, ended: Run, contract: Contract) -> None:
        """Count a run as well: what was sent for each operation by its own method."""
        methods = {f"properties: {operation.id}": operation for operation in contract.operations}
        for exchange in ended.exchanges:
            operation = methods.get(exchange.check)
            if operation is not None and exchange.method == operation.method and exchange.status is not None:
                self.answers.setdefault(operation.id, Counter())[exchange.status] += 1
        self.found += found(ended, *WRONG)
        self.found += [f"left behind: {left}" for left in ended.leftovers]

    def accepted(self, operation: Operation) -> int:
        """2xx answers of an operation."""
        return sum(count for status, count in self.answers.get(operation.id, Counter()).items() if status < 300)

    @property
    def sent(self) -> int:
        """Requests that were counted."""
        return sum(counter.total() for counter in self.answers.values())

    @property
    def refused(self) -> float:
        """Which part of them was answered with 400 or more."""
        refusals = sum(count for one in self.answers.values() for status, count in one.items() if status >= 400)
        return refusals / max(1, self.sent)


def soak(contract: Contract, requests: int, served: Served, folder: Path) -> Figures:
    """Every phase over every operation, and then those by themselves that were not accepted often enough."""
    figures = Figures()
    figures.add(run(served, folder, max_requests=requests, seed=SEED), contract)
    for operation in contract.operations:
        for seed in range(SEED + 1, SEED + 1 + MORE_ROUNDS):
            if figures.accepted(operation) < wanted(operation):
                only = (operation.id,)
                figures.add(run(served, folder, max_requests=200, seed=seed, only=only), contract)
    return figures


def misses(contract: Contract, figures: Figures) -> list[str]:
    """Which figures are missed."""
    missed = list(dict.fromkeys(figures.found))
    for operation in contract.operations:
        got = figures.accepted(operation)
        if got < wanted(operation):
            missed.append(f"{operation.id}: {got} accepted, {wanted(operation)} wanted")
    if figures.refused > REFUSED:
        missed.append(f"{figures.refused:.0%} refused, {REFUSED:.0%} at most wanted")
    return missed


def main(arguments: list[str]) -> int:
    """Run, print, judge."""
    requests, contract = int(arguments[0]) if arguments else REQUESTS, load()
    with tempfile.TemporaryDirectory() as name, serving(Path(name), *UNLIMITED) as served:
        figures = soak(contract, requests, served, Path(name) / "journals")
    for operation in contract.operations:
        counter = figures.answers.get(operation.id, Counter())
        print(f"{operation.id:<22}", "  ".join(f"{status}: {counter[status]}" for status in sorted(counter)))  # noqa: T201
    print(f"{figures.sent} counted, {figures.refused:.0%} refused")  # noqa: T201
    missed = misses(contract, figures)
    print("\n".join(missed) or "every figure is met")  # noqa: T201
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
