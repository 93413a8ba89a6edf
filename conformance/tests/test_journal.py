"""The books of a run survive it, and never take a stranger's record for the run's own."""

import json
import os
import socket
import stat
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from entity_conformance.deployment.journal import Journal, Thing, Unwritable, default_folder, left_behind, read

TARGET = "http://127.0.0.1:5173/api/v1"
TITLE = "cetuvilov gibifolef plain"


Open = Callable[[Path], Journal]


@pytest.fixture
def journal() -> Iterator[Open]:
    """Opens journals, and closes them when the test has ended."""
    with ExitStack() as stack:

        def opened(folder: Path) -> Journal:
            books = Journal(folder, target=TARGET, run="abcdefghi")
            stack.callback(books.close)
            return books

        yield opened


def lines(of: Journal) -> list[dict[str, object]]:
    return [json.loads(line) for line in of.path.read_text().splitlines()]


def test_nothing_is_written_before_the_first_creation(journal: Open, tmp_path: Path) -> None:
    books = journal(tmp_path / "below")

    books.gone("tasks", "tsk_1")
    books.close()

    assert not (tmp_path / "below").exists()


def test_a_creation_is_on_disk_before_it_is_sent(journal: Open, tmp_path: Path) -> None:
    books = journal(tmp_path)

    books.will_create("tasks", {"title": TITLE}, "api_key")

    assert lines(books) == [
        {
            "format": "v1-conformance-journal/1",
            "target": TARGET,
            "run": "abcdefghi",
            "pid": os.getpid(),
            "host": socket.gethostname(),
        },
        {"will": 1, "entity": "tasks", "credential": "api_key", "texts": [TITLE]},
    ]


def test_a_journal_is_for_its_owner_alone(journal: Open, tmp_path: Path) -> None:
    books = journal(tmp_path)

    books.will_create("tasks", {}, "api_key")

    assert stat.S_IMODE(books.path.stat().st_mode) == 0o600


def test_what_the_lines_add_up_to_is_what_the_run_knew(journal: Open, tmp_path: Path) -> None:
    books = journal(tmp_path)
    for number in range(4):
        books.will_create("tasks", {"title": TITLE}, "api_key" if number else "other_api_key")
    books.made(1, "tsk_1")
    books.made(2, "tsk_2")
    books.made_nothing(3)
    books.gone("tasks", "tsk_2")

    left = read(books.path)

    assert left is not None
    assert left.account == books.account
    assert left.account.outstanding == (Thing("tasks", "tsk_1", "other_api_key"),)
    assert left.account.open == {4: ("tasks", "api_key")}
    assert left.account.touched == (("tasks", "api_key"), ("tasks", "other_api_key"))


def test_the_newest_goes_first(journal: Open, tmp_path: Path) -> None:
    books = journal(tmp_path)
    for number, entity in enumerate(("customers", "orders"), start=1):
        books.will_create(entity, {}, "api_key")
        books.made(number, f"id_{number}")

    assert [thing.entity for thing in books.account.outstanding] == ["orders", "customers"]


def test_a_journal_of_which_nothing_is_left_is_deleted(journal: Open, tmp_path: Path) -> None:
    books = journal(tmp_path)
    books.made(books.will_create("tasks", {}, "api_key"), "tsk_1")
    books.gone("tasks", "tsk_1")

    books.close()

    assert not books.path.exists()


def test_a_journal_of_which_something_is_left_stays(journal: Open, tmp_path: Path) -> None:
    books = journal(tmp_path)
    books.will_create("tasks", {}, "api_key")

    books.close()

    assert books.path.exists()


def test_a_line_that_was_not_written_whole_is_passed_over(journal: Open, tmp_path: Path) -> None:
    books = journal(tmp_path)
    books.made(books.will_create("tasks", {}, "api_key"), "tsk_1")
    books.close()
    books.path.write_text(books.path.read_text() + '{"gone": "tsk')

    left = read(books.path)

    assert left is not None
    assert len(left.account.outstanding) == 1


