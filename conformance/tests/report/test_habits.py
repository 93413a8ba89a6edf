"""What answers do in a way of their own, and values that differ in the same way: one cause, and how it is called.

It is long because each way that real deployments have is told by words of its own.
"""

from dataclasses import replace

import pytest
from entity_conformance.report.dialect import dialect
from entity_conformance.report.verdict import Outcome

from conformance.tests.report.recorded import Recorded

REFUSED = '{"success":false,"error":"No.","code":"X"}'
LISTED = '{"success":true,"data":[{"id":"tsk_1","title":"a"}],"count":1,"nextToken":null}'


def value(seen: Recorded, requirement: str, name: str, expected: str, actual: str, **others: object) -> None:
    body = f'{{"success":true,"data":{{"id":"tsk_1","{name}":{actual}}}}}'
    message = f"data.{name} differs"
    others = {"asked": "POST /tasks", "body": body} | others
    seen.saw(requirement, message, expected=expected, actual=actual, **others)  # type: ignore[arg-type]


def test_values_that_differ_in_the_same_way_are_one_cause_whatever_the_member_and_the_operation() -> None:
    seen = Recorded()
    value(seen, "create.one", "title", '" a "', '"a"')
    value(seen, "update.one", "text", '" b"', '"b"', asked="PATCH /tasks/tsk_1")
    value(seen, "create.two", "title", '"a"', '"c"')

    assert [(one.title, len(one.seen)) for one in seen.causes] == [
        ("blanks at the ends are lost in title, text: POST /tasks, PATCH /tasks/{id}", 2),
        ('POST /tasks: data.title is "c", not "a"', 1),
    ]


def test_what_is_null_is_another_cause_for_each_member() -> None:
    seen = Recorded()
    value(seen, "read.one", "title", '"a"', "null", asked="GET /tasks/tsk_1")
    value(seen, "read.two", "text", '"a"', "null", asked="GET /tasks/tsk_1")

    assert len(seen.causes) == 2


def test_times_of_one_form_are_one_cause_in_records_keys_and_health() -> None:
    seen = Recorded()
    for name, asked in (("createdAt", "POST /tasks"), ("expiresAt", "POST /keys"), ("updatedAt", "PATCH /tasks/tsk_1")):
        seen.saw(
            f"read.{name.lower()}",
            f"data.{name} is no RFC 3339 time",
            asked=asked,
            body=f'{{"success":true,"data":{{"{name}":"2025-01-15 10:30:00"}}}}',
            actual='"2025-01-15 10:30:00"',
        )
    body = '{"status":"healthy","version":"1","timestamp":"2025-01-15 10:30:00"}'
    seen.saw("health.one", "timestamp is no RFC 3339 time", body=body, actual='"2025-01-15 10:30:00"', entity=None)
    seen.exchanges[-1] = replace(seen.exchanges[-1], url="http://127.0.0.1:5173/api/health")

    (cause,) = seen.causes

    assert cause.title.startswith('times with a blank for T and no offset ("2025-01-15 10:30:00") in timestamp, ')


def test_what_is_written_in_two_ways_is_two_causes_of_one_result() -> None:
    seen = Recorded().saw(
        "metadata.one",
        "id, active, taskId: written another way in every record",
        expected="id: a text; active: true or false; taskId: a text",
        actual="id: 1; active: 0; taskId: 2",
    )

    assert [(one.title, one.requirements) for one in seen.causes] == [
        ("GET /tasks: a number in place of a text (1) in id, taskId", ("metadata.one",)),
        ("GET /tasks: active: 0 and 1 in place of false and true", ("metadata.one",)),
    ]


def test_errors_in_another_envelope_are_one_cause_and_shown() -> None:
    own = '{"success":false,"error":{"code":"A","message":"No"}}'
    detailed = '{"success":false,"error":{"code":"A","message":"No","details":{"title":"No"}}}'
    seen = Recorded().passed("GET /tasks")
    seen.saw("errors.envelope", "error is no text", asked="GET /tasks/tsk_1", came=404, body=own)
    seen.saw("create.one", 'details lacks "title"', asked="POST /tasks", came=400, body=detailed, actual="{}")
    seen.saw("create.two", 'details lacks "title"', asked="POST /orders", came=400, body=detailed, actual="nothing")

    (cause,) = seen.causes

    assert cause.title.startswith("errors are {success, error: {code, message")
    assert cause.title.endswith("}, not {success, error, code}")


