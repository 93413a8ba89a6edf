import pytest

from server.tests.http.served_api import ServedApi

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("query", "code", "parameter"),
    [
        ("page=0", "VALIDATION_FAILED", "page"),
        ("page=1_0", "VALIDATION_FAILED", "page"),
        ("page=%205%20", "VALIDATION_FAILED", "page"),
        ("page=%2B5", "VALIDATION_FAILED", "page"),
        ("page=%D9%A5", "VALIDATION_FAILED", "page"),
        ("page=5.0", "VALIDATION_FAILED", "page"),
        ("page=2147483648", "VALIDATION_FAILED", "page"),
        ("page=" + "9" * 5000, "VALIDATION_FAILED", "page"),
        ("page=", "VALIDATION_FAILED", "page"),
        ("limit=101", "VALIDATION_FAILED", "limit"),
        ("limit=1&limit=2", "VALIDATION_FAILED", "limit"),
        ("sort=colour", "INVALID_SORT", "sort"),
        ("sort=", "INVALID_SORT", "sort"),
        ("sort=title,status", "INVALID_SORT", "sort"),
        ("order=up", "INVALID_SORT", "order"),
        ("filter=todo", "INVALID_FILTER", "filter"),
        ("filter=[]", "INVALID_FILTER", "filter"),
        ("filter={}&filter={}", "INVALID_FILTER", "filter"),
        ('filter={"colour":"red"}', "INVALID_FILTER", "filter"),
        ("fields=colour", "VALIDATION_FAILED", "fields"),
        ("fields=id,,title", "VALIDATION_FAILED", "fields"),
        ("include=comments.author", "VALIDATION_FAILED", "include"),
        ("startDate=yesterday", "VALIDATION_FAILED", "startDate"),
        ("endDate=2025-02-30", "VALIDATION_FAILED", "endDate"),
        ("startDate=2025-02-02&endDate=2025-02-01", "VALIDATION_FAILED", "startDate"),
    ],
)
async def test_a_bad_parameter_is_named(api: ServedApi, query: str, code: str, parameter: str) -> None:
    answer = await api.send("GET", f"/tasks?{query}")

    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert parameter in answer.json()["details"]


@pytest.mark.parametrize(
    "query",
    [
        "",
        "page=1&limit=100",
        "search=&fields=&include=",
        "search=%20",
        "filter={}",
        'filter={"status":"todo","title":{"$contains":"%25"}}',
        "sort=title&order=desc",
        "order=desc",
        "fields=id,title&fields=status",
        "include=comments,assignee",
        "startDate=2025-01-01",
        "startDate=2025-01-01T00:00:00",
        "startDate=2025-01-01T00:00:00Z",
        "startDate=2025-01-01T00:00:00.000000%2B0000",
        "endDate=2025-01-01t00:00:00-05:30",
        "colour=red&__proto__=1",
        "search=%FF%FE",
        "&&=&a",
    ],
)
async def test_a_good_query_is_answered(api: ServedApi, query: str) -> None:
    answer = await api.send("GET", f"/tasks?{query}")

    assert answer.status_code == 200, answer.text


async def test_bad_parameters_of_two_kinds_are_all_named(api: ServedApi) -> None:
    answer = await api.send("GET", "/tasks?page=0&filter=x")

    assert answer.json()["code"] == "VALIDATION_FAILED"
    assert set(answer.json()["details"]) == {"page", "filter"}


async def test_reading_refuses_what_listing_refuses(api: ServedApi) -> None:
    record = await api.created("/tasks", title="x")

    answer = await api.send("GET", f"/tasks/{record}?fields=colour")

    assert (answer.status_code, set(answer.json()["details"])) == (400, {"fields"})
