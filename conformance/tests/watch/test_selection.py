"""Lists by the questions that were asked.

It is long because each parameter of a list, and each pair of them, has a case where it holds and one where not.
"""

import json
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import pytest
from entity_conformance.deployment.problems import Violation
from entity_conformance.suite.watch import selection
from entity_contract import Contract

from conformance.tests.lists import listed, task
from conformance.tests.watched import Told


def filtered(**conditions: object) -> str:
    """The query of a filter."""
    return f"filter={quote(json.dumps({name.replace('__', '$'): value for name, value in conditions.items()}))}"


def found(told: Told, v1: Contract) -> list[tuple[str, str]]:
    """The requirements that are broken, and where."""
    (watch,) = selection.WATCHES
    return [(one.requirement, one.exchange) for one in watch.judge(told.history(v1)) if one.problem is not None]


@pytest.mark.parametrize(
    ("query", "record", "broken"),
    [
        (filtered(status="todo"), task(status="completed"), "filter.enum-equality"),
        (filtered(title="Write"), task(title="Read"), "filter.field-equality"),
        ("startDate=2025-01-11T00:00:00Z", task(), "dates.start-filters"),
        ("endDate=2025-01-09", task(), "dates.date-alone-ends-the-day"),
    ],
)
def test_a_record_that_does_not_satisfy_the_question_is_found(
    v1: Contract, query: str, record: dict[str, Any], broken: str
) -> None:
    assert found(listed(Told(), query, record), v1) == [(broken, "x1")]


@pytest.mark.parametrize(
    "query", ["sort=createdAt", "sort=createdAt&order=desc", filtered(title="Write", status="completed")]
)
def test_what_a_list_shows_tells_where_it_is_what_was_written_last(v1: Contract, query: str) -> None:
    (watch,) = selection.WATCHES
    days = [f"2025-01-{day}T00:00:00.000Z" for day in (12, 10, 11)]
    told = listed(Told(), query, *(task(number, createdAt=day) for number, day in enumerate(days)))

    wrong = [one for one in watch.judge(told.history(v1)) if one.problem is not None]
    assert wrong
    assert all("read.shows-the-last-write" in one.after for one in wrong)


@pytest.mark.parametrize(
    ("query", "after"),
    [
        ("endDate=2025-01-09T00:00:00", ("dates.end-filters",)),
        ("startDate=2025-01-11T00:00:00", ("dates.start-filters",)),
        (
            "startDate=2025-01-09T00:00:00&endDate=2025-01-09T00:00:00",
            ("dates.start-filters", "dates.end-filters", "dates.range-holds-both"),
        ),
    ],
)
def test_how_a_border_is_written_counts_where_borders_hold_that_are_written_otherwise(
    v1: Contract, query: str, after: tuple[str, ...]
) -> None:
    (watch,) = selection.WATCHES
    wrong = [one for one in watch.judge(listed(Told(), query, task()).history(v1)) if one.problem is not None]

    assert [(one.requirement, one.after) for one in wrong] == [("dates.no-offset-is-utc", after)]


def test_a_third_condition_that_is_lost_is_no_operators_fault(v1: Contract) -> None:
    told = listed(Told(), filtered(title={"$contains": "Wri"}), task())
    three = filtered(status="todo", priority="low", title={"$contains": "Wri"})

    assert found(listed(told, three, task(title="Read")), v1) == [("filter.conditions-are-and", "x2")]


def test_records_that_meet_one_condition_of_two_each_tell_that_conditions_are_ored(v1: Contract) -> None:
    both = filtered(title="Write", description="Soon")
    first, second = task(title="Write", description="Late"), task(id="tsk_2", title="Read", description="Soon")

    assert found(listed(Told(), both, first, second), v1) == [("filter.conditions-are-and", "x1")]
    assert found(listed(Told(), both, first, first), v1) == [("filter.field-equality", "x1")]


def test_a_record_that_may_meet_a_range_of_texts_tells_that_conditions_are_ored(v1: Contract) -> None:
    first, second = task(title="Write", description="Late"), task(id="tsk_2", title="Read", description="Soon")
    told = listed(Told(), filtered(title="Write", description="Soon"), first, second)
    listed(told, filtered(title="Write", description={"$gt": "A"}), task(id="tsk_3", title="Read", description="B"))

    assert found(told, v1) == [("filter.conditions-are-and", "x1"), ("filter.conditions-are-and", "x2")]


