"""The entrance: a report by its format's name, to a file or to standard output."""

import io
import json
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from entity_conformance.report import console as console_report
from entity_conformance.report.formats import FORMATS, Destination, UnknownFormatError, UnwritableError, write
from entity_conformance.report.terminal import Terminal
from entity_conformance.report.verdict import Verdict

from conformance.tests.report.samples import EVERY_OUTCOME, PASSED, REQUIREMENTS, run, whole_run
from conformance.tests.report.vicious import vicious


@pytest.mark.parametrize(
    ("argument", "destination"),
    [
        ("json", Destination("json", None)),
        ("junit=out/report.xml", Destination("junit", Path("out/report.xml"))),
        ("json=a=b.json", Destination("json", Path("a=b.json"))),
    ],
)
def test_a_report_is_asked_for_as_format_and_path(argument: str, destination: Destination) -> None:
    assert Destination.parse(argument) == destination


def test_an_unknown_format_is_answered_with_the_nearest() -> None:
    with pytest.raises(UnknownFormatError) as caught:
        Destination.parse("jnit=report.xml")

    assert str(caught.value) == f"no report format 'jnit'; did you mean junit? there are {', '.join(FORMATS)}"


def test_a_format_like_no_other_is_answered_with_all() -> None:
    with pytest.raises(UnknownFormatError) as caught:
        Destination("xlsx")

    assert str(caught.value) == f"no report format 'xlsx'; there are {', '.join(FORMATS)}"


def test_these_formats_there_are() -> None:
    assert list(FORMATS) == ["console", "html", "json", "junit", "sarif", "ctrf", "markdown", "badge"]


@pytest.mark.parametrize("is_verbose", [False, True])
@pytest.mark.parametrize("name", FORMATS)
def test_no_report_holds_what_a_ci_system_obeys(name: str, *, is_verbose: bool) -> None:
    stream = io.StringIO()

    FORMATS[name](vicious(), REQUIREMENTS, stream, verbose=is_verbose)

    assert "##vso[" not in stream.getvalue()
    assert not any(line.lstrip().startswith("::") for line in stream.getvalue().splitlines())


def test_json_says_what_a_ci_system_would_obey_as_it_was() -> None:
    written = io.StringIO()

    FORMATS["json"](vicious(), REQUIREMENTS, written)

    assert "##vso[task.complete]" in json.loads(written.getvalue())["exchanges"]["x1"]["response"]["body"]


def test_an_empty_path_is_no_path() -> None:
    with pytest.raises(UnwritableError) as caught:
        Destination.parse("json=")

    assert str(caught.value) == "--report json= names no file; say json=PATH, or json for standard output"


def test_a_destination_is_probed_before_a_run(tmp_path: Path) -> None:
    Destination("json").probe()
    Destination("json", tmp_path / "report.json").probe()
    with pytest.raises(UnwritableError):
        Destination("json", tmp_path / "no" / "report.json").probe()


def test_a_report_goes_to_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    write(whole_run(), Destination("json"), REQUIREMENTS)

    assert json.loads(capsys.readouterr().out)["complete"] is True


def test_a_file_gets_the_text_that_a_pipe_gets(tmp_path: Path) -> None:
    stream = io.StringIO()

    for name in FORMATS:
        write(whole_run(), Destination(name, tmp_path / name), REQUIREMENTS)
        write(whole_run(), Destination(name), REQUIREMENTS, stdout=stream)

    files = "".join((tmp_path / name).read_text(encoding="utf-8") for name in FORMATS)
    assert files == stream.getvalue()


def test_a_file_holds_the_console_report_without_colours(tmp_path: Path) -> None:
    write(whole_run(), Destination("console", tmp_path / "report.txt"), REQUIREMENTS)

    expected = console_report.text(whole_run(), REQUIREMENTS, Terminal(width=100))
    assert (tmp_path / "report.txt").read_text(encoding="utf-8") == expected


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_takes_every_run(name: str) -> None:
    for each in (whole_run(), run(), run(exchanges=()), *(run(result) for result in EVERY_OUTCOME)):
        stream = io.StringIO()

        write(each, Destination(name), {}, stdout=stream)

        assert stream.getvalue().endswith("\n")


@pytest.mark.parametrize("name", FORMATS)
def test_a_caveat_is_in_every_format(name: str) -> None:
    stream = io.StringIO()
    caveat = "no certificate was verified"
    verdict = Verdict("conforms", 0, f"conforms, profile api-key; {caveat}")

    write(run(PASSED, caveats=(caveat,), verdict=verdict), Destination(name), REQUIREMENTS, stdout=stream)

    assert caveat in stream.getvalue()


def test_counts_agree_between_formats() -> None:
    as_json, as_junit = io.StringIO(), io.StringIO()
    write(whole_run(), Destination("json"), REQUIREMENTS, stdout=as_json)
    write(whole_run(), Destination("junit"), REQUIREMENTS, stdout=as_junit)

    outcomes = [result["outcome"] for result in json.loads(as_json.getvalue())["results"]]
    root = ET.fromstring(as_junit.getvalue())

    assert root.get("tests") == str(len(outcomes))
    assert root.get("failures") == str(outcomes.count("failed"))
    assert root.get("errors") == str(outcomes.count("broken") + outcomes.count("blocked"))
    assert sum(int(suite.get("skipped", "")) for suite in root) == outcomes.count("skipped")
