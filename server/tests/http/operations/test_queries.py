from datetime import UTC, datetime
from typing import Any

import pytest
from entity_contract import Contract
from entity_server.domain.ordering import Ordering
from entity_server.domain.paging import Page
from entity_server.domain.problems import InvalidFilter, InvalidSort, ValidationFailed
from entity_server.domain.projection import Projection
from entity_server.domain.query import Query
from entity_server.domain.selection import Selection
from entity_server.http.operations import CompiledContract
from entity_server.http.operations.lists import list_query, projection

FIELDS = "id, title, description, status, priority, assigneeId, createdAt, updatedAt"
BORDER = "Must be a date (YYYY-MM-DD) or an RFC 3339 date-time"


@pytest.fixture
def read(compiled: CompiledContract) -> Any:
    return compiled.operations["listTasks"].query.read


def refused(read: Any, **arguments: list[str]) -> dict[str, str]:
    with pytest.raises(ValidationFailed) as refusal:
        read(arguments)
    return dict(refusal.value.details)


def test_nothing_asked_for_is_the_first_page_of_everything(read: Any) -> None:
    assert list_query(read({})) == Query(Page(1, 20), Selection(), None, Projection())


def test_what_is_no_parameter_is_ignored(read: Any) -> None:
    assert read({"colour": ["red", "blue"]}) == read({})


def test_a_page_and_its_limit_are_integers(read: Any) -> None:
    assert list_query(read({"page": ["3"], "limit": ["50"]})).page == Page(3, 50)


@pytest.mark.parametrize("name", ["page", "limit"])
@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("0", "Must be at least 1"),
        ("-1", "Must be at least 1"),
        ("-" + "1" * 5000, "Must be at least 1"),
        ("", "Must be an integer"),
        (" 5 ", "Must be an integer"),
        ("+5", "Must be an integer"),
        ("1_0", "Must be an integer"),
        ("1.0", "Must be an integer"),
        ("٣", "Must be an integer"),
    ],
)
def test_what_is_no_positive_integer_is_refused(read: Any, name: str, text: str, reason: str) -> None:
    assert refused(read, **{name: [text]}) == {name: reason}


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("limit", "101", "Must be at most 100"),
        ("page", "2147483648", "Must be at most 2147483647"),
        ("page", "9" * 5000, "Must be at most 2147483647"),
    ],
)
def test_beyond_the_contracts_maximum_is_refused(read: Any, name: str, text: str, reason: str) -> None:
    assert refused(read, **{name: [text]}) == {name: reason}


@pytest.mark.parametrize("name", ["page", "limit", "sort", "order", "search", "filter", "startDate", "endDate"])
def test_what_is_no_list_is_given_once(read: Any, name: str) -> None:
    assert refused(read, **{name: ["1", "1"]}) == {name: "Must be given once"}


@pytest.mark.parametrize("order", ["asc", "desc"])
def test_sort_and_order_say_how(contract: Contract, read: Any, order: str) -> None:
    tasks = contract.entity("tasks")
    assert tasks is not None
    title = tasks.field("title")
    assert title is not None

    ordering = list_query(read({"sort": ["title"], "order": [order]})).ordering

    assert ordering == Ordering(title, descending=order == "desc")


def test_sorting_ascends_unless_asked_otherwise(read: Any) -> None:
    ordering = list_query(read({"sort": ["title"]})).ordering

    assert ordering is not None
    assert not ordering.descending


def test_order_without_sort_is_ignored(read: Any) -> None:
    assert list_query(read({"order": ["desc"]})).ordering is None


@pytest.mark.parametrize("sort", ["", "colour", "Title", "-title", "title,status", "assignee", "title\n", "\0"])
def test_a_sort_that_names_no_sortable_field_is_refused(read: Any, sort: str) -> None:
    with pytest.raises(InvalidSort) as refusal:
        read({"sort": [sort]})

    assert refusal.value.details == {"sort": f"Must be one of: {FIELDS}"}


@pytest.mark.parametrize("order", ["", "ASC", "up", "asc,desc"])
@pytest.mark.parametrize("sort", [{}, {"sort": ["title"]}])
def test_a_bad_order_is_refused_with_and_without_sort(read: Any, order: str, sort: dict[str, list[str]]) -> None:
    with pytest.raises(InvalidSort) as refusal:
        read({**sort, "order": [order]})

    assert refusal.value.details == {"order": "Must be one of: asc, desc"}


@pytest.mark.parametrize("arguments", [{}, {"fields": [""]}, {"fields": ["", ""]}, {"include": [""]}])
def test_nothing_chosen_means_all_fields_and_no_relations(read: Any, arguments: dict[str, list[str]]) -> None:
    assert projection(read(arguments)) == Projection(fields=None, relations=())


