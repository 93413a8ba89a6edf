"""Where reports go is told apart, however it is spelled."""

from pathlib import Path

import pytest
from entity_conformance.report.formats import Destination, SharedPlaceError


def shared(*texts: str) -> str:
    with pytest.raises(SharedPlaceError) as refused:
        Destination.parse_all(texts)
    return str(refused.value)


def test_each_report_has_a_place_of_its_own(tmp_path: Path) -> None:
    destinations = Destination.parse_all([f"json={tmp_path}/r.json", f"junit={tmp_path}/r.xml", "console"])

    assert [one.format for one in destinations] == ["json", "junit", "console"]


def test_two_reports_on_standard_output_are_refused() -> None:
    assert shared("json", "console") == (
        "two reports (json and console) would be written to standard output; name a file of its own for each"
    )


def test_two_reports_to_one_path_are_refused_in_another_spelling_too(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()

    assert "would be written to" in shared(f"json={tmp_path}/r", f"junit={tmp_path}/folder/../r")


@pytest.mark.parametrize("link", ["symlink_to", "hardlink_to"])
def test_two_reports_to_one_file_are_refused_by_another_name_too(tmp_path: Path, link: str) -> None:
    (tmp_path / "r").touch()
    getattr(tmp_path / "other", link)(tmp_path / "r")

    assert "would be written to" in shared(f"json={tmp_path}/r", f"junit={tmp_path}/other")


def test_a_link_to_a_file_that_is_not_there_yet_is_that_file(tmp_path: Path) -> None:
    (tmp_path / "other").symlink_to(tmp_path / "r")

    assert "would be written to" in shared(f"json={tmp_path}/r", f"junit={tmp_path}/other")


def test_a_dash_is_standard_output() -> None:
    assert Destination.parse("junit=-") == Destination("junit")


def test_what_standard_output_is_redirected_to_is_standard_output(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "r.json"
    place.touch()
    monkeypatch.setattr("os.fstat", lambda _: place.stat())

    assert Destination.parse(f"json={place}") == Destination("json")
