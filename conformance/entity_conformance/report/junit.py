"""The report for CI: JUnit XML, a test suite per chapter, a test case per requirement and entity.

What a job sees that reads nothing but this file must be what the exit code says, so the file is red exactly when the
exit code is not 0:

- failed is a `failure`; broken is an `error`, because the suite went wrong, not the deployment.
- warned passes, with the warning in `system-out`: a SHOULD does not turn a pipeline red. Under `--strict` it comes in
  as failed already, and is a `failure`.
- skipped is `skipped`: it lies outside the profile that was asked for. So is new, which is not scored.
- waived is `skipped`, with the reason, the ticket and the last day of its waiver, and with all that a failure tells.
- blocked is an `error` where the requirement is a MUST: nobody knows whether it holds, the runner exits with 3, and a
  `skipped` would read as "fine". A blocked SHOULD or CHOICE leaves the verdict alone and is `skipped`, with its reason.
- observed passes, with the choice in `system-out`.
- Where the exit code is not 0 and no test case says so (data left behind, `--require-full`, an unreachable deployment,
  an interruption), one more suite `verdict` with one test case `verdict` is an `error` that says why.

Every suite carries the run's target, verdict, its reason and its caveats, exit code, seed and profile as properties
(the common schema has no place for them at the root), and a property `cause N` for each root cause that was seen in it;
what failed or warned names its cause first. Characters that XML cannot hold are written as escapes.
"""

import re
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from types import MappingProxyType
from typing import TextIO, assert_never

from entity_conformance.deployment.credentials import MADE_KEY_VARIABLE
from entity_conformance.report.causes import causes
from entity_conformance.report.findings import (
    Finding,
    Requirements,
    by_chapter,
    extent,
    findings,
    title,
    verdict_line,
)
from entity_conformance.report.text import count, inert, visible
from entity_conformance.report.verdict import Outcome, Result, Run

