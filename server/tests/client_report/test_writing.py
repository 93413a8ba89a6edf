"""The report as a file: whole or not at all, and a bad place is told at once."""

import json
from pathlib import Path

import pytest
from entity_server.client_report import Report
from entity_server.client_report.writing import report_file
from entity_server.settings import UnusableSetting

EMPTY = {"version": 1, "requests": 3, "wrong": [], "fragile": [], "notExercised": []}


def test_a_report_is_written_when_it_is_there(tmp_path: Path) -> None:
    file = tmp_path / "report.json"

    with report_file(file) as write:
        before = file.exists()
        write(Report(3, ()))

    assert (before, json.loads(file.read_text())) == (False, EMPTY)
    assert list(tmp_path.iterdir()) == [file]


def test_nothing_is_left_where_there_is_no_report(tmp_path: Path) -> None:
    with report_file(tmp_path / "report.json"):
        pass

    assert list(tmp_path.iterdir()) == []


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    link = tmp_path / "report.json"
    link.symlink_to(tmp_path / "there" / "real.json")

    with report_file(link) as write:
        write(Report(3, ()))

    assert link.is_symlink()
    assert json.loads((tmp_path / "there" / "real.json").read_text()) == EMPTY


def test_a_device_is_written_through() -> None:
    with report_file(Path("/dev/null")) as write:
        write(Report(3, ()))

    assert Path("/dev/null").is_char_device()


@pytest.mark.parametrize("place", [".", "nowhere/report.json", "\0"])
def test_a_place_that_is_no_good_is_told_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    monkeypatch.chdir(tmp_path)

    with pytest.raises(UnusableSetting, match="choose another file with --client-report"), report_file(Path(place)):
        pytest.fail("a server would have started")