def test_errors_of_two_envelopes_are_two_causes_each_with_its_status() -> None:
    seen = Recorded()
    seen.saw("auth.one", "success differs", came=401, body='{"message":"Unauthorized"}')
    seen.saw("read.one", "success differs", came=404, body='{"detail":"Not found"}')

    assert seen.titles == [
        "401 answers {message}, not {success, error, code}",
        "404 answers {detail}, not {success, error, code}",
    ]


def test_pages_that_are_miscounted_are_one_cause_with_what_follows_from_it() -> None:
    def page(total: int, pages: int) -> str:
        numbers = f'{{"page":1,"limit":5,"total":{total},"totalPages":{pages},"hasNext":true}}'
        return f'{{"success":true,"data":[],"pagination":{numbers}}}'

    seen = Recorded()
    seen.saw("list.one", "pagination.totalPages differs", body=page(0, 1))
    seen.saw(
        "list.two", "pagination.hasNext of page 2 of 10 records by 5 is none of the allowed values", body=page(10, 3)
    )
    seen.saw("list.three", "there is a link to next", body=page(10, 3))
    seen.saw("list.four", "pagination.hasNext differs", body=page(10, 2))

    assert seen.titles == [
        "pagination.totalPages is 3 for 10 records by 5, and pagination.hasNext follows it",
        "GET /tasks: pagination.hasNext differs",
    ]


def test_pages_that_are_counted_from_0_are_one_cause() -> None:
    empty = '{"success":true,"data":[],"pagination":{"number":1,"totalElements":24}}'
    seen = Recorded()
    seen.saw("create.is-listed", "data does not hold tsk_1 once", asked="GET /tasks?page=1&limit=100", body=empty)
    seen.status("list.bad-page", "400", 200, asked="GET /tasks?page=0")

    assert seen.titles == ["pages are counted from 0: page=1 is the second page"]


def test_a_first_page_of_nothing_is_no_second_page() -> None:
    empty = '{"success":true,"data":[],"pagination":{"page":1,"total":0}}'
    seen = Recorded().saw("list.one", "data holds fewer records", asked="GET /tasks?page=1", body=empty)

    assert seen.titles == ["GET /tasks?page=1: data holds fewer records"]


def test_headers_of_one_family_that_are_missing_are_one_cause() -> None:
    seen = Recorded()
    for name in ("X-Page", "X-Per-Page", "X-Request-ID"):
        seen.saw(f"list.{name.lower()}", f"the header {name} is missing")
    seen.saw("list.link", "there is no link to next")

    assert seen.titles == [
        "the headers X-Total-Count, X-Page, X-Per-Page and Link are missing",
        "GET /tasks: the header X-Request-ID is missing",
    ]


def test_lists_without_pagination_and_its_headers_are_one_cause() -> None:
    seen = Recorded()
    seen.saw("list.envelope", "pagination is missing", body=LISTED)
    seen.saw("list.page", "the header X-Page is missing", body=LISTED)
    seen.status("list.bad-page", "400", 200, asked="GET /tasks?page=0", body=LISTED)
    for page in (1, 2):
        seen.saw("list.passes", "It holds.", asked=f"GET /tasks?page={page}", body=LISTED, outcome=Outcome.passed)

    assert seen.titles == [
        "lists are {success, data, count, nextToken}: no pagination, no X-Page, and page= has no effect"
    ]


def test_a_link_that_is_one_of_several_is_not_missing_with_the_headers() -> None:
    seen = Recorded()
    seen.saw("list.link", "there is no link to next", headers=(("Link", '</x>; rel="prev"'),))
    seen.saw("list.page", "the header X-Page is missing")

    assert len(seen.causes) == 2


def test_an_answer_to_a_write_that_lacks_members_is_one_cause() -> None:
    short = '{"success":true,"data":{"id":"tsk_1","title":"a"}}'
    seen = Recorded()
    for name in ("status", "createdAt", "createdAt"):
        seen.saw(
            f"update.{name.lower()}", f"data.{name} differs", asked="PATCH /tasks/tsk_1", body=short, actual="null"
        )

    assert seen.titles == ["PATCH answers lack members of the record: createdAt and status"]


def test_a_member_that_no_answer_has_is_a_cause_of_its_own() -> None:
    short = '{"success":true,"data":{"id":"tsk_1","title":"a"}}'
    seen = Recorded()
    for asked in ("PATCH /tasks/tsk_1", "POST /tasks"):
        seen.saw("read.one", "data.createdAt differs", asked=asked, body=short, actual="null")
    seen.saw("update.two", "data.status differs", asked="PATCH /tasks/tsk_1", body=short, actual="null")

    assert len(seen.causes) == 2


