"""The large tier of the property tests: `python -m entity_tests.proofs.soak [CASES]`, 5,000 cases by default.

Prints a table of answers by operation, and ends with 1 when a figure is missed: a 5xx, a departure from the contract,
an undocumented status, an operation that was hardly ever accepted, or too many refusals.
"""

import sys
import tempfile
from collections import Counter
from pathlib import Path

from entity_contract import Contract, Operation, load

from entity_tests.deployments.serving import UNLIMITED, serving
from entity_tests.proofs.property_run import Figures, run

CASES = 5000
ACCEPTED = 50
ACCEPTED_RARELY = 10
RARE = frozenset({"getHealth", "listApiKeys", "createApiKey", "revokeApiKey", "generateText"})
REFUSED = 0.6
COVERAGE = 2000
"""About how many cases the phases make that do not depend on the number of examples."""
MORE_ROUNDS = 10
SEED = 1


def wanted(operation: Operation) -> int:
    """How many 2xx answers an operation has to give."""
    return ACCEPTED_RARELY if operation.id in RARE else ACCEPTED


def soak(contract: Contract, cases: int, folder: Path) -> Figures:
    """Every phase over every operation, and then those by themselves that were not accepted often enough.

    An operation with a single parameter, or with none, has few different cases in one run.
    """
    with serving(folder, *UNLIMITED) as served:
        figures = run(served, contract, examples=max(20, (cases - COVERAGE) // len(contract.operations)), seed=SEED)
        for operation in contract.operations:
            for seed in range(SEED + 1, SEED + 1 + MORE_ROUNDS):
                if figures.successes(operation.id) < wanted(operation):
                    figures.add(run(served, contract, examples=100, seed=seed, only=operation.id))
    return figures


def misses(contract: Contract, figures: Figures, cases: int) -> list[str]:
    """Which figures are missed."""
    found = [f"{operation}, {check}: {text}" for (operation, check), text in figures.failures.items()]
    found += figures.errors
    for operation in contract.operations:
        got = figures.successes(operation.id)
        if got < wanted(operation):
            found.append(f"{operation.id}: {got} accepted, {wanted(operation)} wanted")
        documented = {response.status for response in operation.responses}
        found += [f"{operation.id}: {status}" for status in figures.answers.get(operation.id, {}) if status >= 500]
        strange = figures.answers.get(operation.id, {}).keys() - documented
        found += [f"{operation.id}: {status} is not documented" for status in strange]
    if figures.refusals > REFUSED * figures.cases:
        found.append(f"{figures.refusals} of {figures.cases} refused, {REFUSED:.0%} at most wanted")
    if figures.cases < cases:
        found.append(f"{figures.cases} cases, {cases} wanted")
    return found


def main(arguments: list[str]) -> int:
    """Run, print, judge."""
    cases, contract = int(arguments[0]) if arguments else CASES, load()
    with tempfile.TemporaryDirectory() as folder:
        figures = soak(contract, cases, Path(folder))
    for operation in contract.operations:
        counter = figures.answers.get(operation.id, Counter())
        print(f"{operation.id:<22}", "  ".join(f"{status}: {counter[status]}" for status in sorted(counter)))  # noqa: T201
    refused = figures.refusals / figures.cases
    print(f"{figures.cases} cases {dict(figures.phases)}, {refused:.0%} refused")  # noqa: T201
    missed = misses(contract, figures, cases)
    print("\n".join(missed) or "every figure is met")  # noqa: T201
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
