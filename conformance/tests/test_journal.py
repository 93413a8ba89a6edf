"""The journal of a run survives it, and never takes a stranger's record for the run's own."""

import errno
import json
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from entity_conformance.deployment.account import FORMAT, Fingerprints, added_up
from entity_conformance.deployment.credentials import Given
from entity_conformance.deployment.journal import Journal, Thing, Unwritable, default_folder, left_behind
from entity_conformance.deployment.settings import Misuse

TARGET = "http://127.0.0.1:5173/api/v1"
TITLE = "cetuvilov gibifolef plain"
GIVEN = Given(api_key="k1-of-ada")

Open = Callable[[Path], Journal]


@pytest.fixture
def journal() -> Iterator[Open]:
    """Opens journals, and closes them when the test has ended."""
    with ExitStack() as stack:

        def opened(folder: Path) -> Journal:
            kept = Journal(folder, target=TARGET, run="abcdefghi", given=GIVEN)
            stack.callback(kept.close)
            return kept

        yield opened


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Callable[[int | None], None]:
    """Has so many bytes left, and no end of them with None."""
    left: list[int | None] = [None]
    real = os.write

    def write(descriptor: int, content: bytes) -> int:
        if left[0] is None or descriptor <= 2:
            return real(descriptor, content)
        if left[0] == 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        written = real(descriptor, content[: left[0]])
        left[0] -= written
        return written

    monkeypatch.setattr(os, "write", write)
    return lambda size: left.__setitem__(0, size)


def lines(of: Journal) -> list[dict[str, object]]:
    return [json.loads(line) for line in of.path.read_text().splitlines()]


def test_nothing_is_written_before_the_first_creation(journal: Open, tmp_path: Path) -> None:
    kept = journal(tmp_path / "below")

    kept.gone("tasks", "tsk_1")
    kept.close()

    assert not (tmp_path / "below").exists()


def test_a_creation_is_on_disk_before_it_is_sent(journal: Open, tmp_path: Path) -> None:
    kept = journal(tmp_path)

    kept.will_create("tasks", {"title": TITLE}, "own")

    head, will = lines(kept)
    assert (head["format"], head["target"], head["run"]) == (FORMAT, TARGET, "abcdefghi")
    assert will == {"will": 1, "entity": "tasks", "user": "own", "texts": [TITLE]}


def test_a_record_is_known_by_what_an_update_wrote_before_the_run_was_killed(journal: Open, tmp_path: Path) -> None:
    kept, changed = journal(tmp_path), "finevigur two  polegudit"
    kept.made(kept.will_create("tasks", {"title": TITLE}, "own"), "tsk_1")

    kept.will_change("tasks", "tsk_1", {"title": changed})
    kept.will_change("tasks", "tsk_of_nobody", {"title": "camibefor gibasonuv"})
    kept.will_change("tasks", "tsk_1", {"description": "plain words", "title": "conformance-abcdefghi"})

    kept.will_change("tasks", "tsk_1", {"title": "0"})

    told = [line for line in lines(kept) if "wrote" in line]
    assert told == [{"wrote": [changed], "entity": "tasks", "user": "own", "id": "tsk_1"}]
    account = added_up(kept.path.read_text().splitlines())
    assert account is not None
    assert account.is_ours("tasks", {"title": changed})


def test_a_journal_holds_fingerprints_and_no_credential(journal: Open, tmp_path: Path) -> None:
    kept = journal(tmp_path)

    kept.will_create("tasks", {}, "own")

    head = lines(kept)[0]
    assert head["fingerprints"] == {"own": list(Fingerprints.of(GIVEN, salt=str(head["salt"])).digests["own"])}
    assert "k1-of-ada" not in kept.path.read_text()


def test_a_journal_is_for_its_owner_alone(journal: Open, tmp_path: Path) -> None:
    kept = journal(tmp_path)

    kept.will_create("tasks", {}, "own")

    assert stat.S_IMODE(kept.path.stat().st_mode) == 0o600


def test_what_the_lines_add_up_to_is_what_the_run_knew(journal: Open, tmp_path: Path) -> None:
    kept = journal(tmp_path)
    for number in range(4):
        kept.will_create("tasks", {"title": TITLE}, "own" if number else "other")
    kept.made(1, "tsk_1")
    kept.made(2, "tsk_2")
    kept.made_nothing(3)
    kept.gone("tasks", "tsk_2")
    kept.close()

    (left,) = left_behind(tmp_path, target=TARGET).journals

    assert left.account == kept.account
    assert left.account.outstanding == (Thing("tasks", "tsk_1", "other"),)
    assert left.account.open == {4: ("tasks", "own")}
    assert left.account.touched == (("tasks", "other"), ("tasks", "own"))
    left.close()