def test_parameters_of_which_no_bad_value_is_refused_are_one_cause() -> None:
    seen = Recorded().passed("GET /tasks?sort=title&order=asc")
    for query in ("limit=0", "page=0", "sort=title&order=up", "startDate=2025-02-30T25:61:00Z"):
        seen.status(f"list.{query[:4]}", "400", 200, asked=f"GET /tasks?{query}")

    assert seen.titles == ["bad query parameters are not refused: limit=0, page=0, order=up, startDate=…"]


def test_two_parameters_of_which_a_bad_value_is_not_refused_are_a_slip_each() -> None:
    seen = Recorded()
    for query in ("limit=0", "page=0"):
        seen.status(f"list.{query[:4]}", "400", 200, asked=f"GET /tasks?{query}")

    assert seen.titles == ["GET /tasks?limit=0 answers 200, not 400", "GET /tasks?page=0 answers 200, not 400"]


def test_a_value_that_does_well_elsewhere_is_no_suspect() -> None:
    seen = Recorded().passed("GET /tasks?page=1&limit=20&sort=id")
    seen.saw("search.one", "data holds fewer records", asked="GET /tasks?page=1&limit=20&search=A")
    seen.saw("filter.one", "data holds fewer records", asked="GET /tasks?page=1&limit=20&filter=x")
    seen.status("sort.bad-order", "400", 500, asked="GET /tasks?sort=id&order=up")

    assert seen.titles == [
        "GET /tasks?search=A: data holds fewer records",
        "GET /tasks?filter=x: data holds fewer records",
        "GET /tasks?order=up answers 500",
    ]


def test_who_is_let_in_is_let_in_whatever_the_parameters() -> None:
    seen = Recorded()
    seen.status("auth.listing-needs-read", "403", 200, asked="GET /tasks?search=nobody&limit=1")
    seen.exchanges[-1] = replace(seen.exchanges[-1], credential="write_key")
    seen.saw("search.any-case", "data holds fewer records", asked="GET /tasks?search=A")

    assert seen.titles == [
        "GET /tasks by a write-only key answers 200, not 403",
        "GET /tasks?search=A: data holds fewer records",
    ]


def test_a_key_that_is_turned_away_from_what_it_is_for_is_named() -> None:
    seen = Recorded().status("auth.write-key-writes", "200", 403, asked="PATCH /tasks/tsk_1")
    seen.exchanges[-1] = replace(seen.exchanges[-1], credential="write_key")

    assert seen.titles == ["PATCH /tasks/{id} by a write-only key answers 403, not 200"]


def test_another_user_who_is_let_in_is_told_of() -> None:
    seen = Recorded().status("auth.hidden", "404 or 403", 200, asked="DELETE /tasks/tsk_1")
    seen.exchanges[-1] = replace(seen.exchanges[-1], credential="other_api_key")

    assert seen.titles == ["DELETE /tasks/{id} by another user answers 200, not 404 or 403"]


def test_a_filter_beside_which_other_records_stand_has_no_effect() -> None:
    seen = Recorded()
    seen.status("filter.not-json", "400", 200, asked="GET /tasks?filter=x", body=LISTED)
    for limit in (1, 2):
        asked = f'GET /tasks?filter=%7B"id":"nobody"%7D&limit={limit}'
        seen.saw("list.passes", "It holds.", asked=asked, body=LISTED, outcome=Outcome.passed)

    assert seen.titles == ["?filter= has no effect: it changes no answer, and no value of it is refused"]


def test_sort_and_order_that_are_not_read_are_one_cause() -> None:
    body = '{"success":true,"data":[{"id":"tsk_1"},{"id":"tsk_2"}]}'
    seen = Recorded()
    for query in ("sort=title&order=desc", "sort=title&order=asc", "sort=status&order=asc"):
        seen.saw("sort.one", "data is in another order", asked=f"GET /tasks?{query}", body=body)
    seen.saw("sort.enums", "data is not sorted by status", asked="GET /tasks?sort=status&order=desc", body=body)
    for query in ("order=up", "sort=nothing", "sort=other"):
        seen.status("sort.bad", "400", 200, asked=f"GET /tasks?{query}", body=body)

    assert seen.titles == ["?sort= and ?order= have no effect: they change no answer, and no value of them is refused"]
    assert seen.causes[0].unread == ("sort", "order")


def test_another_media_type_is_named_with_what_was_asked() -> None:
    html = (("Content-Type", "text/html; charset=utf-8"),)
    seen = Recorded().passed("GET /tasks")
    said = "the answer is not JSON by its media type"
    seen.saw("errors.json", said, asked="GET /no-such", came=404, body="<p>", headers=html, entity=None)
    for asked, sent in (("GET /tasks/a/b/c", None), ("POST /tasks", '{"title": ')):
        seen.saw("x", "It holds.", asked=asked, came=404, body="<p>", headers=html, outcome=Outcome.passed)
        seen.exchanges[-1] = replace(seen.exchanges[-1], request_body=sent)

    assert seen.titles == ["text/html in place of application/json: an unknown entity, an unknown path, malformed JSON"]


