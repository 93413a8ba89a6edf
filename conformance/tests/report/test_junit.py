"""The report for CI: red exactly when the exit code is not 0, and valid whatever was sent."""

import io
import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest
from entity_conformance.report.junit import render
from entity_conformance.report.verdict import Result, Run, Verdict

from conformance.tests.report.samples import (
    BLOCKED,
    BROKEN,
    EVERY_OUTCOME,
    FAILED,
    KNOWN,
    NEW,
    OBSERVED,
    PASSED,
    REQUIREMENTS,
    SKIPPED,
    WAIVED,
    WARNED,
    exchange,
    run,
    whole_run,
)

FAILS = Verdict("does-not-conform", 1, "1 failed")


def text(run_: Run) -> str:
    stream = io.StringIO()
    render(run_, REQUIREMENTS, stream)
    return stream.getvalue()


def report(run_: Run) -> ET.Element:
    return ET.fromstring(text(run_))


def only_case(result: Result, verdict: Verdict | None = None) -> ET.Element:
    (case,) = report(run(result, verdict=verdict or Verdict("conforms", 0, "conforms"))).iter("testcase")
    return case


def is_red(root: ET.Element) -> bool:
    return root.find(".//failure") is not None or root.find(".//error") is not None


def test_a_run_of_two_chapters() -> None:
    assert text(run(PASSED, SKIPPED)) == (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<testsuites name="Conformance of http://127.0.0.1:5173/api/v1"'
        ' tests="2" failures="0" errors="0" time="12.340">\n'
        '  <testsuite name="authentication" timestamp="2025-01-15T10:30:00.000Z"'
        ' tests="1" failures="0" errors="0" skipped="0" time="0.250">\n'
        "    <properties>\n"
        '      <property name="target" value="http://127.0.0.1:5173/api/v1" />\n'
        '      <property name="verdict" value="conforms" />\n'
        '      <property name="exitCode" value="0" />\n'
        '      <property name="reason" value="conforms, profile api-key" />\n'
        '      <property name="requirementSet" value="unreleased" />\n'
        '      <property name="seed" value="42" />\n'
        '      <property name="profile" value="api-key" />\n'
        "    </properties>\n"
        '    <testcase classname="authentication" name="authentication.no-key" time="0.250" />\n'
        "  </testsuite>\n"
        '  <testsuite name="keys" timestamp="2025-01-15T10:30:00.000Z"'
        ' tests="1" failures="0" errors="0" skipped="1" time="0.250">\n'
        "    <properties>\n"
        '      <property name="target" value="http://127.0.0.1:5173/api/v1" />\n'
        '      <property name="verdict" value="conforms" />\n'
        '      <property name="exitCode" value="0" />\n'
        '      <property name="reason" value="conforms, profile api-key" />\n'
        '      <property name="requirementSet" value="unreleased" />\n'
        '      <property name="seed" value="42" />\n'
        '      <property name="profile" value="api-key" />\n'
        "    </properties>\n"
        '    <testcase classname="keys" name="keys.listed" time="0.250">\n'
        '      <skipped message="needs --session" />\n'
        "    </testcase>\n"
        "  </testsuite>\n"
        "</testsuites>\n"
    )


def test_a_failure_carries_its_evidence() -> None:
    case = only_case(FAILED, FAILS)

    failure = case.find("failure")

    assert case.get("name") == "list.limit-caps-page [tasks]"
    assert failure is not None
    assert failure.attrib == {
        "type": "must",
        "message": "data holds more records than asked for (expected 2 records, actual 3 records)",
    }
    assert failure.text == (
        "\n"
        "cause 1: GET /tasks: data holds more records than asked for: 1 requirement, tasks\n"
        'clause: "limit?: number // Default: 20, Max: 100"\n'
        "source: LIST - Get All Records\n"
        "why: data holds more records than asked for\n"
        "expected: 2 records\n"
        "actual: 3 records\n"
        "answer: 200 after 12 ms\n"
        'body: {"success":true,"data":[{"id":"tsk_1"},{"id":"tsk_2"},{"id":"tsk_3"}]}\n'
        "evidence: exchange x1, beside x2\n"
        "curl -i 'http://127.0.0.1:5173/api/v1/tasks?limit=2' -H \"Authorization: Bearer $CONFORMANCE_API_KEY\"\n"
    )


