"""What runs that try failures again could have shown."""

import io
import json
from dataclasses import replace
from urllib.parse import urlencode

import entity_contract
import pytest
from entity_conformance.commands.rerun import with_parents
from entity_conformance.deployment.exchange import Exchange
from entity_conformance.report import json as json_report
from entity_conformance.report.recorded import read
from entity_conformance.report.verdict import Outcome, Result
from entity_conformance.suite.recordings.asking_again import blind, question

from conformance.tests.report.samples import BASE, REQUIREMENTS, exchange, run

CONTRACT = entity_contract.load()
PLACE = ("sort.text", "tasks")
GROUP = {"id": {"$in": ["tsk_1", "tsk_2"]}}


def listing(**asked: object) -> Exchange:
    query = urlencode({name: json.dumps(one) if isinstance(one, dict) else one for name, one in asked.items()})
    return replace(exchange(check="sort.text [tasks]"), url=f"{BASE}/tasks?{query}", method="GET")


FAILED = Result("sort.text", "sort", "must", "tasks", Outcome.failed, "data is in another order", exchanges=("x1",))
BEFORE = run(FAILED, exchanges=(listing(filter=GROUP, sort="title", order="asc", page=1, limit=20),))


def missing(*tries: Exchange) -> dict[tuple[str, str | None], str]:
    runs = [[run(exchanges=(one,))] for one in tries]
    document = json_report.document(BEFORE)
    return dict(blind(document, [PLACE], runs, CONTRACT, name="report.json"))


@pytest.mark.parametrize(
    "asked",
    [
        {"filter": {"id": {"$in": ["tsk_8", "tsk_9"]}}, "sort": "title", "order": "asc", "page": 1, "limit": 20},
        {"search": "word", "sort": "title", "order": "asc", "limit": 1, "page": 1},
    ],
)
def test_what_is_asked_about_other_records_and_with_more_beside_it_is_asked_again(asked: dict[str, object]) -> None:
    assert missing(*[listing(**asked)] * 3) == {}


@pytest.mark.parametrize(
    "asked",
    [{"filter": GROUP}, {"filter": GROUP, "sort": "title", "order": "desc"}, {"sort": "status", "order": "asc"}],
)
def test_another_order_is_another_question(asked: dict[str, object]) -> None:
    assert missing(*[listing(**asked)] * 3) == {PLACE: "GET /tasks?filter&limit&order&page&sort"}


def test_a_condition_is_asked_again_by_its_operator() -> None:
    one = question(listing(filter={**GROUP, "createdAt": {"$gt": "2026-11-30T10:00:00"}}, page=1, limit=20), BASE)

    together = {**GROUP, "status": "todo", "updatedAt": {"$gt": "2027-11-30T10:00:00", "$lt": "2028-01-01T00:00:00"}}
    assert one.is_asked_by(question(listing(filter=together, sort="title", page=1, limit=1), BASE), "filter")
    assert not one.is_asked_by(question(listing(filter=together, sort="title"), BASE), "filter")
    assert not one.is_asked_by(question(listing(filter={**GROUP, "createdAt": {"$lt": "2027"}}), BASE), "filter")


def test_what_was_seen_in_the_answer_to_another_check_needs_the_same_question() -> None:
    seen = replace(listing(filter=GROUP, sort="title", order="asc", page=1, limit=20), check="dates.start [tasks]")
    document = json_report.document(run(FAILED, exchanges=(seen,)))

    def is_missing(**asked: object) -> bool:
        tries = [[run(exchanges=(listing(**asked),))]] * 3
        return PLACE in blind(document, [PLACE], tries, CONTRACT, name="report.json")

    assert not is_missing(filter={"id": {"$in": ["tsk_8"]}}, sort="title", order="asc", page=1, limit=20)
    assert is_missing(filter=GROUP, search="word", sort="title", order="asc", page=1, limit=20)


def test_what_is_wrong_by_itself_needs_no_other_exchange() -> None:
    place = ("list.limit-caps-page", "tasks")
    page = {"page": 1, "limit": 2, "total": 3, "totalPages": 2, "hasNext": True, "hasPrev": False}
    body = json.dumps({"success": True, "data": [{"id": f"tsk_{n}"} for n in range(3)], "pagination": page})
    shown = replace(listing(filter=GROUP, page=1, limit=2), id="x2", check="list.total [tasks]", response_body=body)
    failed = replace(FAILED, requirement=place[0], chapter="list", exchanges=("x1", "x2"))
    document = json_report.document(run(failed, exchanges=(*BEFORE.exchanges, shown)))

    assert blind(document, [place], [[run(exchanges=(shown,))]] * 3, CONTRACT, name="report.json") == {}
    assert blind(document, [place], [[run(exchanges=BEFORE.exchanges)]] * 3, CONTRACT, name="report.json") == {
        place: "GET /tasks?filter&limit&page"
    }


@pytest.mark.parametrize(
    ("asked", "is_told"),
    [
        ({"search": "word", "include": "comments"}, False),
        ({"filter": {"title": {"$gt": "a"}}, "include": "comments"}, False),
        ({"startDate": "2026-11-30", "include": "comments"}, False),
        ({"filter": GROUP, "include": "comments"}, True),
    ],
)
def test_what_is_wrong_by_what_else_the_run_knew_depends_on_the_values(asked: dict[str, object], is_told: bool) -> None:  # noqa: FBT001
    place = ("select.include-children", "comments")
    failed = replace(FAILED, requirement=place[0], chapter="select", entity=place[1], message="cmt_1 is not found")
    document = json_report.document(run(failed, exchanges=(listing(**asked),)))

    tries = [[run(exchanges=(listing(**asked),))]] * 3
    assert (place not in blind(document, [place], tries, CONTRACT, name="report.json")) is is_told


def test_what_shows_in_one_answer_is_told_by_the_same_question() -> None:
    place = ("errors.nothing-leaks", "tasks")
    wrong = replace(
        listing(search="word"),
        status=500,
        response_body='{"success":false,"error":"Traceback (most recent call last)","code":"INTERNAL_ERROR"}',
    )
    failed = replace(FAILED, requirement=place[0], chapter="errors", message="m")
    document = json_report.document(run(failed, exchanges=(wrong,)))

    assert place not in blind(document, [place], [[run(exchanges=(wrong,))]] * 3, CONTRACT, name="report.json")


def test_each_try_has_to_ask_it() -> None:
    same, other = listing(sort="title", order="asc"), listing(sort="title", order="desc")

    assert missing(same, same, other) != {}


def test_words_times_and_ids_are_no_part_of_a_question() -> None:
    one = listing(search="tudevol", startDate="2026-11-30T10:00:00Z", filter={"title": {"$gt": "a"}, "status": "todo"})
    other = listing(search="gomika", startDate="2027-01-01", filter={"title": {"$gt": "b"}, "status": "done"})

    assert question(one, BASE) == question(other, BASE)
    assert question(one, BASE) != question(listing(search=" ", startDate="2027-01-01"), BASE)
    assert question(replace(one, url=f"{BASE}/tasks/tsk_1"), BASE) == question(
        replace(one, url=f"{BASE}/tasks/tsk_2"), BASE
    )


def test_what_needs_a_parent_is_tried_with_it() -> None:
    assert with_parents(CONTRACT, ("comments", "tasks", "orders")) == ("tasks", "comments", "customers", "orders")


def test_a_report_tells_the_entities_on_which_a_failure_shows() -> None:
    told = io.StringIO()
    json_report.render(BEFORE, REQUIREMENTS, told)

    assert read(told.getvalue(), name="report.json").asked_of == {PLACE: ("tasks",)}
