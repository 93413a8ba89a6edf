"""A JSON report as the run that it tells of, for whoever goes on from there. Pure."""

from collections.abc import Mapping
from typing import Any

from entity_conformance.deployment.problems import Leftover, RequestCount
from entity_conformance.report.recorded import ForeignError
from entity_conformance.report.verdict import Outcome, PlannedCheck, Profile, Result, Run, Verdict
from entity_conformance.suite.recordings.recording import seconds
from entity_conformance.suite.recordings.report import recording


def run(document: Mapping[str, Any], *, name: str) -> Run:
    """The run of a report; what it expected and its waivers are not in it. Raises ReportError."""
    exchanges = recording(document, name=name).exchanges
    try:
        profile, requests = document["profile"], document["requests"]
        return Run(
            target=str(document["target"]),
            suite_version=str(document["suite"]["version"]),
            contract_sha256=str(document["suite"]["contractSha256"]),
            started_at=str(document["startedAt"]),
            seconds=seconds(document["seconds"]),
            seed=int(document["seed"]),
            profile=Profile(
                name=str(profile["name"]),
                credentials=tuple(map(str, profile["credentials"])),
                capabilities=tuple(map(str, profile["capabilities"])),
                entities=tuple(map(str, profile["entities"])),
                out_of_scope=tuple((str(one["requirement"]), str(one["reason"])) for one in profile["outOfScope"]),
                opt_in=tuple(map(str, profile["optIn"])),
                notes=tuple(map(str, profile["notes"])),
            ),
            choices=tuple((str(name), str(choice)) for name, choice in document["choices"].items()),
            plan=tuple(
                PlannedCheck(str(one["requirement"]), one["entity"], tuple(map(str, one["after"])))
                for one in document["plan"]
            ),
            verdict=Verdict(document["verdict"], int(document["exitCode"]), str(document["reason"])),
            requests=RequestCount(*(int(requests[kind]) for kind in ("total", "key", "session", "none"))),
            results=tuple(map(_result, document["results"])),
            exchanges=exchanges,
            leftovers=tuple(
                Leftover(one["kind"], one["entity"], str(one["id"]), str(one["reason"]))
                for one in document["leftovers"]
            ),
        )
    except (KeyError, TypeError, AttributeError, ValueError, ArithmeticError):
        raise ForeignError(
            f"{name} lacks what a report of this suite has", hint="name a report that this version of the suite wrote"
        ) from None


def _result(told: Mapping[str, Any]) -> Result:
    return Result(
        requirement=str(told["requirement"]),
        chapter=str(told["chapter"]),
        level=told["level"],
        entity=told["entity"],
        outcome=Outcome[told["outcome"]],
        message=str(told["message"]),
        expected=told["expected"],
        actual=told["actual"],
        exchanges=tuple(map(str, told["exchanges"])),
    )
