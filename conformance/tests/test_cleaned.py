"""Deletions that were granted and not done, as cleaning up saw them."""

import pytest
from entity_conformance.deployment.reply import Reply
from entity_conformance.report.verdict import Outcome, Result
from entity_conformance.suite.cleaned import GONE, with_deletions

from conformance.tests.answers import reply

BASE = "https://api.example.com/api/v1"


def held(outcome: Outcome = Outcome.passed, entity: str | None = None) -> Result:
    return Result(GONE, "delete", "must", entity, outcome, "It is so.", exchanges=("x0",))


def deleted(exchange: str, *, status: int = 200) -> Reply:
    body = {"success": status == 200, "message": "Deleted"}
    return reply(status, body, method="DELETE", url=f"{BASE}/tasks/tsk_1", exchange=exchange)


def listed(id_: str = "tsk_1") -> Reply:
    body = {"success": True, "data": [{"id": id_}]}
    return reply(200, body, method="GET", url=f"{BASE}/tasks?page=1", exchange="x2")


@pytest.mark.parametrize("result", [held(), held(entity="tasks")])
def test_what_is_listed_between_two_deletions_that_are_both_confirmed_was_not_deleted(result: Result) -> None:
    (found,) = with_deletions([result], [deleted("x1"), listed(), deleted("x3")], BASE, judged=1, strict=False)

    assert (found.outcome, found.exchanges) == (Outcome.failed, ("x1", "x2", "x3"))


@pytest.mark.parametrize(
    "replies",
    [
        [deleted("x1"), listed(), deleted("x3", status=404)],
        [deleted("x1"), listed("tsk_2"), deleted("x3")],
        [listed(), deleted("x1"), deleted("x3")],
    ],
)
def test_a_list_that_is_late_and_one_of_others_tell_nothing(replies: list[Reply]) -> None:
    assert with_deletions([held()], replies, BASE, judged=0, strict=False) == (held(),)


def test_what_was_listed_during_the_run_may_have_been_asked_for_before() -> None:
    replies = [deleted("x1"), listed(), deleted("x3")]

    assert with_deletions([held()], replies, BASE, judged=3, strict=False) == (held(),)


def test_what_was_told_already_is_told_as_it_was() -> None:
    failed = held(Outcome.failed)

    assert with_deletions([failed], [deleted("x1"), listed(), deleted("x3")], BASE, judged=1, strict=False) == (failed,)


def test_what_an_update_brought_back_is_told_by_that() -> None:
    back = Result("situations.deletions-at-once", "situations", "must", "tasks", Outcome.failed, "It came back.")
    replies = [deleted("x1"), listed(), deleted("x3")]

    assert with_deletions([back, held()], replies, BASE, judged=1, strict=False) == (back, held())