def created(told: Told, record: dict[str, Any]) -> Told:
    """A record of the run's own."""
    told.get("tasks", {"success": True, "data": record}, status=201, method="POST")
    asked = told.asked[-1]
    content = json.dumps({"title": record["title"]}).encode()
    told.asked[-1] = replace(asked, request=replace(asked.request, content=content))
    return told


def test_a_border_that_selects_nothing_out_of_one_entity_is_no_fault_of_another_parameter(v1: Contract) -> None:
    person = {"id": "usr_1", "createdAt": "2025-01-10T10:30:00.000Z"}
    told = listed(Told(), "startDate=2025-01-09T00:00:00Z", task())
    pagination = {"page": 1, "limit": 20, "total": 1, "totalPages": 1, "hasNext": False, "hasPrev": False}
    query = f"startDate=2025-01-11T00:00:00Z&{filtered(id='usr_1')}"
    told.get(f"users?{query}", {"success": True, "data": [person], "pagination": pagination})

    assert found(told, v1) == [("dates.start-filters", "x2")]


@pytest.mark.parametrize(
    ("created_at", "broken"), [("2025-01-08", "list.all-parameters-combine"), ("2025-01-10", "dates.start-filters")]
)
def test_a_border_that_selects_nothing_out_beside_a_filter_alone_is_a_fault_of_both(
    v1: Contract, created_at: str, broken: str
) -> None:
    """Where without one it leaves out a record that was there."""
    told = created(Told(), task(9, createdAt=f"{created_at}T10:30:00.000Z"))
    listed(told, "startDate=2025-01-09T00:00:00Z", task())
    listed(told, f"startDate=2025-01-11T00:00:00Z&{filtered(title='Write')}", task())

    assert [(requirement, exchange) for requirement, exchange in found(told, v1) if exchange == "x3"] == [
        (broken, "x3")
    ]


def test_an_own_record_that_satisfies_the_question_and_is_not_there_is_found(v1: Contract) -> None:
    told = created(Told(), task())

    assert found(listed(told, "startDate=2025-01-10T10:00:00Z", task(2)), v1) == [("dates.start-filters", "x2")]


@pytest.mark.parametrize(("total", "rows"), [(0, ()), (1, ({"id": "tsk_2"},))])
def test_what_is_lacking_beside_a_filter_and_a_blank_search_is_the_dates_fault_where_those_hold(
    v1: Contract, total: int, rows: tuple[dict[str, Any], ...]
) -> None:
    (watch,) = selection.WATCHES
    told = created(Told(), task(1))
    query = f"{filtered(id={'$in': ['tsk_1']})}&startDate=2025-01-10T10:00:00Z&search="
    lacking = listed(told, query, *(task(2) | one for one in rows), total=total)

    wrong = [one for one in watch.judge(lacking.history(v1)) if one.problem is not None]

    assert [one.requirement for one in wrong if one.requirement.startswith("dates.")] == ["dates.start-filters"]
    assert {"filter.in", "filter.field-equality", "search.blank"} <= set(wrong[-1].after)


def test_a_record_that_only_its_creation_shows_is_no_fault_of_the_question(v1: Contract) -> None:
    told = created(created(Told(), task()), task(2))

    assert found(listed(told, "startDate=2025-01-10T10:00:00Z", task(2)), v1) == [("create.is-listed", "x3")]


def test_records_without_an_id_do_not_say_which_they_are(v1: Contract) -> None:
    """`id` may stay away where `fields` does not name it."""
    told = created(Told(), task())

    shown = listed(told, "startDate=2025-01-10T10:00:00Z&fields=updatedAt", {"updatedAt": task()["updatedAt"]})

    assert found(shown, v1) == []


@pytest.mark.parametrize(
    ("query", "record"),
    [
        (filtered(title="write"), task(title="WRITE ")),
        (filtered(title={"$gt": "a"}), task(title="B")),
        (filtered(title={"$contains": "rit"}), task(title="Read")),
        (filtered(description={"$nin": ["x"]}), task()),
        (filtered(createdAt={"$gt": "2025-01-10T10:30:00.000Z"}), task()),
        ("startDate=2025-01-10T10:30:00.001Z", task()),
        (filtered(unknown="x"), task()),
        ("sort=title,status", task()),
    ],
)
def test_what_the_rulings_leave_open_is_not_judged(v1: Contract, query: str, record: dict[str, Any]) -> None:
    assert found(listed(Told(), query, record), v1) == []


