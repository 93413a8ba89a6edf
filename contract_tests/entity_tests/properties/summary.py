"""What people read of a run. Pure; the findings that it tells hold no secret any more.

Charter: words and layout. What counts as what was decided before.
"""

from collections.abc import Iterator

from entity_tests.properties.findings import Finding
from entity_tests.properties.phases import PHASES
from entity_tests.properties.run import Outcome
from entity_tests.properties.verdict import MEANINGS

_WIDTH = 24


def summary(outcome: Outcome) -> str:
    """The whole summary, ending with the verdict."""
    return "\n".join(_lines(outcome)) + "\n"


def told(outcome: Outcome, finding: Finding, *others: Finding) -> str:
    """One finding, with its request and answer, and the operations where the same was found."""
    times = sum(outcome.findings.times(one) for one in (finding, *others))
    often = f" ({times} times)" if times > 1 else ""
    ruling = f", {finding.ruling}" if finding.ruling else ""
    lines = [f"{finding.operation}: {finding.check}, {finding.level.upper()}{ruling}{often}", f"  {finding.message}"]
    lines += [f"  answer: {finding.answer}"] if finding.answer else []
    lines += [f"  {finding.command}"] if finding.command else []
    lines += [f"  also: {', '.join(one.operation for one in others)}"] if others else []
    return "\n".join(lines)


def _lines(outcome: Outcome) -> Iterator[str]:
    settings, findings = outcome.settings, outcome.findings
    reads = ", reading only" if settings.is_read_only else ""
    yield f"Property tests of {settings.base}, seed {settings.seed}{reads}"
    phases = ", ".join(f"{phase} {findings.phases[phase]}" for phase in PHASES)
    yield _row("requests", f"{outcome.requests:,} of {settings.max_requests:,} ({phases}, the rest around them)")
    kinds = ", ".join(f"{kind} {count}" for kind, count in sorted(outcome.by_kind.items()))
    yield _row("by credential", kinds or "none")
    yield _row("cases of coverage", f"{findings.phases['coverage']:,} of {findings.offered:,}")
    reached = len(outcome.scope.operations) - len(outcome.unreached)
    yield _row("operations", f"{reached} of {len(outcome.scope.operations)} reached in {outcome.seconds:.0f} s")
    if outcome.generations:
        yield _row("texts generated", str(outcome.generations))
    for stop in outcome.stops:
        yield _row("stopped", stop)
    for operation, why in outcome.unreached:
        yield _row("not reached", f"{operation}: {why}")
    for reason, operations in _by_reason(outcome.scope.out):
        yield _row("out of scope", f"{', '.join(operations)}: {reason}")
    for ruling, operations in findings.choices.items():
        yield _row("choice", f"{ruling} ({', '.join(operations[:3])}{', ...' if len(operations) > 3 else ''})")
    for title, found in (("FAILED", outcome.failures), ("warning", outcome.warnings)):
        for one, *others in _alike(found):
            yield ""
            yield f"{title}  {told(outcome, one, *others)}"
    for error in findings.errors:
        yield ""
        yield f"DEFECT  {error}"
    for left in outcome.leftovers:
        yield _row("LEFT BEHIND", f"{left.collection} {left.id}: {left.reason}")
    yield ""
    code = outcome.verdict.exit_code
    yield f"{outcome.verdict.reason} (exit {code}: {MEANINGS[code]})"


def _alike(found: tuple[Finding, ...]) -> list[list[Finding]]:
    """The same finding of several operations, together."""
    groups: dict[tuple[str, str, str], list[Finding]] = {}
    for one in found:
        groups.setdefault((one.check, one.level, one.ruling), []).append(one)
    return list(groups.values())


def _row(name: str, text: str) -> str:
    return f"  {name:<18} {text}"


def _by_reason(out: tuple[tuple[str, str], ...]) -> list[tuple[str, tuple[str, ...]]]:
    found: dict[str, list[str]] = {}
    for operation, reason in out:
        found.setdefault(reason, []).append(operation)
    return [(reason, tuple(operations)) for reason, operations in found.items()]
