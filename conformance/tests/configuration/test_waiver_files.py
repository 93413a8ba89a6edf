"""Waivers are written into a file that people keep: nothing else in it changes."""

from datetime import date
from pathlib import Path

import pytest
from entity_conformance.configuration.waivers import write
from entity_conformance.deployment.settings import Waiver

KEPT = """\
# kept
url = "https://shop.example.test"  # ours

[profile.staging]
# staging is slow
timeout = 30

[[waiver]] # known since May
requirement = "list.links"
reason = "old"   # says who
expires = 2026-01-31
"""
NEW = Waiver("sort.orders", 'a "collation"', date(2026, 12, 31), "tasks", "SHOP-7")


def written(folder: Path, text: str | None, *waivers: Waiver, profile: str | None = None) -> str:
    path = folder / "conformance.toml"
    if text is not None:
        path.write_bytes(text.encode())
    write(path, waivers, profile=profile)
    return path.read_bytes().decode()


def test_a_waiver_is_added_at_the_end(tmp_path: Path) -> None:
    text = written(tmp_path, KEPT, NEW)

    assert text.startswith(KEPT)
    assert text.removeprefix(KEPT).split("\n") == [
        *([""] if text.removeprefix(KEPT).startswith("\n") else []),
        "[[waiver]]",
        'requirement = "sort.orders"',
        'entity = "tasks"',
        'reason = "a \\"collation\\""',
        'ticket = "SHOP-7"',
        "expires = 2026-12-31",
        "",
    ]


def test_one_for_the_same_is_renewed_where_it_stands(tmp_path: Path) -> None:
    text = written(tmp_path, KEPT, Waiver("list.links", "still so", date(2026, 12, 31)))

    assert text == KEPT.replace('"old"', '"still so"').replace("2026-01-31", "2026-12-31")


def test_a_profile_has_waivers_of_its_own(tmp_path: Path) -> None:
    text = written(tmp_path, KEPT, NEW, profile="staging")

    assert text.count("[[waiver]]") == 1
    assert '[[profile.staging.waiver]]\nrequirement = "sort.orders"\n' in text
    assert "# staging is slow\n" in text


@pytest.mark.parametrize("text", [None, "", "\ufeff"])
def test_a_file_is_made_where_there_is_none(text: str | None, tmp_path: Path) -> None:
    assert written(tmp_path, text, Waiver("list.links", "so", date(2026, 12, 31))) == (
        '[[waiver]]\nrequirement = "list.links"\nreason = "so"\nexpires = 2026-12-31\n'
    )


def test_lines_that_end_as_on_windows_stay_so(tmp_path: Path) -> None:
    text = written(tmp_path, KEPT.replace("\n", "\r\n"), NEW)

    assert text.startswith(KEPT.replace("\n", "\r\n"))