def test_a_suite_lists_the_causes_that_were_seen_in_it() -> None:
    root = report(run(FAILED, WARNED, replace(PASSED, chapter="keys"), verdict=FAILS))

    causes = [
        (suite.get("name"), each.get("name"), each.get("value"))
        for suite in root.iter("testsuite")
        for each in suite.iter("property")
        if (each.get("name") or "").startswith("cause")
    ]
    assert causes == [
        ("listing", "cause 1", "GET /tasks: data holds more records than asked for: 1 requirement, tasks"),
        ("listing", "cause 2", "GET /tasks: a page past the end is refused: 1 requirement, tasks"),
    ]


def children(case: ET.Element) -> list[tuple[str, str | None]]:
    return [(child.tag, child.get("type")) for child in case]


def test_what_passes_says_nothing() -> None:
    assert children(only_case(PASSED)) == []


def test_a_choice_passes_and_is_told() -> None:
    case = only_case(OBSERVED)

    assert children(case) == [("system-out", None)]
    assert case.findtext("system-out") == "observed: capped"


def test_a_warning_passes_and_is_told() -> None:
    case = only_case(WARNED)

    assert children(case) == [("system-out", None)]
    assert (case.findtext("system-out") or "").startswith(
        "warned\n\ncause 1: GET /tasks: a page past the end is refused: 1 requirement, tasks\nclause: "
    )


def test_a_should_that_fails_a_strict_run_is_a_failure() -> None:
    strict = replace(FAILED, level="should")

    assert children(only_case(strict, FAILS)) == [("failure", "should")]


def test_a_defect_of_the_suite_is_an_error() -> None:
    assert children(only_case(BROKEN, Verdict("could-not-test", 70, "a defect"))) == [("error", "broken")]


def test_a_blocked_must_is_an_error() -> None:
    assert children(only_case(BLOCKED, Verdict("inconclusive", 3, "1 blocked"))) == [("error", "blocked")]


@pytest.mark.parametrize("level", ["should", "choice"])
def test_what_is_blocked_and_no_must_is_skipped_with_its_reason(level: str) -> None:
    case = only_case(replace(BLOCKED, level=level))  # type: ignore[arg-type]

    (skipped,) = case
    assert (skipped.tag, skipped.get("message")) == ("skipped", "blocked: no record could be made")


def test_a_known_failure_is_skipped_with_its_reason_and_its_evidence() -> None:
    root = report(run(PASSED, WAIVED, waivers=(KNOWN,), caveats=("certificates were not verified",)))

    (case,) = root.iterfind(".//testcase[system-out]")
    assert case.find("skipped").get("message") == (  # type: ignore[union-attr]
        "waived: fixed in 2.3 (SHOP-7), until 2025-06-30: data holds more records than asked for"
        " (expected 2 records, actual 3 records)"
    )
    assert "exchange x1" in (case.findtext("system-out") or "")
    assert root.find(".//property[@name='caveat 1']").get("value") == "certificates were not verified"  # type: ignore[union-attr]
    assert not is_red(root)


def test_what_is_not_scored_is_skipped() -> None:
    (skipped,) = only_case(NEW)

    assert (skipped.tag, skipped.get("message")) == ("skipped", "new: not scored: the list is not there")


def test_counts_are_exact() -> None:
    root = report(whole_run())

    for element in root.iter("testsuite"):
        assert {name: int(element.get(name) or "") for name in ("tests", "failures", "errors", "skipped")} == {
            "tests": len(list(element.iter("testcase"))),
            "failures": len(list(element.iter("failure"))),
            "errors": len(list(element.iter("error"))),
            "skipped": len(list(element.iter("skipped"))),
        }
    assert [root.get(name) for name in ("tests", "failures", "errors")] == ["7", "1", "2"]


