"""An answer in another envelope than the contract's is read as it is meant, and says what is in whose place."""

import json

import pytest
from entity_conformance.deployment.envelope import error_of, refused, unwrapped
from entity_conformance.deployment.reply import Headers, Reply

TASK = {"id": "tsk_1", "title": "Count"}
PAGINATION = {"page": 1, "limit": 20, "total": 1, "totalPages": 1, "hasNext": False, "hasPrev": False}
LIST = {"success": True, "data": [TASK], "pagination": PAGINATION}


def answered(body: object, *, method: str = "GET", status: int = 200) -> Reply:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Reply("x1", method, "https://api.example.test/api/v1/tasks", "api_key", status, Headers([]), content)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"success": True, "items": [TASK], "pagination": PAGINATION}, "items in place of data"),
        ({"success": True, "tasks": [TASK], "pagination": PAGINATION}, "tasks in place of data"),
        ({"success": True, "data": {"items": [TASK], "pagination": PAGINATION}}, "data.items in place of data"),
        ({"success": True, "data": {"rows": [TASK]}, "pagination": PAGINATION}, "data.rows in place of data"),
        ({"success": True, "data": [TASK], "info": PAGINATION}, "info in place of pagination"),
        ({"success": True, "data": [TASK], "meta": {"page": PAGINATION}}, "meta.page in place of pagination"),
        ({"success": True, "data": [TASK], "meta": {**PAGINATION, "took": 3}}, "meta in place of pagination"),
        (
            {"success": True, "data": [TASK], **PAGINATION},
            "page, limit, total, totalPages, hasNext, hasPrev in place of pagination",
        ),
    ],
)
def test_a_list_in_another_envelope_is_read(body: object, said: str) -> None:
    read = unwrapped(answered(body), ("tasks",))

    assert (read.records, read.wrapped) == ((TASK,), (said,))
    assert PAGINATION.items() <= read.pagination.items()
    assert json.loads(read.content) == body


def test_a_record_is_known_by_its_id_in_any_spelling() -> None:
    body = {"success": True, "data": {"docs": [{"_id": "tsk_1"}]}, "pagination": PAGINATION}

    assert unwrapped(answered(body), ("tasks",)).records == ({"_id": "tsk_1"},)
    assert unwrapped(answered({"_id": "tsk_1"}), ("tasks", "tsk_1")).record == {"_id": "tsk_1"}


@pytest.mark.parametrize(
    ("own", "limit", "total"), [("itemsPerPage", 20, None), ("totalDocs", None, 20), ("total_results", None, 20)]
)
def test_further_words_for_pages_are_known(own: str, limit: int | None, total: int | None) -> None:
    told = {"success": True, "data": [TASK], "meta": {"currentPage": 1, own: 20}}

    paging = unwrapped(answered(told), ("tasks",)).pagination

    assert (paging.get("limit"), paging.get("total")) == (limit, total)


def test_members_of_pagination_are_known_under_the_names_that_others_have() -> None:
    own = {"current_page": 1, "perPage": 20, "totalCount": 1, "pages": 1, "hasMore": False, "has_prev": False}

    read = unwrapped(answered({"success": True, "data": [TASK], "pagination": own}), ("tasks",))

    assert PAGINATION.items() <= read.pagination.items()
    assert read.wrapped == (
        "pagination.current_page in place of pagination.page",
        "pagination.perPage in place of pagination.limit",
        "pagination.totalCount in place of pagination.total",
        "pagination.pages in place of pagination.totalPages",
        "pagination.hasMore in place of pagination.hasNext",
        "pagination.has_prev in place of pagination.hasPrev",
    )


def test_ends_that_are_told_the_other_way_round_are_turned() -> None:
    own = {"number": 2, "size": 20, "totalElements": 30, "totalPages": 2, "first": False, "last": True}

    read = unwrapped(answered({"success": True, "data": [TASK], "pagination": own}), ("tasks",))

    told = {"page": 2, "limit": 20, "total": 30, "totalPages": 2, "hasNext": False, "hasPrev": True}
    assert told.items() <= read.pagination.items()
    assert read.wrapped[-2:] == (
        "pagination.last in place of pagination.hasNext",
        "pagination.first in place of pagination.hasPrev",
    )


@pytest.mark.parametrize(("next_page", "has_next"), [(2, True), (None, False), ("/tasks?page=2", True)])
def test_the_next_page_or_null_tells_whether_there_is_one(next_page: object, has_next: bool) -> None:  # noqa: FBT001
    meta = {"current_page": 1, "total_count": 30, "next_page": next_page, "prev_page": None}

    read = unwrapped(answered({"success": True, "data": [TASK], "meta": meta}), ("tasks",))

    assert (read.pagination["hasNext"], read.pagination["hasPrev"]) == (has_next, False)


def test_numbers_of_pages_that_are_texts_are_read() -> None:
    own = {**PAGINATION, "page": "1", "limit": "20", "total": "x"}

    read = unwrapped(answered({"success": True, "data": [TASK], "pagination": own}), ("tasks",))

    assert (read.pagination["page"], read.pagination["limit"], read.pagination["total"]) == (1, 20, "x")
    assert read.wrapped == ("a text in place of pagination.page", "a text in place of pagination.limit")