@pytest.mark.parametrize(
    "values", [["title,status"], ["title", "status"], ["title,status", "title"], ["", "title,status"]]
)
def test_fields_are_a_comma_list_or_repeated_keys(read: Any, values: list[str]) -> None:
    assert projection(read({"fields": values})).fields == ("title", "status")


@pytest.mark.parametrize("values", [["assignee,comments"], ["assignee", "comments"], ["assignee", "comments,assignee"]])
def test_relations_are_a_comma_list_or_repeated_keys(read: Any, values: list[str]) -> None:
    assert [one.name for one in projection(read({"include": values})).relations] == ["assignee", "comments"]


@pytest.mark.parametrize("text", [",", "colour", "title,colour", "title,", "title, status", "Title", "assignee"])
def test_an_unknown_field_is_refused(read: Any, text: str) -> None:
    assert refused(read, fields=[text]) == {"fields": f"Must be one of: {FIELDS}"}


@pytest.mark.parametrize("text", ["colour", "assignee.name", "assignee,", "title"])
def test_an_unknown_or_dotted_relation_is_refused(read: Any, text: str) -> None:
    assert refused(read, include=[text]) == {"include": "Must be one of: assignee, comments"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2025-01-15", datetime(2025, 1, 15, tzinfo=UTC)),
        ("2025-01-15T10:30:00Z", datetime(2025, 1, 15, 10, 30, tzinfo=UTC)),
        ("2025-01-15t10:30:00z", datetime(2025, 1, 15, 10, 30, tzinfo=UTC)),
        ("2025-01-15T10:30:00", datetime(2025, 1, 15, 10, 30, tzinfo=UTC)),
        ("2025-01-15T10:30:00.5+01:00", datetime(2025, 1, 15, 9, 30, 0, 500_000, tzinfo=UTC)),
        ("2025-01-15T10:30:00.000000+0000", datetime(2025, 1, 15, 10, 30, tzinfo=UTC)),
        ("2025-01-15T10:30:00.123456789Z", datetime(2025, 1, 15, 10, 30, 0, 123_456, tzinfo=UTC)),
    ],
)
def test_a_border_is_a_date_or_a_date_time(read: Any, text: str, expected: datetime) -> None:
    assert list_query(read({"startDate": [text]})).selection.created_from == expected


def test_an_end_date_covers_its_whole_day(read: Any) -> None:
    end = datetime(2025, 1, 15, 23, 59, 59, 999_999, tzinfo=UTC)

    assert list_query(read({"endDate": ["2025-01-15"]})).selection.created_until == end


def test_one_day_is_a_range(read: Any) -> None:
    day = list_query(read({"startDate": ["2025-01-15"], "endDate": ["2025-01-15"]})).selection

    assert day.created_from is not None
    assert day.created_until is not None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "2025",
        "2025-1-5",
        "2025-02-30",
        "20250115",
        "2025-W03-3",
        "0000-01-01",
        "2025-01-15 10:30:00Z",
        "2025-01-15T10:30Z",
        "2025-01-15T25:00:00Z",
        "2025-01-15T10:30:00+25:00",
        "0001-01-01T00:00:00+10:00",
        "9999-12-31T23:59:59-10:00",
        "2025-01-15T10:30:00Z\n",
        "٢٠٢٥-01-15",
        "1736899200",
    ],
)
@pytest.mark.parametrize("name", ["startDate", "endDate"])
def test_anything_else_is_no_border(read: Any, name: str, text: str) -> None:
    assert refused(read, **{name: [text]}) == {name: BORDER}


def test_a_start_after_the_end_is_refused(read: Any) -> None:
    assert refused(read, startDate=["2025-01-16"], endDate=["2025-01-15"]) == {"startDate": "Must not be after endDate"}


def test_every_bad_parameter_is_named(read: Any) -> None:
    arguments = {
        "page": ["0"],
        "limit": ["x"],
        "search": ["a\0"],
        "sort": ["colour"],
        "filter": ['{"colour": 1}'],
        "fields": ["colour"],
        "startDate": ["2025-01-16"],
        "endDate": ["2025-01-15"],
    }

    assert set(refused(read, **arguments)) == {*arguments} - {"endDate"}


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({"filter": ["x"]}, InvalidFilter),
        ({"sort": ["x"]}, InvalidSort),
        ({"sort": ["x"], "order": ["x"]}, InvalidSort),
        ({"page": ["x"]}, ValidationFailed),
        ({"page": ["x"], "filter": ["x"]}, ValidationFailed),
        ({"sort": ["x"], "filter": ["x"]}, ValidationFailed),
    ],
)
def test_parameters_that_share_a_code_are_refused_with_it(
    read: Any, arguments: dict[str, list[str]], problem: type[ValidationFailed]
) -> None:
    with pytest.raises(ValidationFailed) as refusal:
        read(arguments)

    assert type(refusal.value) is problem