def test_a_media_type_that_every_answer_has_is_told_so() -> None:
    seen = Recorded()
    seen.saw("errors.json", "the answer is not JSON by its media type", headers=(("Content-Type", "text/html"),))

    assert seen.titles == ["every answer is text/html, not application/json"]


def test_a_description_without_a_body_is_told_so_and_not_by_its_header() -> None:
    seen = Recorded().passed("GET /tasks")
    seen.saw("errors.json", "the header Content-Type is missing", asked="OPTIONS /tasks", body=None, headers=())

    assert seen.titles == ["OPTIONS /tasks answers 200 without a body"]


def test_a_reset_in_milliseconds_is_told_so() -> None:
    seen = Recorded().saw("limits.reset", "X-RateLimit-Reset is too large", expected="<= 1", actual="1796054400000")
    seen.saw("limits.other", "X-RateLimit-Limit is too large", expected="<= 1", actual="7", asked="GET /orders")

    assert seen.titles == [
        "GET /tasks: X-RateLimit-Reset is in milliseconds",
        "GET /orders: X-RateLimit-Limit is too large",
    ]


def test_a_text_that_is_cut_where_it_had_to_be_refused_is_one_cause() -> None:
    seen = Recorded()
    for asked in ("POST /tasks", "PATCH /tasks/tsk_1"):
        body = '{"success":true,"data":{"id":"tsk_1","title":"xxxx"}}'
        seen.status(f"{asked[:4].lower()}.long", "400", 201, asked=asked, body=body)
        seen.exchanges[-1] = replace(seen.exchanges[-1], request_body='{"title":"xxxxx"}')

    (title,) = seen.titles
    assert title.startswith("answers 201 with title cut after 4 characters, not 400: ")


def test_what_is_said_to_stand_in_the_place_of_a_member_is_the_cause_of_its_being_missing() -> None:
    body = '{"success":true,"data":[],"meta":{"page":1,"limit":20}}'
    seen = Recorded()
    seen.saw("list.one", "meta in place of pagination", body=body)
    seen.saw("list.two", "pagination.limit differs", asked="GET /orders", body=body, actual="null", entity="orders")

    assert [(one.title, len(one.seen)) for one in seen.causes] == [("GET /{entity}: meta in place of pagination", 2)]


def test_a_member_that_the_pagination_lacks_is_missing() -> None:
    body = '{"success":true,"data":[],"pagination":{"page":1}}'
    seen = Recorded().saw("list.one", "pagination.limit differs", body=body, actual="null")

    assert seen.titles == ["GET /tasks: pagination.limit is missing"]
    assert seen.causes[0].shown.actual == "nothing"


def test_what_shapes_a_list_is_no_suspect_for_its_records_nor_what_selects_them_for_their_order() -> None:
    seen = Recorded()
    for number in range(3):
        seen.saw("sort.one", "data is in another order", asked=f"GET /tasks?filter={number}&sort=title")
        seen.saw("filter.one", "data holds more records", asked=f"GET /tasks?filter=x{number}&sort=title")
    seen.saw("select.one", "data has other fields", asked="GET /tasks?filter=y&fields=id")

    assert sorted(one.hangs_on or "" for one in seen.causes) == ["fields", "filter", "sort"]


def test_a_value_that_any_answer_was_good_with_crashes_nothing() -> None:
    seen = Recorded().saw("x", "skipped", asked="GET /tasks?endDate=2025-01-01", outcome=Outcome.skipped)
    for number in range(2):
        asked = f"GET /tasks?sort={number}&endDate=2025-01-01"
        seen.status("properties.crash", "below 500", 500, asked=asked)

    assert seen.titles == ["GET /tasks?sort= answers 500"]


def test_headers_that_are_told_together_are_those_that_are_told_alone() -> None:
    seen = Recorded()
    seen.saw("model.one", "X-RateLimit-Limit, X-RateLimit-Reset are missing")
    seen.saw("limits.one", "the header X-RateLimit-Reset is missing", asked="GET /orders")

    assert seen.titles == ["the headers X-RateLimit-Limit, X-RateLimit-Remaining and X-RateLimit-Reset are missing"]