@pytest.mark.parametrize("records", [[], [TASK]])
def test_an_array_without_an_envelope_is_a_list(records: list[object]) -> None:
    read = unwrapped(answered(records), ("tasks",))

    assert (list(read.records), read.wrapped) == (records, ("an array in place of data and pagination",))


@pytest.mark.parametrize("name", ["items", "results", "tasks"])
def test_an_empty_list_is_known_by_its_name(name: str) -> None:
    assert unwrapped(answered({name: [], "pagination": PAGINATION}), ("tasks",)).records == ()


@pytest.mark.parametrize(
    ("paging", "said"),
    [
        ({"pagination": {**PAGINATION, "total": 0}}, ()),
        ({"meta": {"page": 1, "per_page": 20, "total": 0}}, ("meta in place of pagination",)),
    ],
)
def test_null_in_the_place_of_no_records_is_read_where_something_says_that_it_is_a_list(
    paging: dict[str, object], said: tuple[str, ...]
) -> None:
    read = unwrapped(answered({"success": True, "data": None, **paging}), ("tasks",))

    assert (read.records, read.wrapped[:2]) == ((), ("null in place of [] in data", *said))


@pytest.mark.parametrize(
    ("method", "path", "body", "said"),
    [
        ("GET", ("tasks", "tsk_1"), TASK, "the record in place of data"),
        ("POST", ("tasks",), {"success": True, **TASK}, "the record in place of data"),
        ("PATCH", ("tasks", "tsk_1"), {"task": TASK}, "task in place of data"),
        ("GET", ("tasks", "tsk_1"), {"success": True, "data": {"task": TASK}}, "data.task in place of data"),
        ("POST", ("tasks",), {"success": True, "data": [TASK]}, "data[0] in place of data"),
    ],
)
def test_a_record_in_another_envelope_is_read(method: str, path: tuple[str, ...], body: object, said: str) -> None:
    read = unwrapped(answered(body, method=method), path)

    assert (read.record, read.wrapped) == (TASK, (said,))


def test_a_record_without_an_envelope_keeps_all_of_its_fields() -> None:
    of_its_own = {**TASK, "status": "todo", "message": "Call back"}

    assert unwrapped(answered(of_its_own), ("tasks", "tsk_1")).record == of_its_own


def test_a_description_without_an_envelope_is_read() -> None:
    told = {"entity": "tasks", "schema": {"title": {"type": "string"}}, "methods": ["GET"]}

    read = unwrapped(answered(told, method="OPTIONS"), ("tasks",))

    assert (read.record, read.wrapped) == (told, ("the description in place of data",))


def test_a_schema_that_is_an_array_of_named_fields_is_read() -> None:
    told = [{"name": "id", "type": "string"}, {"name": "title", "type": "text"}]

    read = unwrapped(answered({"success": True, "data": {"schema": told}}, method="OPTIONS"), ("tasks",))

    assert read.record == {"schema": {"id": told[0], "title": told[1]}}
    assert read.wrapped == ("an array data.schema in place of data.schema",)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", ("tasks",), LIST),
        ("OPTIONS", ("tasks",), {"success": True, "data": {"schema": []}}),
        ("OPTIONS", ("tasks",), {"success": True, "data": {"schema": ["id", {"name": "title"}]}}),
        ("OPTIONS", ("tasks",), {"success": True, "data": {"schema": [{"name": "id"}, {"name": "id"}]}}),
        ("GET", ("tasks",), {**LIST, "items": [TASK], "meta": PAGINATION, "count": 1}),
        ("GET", ("tasks",), {**LIST, "data": []}),
        ("GET", ("tasks",), {"success": True, "data": [TASK], "meta": {"took": 3}}),
        ("GET", ("tasks",), {"servers": [{"url": "/"}], "openapi": "3.1.0"}),
        ("GET", ("tasks",), {"left": [TASK], "right": [TASK]}),
        ("GET", ("tasks",), {"success": True, "data": None}),
        ("GET", ("tasks",), ["no", "records"]),
        ("GET", ("tasks", "tsk_1"), {"success": True, "data": TASK, "id": "x"}),
        ("GET", ("tasks", "tsk_1"), {"success": True, "data": {"assignee": TASK}}),
        ("GET", ("tasks", "tsk_1"), {"success": True, "data": {"title": "Count"}}),
        ("GET", ("tasks", "tsk_1"), {"success": True}),
        ("GET", ("tasks", "tsk_1"), {"success": True, "data": [TASK, TASK]}),
        ("GET", ("tasks", "tsk_1"), {"success": True, "data": []}),
        ("GET", ("tasks", "tsk_1"), {"success": True, "data": ["tsk_1"]}),
        ("GET", ("tasks", "tsk_1"), {"success": True, "data": {"task": "Count"}}),
        ("DELETE", ("tasks", "tsk_1"), TASK),
        ("OPTIONS", ("tasks",), {"success": True, "data": {"entity": "tasks", "schema": {}}}),
        ("OPTIONS", ("tasks",), {"swagger": "2.0"}),
        ("GET", ("tasks",), b"no JSON"),
        ("GET", ("tasks",), b""),
    ],
)
def test_what_has_the_contracts_envelope_or_none_that_is_known_is_left_alone(
    method: str, path: tuple[str, ...], body: object
) -> None:
    came = answered(body, method=method)

    assert unwrapped(came, path) is came


