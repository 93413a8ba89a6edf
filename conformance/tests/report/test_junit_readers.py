"""The JUnit report as `junitparser` reads it, which many tools do."""

import io

import pytest
from entity_conformance.report.junit import render
from entity_conformance.report.verdict import Run
from junitparser import JUnitXml

from conformance.tests.report.samples import REQUIREMENTS, whole_run
from conformance.tests.report.vicious import runs


def read(run_: Run) -> JUnitXml:
    stream = io.StringIO()
    render(run_, REQUIREMENTS, stream)
    return JUnitXml.fromstring(stream.getvalue().encode())


def test_it_reads_a_case_for_each_requirement_and_entity() -> None:
    cases = [(case.classname, case.name) for suite in read(whole_run()) for case in suite]

    assert sorted(cases) == sorted(
        (one.chapter, one.requirement if one.entity is None else f"{one.requirement} [{one.entity}]")
        for one in whole_run().results
    )


@pytest.mark.parametrize("run_", [whole_run(), *runs()], ids=lambda run_: run_.verdict.name)
def test_it_counts_as_the_report_does(run_: Run) -> None:
    told = read(run_)
    counted = (told.tests, told.failures, told.errors, told.skipped)

    told.update_statistics()  # type: ignore[no-untyped-call]

    assert (told.tests, told.failures, told.errors, told.skipped) == counted
