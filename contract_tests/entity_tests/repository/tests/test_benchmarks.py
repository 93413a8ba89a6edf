"""`python -m benchmarks`: what it writes, and what it says where something cannot run. No figure is judged here."""

import asyncio
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from entity_contract import load
from openapi_spec_validator import OpenAPIV30SpecValidator

from benchmarks import documents, page, plot
from benchmarks.__main__ import main
from benchmarks.contenders import CONTENDERS
from benchmarks.environments import NodeEnvironment, NotRun, PythonEnvironment
from benchmarks.rounds import REQUESTS, Measured, measured
from benchmarks.traffic import ROOT, NotStarted, Sample, Server, started

PAGE = (ROOT / "docs" / "performance.md").read_text()
GONE = Server("127.0.0.1", 1, "/api/v1", "key", "other", ())


def figures(**cpu: float) -> Measured:
    """Two rounds in which each server takes the same for every request."""
    return Measured({id_: {name: [Sample(1, each)] * 2 for name in REQUESTS} for id_, each in cpu.items()})


def test_every_server_has_a_row_in_the_page_and_a_line_in_the_picture() -> None:
    picture = "".join(ET.parse(ROOT / "docs" / "performance.svg").getroot().itertext())
    assert [one.title for one in CONTENDERS if f"| {one.title} |" not in PAGE] == []
    assert [one.title for one in CONTENDERS if one.title not in picture] == []


def test_the_page_says_which_machine_and_when() -> None:
    machine = PAGE.partition("<!-- measured: machine -->")[2].partition("<!-- end: machine -->")[0]
    assert re.search(r"Measured on \d{4}-\d{2}-\d{2}, .* cores, .* Python \d", machine)


def test_what_is_missed_is_marked_and_what_is_met_is_not() -> None:
    ours, peers = CONTENDERS[0], [one for one in CONTENDERS if one.id in {"sanic", "fastapi"}]
    found = figures(**{"ours-nowhere": 100, "sanic": 60, "fastapi": 150})
    rows = page.targets([ours, *peers], found, {})
    assert rows[2].count(" 1.67 ") == 3
    assert rows[3].count("**1.50** missed") == 3


def test_who_did_not_run_has_a_row_that_says_why() -> None:
    reasons = {one.id: "npm is not installed" for one in CONTENDERS if one.id != "ours-nowhere"}
    rows = page.servers(CONTENDERS, figures(**{"ours-nowhere": 100}), reasons)
    assert len([row for row in rows if "not run: npm is not installed" in row]) == len(CONTENDERS) - 1
    assert rows[2] == "| reference server, no database | 100 | 100 | 100 |"


def test_a_part_is_replaced_and_the_words_around_it_stay() -> None:
    text = "before <!-- measured: x -->old<!-- end: x --> after"
    assert page.replaced(text, "x", ["new"]) == "before <!-- measured: x -->\n\nnew\n\n<!-- end: x --> after"
    with pytest.raises(ValueError, match="has no marks"):
        page.replaced(text, "y", ["new"])


def test_a_picture_without_figures_says_that_nothing_was_run() -> None:
    picture = ET.fromstring(plot.svg([("one", True, {})], ["read"], "Nothing & more"))
    assert "not run" in list(picture.itertext())


def test_npm_that_is_missing_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NotRun, match=r"^npm is not installed$"):
        NodeEnvironment("any", "any", "any").made(tmp_path)


def test_an_environment_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "any").write_text("a file where the environment should be")
    with pytest.raises(NotRun, match="-m venv --clear failed: "):
        PythonEnvironment("any", ("any",)).made(tmp_path)


def test_a_server_that_does_not_start_is_said_with_its_own_words(tmp_path: Path) -> None:
    command = ["sh", "-c", "echo there is no such thing >&2; exit 3"]
    with (
        pytest.raises(NotStarted, match=r"^it did not start \(exit 3\): there is no such thing$"),
        started(command, tmp_path / "any", {0}),
    ):
        pass


def test_a_server_that_is_gone_is_out_of_the_rounds() -> None:
    found = asyncio.run(measured({"gone": GONE}, rounds=1))
    assert found.samples == {}
    assert "gone" in found.failed


def test_a_name_that_no_server_has_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--only", "flask"])
    assert ended.value.code == 2
    assert "no server is called 'flask'; there are ours-nowhere, " in capsys.readouterr().err


def test_the_peers_documents_are_sound(tmp_path: Path) -> None:
    document = documents.contract_document(ROOT / "openapi.yaml")
    documents.for_connexion(document, tmp_path / "connexion.json")
    documents.for_prism(document, tmp_path / "prism.json")
    OpenAPIV30SpecValidator(documents.contract_document(tmp_path / "connexion.json")).validate()
    mocked = documents.contract_document(tmp_path / "prism.json")
    assert len(mocked["components"]["responses"]["TaskPage"]["content"]["application/json"]["example"]["data"]) == 20
    assert mocked["paths"].keys() == {one.path for one in load().operations}
