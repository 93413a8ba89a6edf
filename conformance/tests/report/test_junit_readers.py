"""The JUnit report as `junitparser` reads it, and by what Jenkins' schema takes."""

import io
import re
import xml.etree.ElementTree as ET

import pytest
from entity_conformance.report.junit import render
from entity_conformance.report.verdict import Run
from junitparser import JUnitXml

from conformance.tests.report.samples import REQUIREMENTS, whole_run
from conformance.tests.report.vicious import runs


def text(run_: Run) -> str:
    stream = io.StringIO()
    render(run_, REQUIREMENTS, stream)
    return stream.getvalue()


def read(run_: Run) -> JUnitXml:
    return JUnitXml.fromstring(text(run_).encode())


def test_it_reads_a_case_for_each_requirement_and_entity() -> None:
    cases = [(case.classname, case.name) for suite in read(whole_run()) for case in suite]

    assert sorted(cases) == sorted(
        (one.chapter, one.requirement if one.entity is None else f"{one.requirement} [{one.entity}]")
        for one in whole_run().results
    )


@pytest.mark.parametrize("run_", [whole_run(), *runs()], ids=lambda run_: run_.verdict.name)
def test_it_counts_as_the_report_does(run_: Run) -> None:
    for suite in read(run_):
        counted = (suite.tests, suite.failures, suite.errors, suite.skipped)

        suite.update_statistics()  # type: ignore[no-untyped-call]  # of junitparser

        assert (suite.tests, suite.failures, suite.errors, suite.skipped) == counted


ALLOWED = {
    "testsuites": ({"name", "time", "tests", "failures", "errors"}, {"testsuite"}),
    "testsuite": (
        {
            "name", "tests", "failures", "errors", "group", "time", "skipped", "timestamp", "hostname", "id", "package",
            "file", "log", "url",
        },
        {"testsuite", "properties", "testcase", "system-out", "system-err"},
    ),
    "properties": (set(), {"property"}),
    "property": ({"name", "value"}, set()),
    "testcase": (
        {"name", "time", "classname", "group"},
        {"skipped", "error", "failure", "system-out", "system-err"},
    ),
    "failure": ({"type", "message"}, set()),
    "error": ({"type", "message"}, set()),
    "skipped": ({"type", "message"}, set()),
    "system-out": (set(), set()),
}  # fmt: skip
"""Of each element, the attributes and the elements in it that the schema of Jenkins' plug-in xUnit (junit-10) takes."""

REQUIRED = {
    "testsuite": {"name", "tests", "failures", "errors"},
    "testcase": {"name"},
    "property": {"name", "value"},
}


@pytest.mark.parametrize("run_", [whole_run(), *runs()], ids=lambda run_: run_.verdict.name)
def test_jenkins_takes_every_attribute_and_every_element(run_: Run) -> None:
    root = ET.fromstring(text(run_))

    assert root.tag == "testsuites"
    for element in root.iter():
        attributes, children = ALLOWED[element.tag]
        assert set(element.attrib) <= attributes, element.tag
        assert {child.tag for child in element} <= children, element.tag
        assert set(element.attrib) >= REQUIRED.get(element.tag, set()), element.tag
        assert re.fullmatch(r"([0-9,]+(\.[0-9]*)?)?", element.get("time", ""))
