"""What `conformance cleanup` says, and how it ends."""

from pathlib import Path

import pytest
from entity_conformance.commands import cleanup
from entity_conformance.deployment.problems import Leftover
from entity_conformance.deployment.recovery import Recovered


def test_what_a_clean_up_leaves_is_told_and_exits_5(capsys: pytest.CaptureFixture[str]) -> None:
    left = Leftover("record", "tasks", "tsk_1", "DELETE answered 500")

    done = Recovered((Path("a"),), (Path("b"),), removed=3, gone=2, leftovers=(left,), kept=(Path("a"),))

    assert cleanup.told(done) == 5
    assert capsys.readouterr().out == (
        "b: that run is still at work, and was left alone\n"
        "3 removed by 1 journal, 2 gone before, 1 left\n"
        "left: record tasks/tsk_1: DELETE answered 500\n"
        "kept: a\n"
    )


def test_things_that_are_left_for_one_reason_are_told_together(capsys: pytest.CaptureFixture[str]) -> None:
    tasks = [Leftover("record", "tasks", f"tsk_{number}", "not yours") for number in range(12)]
    key = Leftover("key", None, "key_1", "not yours")

    cleanup.told(Recovered((Path("a"),), (), leftovers=(*tasks, key)))

    assert capsys.readouterr().out == (
        "0 removed by 1 journal, 13 left\n"
        "left: 12 records: not yours\n"
        "  tasks/tsk_0, tasks/tsk_1, tasks/tsk_2, tasks/tsk_3, tasks/tsk_4, tasks/tsk_5, tasks/tsk_6,\n"
        "  tasks/tsk_7, tasks/tsk_8, tasks/tsk_9, tasks/tsk_10, tasks/tsk_11\n"
        "left: key key_1: not yours\n"
    )


def test_a_journal_under_another_name_is_told_with_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    cleanup.told(Recovered((), (), elsewhere=("http://127.0.0.1:5173/api/v1",)))

    assert capsys.readouterr().out == (
        "left: a journal about http://127.0.0.1:5173/api/v1; if that is this deployment,"
        " run `conformance cleanup http://127.0.0.1:5173/api/v1`\n"
    )


def test_a_journal_that_cannot_be_followed_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    cleanup.told(Recovered((), (), unread=((Path("c"), "Permission denied; run it as another"),)))

    assert capsys.readouterr().out == ("left: the journal c cannot be followed: Permission denied; run it as another\n")


@pytest.mark.parametrize(
    ("done", "code"),
    [
        (Recovered((Path("a"),), (), removed=3), 0),
        (Recovered((Path("a"),), (), kept=(Path("a"),)), 5),
        (Recovered((), (Path("b"),)), 5),
        (Recovered((), (), elsewhere=("http://127.0.0.1:5173/api/v1",)), 5),
        (Recovered((), (), unread=((Path("c"), "it was damaged"),)), 5),
        (Recovered((), ()), 0),
    ],
)
def test_a_clean_up_exits_0_when_no_journal_is_left(done: Recovered, code: int) -> None:
    assert cleanup.told(done) == code
