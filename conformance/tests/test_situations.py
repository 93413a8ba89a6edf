"""What is told of a record whose fields were changed at once."""

from dataclasses import replace

import pytest
from entity_conformance.deployment.api import Headers, Reply
from entity_conformance.deployment.problems import Blocked, OutOfProfile, Violation
from entity_conformance.suite.given import Creation
from entity_conformance.suite.given.situations import Births, Patch, Rush, written_to

BEFORE = {"id": "t", "title": "old", "status": "todo", "priority": "low"}


def reply(status: int, body: str = "{}") -> Reply:
    return Reply("x1", "GET", "http://x/api/v1/tasks/t", "api_key", status, Headers(()), body.encode())


def shows(**changed: str) -> Reply:
    members = ", ".join(f'"{name}": "{value}"' for name, value in {**BEFORE, **changed}.items())
    return reply(200, f'{{"success": true, "data": {{{members}}}}}')


def rush(*reads: Reply, statuses: tuple[int, int, int, int] = (200, 200, 200, 200)) -> Rush:
    bodies: tuple[dict[str, object], ...] = (
        {"priority": "high"},
        {"priority": "medium"},
        {"title": "new"},
        {"status": "done"},
    )
    patches = [Patch(body, reply(status)) for body, status in zip(bodies, statuses, strict=True)]
    return Rush(BEFORE, tuple(patches[:2]), tuple(patches[2:]), reads, (), None, reply(200))


def test_each_field_that_one_has_changed_must_be_kept() -> None:
    assert rush().kept == {"title": "new", "status": "done"}


def test_what_was_refused_need_not_be_kept() -> None:
    assert rush(statuses=(200, 200, 409, 200)).kept == {"status": "done"}


def test_a_field_that_two_have_changed_holds_one_of_both() -> None:
    assert rush().contested == ("priority", ["high", "medium"])


def test_a_field_that_nobody_was_let_change_holds_what_it_held() -> None:
    assert rush(statuses=(409, 409, 200, 200)).contested == ("priority", ["low"])


def test_the_read_that_shows_the_most_changes_is_the_latest() -> None:
    found = rush(shows(title="new"), shows(title="new", status="done", priority="high"))

    assert found.shown == {"priority": "high", "status": "done", "title": "new"}


def test_of_a_text_that_two_have_changed_only_what_is_read_is_searched_for() -> None:
    reads = (shows(priority="medium"),)
    done = (*rush().again, *rush().apart)

    assert written_to("priority", done, reads) == ["medium"]
    assert written_to("title", done, reads) == ["new"]
    assert written_to("priority", done, (reply(404),)) == []


def test_a_read_that_shows_no_change_is_told() -> None:
    with pytest.raises(Violation, match="what was written is not read"):
        _ = rush(shows()).shown


def test_where_no_change_was_taken_nothing_is_said() -> None:
    with pytest.raises(Blocked, match="none of several changes"):
        _ = rush(shows(), statuses=(409, 409, 409, 409)).shown


def test_where_nothing_narrows_a_list_that_question_alone_is_blocked() -> None:
    found = replace(rush(shows(title="new")), undisturbed=None)

    assert found.shown == {"title": "new", "status": "todo", "priority": "low"}
    with pytest.raises(Blocked, match="no list shows the records alone"):
        _ = found.meanwhile


@pytest.mark.parametrize(("entity", "problem"), [("tasks", Blocked), ("orders", OutOfProfile)])
def test_where_a_records_state_takes_no_change_it_is_out_of_scope(entity: str, problem: type[Exception]) -> None:
    refused = replace(reply(409), method="PATCH", url=f"http://x/api/v1/{entity}/t")
    patches = tuple(Patch({"title": "a"}, refused) for _ in range(2))

    with pytest.raises(problem):
        _ = Rush(BEFORE, patches, patches, (), (), None, None).granted


def created(status: int, entity: str = "orders", details: str = "") -> Creation:
    told = f'{{"success": {str(status < 300).lower()}, "data": {{"id": "o"}}, "details": {{{details}}}}}'
    return Creation({}, replace(reply(status, told), method="POST", url=f"http://x/api/v1/{entity}"))


def test_a_creation_that_a_rule_refuses_beside_others_is_not_judged() -> None:
    taken, state, named = created(201), created(409), created(400, details='"paid": "is never false"')
    unnamed, of_tasks = created(400), created(409, "tasks")

    assert Births((taken, state, named, unnamed, of_tasks), ()).judged == (taken, unnamed, of_tasks)


def test_where_none_was_created_at_once_each_is_judged() -> None:
    assert Births((created(409),), ()).judged == (created(409),)