def test_a_page_that_is_not_in_order_is_found(v1: Contract) -> None:
    earlier, later = "2025-01-01T00:00:00Z", "2025-01-02T00:00:00Z"
    records = (task(1, createdAt=later), task(2, createdAt=earlier))

    assert found(listed(Told(), "sort=createdAt&order=asc", *records), v1) == [("sort.datetimes", "x1")]


@pytest.mark.parametrize(
    ("titles", "is_told"),
    [
        (("delicate one", "balcony"), True),
        (("ebb", "daring"), True),
        (("Balcony", "apple"), False),
        (("chance", "ceiling"), False),
        (("ceiling", "cab"), False),
        (("x-ray", "balcony"), False),
        (("2 apples", "1 apple"), False),
    ],
)
def test_of_texts_that_every_collation_has_in_one_order_the_order_is_told(
    v1: Contract, titles: tuple[str, str], *, is_told: bool
) -> None:
    records = [task(number, title=title) for number, title in enumerate(titles)]

    assert found(listed(Told(), "sort=title&order=asc", *records), v1) == ([("sort.text", "x1")] if is_told else [])


def test_a_sort_without_an_order_that_falls_is_the_defaults_fault(v1: Contract) -> None:
    records = (task(1, title="delicate"), task(2, title="balcony"))

    assert found(listed(Told(), "sort=title", *records), v1) == [("sort.ascending-by-default", "x1")]


def test_an_enum_is_in_one_of_two_orders_in_the_whole_run(v1: Contract) -> None:
    declared = (task(1, priority="low"), task(2, priority="medium"), task(3, priority="high"))
    alphabetical = (task(3, priority="high"), task(1, priority="low"), task(2, priority="medium"))

    told = listed(listed(Told(), "sort=priority", *declared), "sort=priority&limit=20", *alphabetical)

    assert found(told, v1) == [("sort.enums", "x2")]


@pytest.mark.parametrize("first", [False, True])
def test_whichever_boolean_is_the_first_it_is_so_in_the_whole_run(v1: Contract, first: bool) -> None:  # noqa: FBT001
    told = Told()
    for query, values in (
        ("order=asc", [first, first, not first]),
        ("order=desc", [not first, first]),
        ("order=desc&limit=20", [first, not first]),
        ("order=asc&limit=20", [first, not first, first]),
    ):
        records = [{"id": f"prd_{place}", "active": value} for place, value in enumerate(values)]
        page = {"page": 1, "limit": 20, "total": len(values), "totalPages": 1, "hasNext": False, "hasPrev": False}
        told.get(f"products?sort=active&{query}", {"success": True, "data": records, "pagination": page})

    assert [one for one in found(told, v1) if one[0].startswith("sort.")] == [
        ("sort.numbers", "x3"),
        ("sort.numbers", "x4"),
    ]


def test_nulls_are_at_one_end_in_the_whole_run(v1: Contract) -> None:
    first, second = task(1), task(2, description="a")
    told = listed(Told(), "sort=description", second, first)
    listed(told, "sort=description&order=desc", second, first)
    listed(told, "sort=description&limit=20", first, second)

    assert found(told, v1) == [("sort.nulls", "x3")]


@pytest.mark.parametrize(
    ("first", "second", "besides"),
    [
        ("sort=description", "sort=description&order=desc", ("x1", "x2")),
        ("sort=title", "sort=description", ("x2",)),
    ],
)
def test_what_is_wrong_beside_another_list_shows_that_one_too(
    first: str, second: str, besides: tuple[str, ...], v1: Contract
) -> None:
    without, one = task(1), task(2, description="a")
    told = listed(listed(Told(), first, one, without), second, one, without)

    (watch,) = selection.WATCHES
    judged = watch.judge(listed(told, "sort=description&limit=20", without, one).history(v1))

    (problem,) = [each.problem for each in judged if isinstance(each.problem, Violation)]
    assert (problem.exchange, problem.besides) == ("x3", besides)


def test_the_same_question_has_the_same_total(v1: Contract) -> None:
    told = listed(listed(Told(), "limit=20", task(), total=1), "limit=10", task(), total=2)

    assert found(told, v1) == [("list.total", "x2")]


def test_however_it_is_shown_a_question_has_one_total(v1: Contract) -> None:
    told = listed(listed(Told(), "limit=1&sort=title", task(), total=1), "limit=10&fields=id,title", task(), total=2)

    assert found(told, v1) == [("list.total", "x2")]