def test_a_journal_of_which_nothing_is_left_is_deleted(journal: Open, tmp_path: Path) -> None:
    kept = journal(tmp_path)
    kept.made(kept.will_create("tasks", {}, "own"), "tsk_1")
    kept.gone("tasks", "tsk_1")

    kept.close()

    assert not kept.path.exists()


def test_a_journal_of_which_something_is_left_stays(journal: Open, tmp_path: Path) -> None:
    kept = journal(tmp_path)
    kept.will_create("tasks", {}, "own")

    kept.close()

    assert kept.path.exists()


def test_a_full_disk_lets_nothing_be_created_and_forgets_nothing(
    journal: Open, tmp_path: Path, disk: Callable[[int | None], None]
) -> None:
    kept = journal(tmp_path)
    ticket = kept.will_create("tasks", {}, "own")
    disk(5)

    kept.made(ticket, "tsk_1")
    with pytest.raises(Unwritable, match="No space left on device; name a writable folder in CONFORMANCE_STATE_DIR"):
        kept.will_create("tasks", {}, "own")
    kept.close()

    assert kept.account.outstanding == (Thing("tasks", "tsk_1", "own"),)
    assert kept.account.open == {}
    assert kept.path.exists()


def test_a_line_that_broke_off_does_not_spoil_the_next(
    journal: Open, tmp_path: Path, disk: Callable[[int | None], None]
) -> None:
    kept = journal(tmp_path)
    ticket = kept.will_create("tasks", {"title": TITLE}, "own")
    disk(5)
    kept.made(ticket, "tsk_1")
    disk(None)
    kept.made(kept.will_create("tasks", {}, "own"), "tsk_2")
    kept.close()

    (left,) = left_behind(tmp_path, target=TARGET).journals

    assert left.account.open == {1: ("tasks", "own")}
    assert left.account.outstanding == (Thing("tasks", "tsk_2", "own"),)
    left.close()


def test_a_journal_that_could_not_be_begun_leaves_no_file(
    journal: Open, tmp_path: Path, disk: Callable[[int | None], None]
) -> None:
    disk(5)

    with pytest.raises(Unwritable):
        journal(tmp_path).will_create("tasks", {}, "own")

    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_no_journal_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "x.jsonl").write_text("not a journal")

    assert left_behind(tmp_path, target=TARGET).journals == ()


@pytest.mark.parametrize(
    ("stated", "asked", "count"),
    [
        ("https://shop.example.test/api/v1", "https://Shop.Example.test:443/api", 1),
        ("https://xn--lden-loa.example.test/api/v1", "https://läden.example.test.", 1),
        ("http://shop.example.test/api/v1", "https://shop.example.test", 0),
        ("https://shop.example.test/api/v1", "https://shop.example.test/eu", 0),
        ("https://shop.example.test/api/v1", "https://shop.example.test:8443", 0),
        ("http://localhost:5173/api/v1", "http://LOCALHOST.:5173/", 1),
        ("http://127.0.0.1:5173/api/v1", "http://127.1:5173/api/", 1),
        ("http://127.0.0.1:5173/api/v1", "http://[::ffff:127.0.0.1]:5173", 1),
        ("http://[::1]:5173/api/v1", "http://[0:0:0:0:0:0:0:1]:5173", 1),
    ],
)
def test_a_deployment_is_known_again_however_it_is_spelled(tmp_path: Path, stated: str, asked: str, count: int) -> None:
    kept = Journal(tmp_path, target=stated, run="abcdefghi")
    kept.will_create("tasks", {}, "own")
    kept.close()

    left = left_behind(tmp_path, target=asked)

    assert len(left.journals) == count
    for journal in left.journals:
        journal.close()


@pytest.mark.parametrize(
    ("asked", "elsewhere"),
    [
        ("http://LOCALHOST:5173", ("http://127.0.0.1:5173/api/v1",)),
        ("http://[::1]:5173/api", ("http://127.0.0.1:5173/api/v1",)),
        ("http://[::1]:5174", ()),
        ("http://localhost:5173/eu", ()),
        ("http://shop.example.test:5173", ()),
        ("http://127.0.0.1:5173", ()),
        ("http://127.0.0.1:5173/api/v1/tasks", ("http://127.0.0.1:5173/api/v1",)),
        ("http://127.0.0.1:5173/eu", ()),
    ],
)
def test_a_journal_of_another_name_of_this_machine_is_told_of_and_not_followed(
    tmp_path: Path, asked: str, elsewhere: tuple[str, ...]
) -> None:
    kept = Journal(tmp_path, target="http://127.0.0.1:5173/api/v1", run="abcdefghi")
    kept.will_create("tasks", {}, "own")
    kept.close()

    assert left_behind(tmp_path, target=asked).elsewhere == elsewhere