def test_what_every_record_calls_by_another_name_is_dialect_too() -> None:
    seen = Recorded().saw(
        "read.one",
        "createdAt, updatedAt: written another way in every record",
        expected="createdAt: a member createdAt; updatedAt: a member updatedAt",
        actual="createdAt: created_at; updatedAt: updated_at",
    )

    assert seen.titles == ["GET /tasks: created_at, updated_at in place of createdAt, updatedAt"]
    names = dict(dialect(seen.run, seen.causes))["names"]
    assert names == "created_at in place of createdAt, updated_at in place of updatedAt"


@pytest.mark.parametrize(
    ("expected", "actual", "title"),
    [
        ("100", "50", "GET /tasks: pagination.limit is 50, not 100"),
        ("100", '"many"', 'GET /tasks: pagination.limit is "many", not 100'),
        ("100", '"x y"', "GET /tasks: pagination.limit differs"),
        (None, None, "GET /tasks: pagination.limit differs"),
    ],
)
def test_short_values_are_told_with_what_they_had_to_be(expected: str | None, actual: str | None, title: str) -> None:
    body = '{"success":true,"data":[],"pagination":{"limit":50}}'
    seen = Recorded().saw("list.one", "pagination.limit differs", expected=expected, actual=actual, body=body)

    assert seen.titles == [title]


UNLISTED = "is none of the allowed values"


@pytest.mark.parametrize(
    ("said", "expected", "actual", "title"),
    [
        (f"data.schema.id.type {UNLISTED}", "one of string", '"ID!"', f'data.schema.id.type is "ID!",{UNLISTED[2:]}'),
        (f"data.schema.id.type {UNLISTED}", "one of string", '{"of": 1}', f"data.schema.id.type {UNLISTED}"),
        (
            "data.schema.id differs",
            '{"type": "a", "max": 1}',
            '{"type": "B", "max": 1}',
            'data.schema.id.type is "B", not "a"',
        ),
        ("data.schema.id differs", '{"type": "a", "max": 1}', '{"type": "B", "max": 2}', "data.schema.id differs"),
        ("data.schema.id differs", '{"type": "a", "max": 1}', '{"type": "a"}', "data.schema.id differs"),
        ("data.schema.id differs", '{"type": "a"}', '{"type": "a", "label": "b"}', "data.schema.id differs"),
    ],
)
def test_a_value_that_stands_in_an_object_or_is_not_listed_is_told(
    said: str, expected: str, actual: str, title: str
) -> None:
    body = '{"success":true,"data":{"schema":{"id":{"type":"ID!"}}}}'
    seen = Recorded().saw("metadata.one", said, expected=expected, actual=actual, body=body)

    (told,) = seen.titles
    assert told.startswith(f"GET /tasks: {title}")


def test_values_that_are_several_are_not_told_as_one() -> None:
    body = '{"success":true,"data":[],"pagination":{"limit":50}}'
    seen = Recorded().saw("list.one", "pagination.limit differs", expected="100", actual="50", body=body)
    seen.saw("list.two", "pagination.limit differs", expected="99", actual="50", body=body)

    assert seen.titles == ["GET /tasks: pagination.limit differs"]


def test_a_status_that_does_not_fit_its_code_is_another_status() -> None:
    seen = Recorded().passed("POST /tasks")
    seen.status("create.one", "400", 422, asked="POST /tasks", body=REFUSED)
    seen.saw("errors.fits", "the status of X differs", asked="POST /orders", came=422, body=REFUSED, expected="400")

    assert [one.requirements for one in seen.causes] == [("create.one", "errors.fits")]


def test_a_header_that_other_answers_have_is_missing_alone() -> None:
    seen = Recorded().saw("limits.one", "the header X-RateLimit-Limit is missing")
    sent = (("x-ratelimit-remaining", "1"), ("x-ratelimit-reset", "2"))
    seen.saw("x", "It holds.", headers=sent, outcome=Outcome.passed)

    assert seen.titles == ["GET /tasks: the header X-RateLimit-Limit is missing"]


def test_what_is_sorted_by_is_blamed_before_its_direction() -> None:
    seen = Recorded().passed("GET /tasks?sort=title&order=asc")
    seen.saw("sort.integers", "data is in another order", asked="GET /tasks?sort=priority&order=desc")
    seen.saw("sort.descending", "data is in another order", asked="GET /orders?sort=title&order=desc", entity="orders")

    assert sorted(one.hangs_on or "" for one in seen.causes) == ["order", "sort"]


def test_of_many_parameters_that_were_sent_together_but_once_none_is_blamed() -> None:
    seen = Recorded().saw("list.all", "data holds other records", asked="GET /tasks?filter=a&search=b&endDate=c")

    assert seen.titles == ["GET /tasks: data holds other records"]
