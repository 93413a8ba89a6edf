"""The verdict as a badge."""

import io
import xml.etree.ElementTree as ET

import pytest
from entity_conformance.report.badge import render
from entity_conformance.report.verdict import Profile, Run, Verdict

from conformance.tests.report.samples import KNOWN, PASSED, WAIVED, run
from conformance.tests.report.vicious import runs

SVG = "{http://www.w3.org/2000/svg}"


def badge(run_: Run) -> ET.Element:
    stream = io.StringIO()
    render(run_, {}, stream)
    return ET.fromstring(stream.getvalue())


@pytest.mark.parametrize(
    ("verdict", "words", "colour"),
    [
        (Verdict("conforms", 0, "conforms"), "conforms", "#1a7f37"),
        (Verdict("conforms-except-waived", 0, "conforms"), "conforms except 1 waived", "#1a7f37"),
        (Verdict("does-not-conform", 1, "no"), "does not conform", "#b3261e"),
        (Verdict("inconclusive", 3, "blocked"), "inconclusive", "#8a6100"),
        (Verdict("could-not-test", 4, "no"), "could not test", "#57606a"),
    ],
)
def test_a_badge_says_the_verdict(verdict: Verdict, words: str, colour: str) -> None:
    told = badge(run(WAIVED, waivers=(KNOWN,), verdict=verdict))

    assert [one.text for one in told.iter(f"{SVG}text")] == ["v1 API", words]
    assert [one.get("fill") for one in told.iter(f"{SVG}rect")][-1] == colour


@pytest.mark.parametrize(
    ("profile", "left_out", "words"),
    [
        ("full, smoke", (), "conforms (smoke)"),
        ("full, read-only, selected", (), "conforms (read-only, selected)"),
        ("full", ("left out by --skip",), "conforms except 1 skipped"),
        ("full, smoke", ("left out by --skip", "left out by --only"), "conforms except 1 skipped (smoke)"),
    ],
)
def test_a_badge_says_what_the_verdict_is_not_about(profile: str, left_out: tuple[str, ...], words: str) -> None:
    outside = tuple((f"list.{number}", reason) for number, reason in enumerate(left_out))
    known = Profile(profile, ("key",), (), ("tasks",), out_of_scope=outside)

    told = badge(run(PASSED, profile=known, verdict=Verdict("conforms", 0, "conforms")))

    assert [one.text for one in told.iter(f"{SVG}text")] == ["v1 API", words]


def test_a_badge_of_a_run_without_credentials_says_so() -> None:
    public = Profile("public", (), (), ("tasks",))

    told = badge(run(PASSED, profile=public, verdict=Verdict("conforms", 0, "conforms in what needs none")))

    assert [one.text for one in told.iter(f"{SVG}text")] == ["v1 API", "conforms without credentials"]
    assert [one.get("fill") for one in told.iter(f"{SVG}rect")][-1] == "#57606a"


@pytest.mark.parametrize("run_", runs(), ids=lambda run_: run_.verdict.name)
def test_a_badge_is_a_picture_and_nothing_else(run_: Run) -> None:
    told = badge(run_)

    allowed = {f"{SVG}{name}" for name in ("svg", "title", "clipPath", "rect", "g", "text")}
    assert {one.tag for one in told.iter()} == allowed
    assert not any("href" in name for one in told.iter() for name in one.keys())  # noqa: SIM118  # an Element is no mapping
