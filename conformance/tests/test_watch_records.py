"""What the run's own records must be wherever they show, and which requirement a difference breaks.

It is long because each place where a record shows, and each cause of a difference, is a test of its own.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

import entity_contract
import pytest
from entity_conformance.deployment.exchange import Exchange
from entity_conformance.deployment.mark import mark
from entity_conformance.deployment.outgoing import Asked, Outgoing
from entity_conformance.deployment.reply import Headers, Reply
from entity_conformance.oracle.history import history
from entity_conformance.suite.watch import moving, records, strays, writes
from entity_contract import Entity, Field

CONTRACT = entity_contract.load()
BASE = "http://127.0.0.1:5173/api/v1"
RUN = "abcdefghi"
MARK = mark(RUN)
EARLY, LATE, LATER = "2026-01-01T00:00:00.000Z", "2026-01-01T00:00:05.000Z", "2026-01-01T00:00:09.000Z"


def task(id_: str = "tsk_a", **values: object) -> dict[str, Any]:
    """A task as a deployment shows it."""
    unset = {"description": None, "status": "todo", "priority": "medium", "assigneeId": None}
    return {"id": id_, "title": "as it was sent", **unset, "createdAt": EARLY, "updatedAt": EARLY, **values}


@dataclass
class Run:
    """The exchanges of a run, one after the other unless `during` says how long one was under way."""

    asked: list[Asked] = field(default_factory=list)
    events: int = 0
    is_late: bool = False
    entities: tuple[Entity, ...] = CONTRACT.entities
    sent_at: dict[str, tuple[float, float]] = field(default_factory=dict)
    """By exchange when it was sent and how long it took, in seconds, where that is known."""

    def ask(  # what an exchange consists of
        self,
        method: str,
        path: str,
        status: int | None,
        answer: object = None,
        *,
        sent: object = None,
        by: str = "api_key",
        during: tuple[int, int] | None = None,
        query: Mapping[str, str] | None = None,
    ) -> None:
        """One exchange; without a status it has no answer."""
        began, ended = during or (self.events, self.events + 1)
        self.events = max(self.events, ended) + 1
        url = f"{BASE}/{path}" + (f"?{urlencode(query)}" if query else "")
        content = None if sent is None else json.dumps(sent).encode()
        body = json.dumps(answer).encode()
        name = f"x{len(self.asked) + 1}"
        reply = None if status is None else Reply(name, method, url, by, status, Headers([]), body)
        request = Outgoing(method, url, content=content, credential=by, kind="key")
        self.asked.append(Asked(request, reply, "", tuple(path.split("/")), began, ended))

    def create(
        self, record: Mapping[str, object], *, sent: object = None, status: int = 201, by: str = "api_key"
    ) -> None:
        body = {"title": record["title"]} if sent is None else sent
        self.ask("POST", "tasks", status, {"success": status < 300, "data": record}, sent=body, by=by)

    def read(self, record: Mapping[str, object], *, by: str = "api_key", during: tuple[int, int] | None = None) -> None:
        self.ask("GET", f"tasks/{record['id']}", 200, {"success": True, "data": record}, by=by, during=during)

    def list(self, *shown: Mapping[str, object], query: Mapping[str, str] | None = None) -> None:
        body = {"success": True, "data": shown, "pagination": {"total": len(shown)}}
        self.ask("GET", "tasks", 200, body, query=query)

    def patch(
        self,
        record: Mapping[str, object],
        *,
        status: int | None = 200,
        during: tuple[int, int] | None = None,
        **changes: object,
    ) -> None:
        body = {"success": status == 200, "data": record}
        self.ask("PATCH", f"tasks/{record['id']}", status, body, sent=changes, during=during)

    def delete(self, id_: str, *, status: int | None = 200) -> None:
        self.ask("DELETE", f"tasks/{id_}", status, {"success": status == 200, "message": "deleted"})

    @property
    def accused(self) -> set[tuple[str, str]]:
        """The requirements that are broken, and where."""
        told = {
            name: Exchange(name, "", "key", "PATCH", BASE, (), None, 200, (), None, seconds=seconds, at=at)
            for name, (at, seconds) in self.sent_at.items()
        }
        seen = history(self.asked, BASE, CONTRACT, self.entities, run=RUN, is_late=self.is_late, told=told)
        found = [one for watch in (*records.WATCHES, *strays.WATCHES, *moving.WATCHES) for one in watch.judge(seen)]
        return {(one.requirement, one.exchange) for one in found if one.problem is not None}


@pytest.fixture
def run() -> Run:
    """A run that made one task."""
    run = Run()
    run.create(task())
    return run


def test_a_record_that_shows_what_was_written_accuses_nobody(run: Run) -> None:
    run.read(task())
    run.list(task())

    assert run.accused == set()


def test_a_change_that_no_answer_shows_was_not_stored(run: Run) -> None:
    run.patch(task(title="another", updatedAt=LATE), title="another")
    run.read(task())
    run.list(task())

    assert run.accused == {("update.is-stored", "x3"), ("update.is-stored", "x4")}


@pytest.mark.parametrize(("is_late", "found"), [(False, {"x4"}), (True, set())])
def test_a_list_that_is_late_may_tell_the_time_before_an_update(run: Run, *, is_late: bool, found: set[str]) -> None:
    changed = task(title="another", updatedAt=LATE)
    run.patch(changed, title="another")
    run.read(changed)
    run.list(task(title="another", updatedAt="2026-01-01T00:00:05.001Z"))

    seen = history(run.asked, BASE, CONTRACT, run.entities, run=RUN, is_late=is_late)
    wrong = [one for one in writes.WATCHES[0].judge(seen) if one.requirement == "read.agrees-with-list" and one.problem]
    assert {one.exchange for one in wrong} == found


def test_who_is_sent_away_has_changed_nothing(run: Run) -> None:
    run.patch(task(), status=302, title="another")
    run.delete("tsk_a", status=302)
    run.read(task())

    assert run.accused == set()


def test_a_change_that_one_answer_of_many_does_not_show_is_read_too_old(run: Run) -> None:
    changed = task(title="another", updatedAt=LATE)
    run.patch(changed, title="another")
    run.read(changed)
    run.read(task())
    run.read(changed)

    assert run.accused == {("read.shows-the-last-write", "x4")}


def test_what_a_change_does_not_name_stays_whoever_looks(run: Run) -> None:
    changed = task(title="another", priority="low", updatedAt=LATE)
    run.patch(changed, title="another")
    run.read(changed)

    assert run.accused == {("update.leaves-the-rest", "x2"), ("update.leaves-the-rest", "x3")}


def test_what_the_server_computes_may_do_as_it_likes() -> None:
    (tasks, *others) = CONTRACT.entities
    counted = replace(tasks, fields=(*tasks.fields, Field("readers", "integer", generated=True)))
    run = Run(entities=(counted, *others))
    run.create(task(readers=0))
    run.patch(task(title="another", updatedAt=LATE, readers=1), title="another")
    run.read(task(title="another", updatedAt=LATE, readers=2))
    run.list(task(title="another", updatedAt=LATE, readers=2))

    assert run.accused == set()


def test_the_time_of_creation_stays(run: Run) -> None:
    changed = task(title="another", createdAt=LATE, updatedAt=LATE)
    run.patch(task(title="another", updatedAt=LATE), title="another")
    run.read(changed)

    assert run.accused == {("update.keeps-id-and-creation", "x3")}


@pytest.mark.parametrize(
    ("shown", "value"),
    [("as it was", "as it was sent"), ("as it was sent", "as it was sent "), (None, "as it was sent")],
)
def test_what_lists_alone_show_otherwise_is_their_fault(shown: object, value: str) -> None:
    run = Run()
    run.create(task(title=value))
    run.list(task(title=shown))
    run.read(task(title=value))

    assert run.accused == {("list.shows-records-as-read", "x2")}


def test_a_number_is_a_number_however_it_is_spelt() -> None:
    run = Run()
    product = {"id": "prd_a", "name": "n", "weightKg": 12, "createdAt": EARLY, "updatedAt": EARLY}
    run.ask("POST", "products", 201, {"data": product}, sent={"name": "n", "weightKg": 12})
    run.ask("GET", "products/prd_a", 200, {"data": {**product, "weightKg": 12.0}})

    assert run.accused == set()


def test_a_number_that_is_rounded_in_lists_is_found() -> None:
    run = Run()
    product = {"id": "prd_a", "name": "n", "weightKg": 9.25, "createdAt": EARLY, "updatedAt": EARLY}
    run.ask("POST", "products", 201, {"data": product}, sent={"name": "n", "weightKg": 9.25})
    run.ask("GET", "products/prd_a", 200, {"data": product})
    run.ask("GET", "products", 200, {"data": [{**product, "weightKg": 9}], "pagination": {"total": 1}})

    assert run.accused == {("list.shows-records-as-read", "x3")}


def test_a_list_that_leaves_out_what_read_shows_as_null_is_found(run: Run) -> None:
    run.read(task())
    run.list({name: value for name, value in task().items() if value is not None})

    assert run.accused == {("list.shows-records-as-read", "x3")}


def test_a_deployment_that_leaves_out_nulls_everywhere_is_not_accused(run: Run) -> None:
    sparse = {name: value for name, value in task().items() if value is not None}
    run.read(sparse)
    run.list(sparse)

    assert run.accused == set()


def test_what_a_search_alone_shows_otherwise_is_its_fault(run: Run) -> None:
    run.list(task(title="as it was"), query={"search": "was"})
    run.list(task())

    assert run.accused == {("search.shows-records-as-read", "x2")}


def test_a_list_that_is_late_may_show_what_was_and_what_is_deleted(run: Run) -> None:
    run.is_late = True
    run.patch(task(title="another", updatedAt=LATE), title="another")
    run.list(task())
    run.read(task(title="another", updatedAt=LATE))
    run.delete("tsk_a")
    run.list(task(title="another", updatedAt=LATE))

    assert run.accused == set()


def test_a_search_that_is_late_may_show_what_was(run: Run) -> None:
    run.is_late = True
    run.patch(task(title="another", updatedAt=LATE), title="another")
    run.list(task(), query={"search": "sent"})

    assert run.accused == set()


@pytest.mark.parametrize(
    ("showings", "accused"),
    [(([], ["cmt_a"]), set()), ((["cmt_a"], []), {("select.include-children", "x4")})],
    ids=["then it does", "before it did"],
)
def test_what_is_included_late_need_not_be_there_yet(
    run: Run, showings: Sequence[Sequence[str]], accused: set[tuple[str, str]]
) -> None:
    run.is_late = True
    comment = {"id": "cmt_a", "text": "t", "taskId": "tsk_a", "createdAt": EARLY, "updatedAt": EARLY}
    run.ask("POST", "comments", 201, {"data": comment}, sent={"text": "t", "taskId": "tsk_a"})
    for ids in showings:
        held = [{"id": one} for one in ids]
        run.ask("GET", "tasks/tsk_a", 200, {"data": {**task(), "comments": held}}, query={"include": "comments"})

    assert run.accused == accused


def test_what_is_included_late_may_be_deleted(run: Run) -> None:
    run.is_late = True
    comment = {"id": "cmt_a", "text": "t", "taskId": "tsk_a", "createdAt": EARLY, "updatedAt": EARLY}
    run.ask("POST", "comments", 201, {"data": comment}, sent={"text": "t", "taskId": "tsk_a"})
    run.ask("DELETE", "comments/cmt_a", 200, {"success": True, "message": "deleted"})
    shown = {**task(), "comments": [{"id": "cmt_a"}]}
    run.ask("GET", "tasks/tsk_a", 200, {"data": shown}, query={"include": "comments"})

    assert run.accused == set()


def test_an_included_parent_of_before_its_change_is_found(run: Run) -> None:
    comment = {"id": "cmt_a", "text": "t", "taskId": "tsk_a", "createdAt": EARLY, "updatedAt": EARLY}
    changed = task(title="another", updatedAt=LATE)
    run.ask("POST", "comments", 201, {"data": comment}, sent={"text": "t", "taskId": "tsk_a"})
    run.patch(changed, title="another")
    run.read(changed)
    run.ask("GET", "comments/cmt_a", 200, {"data": {**comment, "task": task()}}, query={"include": "task"})

    assert run.accused == {("select.include-is-current", "x5")}


def test_an_included_parent_that_is_no_longer_the_parent_is_found(run: Run) -> None:
    comment = {"id": "cmt_a", "text": "t", "taskId": "tsk_a", "createdAt": EARLY, "updatedAt": EARLY}
    run.create(task("tsk_b"))
    run.ask("POST", "comments", 201, {"data": comment}, sent={"text": "t", "taskId": "tsk_a"})
    moved = {**comment, "taskId": "tsk_b", "updatedAt": LATE}
    run.ask("PATCH", "comments/cmt_a", 200, {"data": moved}, sent={"taskId": "tsk_b"})
    run.ask("GET", "comments/cmt_a", 200, {"data": {**moved, "task": task()}}, query={"include": "task"})

    assert run.accused == {("select.include-is-current", "x5")}


def test_a_credential_that_is_shown_the_old_alone_is_found(run: Run) -> None:
    changed = task(title="another", updatedAt=LATE)
    run.patch(changed, title="another")
    run.read(changed)
    run.read(task(), by="read_key")
    run.read(changed)

    assert run.accused == {("read.same-for-every-credential", "x4")}


def test_a_neighbour_whose_time_moved_is_found(run: Run) -> None:
    run.create(task("tsk_b"))
    run.read(task("tsk_b"))
    run.patch(task(title="another", updatedAt=LATE), title="another")
    run.read(task("tsk_b", updatedAt=LATE))

    assert run.accused == {("update.spares-others", "x5")}


def test_a_neighbour_that_went_with_a_deletion_is_found(run: Run) -> None:
    run.create(task("tsk_b"))
    run.list(task("tsk_b"), task())
    run.delete("tsk_a")
    run.ask("GET", "tasks/tsk_b", 404, {"success": False})

    assert run.accused == {("delete.spares-others", "x5")}


def test_a_neighbour_that_a_list_of_everything_lacks_after_a_deletion_is_found(run: Run) -> None:
    run.create(task("tsk_b"))
    run.create(task("tsk_c"))
    run.list(task("tsk_c"), task("tsk_b"), task())
    run.delete("tsk_a")
    run.list(task("tsk_c"))

    assert run.accused == {("delete.spares-others", "x6")}


def test_a_record_that_is_not_found_once_is_found_missing(run: Run) -> None:
    run.read(task())
    run.ask("GET", "tasks/tsk_a", 404, {"success": False})
    run.read(task())

    assert run.accused == {("read.finds-what-is-there", "x3")}


def test_a_credential_that_lists_nothing_before_others_list_it_was_shown_a_list_that_is_late(run: Run) -> None:
    run.read(task(), by="session")
    run.ask("GET", "tasks", 200, {"success": True, "data": [], "pagination": {"total": 0}}, by="session")
    run.list(task())

    assert run.accused == {("create.is-listed", "x3")}


def test_a_credential_that_lists_nothing_where_another_one_does_is_shown_something_else(run: Run) -> None:
    run.list(task())
    run.read(task(), by="session")
    run.ask("GET", "tasks", 200, {"success": True, "data": [], "pagination": {"total": 0}}, by="session")

    assert run.accused == {("read.same-for-every-credential", "x4")}


def test_a_credential_that_never_saw_anything_misses_nothing(run: Run) -> None:
    run.ask("GET", "tasks/tsk_a", 404, {"success": False}, by="session")

    assert run.accused == set()


def test_what_was_deleted_and_shows_again_is_found(run: Run) -> None:
    run.delete("tsk_a")
    run.read(task())
    run.list(task())

    assert run.accused == {("delete.then-read", "x3"), ("delete.then-list", "x4")}


def test_what_an_update_brings_back_that_was_under_way_is_another_finding(run: Run) -> None:
    began = run.events
    run.ask("DELETE", "tasks/tsk_a", 200, {"success": True, "message": "Deleted"}, during=(began + 1, began + 2))
    updated = {"success": True, "data": task(title="another", updatedAt=LATE)}
    run.ask("PATCH", "tasks/tsk_a", 200, updated, sent={"title": "another"}, during=(began, began + 3))
    run.read(task(title="another", updatedAt=LATE))

    assert run.accused == {("situations.deletions-at-once", "x4")}


def test_read_that_shows_another_record_is_found_and_tells_nothing_of_either(run: Run) -> None:
    run.create(task("tsk_b"))
    run.delete("tsk_b")
    run.ask("GET", "tasks/tsk_a", 200, {"success": True, "data": task("tsk_b")})
    run.ask("GET", "tasks/tsk_z", 200, {"success": True, "data": task("tsk_a")})

    assert run.accused == {("read.returns-record", "x4")}


@pytest.mark.parametrize(("method", "part"), [("PATCH", "update"), ("DELETE", "delete")])
def test_a_refused_write_that_changed_something_is_found(run: Run, method: str, part: str) -> None:
    run.read(task())
    run.ask(method, "tasks/tsk_a", 400, {"success": False}, sent={"title": "another", "status": "unknown"})
    run.read(task(title="another"))

    assert run.accused == {(f"{part}.refused-changes-nothing", "x4")}


def test_a_write_of_another_user_that_was_refused_and_made_is_found(run: Run) -> None:
    run.read(task())
    run.ask("PATCH", "tasks/tsk_a", 404, {"success": False}, sent={"title": "another"}, by="other_api_key")
    run.read(task(title="another"))

    assert run.accused == {("auth.hidden-records-stay-untouched", "x4")}


@pytest.mark.parametrize(
    ("askers", "broken"),
    [
        (["other_api_key"], "auth.hidden-records-stay-untouched"),
        (["read_key", "other_api_key"], "auth.hidden-records-stay-untouched"),
        (["read_key"], "delete.refused-changes-nothing"),
    ],
)
def test_a_deletion_that_was_refused_and_made_is_found(run: Run, askers: list[str], broken: str) -> None:
    run.read(task())
    for asker in askers:
        run.ask("DELETE", "tasks/tsk_a", 404, {"success": False}, by=asker)
    run.ask("GET", "tasks/tsk_a", 404, {"success": False})

    assert run.accused == {(broken, f"x{len(askers) + 3}")}


@pytest.mark.parametrize("is_of_a_creation", [False, True])
def test_an_update_that_writes_to_others_too_is_found(*, is_of_a_creation: bool) -> None:
    run, text = Run(), f"the one {MARK}"
    run.list(task("tsk_old", title="Buy milk"))
    if is_of_a_creation:
        run.create(task("tsk_b", title=text))
    run.create(task(title=f"another {MARK}"))
    run.patch(task(title=text, updatedAt=LATE), title=text)
    run.read(task("tsk_old", title=text))

    assert {requirement for requirement, _ in run.accused} == {"update.spares-others"}


def test_a_creation_that_was_stored_twice_is_found() -> None:
    run, text = Run(), f"the one {MARK}"
    run.create(task(title=text))
    run.list(task("tsk_z", title=text), task(title=text))

    assert run.accused == {("create.stored-once", "x2")}


def test_a_refused_creation_that_left_a_record_is_found() -> None:
    run, text = Run(), f"the one {MARK}"
    run.create(task(title=text), status=400)
    run.list(task("tsk_z", title=text))

    assert run.accused == {("create.refused-creates-nothing", "x2")}


def test_a_record_that_an_update_made_was_not_left_by_a_refused_creation() -> None:
    run, made = Run(), task("tsk_nobody", title=f"the one {MARK}")
    run.create(task(title=made["title"]), status=400)
    run.ask("PATCH", "tasks/tsk_nobody", 200, {"success": True, "data": made}, sent={"title": made["title"]})
    run.list(made)

    assert "create.refused-creates-nothing" not in {requirement for requirement, _ in run.accused}


def test_a_text_that_was_taken_over_from_a_record_tells_no_stray() -> None:
    run, older = Run(), task("tsk_z", title="waxatahew conformance-gahedokiw")
    run.list(older)
    run.create(task(title=older["title"]), status=400)
    run.list(older)

    assert run.accused == set()


def test_a_record_whose_id_was_answered_as_a_number_is_no_stray() -> None:
    run, text = Run(), f"the one {MARK}"
    run.create(task(title=text) | {"id": 1})
    run.create(task("tsk_b", title=text), status=400)
    run.list(task("1", title=text))

    assert run.accused == set()


def test_a_creation_without_an_answer_may_have_made_a_record() -> None:
    run, text = Run(), f"the one {MARK}"
    run.create(task(title=text))
    run.ask("POST", "tasks", None, sent={"title": text})
    run.list(task("tsk_z", title=text), task(title=text))

    assert run.accused == set()


def test_what_was_asked_while_a_write_was_under_way_may_show_either(run: Run) -> None:
    changed = task(title="another", updatedAt=LATE)
    run.patch(changed, title="another", during=(10, 20))
    run.read(task(), during=(11, 12))
    run.read(changed, during=(13, 25))

    assert run.accused == set()


def test_of_two_writes_at_once_either_may_be_the_last(run: Run) -> None:
    run.patch(task(title="one", updatedAt=LATE), title="one", during=(10, 20))
    run.patch(task(title="two", updatedAt=LATER), title="two", during=(11, 19))
    run.read(task(title="one", updatedAt=LATE))

    assert run.accused == set()


def test_a_write_without_an_answer_may_have_happened(run: Run) -> None:
    run.patch(task(), status=None, title="another")
    run.read(task())
    run.read(task(title="another", updatedAt=LATE))

    assert run.accused == set()


def test_a_parent_that_was_deleted_may_take_its_children_along(run: Run) -> None:
    comment = {"id": "cmt_a", "text": "t", "taskId": "tsk_a", "createdAt": EARLY, "updatedAt": EARLY}
    run.ask("POST", "comments", 201, {"data": comment}, sent={"text": "t", "taskId": "tsk_a"})
    run.delete("tsk_a")
    run.ask("GET", "comments/cmt_a", 404, {"success": False})

    assert run.accused == set()


def test_times_are_moments_in_the_unit_that_is_printed(run: Run) -> None:
    run.list(task(createdAt="2026-01-01T01:00:00+01:00", updatedAt="2026-01-01T00:00:00Z"))

    assert run.accused == set()


def test_what_a_creation_did_not_answer_is_learnt_from_the_first_answer_that_shows_it() -> None:
    run = Run()
    run.ask("POST", "tasks", 201, {"id": "tsk_a"}, sent={"title": "as it was sent"})
    run.read(task(priority="high"))
    run.read(task(priority="low"))

    assert run.accused == {("read.shows-the-last-write", "x3")}


def test_a_record_that_was_there_before_is_not_the_runs_own() -> None:
    run = Run()
    run.list(task(title="somebody's"))
    run.create(task())
    run.read(task(title="somebody's"))

    assert run.accused == set()


def test_an_answer_that_shows_a_part_is_judged_by_that_part(run: Run) -> None:
    run.list({"id": "tsk_a", "title": "as it was sent"}, query={"fields": "title"})

    assert run.accused == set()


def test_a_list_that_shows_somebodys_record_otherwise_than_read_is_found() -> None:
    run, mine, cut = Run(), task("tsk_z", title="somebody's long title"), task("tsk_z", title="somebody's")
    run.list(cut)
    run.read(mine)
    run.list(cut)

    assert run.accused == {("list.shows-records-as-read", "x1")}


def test_an_included_record_may_stand_in_the_place_of_its_foreign_key() -> None:
    run = Run()
    comment = {"id": "cmt_z", "text": "somebody's", "createdAt": EARLY, "updatedAt": EARLY}
    for question, held in (
        ({}, {"taskId": "tsk_z"}),
        ({"include": "task"}, {"task": {"id": "tsk_z"}}),
        ({}, {"taskId": "tsk_z"}),
    ):
        run.ask("GET", "comments", 200, {"data": [{**comment, **held}]}, query=question)

    assert run.accused == set()


def test_a_user_who_was_included_once_is_included_by_whoever_asks() -> None:
    run = Run()
    made = task(assigneeId="usr_a")
    run.create(made, sent={"title": made["title"], "assigneeId": "usr_a"})
    for held, by in (({"id": "usr_a", "name": "Ada"}, "api_key"), (None, "session"), (None, "api_key")):
        data = {"success": True, "data": made | {"assignee": held}}
        run.ask("GET", "tasks/tsk_a", 200, data, by=by, query={"include": "assignee"})

    assert {exchange for _, exchange in run.accused} == {"x3", "x4"}


def test_a_user_includes_the_records_that_name_the_user() -> None:
    run = Run()
    made = task(assigneeId="usr_a")
    run.create(made, sent={"title": made["title"], "assigneeId": "usr_a"})
    for held in ([made], []):
        run.ask("GET", "users/usr_a", 200, {"data": {"id": "usr_a", "tasks": held}}, query={"include": "tasks"})

    assert run.accused == {("select.include-children", "x3")}


@pytest.mark.parametrize("are_shared", [False, True])
def test_another_user_sees_the_children_of_what_is_everybodys_where_they_are_too(*, are_shared: bool) -> None:
    run = Run()
    made, comment = task(), {"id": "cmt_a", "text": "as it was sent", "taskId": "tsk_a"}
    sent = {"text": comment["text"], "taskId": "tsk_a"}
    run.create(made)
    run.ask("POST", "comments", 201, {"success": True, "data": comment}, sent=sent)
    seen = comment if are_shared else {"id": "cmt_b"}
    run.ask("GET", f"comments/{seen['id']}", 200, {"success": True, "data": seen}, by="other_api_key")
    shown = {**made, "comments": []}
    run.ask("GET", "tasks/tsk_a", 200, {"data": shown}, by="other_api_key", query={"include": "comments"})

    assert run.accused == ({("select.include-children", "x4")} if are_shared else set())


def test_a_user_whom_no_answer_includes_may_be_nobody() -> None:
    run = Run()
    made = task(assigneeId="usr_a")
    run.create(made, sent={"title": made["title"], "assigneeId": "usr_a"})
    run.ask(
        "GET", "tasks/tsk_a", 200, {"success": True, "data": made | {"assignee": None}}, query={"include": "assignee"}
    )

    assert run.accused == set()


def test_an_included_record_that_is_not_the_one_of_the_foreign_key_is_found() -> None:
    run = Run()
    comment = {"id": "cmt_z", "text": "somebody's", "createdAt": EARLY, "updatedAt": EARLY}
    for question, held in (
        ({}, {"taskId": "tsk_z"}),
        ({"include": "task"}, {"task": {"id": "tsk_y"}}),
        ({}, {"taskId": "tsk_z"}),
    ):
        run.ask("GET", "comments", 200, {"data": [{**comment, **held}]}, query=question)

    assert run.accused == {("list.shows-records-as-read", "x2")}


def test_somebodys_record_may_change_at_any_time() -> None:
    run = Run()
    run.list(task("tsk_z", title="one"))
    run.read(task("tsk_z", title="two"))
    run.list(task("tsk_z", title="three", updatedAt=LATE))
    run.list(task("tsk_z", title="one", updatedAt=LATER))

    assert run.accused == set()


def test_children_that_went_with_another_deletion_are_found(run: Run) -> None:
    comment = {"id": "cmt_a", "text": "t", "taskId": "tsk_a", "createdAt": EARLY, "updatedAt": EARLY}
    sibling = {**comment, "id": "cmt_b"}
    for one in (comment, sibling):
        run.ask("POST", "comments", 201, {"data": one}, sent={"text": "t", "taskId": "tsk_a"})
    run.read({**task(), "comments": [comment, sibling]})
    run.ask("DELETE", "comments/cmt_a", 200, {"success": True, "message": "deleted"})
    run.read({**task(), "comments": []})

    assert run.accused == {("delete.spares-others", "x6")}


def test_a_neighbour_that_was_given_what_another_was_sent_is_found(run: Run) -> None:
    run.create(task("tsk_b"))
    run.read(task("tsk_b"))
    run.patch(task(title="another", updatedAt=LATE), title="another")
    run.read(task("tsk_b", title="another"))

    assert run.accused == {("update.spares-others", "x5")}


def test_a_write_that_answers_what_was_not_kept_is_told_by_what_was_sent(run: Run) -> None:
    run.patch(task(updatedAt=LATE), title="another")
    run.read(task(updatedAt=LATE))

    assert run.accused == {("update.is-stored", "x2")}


def test_a_write_that_answers_what_was_before_though_it_is_kept_is_found(run: Run) -> None:
    run.patch(task(updatedAt=LATE), title="another")
    run.read(task(title="another", updatedAt=LATE))

    assert run.accused == {("update.returns-record", "x2")}


def test_a_change_that_leaves_its_time_is_found_by_the_times_of_others(run: Run) -> None:
    run.create(task("tsk_b", createdAt=LATE, updatedAt=LATE))
    run.patch(task(title="another"), title="another")

    assert run.accused == {("update.moves-updated-at", "x3")}


def test_a_time_that_stays_where_an_update_left_what_it_names_is_no_fault_of_the_time(run: Run) -> None:
    run.create(task("tsk_b", createdAt=LATE, updatedAt=LATE))
    run.patch(task(), title="another")
    run.read(task())

    assert run.accused == {("update.is-stored", "x3")}


def test_an_update_that_answers_the_time_that_it_was_sent_honours_what_is_generated(run: Run) -> None:
    run.patch(task(updatedAt="2001-01-01T00:00:00Z"), updatedAt="2001-01-01T00:00:00Z")
    run.list(task(updatedAt=LATE))

    assert "update.same-values" not in {requirement for requirement, _ in run.accused}
    assert ("update.generated-fields", "x3") in run.accused


@pytest.mark.parametrize(("waited", "is_told"), [(0.2, True), (0.04, False)])
def test_a_time_that_stays_though_time_has_passed_is_told(run: Run, waited: float, *, is_told: bool) -> None:
    shown = EARLY.replace(".000Z", ".001Z")
    run.create(task("tsk_b", createdAt=shown, updatedAt=shown))
    run.patch(task("tsk_b", title="another", createdAt=shown, updatedAt=shown), title="another")
    run.sent_at |= {"x2": (1.0, 0.1), "x3": (1.1 + waited, 0.1)}

    assert run.accused == ({("update.moves-updated-at", "x3")} if is_told else set())


def test_a_clock_of_seconds_may_stand_for_as_long(run: Run) -> None:
    run.patch(task(title="another"), title="another")
    run.sent_at |= {"x1": (1.0, 0.1), "x2": (1.8, 0.1)}

    assert run.accused == set()


def test_two_changes_in_one_unit_of_time_may_have_one_time(run: Run) -> None:
    run.create(task("tsk_b"))
    run.patch(task(title="another"), title="another")

    assert run.accused == set()


def test_what_changes_nothing_may_leave_its_time(run: Run) -> None:
    run.create(task("tsk_b", createdAt=LATE, updatedAt=LATE))
    run.patch(task(), title="as it was sent")

    assert run.accused == set()


def test_a_new_child_may_move_its_parents_time_on(run: Run) -> None:
    comment = {"id": "cmt_a", "text": "t", "taskId": "tsk_a", "authorId": None, "createdAt": LATE, "updatedAt": LATE}
    run.ask("POST", "comments", 201, {"data": comment}, sent={"text": "t", "taskId": "tsk_a"})
    run.read(task(updatedAt=LATE))

    assert run.accused == set()


def test_a_change_of_a_child_moves_no_time_of_its_parent(run: Run) -> None:
    comment = {"id": "cmt_a", "text": "t", "taskId": "tsk_a", "authorId": None, "createdAt": LATE, "updatedAt": LATE}
    run.ask("POST", "comments", 201, {"data": comment}, sent={"text": "t", "taskId": "tsk_a"})
    run.read(task(updatedAt=LATE))
    run.ask("PATCH", "comments/cmt_a", 200, {"data": {**comment, "text": "u", "updatedAt": LATER}}, sent={"text": "u"})
    run.read(task(updatedAt=LATER))

    assert run.accused == {("update.spares-others", "x5")}


@pytest.mark.parametrize(("method", "lacking"), [("PATCH", "update.returns-record"), ("DELETE", "delete.confirms")])
def test_an_operation_that_is_not_there_loses_no_record(run: Run, method: str, lacking: str) -> None:
    run.read(task())
    run.ask(method, "tasks/tsk_a", 404, {"success": False}, sent={} if method == "PATCH" else None)
    run.read(task())

    assert run.accused == {(lacking, "x3")}


def test_an_operation_that_is_there_for_another_record_finds_this_one_too(run: Run) -> None:
    run.create(task("tsk_b"))
    run.read(task("tsk_b"))
    run.patch(task("tsk_b", priority="low", updatedAt=LATE), priority="low")
    run.read(task())
    run.patch(task(), status=404, priority="low")
    run.read(task())

    assert ("read.finds-what-is-there", "x6") in run.accused


def test_a_field_that_must_be_there_and_lacks_is_not_known_to_hold_nothing() -> None:
    run = Run()
    without = {name: value for name, value in task().items() if name != "updatedAt"}
    run.create(without)
    run.read(without)
    run.patch(task(), status=404, priority="low")
    run.list(task())

    assert {requirement for requirement, _ in run.accused} <= {"read.always-fields", "update.returns-record"}


def test_what_the_deployment_sets_by_rules_of_its_own_moves_a_record_on() -> None:
    tasks = CONTRACT.entity("tasks")
    assert tasks is not None
    scored = replace(tasks, fields=(*tasks.fields, Field("score", "integer", generated=True)))
    accused = {}
    for of in (scored, tasks):
        run = Run(entities=(of,))
        run.create(task(score=None))
        run.read(task(score=7, updatedAt=LATE))
        accused[of] = run.accused

    assert accused[scored] == set()
    assert accused[tasks] != set()
