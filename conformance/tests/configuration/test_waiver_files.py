"""Waivers are written into a file that people keep: nothing else in it changes."""

import tomllib
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from entity_conformance.configuration.waivers import probe, waiver, write
from entity_conformance.deployment.settings import Misuse, Waiver

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
        "",
        "[[waiver]]",
        'requirement = "sort.orders"',
        'entity = "tasks"',
        'reason = "a \\"collation\\""',
        'ticket = "SHOP-7"',
        "expires = 2026-12-31",
        "",
    ]


@pytest.mark.parametrize("between", ["", "\n", "# so far\n\n"])
def test_a_blank_line_parts_a_waiver_from_what_comes_behind(between: str, tmp_path: Path) -> None:
    behind = '[headers]\nX-Team-Id = "42"\n'

    text = written(tmp_path, f"{KEPT}{between}{behind}", NEW)

    assert text.startswith(f"{KEPT}{between}".rstrip())
    assert text.endswith(f"\nexpires = 2026-12-31\n\n{behind}")


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


@pytest.mark.parametrize(
    ("text", "profile"),
    [
        ("profile.staging.seed = 5\n", "staging"),
        ("[profile.staging]\nseed = 5\n[profile.b]\n[profile.staging.headers]\nX = '1'\n", "staging"),
        ("[profile.'my staging']\n", "my staging"),
        ("[[waiver]]\nrequirement = 'a'\nreason = 'b'\nexpires = 2026-01-01\n[profile.b]\nseed = 1\n", None),
        ("# nothing yet", None),
    ],
)
def test_a_waiver_is_read_again_wherever_it_had_to_be_written(text: str, profile: str | None, tmp_path: Path) -> None:
    for reason in ("one", "two"):
        whole = written(tmp_path, None if reason == "two" else text, replace(NEW, reason=reason), profile=profile)

    document = tomllib.loads(whole)
    of = document if profile is None else document["profile"][profile]
    assert [waiver(one).reason for one in of["waiver"]][-1:] == ["two"]
    assert {line for line in text.splitlines() if line} <= set(whole.splitlines())


@pytest.mark.parametrize(
    ("text", "profile"),
    [
        ("profile = {staging = {seed = 5}}\n", "staging"),
        ("[profile]\nstaging = {seed = 5}\n", "staging"),
        ("waiver = []\n", None),
        ("waiver = [{requirement = 'x', reason = 'y', expires = 2026-01-01}]\n", None),
    ],
)
def test_a_file_that_cannot_be_added_to_stays_as_it_is(text: str, profile: str | None, tmp_path: Path) -> None:
    path = tmp_path / "conformance.toml"
    path.write_text(text)

    with pytest.raises(Misuse, match=r"write each waiver as \[\[waiver\]\]"):
        probe(path, profile=profile)
    with pytest.raises(Misuse, match=r"write each waiver as \[\[waiver\]\]"):
        write(path, [NEW], profile=profile)

    assert path.read_text() == text


def test_to_try_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "conformance.toml"
    probe(path)
    assert not path.exists()

    path.write_text(KEPT)
    probe(path, profile="staging")
    assert path.read_text() == KEPT