def test_a_folder_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(Misuse, match="cannot read the folder of journals"):
        left_behind(tmp_path / "file", target=TARGET)


def test_a_folder_that_is_not_there_holds_nothing(tmp_path: Path) -> None:
    assert left_behind(tmp_path / "nowhere", target=TARGET).journals == ()


def test_a_run_is_at_work_while_it_holds_its_journal(journal: Open, tmp_path: Path) -> None:
    kept = journal(tmp_path)
    kept.will_create("tasks", {}, "own")

    left = left_behind(tmp_path, target=TARGET)

    assert (left.journals, left.running) == ((), (kept.path,))


def test_who_follows_a_journal_keeps_others_from_it(journal: Open, tmp_path: Path) -> None:
    kept = journal(tmp_path)
    kept.will_create("tasks", {}, "own")
    kept.close()
    (followed,) = left_behind(tmp_path, target=TARGET).journals

    assert left_behind(tmp_path, target=TARGET).running == (kept.path,)
    followed.close()


def test_a_journal_that_cannot_be_followed_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = Journal(tmp_path, target=TARGET, run="abcdefghi")
    kept.will_create("tasks", {}, "own")
    kept.close()

    def refuse(*_: object) -> int:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(os, "open", refuse)

    (told,) = left_behind(tmp_path, target=TARGET).unread
    assert told[0] == kept.path
    assert told[1].startswith("Permission denied; run the clean-up as the user who ran the tests")


@pytest.mark.parametrize(
    "text",
    [
        '{"format": "v1-conformance-journal/99", "target": "https://shop.example.test/api/v1", "run": "a"}\n',
        '{"format": "v1-conformance-jou\n{"will": 1, "entity": "tasks", "texts": []}\n',
    ],
)
def test_a_journal_that_is_not_understood_is_named_and_the_others_are_followed(tmp_path: Path, text: str) -> None:
    kept = Journal(tmp_path, target=TARGET, run="abcdefghi")
    kept.will_create("tasks", {}, "own")
    kept.close()
    (tmp_path / "a.jsonl").write_text(text)
    (tmp_path / "a-folder.jsonl").mkdir()

    left = left_behind(tmp_path, target=TARGET)

    assert [journal.path for journal in left.journals] == [kept.path]
    assert {path.name for path, _ in left.unread} == {"a.jsonl", "a-folder.jsonl"}
    assert (tmp_path / "a.jsonl", "it was damaged, or written by another version") in left.unread
    left.journals[0].close()


def test_where_no_journal_can_be_written_nothing_may_be_created(journal: Open, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(Unwritable, match="name a writable folder in CONFORMANCE_STATE_DIR"):
        journal(tmp_path / "file").will_create("tasks", {}, "own")


@pytest.mark.parametrize("body", [None, [], "text", 3])
def test_a_body_that_is_no_object_can_be_written_down(journal: Open, tmp_path: Path, body: object) -> None:
    kept = journal(tmp_path)

    assert kept.will_create("tasks", body, "own") == 1


def test_a_state_folder_that_is_not_there_yet_is_made(journal: Open, tmp_path: Path) -> None:
    folder = default_folder({"XDG_STATE_HOME": str(tmp_path / "not" / "yet"), "HOME": str(tmp_path)})

    journal(folder).will_create("tasks", {}, "own")

    assert [path.suffix for path in (tmp_path / "not" / "yet" / "v1-conformance").iterdir()] == [".jsonl"]


def test_a_state_folder_that_cannot_be_made_is_named(journal: Open, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    folder = default_folder({"XDG_STATE_HOME": str(tmp_path / "file" / "state"), "HOME": str(tmp_path)})

    with pytest.raises(Unwritable, match=r"cannot write the journal .*/file/state/v1-conformance/.*: Not a directory"):
        journal(folder).will_create("tasks", {}, "own")


def test_the_folder_is_the_one_that_is_stated(tmp_path: Path) -> None:
    assert default_folder({"CONFORMANCE_STATE_DIR": "/x", "XDG_STATE_HOME": str(tmp_path)}) == Path("/x")
    assert default_folder({"XDG_STATE_HOME": str(tmp_path), "HOME": "/"}) == tmp_path / "v1-conformance"
    assert (
        default_folder({"XDG_STATE_HOME": "relative", "HOME": str(tmp_path)})
        == tmp_path / ".local/state/v1-conformance"
    )
    assert default_folder({"HOME": str(tmp_path)}) == tmp_path / ".local/state/v1-conformance"
    assert default_folder({"HOME": "/nowhere/at/all"}).name == "v1-conformance"