@pytest.mark.parametrize("text", ["", "{}", "not json", '{"format": "another/1"}', "[1]"])
def test_what_is_no_journal_is_passed_over(tmp_path: Path, text: str) -> None:
    (tmp_path / "x.jsonl").write_text(text)

    assert read(tmp_path / "x.jsonl") is None
    assert left_behind(tmp_path, target=TARGET) == ()


def test_journals_of_another_deployment_are_left_alone(journal: Open, tmp_path: Path) -> None:
    journal(tmp_path).will_create("tasks", {}, "api_key")

    assert left_behind(tmp_path, target="https://elsewhere/api/v1") == ()
    assert len(left_behind(tmp_path, target=TARGET)) == 1


def test_a_folder_that_is_not_there_holds_nothing(tmp_path: Path) -> None:
    assert left_behind(tmp_path / "nowhere", target=TARGET) == ()


def test_the_journal_of_a_running_run_is_known(journal: Open, tmp_path: Path) -> None:
    books = journal(tmp_path)
    books.will_create("tasks", {}, "api_key")
    ended = books.path.read_text().replace(f'"pid": {os.getpid()}', '"pid": 4194305')
    (tmp_path / "ended.jsonl").write_text(ended)

    assert {left.path.stem: left.is_running for left in left_behind(tmp_path, target=TARGET)} == {
        "abcdefghi": True,
        "ended": False,
    }


def test_where_no_journal_can_be_written_nothing_may_be_created(journal: Open, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(Unwritable, match="name a writable folder in CONFORMANCE_STATE_DIR"):
        journal(tmp_path / "file").will_create("tasks", {}, "api_key")


@pytest.mark.parametrize(
    ("record", "is_ours"),
    [
        ({"title": TITLE}, True),
        ({"description": "see conformance-abcdefghi there"}, True),
        ({"title": "conformance-xxxxxxxxx"}, False),
        ({"title": "cetuvilov gibifolef other"}, False),
        ({"title": "2021-07-09T08:30:00Z"}, False),
        ({"title": "high"}, False),
        ({"title": "renovated"}, False),
        ({"title": ""}, False),
        ({"count": 7}, False),
        ({}, False),
    ],
)
def test_only_what_nobody_else_would_write_is_ours(
    journal: Open,
    tmp_path: Path,
    record: dict[str, object],
    is_ours: bool,  # noqa: FBT001
) -> None:
    books = journal(tmp_path)
    sent = {"title": TITLE, "due": "2021-07-09T08:30:00Z", "priority": "high", "word": "renovated", "empty": "", "n": 7}

    books.will_create("tasks", sent, "api_key")

    assert books.account.is_ours("tasks", record) is is_ours


def test_a_text_of_one_entity_says_nothing_about_another(journal: Open, tmp_path: Path) -> None:
    books = journal(tmp_path)
    books.will_create("tasks", {"title": TITLE}, "api_key")

    assert not books.account.is_ours("orders", {"title": TITLE})


@pytest.mark.parametrize("body", [None, [], "text", 3])
def test_a_body_that_is_no_object_can_be_written_down(journal: Open, tmp_path: Path, body: object) -> None:
    books = journal(tmp_path)

    assert books.will_create("tasks", body, "api_key") == 1


def test_the_folder_is_the_one_that_is_stated(tmp_path: Path) -> None:
    assert default_folder({"CONFORMANCE_STATE_DIR": "/x", "XDG_STATE_HOME": str(tmp_path)}) == Path("/x")
    assert default_folder({"XDG_STATE_HOME": str(tmp_path), "HOME": "/"}) == tmp_path / "v1-conformance"
    assert default_folder({"HOME": str(tmp_path)}) == tmp_path / ".local/state/v1-conformance"
    assert default_folder({"HOME": "/nowhere/at/all"}).name == "v1-conformance"
