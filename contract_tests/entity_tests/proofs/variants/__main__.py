"""Every allowed variant by itself, with the whole suite.

    python -m entity_tests.proofs.variants [GLOB]...      one by one; 1 when the runner misjudges any of them
    python -m entity_tests.proofs.variants --together     as the tests run them, many in one deployment
    python -m entity_tests.proofs.variants --draws N      N servers of `--choices random`, strictly

The tests run them together, which is quicker and may hide one behind another: run this after a change of checks.
"""

import asyncio
import logging
import sys
from collections.abc import Sequence
from fnmatch import fnmatchcase

from entity_contract import load

from entity_tests.proofs.variants.catalogue import VARIANTS
from entity_tests.proofs.variants.choices import accused, draws
from entity_tests.proofs.variants.trial import Attempt, Tried, attempted, misjudged, together, unseen


def _tell(attempt: Attempt, trial: Tried) -> None:
    """A line for each deployment, and what is wrong in others."""
    wrong = _wrong(attempt, trial)
    first, *others = attempt.variants
    name = f"{first.id} and {len(others)} more" if others else first.id
    rows = " ".join(sorted(first.allowed.rows))
    print("\n    ".join([f"{'WRONG' if wrong else 'right'}  {rows:4} {name}", *wrong]), flush=True)  # noqa: T201


def _wrong(attempt: Attempt, trial: Tried) -> list[str]:
    """What the runner gets wrong, and which variants are not in effect."""
    lines = misjudged(trial, attempt.variants)
    return lines + [f"{one.id} has no effect: {line}" for one in attempt.variants for line in unseen(trial, one)]


def main(arguments: Sequence[str]) -> int:
    """Try the variants; 1 when any is misjudged, 2 when no variant has such a name."""
    if arguments[:1] == ["--draws"]:
        return _drawn(int(arguments[1]))
    patterns = [one for one in arguments if one != "--together"]
    chosen = [one for one in VARIANTS if not patterns or any(fnmatchcase(one.id, pattern) for pattern in patterns)]
    if not chosen:
        print(f"there is no variant {' or '.join(patterns)}", file=sys.stderr)  # noqa: T201
        return 2
    groups = together(chosen) if "--together" in arguments else [(one,) for one in chosen]
    attempts = [Attempt(group) for group in groups]
    logging.disable(logging.ERROR)  # a server that is forgiving says on every answer what it forgave
    trials = asyncio.run(attempted(load(), attempts, told=_tell))
    wrong = sum(bool(_wrong(attempt, trial)) for attempt, trial in zip(attempts, trials, strict=True))
    print(f"{len(chosen)} variants in {len(groups)} deployments, {wrong} misjudged")  # noqa: T201
    return 1 if wrong else 0


def _drawn(count: int) -> int:
    """Try servers that were drawn, by the seeds from 1 on; one variant may hide another there."""
    attempts = draws(range(1, count + 1))

    def tell(one: Attempt, trial: Tried) -> None:
        wrong = accused(trial)
        seed = attempts.index(one) + 1
        print("\n    ".join([f"{'WRONG' if wrong else 'right'}  seed {seed}", *wrong]), flush=True)  # noqa: T201

    logging.disable(logging.ERROR)
    trials = asyncio.run(attempted(load(), attempts, told=tell))
    wrong = sum(bool(accused(trial)) for trial in trials)
    print(f"{count} draws, {wrong} misjudged")  # noqa: T201
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