def test_a_suite_is_a_chapter_in_the_ledgers_order() -> None:
    names = [suite.get("name") for suite in report(whole_run()).iter("testsuite")]

    assert names == ["authentication", "listing", "creating", "updating", "keys"]


@pytest.mark.parametrize(
    ("results", "verdict"),
    [
        ((PASSED,), Verdict("conforms", 0, "conforms")),
        ((PASSED, OBSERVED, WARNED, SKIPPED), Verdict("conforms", 0, "conforms")),
        ((PASSED, replace(BLOCKED, level="should")), Verdict("conforms", 0, "conforms")),
        ((PASSED, FAILED), FAILS),
        ((), Verdict("could-not-test", 2, "nothing was tested")),
        ((SKIPPED,), Verdict("could-not-test", 2, "nothing was tested")),
        ((PASSED, SKIPPED), Verdict("inconclusive", 3, "--require-full: 1 requirement out of scope")),
        ((PASSED, BLOCKED), Verdict("inconclusive", 3, "1 requirement blocked")),
        ((), Verdict("could-not-test", 4, "no answer")),
        ((PASSED,), Verdict("conforms", 5, "1 record left behind")),
        ((PASSED, BROKEN), Verdict("could-not-test", 70, "a defect")),
        ((PASSED,), Verdict("inconclusive", 130, "interrupted")),
    ],
)
def test_the_file_is_red_exactly_when_the_exit_code_is_not_0(results: tuple[Result, ...], verdict: Verdict) -> None:
    assert is_red(report(run(*results, verdict=verdict))) is (verdict.exit_code != 0)


def test_a_verdict_that_no_case_shows_is_a_case_of_its_own() -> None:
    root = report(run(PASSED, verdict=Verdict("conforms", 5, "conforms, but 1 record was left behind")))

    (suite,) = root.findall("testsuite[@name='verdict']")
    (error,) = suite.iter("error")
    assert error.attrib == {"type": "conforms", "message": "conforms, but 1 record was left behind (exit 5)"}
    assert (root.get("tests"), root.get("errors")) == ("2", "1")


def test_a_run_without_results_still_says_what_it_was() -> None:
    root = report(run(verdict=Verdict("could-not-test", 4, "no answer")))

    told = {each.get("name"): each.get("value") for each in root.iter("property")}
    assert told["target"] == "http://127.0.0.1:5173/api/v1"
    assert told["exitCode"] == "4"


@pytest.mark.parametrize("result", EVERY_OUTCOME, ids=lambda result: result.outcome.name)
def test_no_character_makes_the_file_unreadable(result: Result) -> None:
    hostile = "a\x00\x0b\x1b[31m\r\n]]>&<\"'\ufffe\ud800 日本"
    odd = replace(result, message=hostile, expected=hostile, actual=hostile, entity=hostile, chapter=hostile)
    run_ = run(odd, target=hostile, exchanges=(exchange(response_body=hostile, url=hostile, request_body=hostile),))

    told = text(run_)

    assert told.isascii()
    (case,) = ET.fromstring(told).findall(".//testcase[@time='0.250']")
    assert case.get("classname") == r"a\x00\x0b\x1b[31m\r\n]]>&<" + "\"'" + r"\ufffe\ud800 日本"


def test_a_huge_body_is_an_excerpt() -> None:
    huge = run(FAILED, exchanges=(exchange(response_body="x" * 3_000_000),), verdict=FAILS)

    assert len(text(huge)) < 4_000


def test_children_stand_where_the_common_schema_wants_them() -> None:
    root = report(whole_run())

    assert {suite[0].tag for suite in root.iter("testsuite")} == {"properties"}
    assert {tuple(child.tag for child in case) for case in root.iter("testcase")} == {
        (),
        ("system-out",),
        ("skipped",),
        ("error",),
        ("failure",),
    }


def test_the_same_run_gives_the_same_text() -> None:
    assert text(whole_run()) == text(whole_run())
