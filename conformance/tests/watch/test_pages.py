"""What a list tells of itself: its numbers, headers and links."""

from typing import Any

import pytest
from entity_conformance.suite.watch import judgements, pages
from entity_contract import Contract

from conformance.tests.watched import Told

NEXT = '</api/v1/tasks?page=2&limit=2>; rel="next"'


def page(number: int, limit: int, total: int, **other: object) -> dict[str, Any]:
    """`pagination` as it must be, but for the members that are given."""
    last = -(-total // limit)
    numbers = {"page": number, "limit": limit, "total": total, "totalPages": last}
    return {**numbers, "hasNext": number < last, "hasPrev": number > 1, **other}


def listed(told: Told, query: str, records: int, pagination: dict[str, Any], **headers: str | None) -> Told:
    """A list with so many records, its headers as they must be, but for those that are given."""
    path = "tasks?" + query
    usual = {
        "X_Total_Count": str(pagination["total"]),
        "X_Page": str(pagination["page"]),
        "X_Per_Page": str(pagination["limit"]),
    }
    data = [{"id": f"tsk_{number}"} for number in range(records)]
    return told.get(path, {"success": True, "data": data, "pagination": pagination}, headers=usual | headers)


def found(told: Told, v1: Contract) -> list[str]:
    """The requirements that are broken."""
    (watch,) = pages.WATCHES
    return [one.requirement for one in watch.judge(told.history(v1)) if one.problem is not None]


def test_a_list_that_agrees_with_itself_breaks_nothing(v1: Contract) -> None:
    assert found(listed(Told(), "limit=2&page=1", 2, page(1, 2, 5), Link=NEXT), v1) == []


@pytest.mark.parametrize(
    ("records", "pagination", "headers", "broken"),
    [
        (2, page(1, 2, 5, totalPages=2), {"Link": NEXT}, "list.total-pages"),
        (2, page(1, 2, 2, hasNext=True), {}, "list.has-next"),
        (2, page(1, 2, 2, hasPrev=True), {}, "list.has-prev"),
        (1, page(1, 2, 2), {}, "list.total"),
        (3, page(1, 2, 5), {"Link": NEXT}, "list.limit-caps-page"),
        (2, page(1, 2, 5), {"Link": NEXT, "X_Total_Count": "6"}, "list.total-count-header"),
        (2, page(1, 2, 5), {"Link": NEXT, "X_Page": "2"}, "list.page-header"),
        (2, page(1, 2, 5), {"Link": NEXT, "X_Per_Page": "20"}, "list.per-page-header"),
        (2, page(1, 2, 5), {}, "list.link-to-next"),
        (2, page(1, 2, 5), {"Link": NEXT.replace("page=2", "page=3")}, "list.link-leads-on"),
        (2, page(1, 2, 2), {"Link": NEXT}, "list.no-link-on-single-page"),
        (2, page(1, 2, 5), {"Link": NEXT + ', </api/v1/tasks?page=0>; rel="prev"'}, "list.link-to-prev"),
        (2, page(1, 2, 5), {"Link": NEXT.replace("&limit=2", "")}, "list.link-keeps-parameters"),
    ],
)
def test_a_number_or_header_that_is_wrong_once_is_found(
    v1: Contract, records: int, pagination: dict[str, Any], headers: dict[str, str], broken: str
) -> None:
    assert broken in found(listed(Told(), "limit=2", records, pagination, **headers), v1)


def test_a_record_that_stands_twice_in_a_list_is_found(v1: Contract) -> None:
    twice = {"success": True, "data": [{"id": "tsk_0"}, {"id": "tsk_0"}], "pagination": page(1, 2, 2)}
    headers: dict[str, str | None] = {"X_Total_Count": "2", "X_Page": "1", "X_Per_Page": "2"}

    assert found(Told().get("tasks?limit=2", twice, headers=headers), v1) == ["list.pages-visit-each-record-once"]


@pytest.mark.parametrize(("written", "is_uri"), [("a%20b", True), ("a+b", True), ("a b", False), ("caf\u00e9", False)])
def test_a_link_is_a_uri(v1: Contract, written: str, is_uri: bool) -> None:  # noqa: FBT001
    asked = written.replace(" ", "%20").replace("\u00e9", "%C3%A9")
    link = f'</api/v1/tasks?search={written}&limit=2&page=2>; rel="next"'
    told = listed(Told(), f"search={asked}&limit=2", 2, page(1, 2, 5), Link=link)

    assert ("list.link-keeps-parameters" in found(told, v1)) is not is_uri


def test_a_link_keeps_a_parameter_that_came_twice(v1: Contract) -> None:
    link = '</api/v1/tasks?fields=id&limit=2&page=2>; rel="next"'
    told = listed(Told(), "fields=id&fields=title&limit=2", 2, page(1, 2, 5), Link=link)

    assert found(told, v1) == ["list.link-keeps-parameters"]


def test_a_page_past_the_end_is_judged_by_a_requirement_of_its_own(v1: Contract) -> None:
    told = listed(Told(), "limit=2&page=9", 0, page(9, 2, 5, hasPrev=False))

    assert found(told, v1) == ["list.page-past-the-end"]


def test_a_list_that_was_made_while_a_record_was_is_not_counted(v1: Contract) -> None:
    told = Told().get("tasks", {"success": True, "data": {}}, method="POST", status=201, at=(1, 9))
    listed(told, "limit=2", 1, page(1, 2, 2))

    assert "list.total" not in found(told, v1)


OWN = {"id": "tsk_1", "title": "wadonikel plain", "assigneeId": "usr_1"}


@pytest.mark.parametrize(
    ("method", "path", "sent", "query", "is_counted"),
    [
        ("POST", "tasks", {"title": "another"}, "search=wadonikel&limit=2", True),
        ("POST", "tasks", {"title": "wadonikel"}, "search=wadonikel&limit=2", False),
        ("POST", "tasks", {"title": "another"}, "search=wado&limit=2", False),
        ("POST", "tasks", {"title": "another"}, "search=nobody&limit=2", False),
        ("POST", "tasks", {"title": "another"}, "limit=2", False),
        ("PATCH", "tasks/tsk_1", {"title": "another"}, "search=wadonikel&limit=2", False),
        ("DELETE", "tasks/tsk_9", None, "search=wadonikel&limit=2", True),
        ("DELETE", "users/usr_1", None, "search=wadonikel&limit=2", False),
    ],
)
def test_a_search_is_counted_where_nobody_writes_to_what_it_can_select(
    v1: Contract, method: str, path: str, sent: dict[str, object] | None, query: str, *, is_counted: bool
) -> None:
    told = Told().get(
        "tasks", {"success": True, "data": OWN}, status=201, method="POST", body_sent={"title": OWN["title"]}
    )
    status, answer = (201, {"id": "tsk_2", **(sent or {})}) if method == "POST" else (200, OWN)
    told.get(path, {"success": True, "data": answer}, method=method, status=status, at=(4, 19), body_sent=sent)
    listed(told, query, 1, page(1, 2, 2))

    assert ("list.total" in found(told, v1)) is is_counted


def test_a_link_to_the_first_page_need_not_name_it(v1: Contract) -> None:
    first = '</api/v1/tasks?limit=2>; rel="prev"'

    assert found(listed(Told(), "limit=2&page=2", 2, page(2, 2, 4), Link=first), v1) == []
    assert found(listed(Told(), "limit=2&page=3", 2, page(3, 2, 6), Link=first), v1) == ["list.link-to-prev"]


@pytest.mark.parametrize(("is_late", "broken"), [(False, ["list.total"]), (True, [])])
def test_a_total_that_is_late_may_not_count_what_was_written_before(
    v1: Contract, *, is_late: bool, broken: list[str]
) -> None:
    (watch,) = pages.WATCHES
    told = Told().get("tasks", {"success": True, "data": {}}, method="POST", status=201)
    listed(told, "limit=20", 2, page(1, 20, 1))

    judged = watch.judge(told.history(v1, is_late=is_late))

    assert [one.requirement for one in judged if one.problem is not None] == broken


def test_what_is_found_keeps_no_answer_alive(v1: Contract) -> None:
    told = listed(Told(), "limit=2&page=1", 2, page(1, 2, 5, totalPages=2), Link=NEXT).history(v1)

    problems = [one.problem for one in judgements(told, {"list.total-pages"}) if one.problem is not None]
    assert [one.__traceback__ for one in problems] == [None]
