"""The report for code scanning: SARIF 2.1.0, a rule for each requirement, a result for each that does not hold.

A result stands on the line of openapi.yaml that states its requirement, where the run was made with the contract that
is installed; else on the file. Failed is an `error`, warned a `warning`; what is waived is a suppressed result, with
the reason. What could not be judged is no result: blocked and broken are notifications of the run, as the verdict is.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import TextIO

from entity_contract import load
from entity_contract.document import FILE_NAME
from entity_contract.lines import Lines

from entity_conformance.deployment.exchange import Exchange, Headers
from entity_conformance.report.findings import Finding, Requirements, findings, source, verdict_line
from entity_conformance.report.text import IN_JSON, inert, visible
from entity_conformance.report.verdict import Outcome, Run
from entity_conformance.report.waiving import told, waiver_of

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

_LEVELS = {Outcome.failed: "error", Outcome.waived: "error", Outcome.warned: "warning"}
_NOTED = {Outcome.broken: "error", Outcome.blocked: "warning"}
_ENDED_WELL = frozenset({0, 1, 5})
_LONGEST_BODY = 4_000


def render(run: Run, requirements: Requirements, stream: TextIO, *, verbose: bool = False) -> None:  # noqa: ARG001  # nothing is left out
    """Write `run` to `stream` as a SARIF log and a line feed."""
    stream.write(inert(json.dumps(document(run, requirements), indent=1, allow_nan=False), IN_JSON) + "\n")
    stream.flush()


def document(run: Run, requirements: Requirements) -> dict[str, object]:
    """`run` as a SARIF log."""
    found = findings(run, requirements, *_LEVELS)
    names = list(dict.fromkeys(one.result.requirement for one in found))
    lines = _lines(run, [requirements[name].pointer for name in names if name in requirements])
    driver = {
        "name": "v1-conformance",
        "fullName": "Conformance suite of the v1 entity API",
        "version": visible(run.suite_version),
        "rules": [_rule(name, requirements) for name in names],
    }
    told = {
        "tool": {"driver": driver},
        "automationDetails": {"id": f"v1-conformance/{visible(run.profile.name)}"},
        "invocations": [_invocation(run, requirements)],
        "results": [_result(one, run, names, _place(one, requirements, lines)) for one in found],
        "columnKind": "unicodeCodePoints",
        "properties": {
            "target": visible(run.target),
            "verdict": run.verdict.name,
            "caveats": [visible(caveat) for caveat in run.caveats],
            "contractSha256": run.contract_sha256,
        },
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [told]}


def _lines(run: Run, pointers: Iterable[str]) -> Mapping[str, int]:
    """The lines of the contract, where it is the one that the run was made with."""
    contract = load()
    if contract.sha256 != run.contract_sha256:
        return {}
    lines = Lines(contract.text or "")
    return {pointer: lines.of(pointer) for pointer in pointers}


def _rule(name: str, requirements: Requirements) -> dict[str, object]:
    known = requirements.get(name)
    text = visible(name if known is None else known.text) or name
    help_ = text if known is None else f"{source(known)}. `conformance explain {name}` tells more."
    rule: dict[str, object] = {
        "id": visible(name),
        "shortDescription": {"text": text},
        "fullDescription": {"text": text},  # GitHub takes no report without it and the help
        "help": {"text": help_, "markdown": help_},
    }
    if known is not None:
        rule |= {
            "defaultConfiguration": {"level": "error" if known.level != "should" else "warning"},
            "properties": {"tags": [known.chapter, known.level]},
        }
    return rule


def _place(one: Finding, requirements: Requirements, lines: Mapping[str, int]) -> dict[str, object]:
    """Where the contract states what does not hold, and the entity on which it does not."""
    known = requirements.get(one.result.requirement)
    line = lines.get(known.pointer) if known is not None else None
    place: dict[str, object] = {
        "physicalLocation": {
            "artifactLocation": {"uri": FILE_NAME, "uriBaseId": "%SRCROOT%"},
            **({"region": {"startLine": line}} if line is not None else {}),
        }
    }
    if one.result.entity is not None:
        place["logicalLocations"] = [{"name": visible(one.result.entity), "kind": "resource"}]
    return place


def _result(one: Finding, run: Run, names: list[str], place: dict[str, object]) -> dict[str, object]:
    result = one.result
    said: dict[str, object] = {
        "ruleId": visible(result.requirement),
        "ruleIndex": names.index(result.requirement),
        "level": _LEVELS[result.outcome],
        "message": {"text": _message(one)},
        "locations": [place],
        "partialFingerprints": {"requirementAndEntity/v1": one.title},
        "properties": {"outcome": result.outcome.name, "exchanges": list(result.exchanges)},
    }
    if one.exchange is not None:
        said |= _web(one.exchange)
    waiver = waiver_of(run.waivers, result) if result.outcome is Outcome.waived else None
    if waiver is not None:
        said["suppressions"] = [{"kind": "external", "status": "accepted", "justification": visible(told(waiver))}]
    return said


def _message(one: Finding) -> str:
    """What is wrong, with the facts and the line that shows it again."""
    facts = [f"{fact.label}: {fact.text}" for fact in one.facts if fact.label in {"expected", "actual"}]
    where = f" [{visible(one.result.entity)}]" if one.result.entity else ""
    lines = [f"{visible(one.result.message)}{where}", *facts]
    return "\n".join([*lines, one.command] if one.command else lines)


def _web(exchange: Exchange) -> dict[str, object]:
    """The exchange as SARIF tells one; of a header that came twice, all values."""
    request = {
        "method": visible(exchange.method),
        "target": visible(exchange.url),
        "headers": _headers(exchange.request_headers),
        **_body(exchange.request_body),
    }
    if exchange.status is None:
        return {"webRequest": request, "webResponse": {"noResponseReceived": True}}
    response = {
        "statusCode": exchange.status,
        "headers": _headers(exchange.response_headers),
        **_body(exchange.response_body),
    }
    return {"webRequest": request, "webResponse": response}


def _headers(pairs: Headers) -> dict[str, str]:
    joined: dict[str, str] = {}
    for name, value in pairs:
        key = visible(name)
        joined[key] = f"{joined[key]}, {visible(value)}" if key in joined else visible(value)
    return joined


def _body(body: str | None) -> dict[str, object]:
    return {"body": {"text": visible(body[:_LONGEST_BODY])}} if body else {}


def _invocation(run: Run, requirements: Requirements) -> dict[str, object]:
    began = datetime.fromisoformat(run.started_at)
    noted = [
        {
            "level": _NOTED[one.result.outcome],
            "message": {"text": f"{one.title}: {one.result.outcome.name}: {visible(one.result.message)}"},
            "descriptor": {"id": one.result.outcome.name},
        }
        for one in findings(run, requirements, *_NOTED)
    ]
    return {
        "executionSuccessful": run.verdict.exit_code in _ENDED_WELL,
        "exitCode": run.verdict.exit_code,
        "exitCodeDescription": verdict_line(run.verdict),
        "startTimeUtc": _utc(began),
        "endTimeUtc": _utc(began + timedelta(seconds=run.seconds)),
        "toolExecutionNotifications": noted,
    }


def _utc(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
