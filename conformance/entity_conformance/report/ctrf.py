"""The report for CTRF's readers (Common Test Report Format): a test for each requirement and entity.

As the JUnit report, it is red exactly when the exit code is not 0: failed, broken and a blocked MUST are `failed`;
waived, new, skipped and what else is blocked are `skipped`; warned and observed are `passed`, with what was seen as
message. Where the exit code is not 0 and no test says so, one more test, `verdict`, fails.
"""

import json
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import TextIO
from uuid import NAMESPACE_URL, uuid5

from entity_conformance.report.causes import causes
from entity_conformance.report.findings import Finding, Requirements, findings, verdict_line
from entity_conformance.report.text import IN_JSON, inert, visible
from entity_conformance.report.verdict import Outcome, Result, Run

_STATUS = {
    Outcome.passed: "passed",
    Outcome.observed: "passed",
    Outcome.warned: "passed",
    Outcome.new: "skipped",
    Outcome.skipped: "skipped",
    Outcome.waived: "skipped",
    Outcome.failed: "failed",
    Outcome.broken: "failed",
}
_STATUSES = ("passed", "failed", "skipped", "pending", "other")


def render(run: Run, requirements: Requirements, stream: TextIO, *, verbose: bool = False) -> None:  # noqa: ARG001  # nothing is left out
    """Write `run` to `stream` as a CTRF report and a line feed."""
    stream.write(inert(json.dumps(document(run, requirements), indent=1, allow_nan=False), IN_JSON) + "\n")
    stream.flush()


def document(run: Run, requirements: Requirements) -> dict[str, object]:
    """`run` as a CTRF report."""
    start = int(datetime.fromisoformat(run.started_at).timestamp() * 1000)
    of_result = {id(one.result): number for number, cause in enumerate(causes(run), start=1) for one in cause.seen}
    tests = [_test(one, of_result.get(id(one.result)), run) for one in findings(run, requirements, *Outcome)]
    if run.verdict.exit_code != 0 and not any(one["status"] == "failed" for one in tests):
        tests.append({"name": "verdict", "status": "failed", "duration": 0, "message": verdict_line(run.verdict)})
    return {
        "reportFormat": "CTRF",
        "specVersion": "0.0.0",
        "reportId": _uuid(run, str(run.seed)),
        "timestamp": run.started_at,
        "generatedBy": "v1-conformance",
        "results": {
            "tool": {"name": "v1-conformance", "version": visible(run.suite_version)},
            "summary": _summary(tests, run, start),
            "tests": tests,
            "environment": {"appName": "v1 entity API", "extra": {"target": visible(run.target)}},
            "extra": {
                "verdict": run.verdict.name,
                "reason": visible(run.verdict.reason),
                "caveats": [visible(caveat) for caveat in run.caveats],
                "exitCode": run.verdict.exit_code,
                "profile": visible(run.profile.name),
                "contractSha256": run.contract_sha256,
            },
        },
    }


def _uuid(run: Run, name: str) -> str:
    """An id that is the same whenever the same run is told."""
    return str(uuid5(NAMESPACE_URL, visible(f"{run.target} {run.started_at} {name}")))


def _summary(tests: Iterable[dict[str, object]], run: Run, start: int) -> dict[str, object]:
    numbers = Counter(one["status"] for one in tests)
    took = int(run.seconds * 1000)
    return {
        "tests": numbers.total(),
        **{status: numbers[status] for status in _STATUSES},
        "suites": len({one.chapter for one in run.results}),
        "start": start,
        "stop": start + took,
        "duration": took,
    }


def _status(result: Result) -> str:
    if result.outcome is Outcome.blocked:
        return "failed" if result.level == "must" else "skipped"
    return _STATUS[result.outcome]


def _test(one: Finding, cause: int | None, run: Run) -> dict[str, object]:
    result = one.result
    told: dict[str, object] = {
        "id": _uuid(run, one.title),
        "testId": one.title,
        "name": one.title,
        "status": _status(result),
        "duration": int(result.seconds * 1000),
        "suite": [visible(result.chapter)],
        "rawStatus": result.outcome.name,
        "tags": [result.level],
        "type": "conformance",
    }
    if result.outcome is Outcome.passed:
        return told
    told["message"] = visible(result.message)
    if result.outcome not in {Outcome.observed, Outcome.skipped, Outcome.new}:
        lines = [f"{fact.label}: {fact.text}" for fact in one.facts]
        told["trace"] = "\n".join([*lines, one.command] if one.command else lines)
    if cause is not None:
        told["extra"] = {"cause": cause}
    return told