_NOT_XML = re.compile("[^\t\n\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(run: Run, requirements: Requirements, stream: TextIO, *, verbose: bool = False) -> None:  # noqa: ARG001  # nothing is left out
    """Write `run` to `stream` as a JUnit XML document and a line feed."""
    root = document(run, requirements)
    ET.indent(root)
    body = ET.tostring(root, encoding="us-ascii", xml_declaration=False).decode("ascii")
    stream.write(f'<?xml version="1.0" encoding="UTF-8"?>\n{body}\n')
    stream.flush()


def document(run: Run, requirements: Requirements) -> ET.Element:
    """`run` as the XML element `testsuites`."""
    root = ET.Element("testsuites", name=f"Conformance of {visible(run.target)}")
    found = {id(finding.result): finding for finding in findings(run, requirements, *Outcome)}
    of_result = _causes(run)
    for chapter, results in by_chapter(run, requirements):
        known = dict(sorted(of_result[id(result)] for result in results if id(result) in of_result))
        suite = _suite(root, run, chapter, known)
        for result in results:
            number, cause = of_result.get(id(result), (0, ""))
            _case(suite, found[id(result)], f"cause {number}: {cause}" if cause else "")
        _count(suite, sum(result.seconds for result in results))
    if run.verdict.exit_code != 0 and root.find(".//failure") is None and root.find(".//error") is None:
        suite = _suite(root, run, "verdict")
        case = ET.SubElement(suite, "testcase", classname="verdict", name="verdict", time="0.000")
        line = verdict_line(run.verdict)
        ET.SubElement(case, "error", type=run.verdict.name, message=line).text = line
        _count(suite, 0)
    _count(root, run.seconds)
    del root.attrib["skipped"]  # which Jenkins' schema has for suites only
    return root


def _causes(run: Run) -> dict[int, tuple[int, str]]:
    """The number and the line of each result's cause, by the result's identity."""
    told: dict[int, tuple[int, str]] = {}
    for number, cause in enumerate(causes(run), start=1):
        what = count(len(cause.requirements), "requirement")
        line = f"{visible(cause.title)}: {extent(what, cause.entities)}"
        told |= {id(one.result): (number, line) for one in cause.seen}
    return told


def _suite(root: ET.Element, run: Run, name: str, known: Mapping[int, str] = MappingProxyType({})) -> ET.Element:
    suite = ET.SubElement(root, "testsuite", name=visible(name), timestamp=visible(run.started_at))
    properties = ET.SubElement(suite, "properties")
    for key, value in (
        ("target", run.target),
        ("verdict", run.verdict.name),
        ("exitCode", str(run.verdict.exit_code)),
        ("reason", run.verdict.reason),
        ("requirementSet", run.requirement_set.version),
        *((f"caveat {number}", caveat) for number, caveat in enumerate(run.caveats, start=1)),
        ("seed", str(run.seed)),
        ("profile", run.profile.name),
        *((f"cause {number}", cause) for number, cause in known.items()),
    ):
        ET.SubElement(properties, "property", name=key, value=visible(value))
    return suite


def _case(suite: ET.Element, finding: Finding, cause: str) -> None:
    result = finding.result
    name = title(result.requirement, result.entity)
    case = ET.SubElement(suite, "testcase", classname=visible(result.chapter), name=name, time=f"{result.seconds:.3f}")
    match result.outcome:
        case Outcome.passed:
            return
        case Outcome.observed:
            ET.SubElement(case, "system-out").text = _xml(f"observed: {visible(result.message)}")
        case Outcome.warned:
            ET.SubElement(case, "system-out").text = _xml(f"warned\n{_evidence(finding, cause)}")
        case Outcome.skipped:
            ET.SubElement(case, "skipped", message=visible(result.message))
        case Outcome.new:
            ET.SubElement(case, "skipped", message=f"new: {visible(result.message)}")
        case Outcome.waived:
            waived = next((fact.text for fact in finding.facts if fact.label == "waived"), "")
            ET.SubElement(case, "skipped", message=f"waived: {waived}: {_message(result)}")
            ET.SubElement(case, "system-out").text = _xml(f"waived\n{_evidence(finding, cause)}")
        case Outcome.blocked if result.level != "must":
            ET.SubElement(case, "skipped", message=f"blocked: {visible(result.message)}")
        case Outcome.blocked | Outcome.broken:
            _red(case, "error", finding, cause, type_=result.outcome.name)
        case Outcome.failed:
            _red(case, "failure", finding, cause, type_=result.level)
        case _:
            assert_never(result.outcome)


def _red(case: ET.Element, tag: str, finding: Finding, cause: str, *, type_: str) -> None:
    ET.SubElement(case, tag, type=type_, message=_message(finding.result)).text = _xml(_evidence(finding, cause))


def _message(result: Result) -> str:
    """All that many a CI shows of a failure."""
    said = visible(result.message)
    if result.expected is None or result.actual is None:
        return said
    return f"{said} (expected {visible(result.expected)}, actual {visible(result.actual)})"


def _evidence(finding: Finding, cause: str) -> str:
    lines = [*filter(None, [cause]), *(f"{fact.label}: {fact.text}" for fact in finding.facts)]
    if finding.command is not None:
        lines.append(finding.command)
    if finding.key is not None:
        lines.append(f"${MADE_KEY_VARIABLE} is the key that this answers: {finding.key}")
    return "\n" + "\n".join(lines) + "\n"


def _count(element: ET.Element, seconds: float) -> None:
    """Write on `element` how many test cases are in it, by what they say."""
    element.set("tests", str(len(element.findall(".//testcase"))))
    element.set("failures", str(len(element.findall(".//failure"))))
    element.set("errors", str(len(element.findall(".//error"))))
    element.set("skipped", str(len(element.findall(".//skipped"))))
    element.set("time", f"{seconds:.3f}")


def _xml(text: str) -> str:
    """`text` of several lines without what XML cannot hold, and without commands to a CI system."""
    return _NOT_XML.sub(lambda match: visible(match.group()), inert(text))