def test_a_total_is_above_the_own_records_that_a_question_names(v1: Contract) -> None:
    told = created(created(Told(), task(1)), task(2, title="Read"))
    query = filtered(id={"$in": ["tsk_1", "tsk_2"]}, title={"$contains": "Write"})

    assert found(listed(told, f"{query}&limit=1", task(1), total=2), v1) == [("list.total", "x3")]
    assert found(listed(told, f"{query}&limit=1", task(2, title="Read"), total=2), v1) != [("list.total", "x4")]


def test_a_page_holds_what_stands_in_its_place_in_the_whole_list(v1: Contract) -> None:
    rows = [task(1, title="a"), task(2, title="b"), task(3, title="c")]
    told = listed(Told(), "sort=title&order=asc&limit=20", *rows)
    listed(told, "sort=title&order=asc&limit=1&page=2", rows[1], total=3)
    listed(told, "sort=title&order=asc&limit=1&page=3", rows[0], total=3)

    assert found(told, v1) == [("list.pages-visit-each-record-once", "x3")]


def test_a_list_with_a_record_twice_says_nothing_of_others(v1: Contract) -> None:
    rows = [task(1, title="a"), task(2, title="b"), task(3, title="c")]
    told = listed(Told(), "sort=title&order=asc&limit=20", *rows)
    listed(told, "sort=title&order=asc&limit=20", rows[0], rows[0], rows[1], total=3)

    assert not {"sort.ties-are-broken", "list.pages-visit-each-record-once"} & {name for name, _ in found(told, v1)}


def test_of_records_that_are_equal_in_the_order_no_page_is_told(v1: Contract) -> None:
    rows = [task(1), task(2), task(3)]
    told = listed(Told(), "sort=title&order=asc&limit=20", *rows)
    listed(told, "sort=title&order=asc&limit=1&page=2", rows[0], total=3)

    assert found(told, v1) == []


def test_the_same_question_has_the_same_order(v1: Contract) -> None:
    told = listed(listed(Told(), "limit=20", task(1), task(2)), "limit=20", task(2), task(1))

    assert found(told, v1) == [("list.default-order", "x2")]


def test_a_new_record_shows_when_a_question_is_asked_for_the_first_time(v1: Contract) -> None:
    query = filtered(id={"$in": ["tsk_1", "tsk_2"]})
    told = created(created(Told(), task(1)), task(2))
    listed(listed(told, query, task(1)), query, task(1), task(2))

    assert found(told, v1) == [("create.is-listed", "x3")]


def test_what_is_made_between_two_lists_was_not_there_before(v1: Contract) -> None:
    query = filtered(id={"$in": ["tsk_1", "tsk_2"]})
    told = listed(created(Told(), task(1)), query, task(1))

    assert found(listed(created(told, task(2)), query, task(1), task(2)), v1) == []


def test_a_write_in_between_may_change_what_a_question_selects(v1: Contract) -> None:
    told = listed(Told(), "limit=20", task())
    told.get("tasks", {"success": True, "data": task(2)}, method="POST", status=201)

    assert found(listed(told, "limit=20", task(), task(2)), v1) == []


def test_where_others_write_no_two_lists_are_compared(v1: Contract) -> None:
    told = listed(Told(), "limit=20", task())

    assert found(listed(told, "limit=20", task(), task(2, createdAt="2025-01-15T10:30:01Z")), v1) == []


def own(told: Told, number: int, **values: object) -> Told:
    """A record that the run makes, and READ of it."""
    made = task(number, **values)
    told.get("tasks", {"success": True, "data": made}, status=201, method="POST", body_sent={"title": made["title"]})
    return told.get(f"tasks/{made['id']}", {"success": True, "data": made})


TOGETHER = "list.all-parameters-combine"


def seen_in_a_list() -> Told:
    """A record of the run's own, which a list of everything has shown."""
    return listed(own(Told(), 1, title="wadonikel plain"), "", task(title="wadonikel plain"))


@pytest.mark.parametrize(
    ("query", "broken"),
    [
        ("search=wadonikel&sort=title", [(TOGETHER, "x4")]),
        ("search=wadonikel", []),
        ("search=wado&sort=title", []),
        ("search=nobodyhas&sort=title", []),
        (f"{filtered(title={'$startsWith': 'wado'})}&sort=title", [(TOGETHER, "x4")]),
        (f"{filtered(title={'$startsWith': 'wado'})}&endDate=2025-01-11T00:00:00Z", [(TOGETHER, "x4")]),
        (f"{filtered(title={'$startsWith': 'WADO'})}&sort=title", []),
        (f"{filtered(title={'$startsWith': 'wado'})}&page=2&limit=1&sort=title", []),
    ],
)
def test_what_parts_of_a_question_lose_together_is_told(
    v1: Contract, query: str, broken: list[tuple[str, str]]
) -> None:
    assert found(listed(seen_in_a_list(), query, total=0), v1) == broken