def test_a_refusal_is_left_alone() -> None:
    came = answered({"id": "x", "error": "Not found"}, status=404)

    assert unwrapped(came, ("tasks", "tsk_1")) is came


@pytest.mark.parametrize("inside", [b"9" * 5000, b"[" * 5000 + b"]" * 5000], ids=["long", "deep"])
def test_what_cannot_be_written_again_ends_no_run(inside: bytes) -> None:
    came = answered(b'{"items": [{"id": "a", "n": ' + inside + b"}]}")

    assert unwrapped(came, ("tasks",)).content == came.content


NESTED = {"success": False, "error": {"code": "NOT_FOUND", "message": "There is none.", "details": {"id": "unknown"}}}


def test_a_refusal_whose_error_holds_the_code_is_read() -> None:
    read = error_of(answered(NESTED, status=404))

    assert (read.error, read.code, read.details) == ("There is none.", "NOT_FOUND", {"id": "unknown"})
    assert read.wrapped == (
        "error.message in place of error",
        "error.code in place of code",
        "error.details in place of details",
    )


def test_a_refusal_without_a_code_has_what_it_says_of_fields_as_its_details() -> None:
    came = {"detail": [{"loc": ["body", "title"], "msg": "Field required"}]}

    read = error_of(answered(came, status=400))

    assert (read.details, read.wrapped) == ({"title": "Field required"}, ())
    assert "code" not in read.body


@pytest.mark.parametrize(
    ("details", "meant"),
    [([{"fieldViolations": [{"field": "title", "description": "blank"}]}], {"title": "blank"}), (["blank"], ["blank"])],
)
def test_details_beside_a_code_in_an_error_are_read_where_they_name_fields(details: object, meant: object) -> None:
    came = {"error": {"code": 400, "message": "Bad", "status": "INVALID_ARGUMENT", "details": details}}

    assert error_of(answered(came, status=400)).body["details"] == meant


@pytest.mark.parametrize(
    "came",
    [{"code": "VALIDATION_FAILED", "errors": {"title": "blank"}}, {"error": {"code": "no", "errors": {"title": "x"}}}],
)
def test_a_refusal_with_a_code_has_the_details_that_it_has(came: dict[str, object]) -> None:
    assert error_of(answered(came, status=400)).details == {}


def test_a_refusal_whose_error_holds_the_status_as_a_text_is_read() -> None:
    read = error_of(answered({"error": {"code": 404, "message": "None.", "status": "NOT_FOUND"}}, status=404))

    assert (read.error, read.code) == ("None.", "NOT_FOUND")
    assert read.wrapped == ("error.message in place of error", "error.status in place of code")


@pytest.mark.parametrize(
    "came",
    [
        answered(NESTED),
        answered({"success": False, "error": "No.", "code": "NOT_FOUND"}, status=404),
        answered({"success": False, "error": {"reason": "none"}}, status=404),
        answered({"success": False, "error": {"code": 404, "status": 404}}, status=404),
        answered({**NESTED, "code": "NOT_FOUND"}, status=404),
        answered(b"<html>", status=404),
        answered([NESTED], status=404),
    ],
    ids=["a success", "the contract's", "no code", "numbers", "a code of its own", "a page", "an array"],
)
def test_any_other_refusal_is_as_it_came(came: Reply) -> None:
    came = came if came.status != 200 else answered({**NESTED, "success": True})
    assert error_of(came) is came


STATUSES = {"NOT_FOUND": 404, "VALIDATION_FAILED": 400}


@pytest.mark.parametrize(
    ("code", "meant"), [("NOT_FOUND", 404), ("VALIDATION_FAILED", 400), ("of_its_own", 400), (7, 400)]
)
def test_a_refusal_by_200_is_one_by_the_status_of_its_code(code: object, meant: int) -> None:
    read = refused(answered({"success": False, "error": "No.", "code": code}), STATUSES)

    assert (read.status, read.came_by, read.came[:3]) == (meant, 200, "200")
    assert not read.is_granted


@pytest.mark.parametrize(
    "came",
    [
        answered({"success": True, "data": TASK}),
        answered({"success": False, "data": TASK}),
        answered({"success": False, "error": "No.", "code": "NOT_FOUND"}, status=403),
        answered(b"no"),
    ],
    ids=["a success", "data that denies itself", "another status", "no JSON"],
)
def test_what_is_no_refusal_by_200_is_as_it_came(came: Reply) -> None:
    assert refused(came, STATUSES) is came
