"""The one word and the exit code that follow from what a run found. Pure.

Nothing is green by having been cut short: an operation in scope that was never accepted, or a phase that never began,
makes the run inconclusive unless something graver was found. Cases that a budget left out of an operation that was
reached do not: coverage alone has thousands, and the summary counts them.
"""

from collections.abc import Iterator
from dataclasses import dataclass

NAMED_AT_MOST = 3

MEANINGS = {
    0: "every operation in scope was tested and nothing failed",
    1: "something failed",
    2: "wrong usage, or nothing was tested",
    3: "inconclusive: cut short by a budget, a limit or the time",
    4: "unreachable, not this API, or credentials refused",
    5: "would be 0 or 3, but something was left behind",
    70: "a defect of these tests",
    130: "interrupted",
}


@dataclass(frozen=True, slots=True)
class Found:
    """What decides. `failures` and `unreached` are operationIds; `unbegun` phases; `halted` why."""

    failures: tuple[str, ...] = ()
    warnings: int = 0
    unreached: tuple[str, ...] = ()
    unbegun: tuple[str, ...] = ()
    accepted: int = 0
    halted: str | None = None
    leftovers: int = 0
    errors: tuple[str, ...] = ()
    refused: str | None = None
    interrupted: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """The exit code and the sentence that says why."""

    exit_code: int
    reason: str


def verdict(found: Found) -> Verdict:
    """The one verdict, by precedence: 130 > 70 > 4 > 2 > 1 > 5 > 3 > 0."""
    return next(_by_precedence(found))


def _by_precedence(found: Found) -> Iterator[Verdict]:
    if found.interrupted:
        yield Verdict(130, "interrupted")
    if found.errors:
        yield Verdict(70, f"a defect of these tests: {found.errors[0].partition(chr(10))[0]}")
    if found.refused is not None:
        yield Verdict(4, f"could not test: {found.refused}")
    if not found.accepted and not found.failures:
        yield Verdict(2, f"nothing was tested: {found.halted or 'no request was accepted'}")
    if found.failures:
        yield Verdict(1, f"failed: {_names(found.failures)}")
    cut = _cut(found)
    reason = cut or f"nothing failed{f', {found.warnings} warned' if found.warnings else ''}"
    if found.leftovers:
        yield Verdict(5, f"{reason}; but {found.leftovers} that the run made could not be removed")
    yield Verdict(3 if cut else 0, reason)


def _cut(found: Found) -> str | None:
    why = f" ({found.halted})" if found.halted else ""
    if found.unreached:
        return f"inconclusive: {_names(found.unreached)} not reached{why}"
    if found.unbegun:
        return f"inconclusive: {', '.join(found.unbegun)} not begun{why}"
    return None


def _names(names: tuple[str, ...]) -> str:
    distinct = tuple(dict.fromkeys(names))
    more = f" and {len(distinct) - NAMED_AT_MOST} more" if len(distinct) > NAMED_AT_MOST else ""
    return ", ".join(distinct[:NAMED_AT_MOST]) + more