@pytest.mark.parametrize(
    ("query", "right", "broken"),
    [
        ("search=%20&sort=title", "sort=title", "search.blank"),
        ("search=&sort=title", "sort=title", "search.blank"),
        ("search=&sort=title", "search=&sort=title&limit=20", TOGETHER),
        ("endDate=2025-01-11&sort=title", "sort=title", "dates.date-alone-ends-the-day"),
        ("endDate=2025-01-11&sort=title", "endDate=2025-01-11&sort=title&limit=20", "dates.date-alone-ends-the-day"),
        ("startDate=2025-01-09&sort=title", "sort=title", "dates.date-alone-starts-the-day"),
        ("startDate=2025-01-09T00:00:00Z&endDate=2025-01-11T00:00:00Z&sort=title", "sort=title", TOGETHER),
    ],
)
def test_a_blank_search_or_a_date_without_a_time_is_to_blame_before_their_being_together(
    v1: Contract, query: str, right: str, broken: str
) -> None:
    told = listed(listed(seen_in_a_list(), right, task(title="wadonikel plain")), query, total=0)

    assert broken in [requirement for requirement, exchange in found(told, v1) if exchange == "x5"]
    assert (TOGETHER in [requirement for requirement, _ in found(told, v1)]) is (broken == TOGETHER)


@pytest.mark.parametrize(("limit", "broken"), [(1, "list.total"), (5, TOGETHER)])
def test_a_full_page_that_says_that_it_is_the_last_counts_otherwise(v1: Contract, limit: int, broken: str) -> None:
    two = [task(number, title="wadonikel plain") for number in (1, 2)]
    told = listed(own(own(Told(), 1, title="wadonikel plain"), 2, title="wadonikel plain"), "", *two)
    told = listed(told, f"search=wadonikel&sort=title&limit={limit}", two[0], total=1)

    assert broken in [requirement for requirement, _ in found(told, v1)]
    assert (TOGETHER in [requirement for requirement, _ in found(told, v1)]) is (broken == TOGETHER)


def test_to_whom_no_list_shows_any_nothing_is_lost_together(v1: Contract) -> None:
    told = listed(own(Told(), 1, title="wadonikel plain"), "search=wadonikel&sort=title", total=0)

    assert found(told, v1) == []


@pytest.mark.parametrize(("status", "broken"), [(200, {TOGETHER}), (404, set())])
def test_what_is_not_found_by_its_id_either_is_no_fault_of_the_question(
    v1: Contract, status: int, broken: set[str]
) -> None:
    told = listed(seen_in_a_list(), "search=wadonikel&sort=title", total=0)
    held = {"success": True, "data": task(title="wadonikel plain")}
    none = {"success": False, "error": "No such record", "code": "NOT_FOUND"}
    told = told.get("tasks/tsk_1", held if status == 200 else none, status=status)

    assert {TOGETHER} & {requirement for requirement, _ in found(told, v1)} == broken


def test_it_counts_where_each_part_holds_by_itself(v1: Contract) -> None:
    (watch,) = selection.WATCHES
    told = listed(seen_in_a_list(), "search=wadonikel&sort=title", total=0)
    (problem,) = [one for one in watch.judge(told.history(v1)) if one.problem is not None]

    assert {"search.word-in-title", "search.other-fields", "sort.text", "search.blank"} <= set(problem.after)
    assert not [one for one in problem.after if one.startswith(("filter.", "dates."))]


@pytest.mark.parametrize(
    ("query", "total", "broken"),
    [
        ("limit=1&page=2", 1, [("list.total", "x5")]),
        ("limit=1&page=2", 2, []),
        ("limit=1&page=2", 0, []),
        ("limit=0&page=2", 1, []),
        ("limit=1&page=2&search=Read", 1, []),
    ],
)
def test_a_list_of_everything_counts_the_runs_own(
    v1: Contract, query: str, total: int, broken: list[tuple[str, str]]
) -> None:
    assert found(listed(own(own(Told(), 1), 2), query, total=total), v1) == broken
