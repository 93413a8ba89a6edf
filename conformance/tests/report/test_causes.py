"""Which results have one cause, and how it is called. It is long because each kind of cause has a test of its own."""

from dataclasses import replace

import pytest
from entity_conformance.report.causes import causes, reasons
from entity_conformance.report.verdict import Outcome

from conformance.tests.report.recorded import Recorded
from conformance.tests.report.samples import run


def test_another_requirement_with_the_same_difference_has_the_same_cause() -> None:
    seen = Recorded()
    for entity in ("tasks", "orders"):
        seen.status("metadata.one", "200", 204, asked=f"OPTIONS /{entity}", body=None, entity=entity)
        seen.saw("metadata.two", "the answer to OPTIONS is not JSON", asked=f"OPTIONS /{entity}", came=204, body=None,
                 entity=entity)  # fmt: skip

    (cause,) = seen.causes

    assert cause.title == "OPTIONS answers 204 without a body"
    assert cause.requirements == ("metadata.one", "metadata.two")
    assert cause.entities == ("tasks", "orders")


def test_an_operation_that_always_answers_alike_has_one_cause_whatever_was_expected() -> None:
    seen = Recorded()
    seen.status("metadata.one", "200", 204, asked="OPTIONS /tasks", body=None)
    seen.status("metadata.two", "401", 204, asked="OPTIONS /orders", body=None, entity="orders")
    seen.status("metadata.three", "404", 204, asked="OPTIONS /no-such", body=None, entity=None)

    assert seen.titles == ["OPTIONS answers 204 without a body"]


def test_a_deletion_that_should_be_refused_differs_from_one_that_is_confirmed_in_another_way() -> None:
    seen = Recorded().passed("DELETE /tasks/tsk_9")
    seen.status("delete.confirms", "200", 204, asked="DELETE /tasks/tsk_1", body=None)
    seen.status("delete.unknown-id", "404", 204, asked="DELETE /tasks/tsk_2", body=None)

    assert seen.titles == [
        "DELETE /tasks/{id} answers 204 without a body",
        "DELETE /tasks/{id} answers 204 without a body, not 404",
    ]


def test_another_status_of_the_same_kind_is_a_habit_whatever_was_asked() -> None:
    seen = Recorded().passed("GET /tasks", 3)
    seen.status("auth.one", "401", 403)
    seen.status("auth.two", "401", 403, asked="POST /tasks")
    seen.status("auth.three", "401", 403, asked="DELETE /keys/key_1", entity=None)

    assert seen.titles == ["answers 403, not 401: GET /{entity}, POST /{entity} and 1 more"]


def test_who_is_let_in_by_mistake_is_let_in_everywhere() -> None:
    seen = Recorded()
    seen.status("auth.one", "403", 200, asked="PATCH /tasks/tsk_1")
    seen.status("auth.two", "403", 201, asked="POST /tasks")
    seen.status("auth.three", "401", 200)

    assert [cause.requirements for cause in seen.causes] == [("auth.one", "auth.two"), ("auth.three",)]


def test_who_is_sent_away_is_not_let_in() -> None:
    seen = Recorded()
    seen.status("auth.one", "401", 302)
    seen.status("auth.two", "401", 302, asked="POST /tasks")
    seen.status("auth.one", "401", 200, asked="OPTIONS /orders", entity="orders")
    seen.status("auth.three", "401", 200, asked="OPTIONS /tasks")

    assert seen.titles == [
        "answers 302, not 401: GET /tasks, POST /tasks",
        "OPTIONS answers 200, not 401",
    ]


def test_what_a_list_holds_does_not_hang_on_how_a_record_was_read_beside_it() -> None:
    seen = Recorded()
    seen.saw("auth.one", "data of a list holds fewer records", asked="GET /tasks/tsk_1?include=comments")

    assert seen.titles == ["GET /tasks/{id}: data of a list holds fewer records"]


def test_the_title_names_the_entity_that_was_asked_about() -> None:
    seen = Recorded()
    seen.saw("list.one", "data is in another order", asked="GET /orders", entity="tasks")
    seen.saw("read.one", "data.id differs", asked="GET /orders/ord_1", entity="tasks")

    assert seen.titles == ["GET /orders: data is in another order", "GET /orders/{id}: data.id differs"]


def test_whose_records_a_list_shows_is_another_cause_than_which_of_them() -> None:
    seen = Recorded()
    seen.saw("auth.list-and-read-agree", "data holds more records", asked="GET /tasks?filter=x")
    seen.saw("filter.null", "data holds more records", asked="GET /tasks?filter=y")

    assert [cause.requirements for cause in seen.causes] == [("auth.list-and-read-agree",), ("filter.null",)]


def test_who_may_open_the_keys_is_another_cause_than_who_may_see_records() -> None:
    seen = Recorded()
    seen.status("auth.expired-key", "401", 200, asked="GET /tasks")
    seen.status("keys.list-needs-session", "401", 200, asked="GET /keys", entity=None)
    seen.status("keys.create-needs-session", "401", 201, asked="POST /keys", entity=None)

    assert [len(cause.requirements) for cause in seen.causes] == [2, 1]


def test_a_header_is_missing_whatever_was_asked() -> None:
    seen = Recorded()
    seen.saw("errors.one", "the header X-Request-ID is missing")
    seen.saw("errors.two", "the header X-Request-ID is missing", asked="POST /tasks", came=201)
    seen.saw("errors.three", "the answer does not agree with the contract: Missing required header: X-Request-ID")
    seen.saw("errors.four", "the header Retry-After is missing")

    assert seen.titles == ["the header X-Request-ID is missing", "GET /tasks: the header Retry-After is missing"]


def test_an_envelope_is_the_same_whatever_was_asked() -> None:
    seen = Recorded().passed("GET /tasks")
    for asked in ("GET /tasks", "POST /tasks", "PATCH /tasks/tsk_1"):
        seen.saw("errors.one", "success differs", asked=asked, came=400, body='{"error":"No","code":"X"}')

    assert seen.titles == ["success is missing: GET /tasks, POST /tasks and 1 more"]


def test_a_member_under_another_name_is_named() -> None:
    body = '{"success":true,"data":[],"info":{"page":1,"limit":20,"total":0}}'
    seen = Recorded()
    seen.saw("list.one", "pagination is not an object", body=body)
    required = "the answer does not agree with the contract: the body: 'pagination' is a required property"
    seen.saw("list.two", required, asked="GET /orders?limit=5", body=body, entity="orders")

    assert seen.titles == ["GET /{entity}: info in place of pagination"]


def code(seen: Recorded, requirement: str, wanted: str, came: str) -> None:
    seen.saw(
        requirement,
        "code is none of the allowed values",
        expected=f"one of {wanted}",
        came=400,
        body=f'{{"success":false,"error":"No","code":"{came}"}}',
    )


def test_a_field_that_no_record_has_is_one_cause_and_named_with_what_stands_there() -> None:
    record = '{"success":true,"data":{"id":"tsk_1","created_at":"2025-01-01"}}'
    seen = Recorded()
    seen.saw("read.one", "data.createdAt is no RFC 3339 time", asked="GET /tasks/tsk_1", body=record)
    seen.saw("create.one", "data lacks a field", asked="POST /tasks", body=record, expected='["createdAt"]')
    seen.saw("create.two", "data: 'createdAt' is a required property", asked="POST /tasks", body=record)
    seen.saw("select.one", "data has other fields", asked="GET /tasks/tsk_1?fields=createdAt", body=record)

    assert [(one.title, one.requirements) for one in seen.causes] == [
        (
            "created_at in place of a record's createdAt: GET /tasks/{id}, POST /tasks",
            ("read.one", "create.one", "create.two"),
        ),
        ("GET /tasks/{id}?fields=createdAt: data has other fields", ("select.one",)),
    ]


def test_relations_that_are_not_included_are_one_cause() -> None:
    record = '{"success":true,"data":{"id":"tsk_1"}}'
    seen = Recorded()
    seen.saw("select.one", "data.task is no object", asked="GET /comments/com_1?include=task", body=record)
    seen.saw("select.two", "data.comments is no array", asked="GET /tasks/tsk_1?include=comments,owner", body=record)

    assert [one.title for one in seen.causes] == ["GET /{entity}/{id}: what is to be included is missing"]


def test_a_field_that_one_record_of_several_has_is_judged_by_its_value() -> None:
    records = '{"success":true,"data":[{"id":"tsk_1"},{"id":"tsk_2","createdAt":"soon"}]}'
    seen = Recorded().saw("list.one", "data[].createdAt is no RFC 3339 time", body=records)

    assert [one.title for one in seen.causes] == ["GET /tasks: data[].createdAt is no RFC 3339 time"]


def test_a_slip_in_a_code_is_a_cause_of_its_own() -> None:
    seen = Recorded()
    code(seen, "filter.one", "INVALID_FILTER", "VALIDATION_FAILED")
    code(seen, "filter.two", "INVALID_FILTER", "VALIDATION_FAILED")
    code(seen, "sort.one", "INVALID_SORT", "BAD_SORT")

    assert seen.titles == ["error code VALIDATION_FAILED, not INVALID_FILTER", "error code BAD_SORT, not INVALID_SORT"]


def test_many_codes_that_nobody_expects_are_one_vocabulary() -> None:
    seen = Recorded()
    code(seen, "sort.order", "INVALID_SORT, VALIDATION_FAILED", "bad_sort")
    code(seen, "create.one", "VALIDATION_FAILED", "invalid")
    code(seen, "sort.one", "INVALID_SORT", "bad_sort")
    code(seen, "read.one", "NOT_FOUND", "missing")
    code(seen, "list.one", "ENTITY_NOT_FOUND", "missing")

    (title,) = seen.titles
    assert title == (
        "error codes of its own: invalid for VALIDATION_FAILED, bad_sort for INVALID_SORT,"
        " missing for NOT_FOUND and ENTITY_NOT_FOUND"
    )


def test_a_crash_is_blamed_on_the_parameter_that_it_comes_with() -> None:
    seen = Recorded().passed("GET /tasks?limit=1&page=1", 5).passed("GET /tasks?filter=x&limit=1", 5)
    seen.status("list.bad-page", "400", 500, asked="GET /tasks?page=abc&limit=1")
    seen.status("filter.one", "400", 500, asked="GET /tasks?filter=%7B&sort=a&limit=1")
    seen.status("sort.one", "400", 500, asked="GET /tasks?filter=x&sort=b&limit=1")

    assert seen.titles == ["GET /tasks?sort= answers 500", "GET /tasks?page=abc answers 500"]


def test_a_parameter_that_comes_with_every_crash_is_blamed_before_one_that_was_never_seen_to_do_well() -> None:
    seen = Recorded().passed("GET /tasks?include=comments", 5)
    seen.status("crash.none", "400", 500, asked="GET /tasks?include=0&endDate=2025-01-01", entity=None)
    for entity in ("tasks", "orders", "users"):
        seen.status("crash.none", "400", 500, asked=f"GET /{entity}/1?include=0", entity=entity)
    seen.status("crash.seen", "400", 500, asked="GET /tasks?include=0&endDate=2025-01-01", entity=None)

    assert [(one.hangs_on, len(one.seen)) for one in seen.causes] == [("include", 5)]


def test_a_direction_that_never_did_well_is_blamed_before_the_fields_that_it_was_sent_with() -> None:
    seen = Recorded().passed("GET /tasks?sort=createdAt", 2)
    for field in ("title", "status", "priority"):
        seen.status(f"sort.{field}", "200", 400, asked=f"GET /tasks?sort={field}&order=asc")
    seen.status("sort.alone", "200", 400, asked="GET /tasks?order=asc")

    assert seen.titles == ["GET /tasks?order=asc answers 400, not 200"]


def test_a_field_is_blamed_where_the_direction_did_well_with_another() -> None:
    seen = Recorded().passed("GET /tasks?sort=createdAt&order=asc", 2)
    seen.status("sort.title", "200", 400, asked="GET /tasks?sort=title&order=asc")

    assert seen.titles == ["GET /tasks?sort=title answers 400, not 200"]


def test_a_record_that_comes_twice_is_blamed_on_what_is_included() -> None:
    seen = Recorded().passed("GET /tasks?include=comments", 5)
    for entity in ("tasks", "orders"):
        asked = f"GET /{entity}?filter=x&include=comments"
        seen.saw("select.children", "data holds a record twice", asked=asked, entity=entity)

    assert seen.titles == ["GET /{entity}?include=comments: data holds a record twice"]


def test_a_crash_without_any_parameter_is_the_operations_own() -> None:
    seen = Recorded().passed("GET /orders/ord_1")
    seen.status("list.one", "200", 500)
    seen.status("list.two", "200", 500, asked="GET /tasks?page=2")

    assert seen.titles == ["GET /tasks answers 500"]


def test_a_parameter_that_is_not_looked_at_is_one_cause_in_every_operation() -> None:
    seen = Recorded().passed("GET /tasks?filter=x", 5)
    seen.saw("select.list", "data[] has other fields", asked="GET /tasks?filter=x&fields=id")
    seen.saw("select.read", "data has other fields", asked="GET /tasks/tsk_1?fields=id")
    seen.saw("search.one", "data holds more records", asked="GET /tasks?search=a&filter=x")
    seen.saw("search.two", "data has more items", asked="GET /orders?search=b", entity="orders")

    assert seen.titles == [
        "?fields= in 2 operations: data has other fields",
        "GET /{entity}?search=a: data has more items",
    ]


def test_records_in_another_order_are_another_difference_than_other_records() -> None:
    seen = Recorded()
    seen.saw("sort.one", "data is in another order", asked="GET /tasks?sort=title")
    seen.saw("sort.two", "data holds fewer records", asked="GET /tasks?sort=priority")

    assert len(seen.causes) == 2


def test_a_few_bad_bodies_that_are_taken_are_a_slip_each() -> None:
    seen = Recorded()
    for requirement in ("create.blank", "create.long", "create.unknown"):
        seen.status(requirement, "400", 201, asked="POST /tasks")

    assert [cause.requirements for cause in seen.causes] == [("create.blank",), ("create.long",), ("create.unknown",)]


def test_many_bad_bodies_that_are_taken_are_one_lack_of_judgement() -> None:
    seen = Recorded()
    for requirement in ("create.blank", "create.long", "create.unknown", "create.enum"):
        seen.status(requirement, "400", 201, asked="POST /tasks")

    assert seen.titles == ["POST /tasks answers 201, not 400"]


def test_one_requirement_on_entities_with_other_fields_has_one_cause() -> None:
    seen = Recorded()
    seen.saw("create.trims", "data.title differs", asked="POST /tasks", came=201)
    seen.saw("create.trims", "data.reference differs", asked="POST /orders", came=201, entity="orders")
    seen.saw("create.default", "data.status differs", asked="POST /tasks", came=201)

    assert [cause.requirements for cause in seen.causes] == [("create.trims",), ("create.default",)]


def test_one_requirement_that_is_broken_in_two_ways_has_two_causes() -> None:
    seen = Recorded()
    seen.status("create.one", "201", 400, asked="POST /tasks")
    seen.status("create.one", "201", 405, asked="POST /users", entity="users")

    assert len(seen.causes) == 2


def test_failures_come_first_and_among_them_what_breaks_most() -> None:
    seen = Recorded()
    for number in range(5):
        seen.saw(f"list.warned-{number}", "data.a differs", outcome=Outcome.warned)
    seen.saw("list.once", "data.b differs")
    seen.saw("list.one", "data.c differs")
    seen.saw("list.two", "data.c differs", outcome=Outcome.warned)

    assert [(cause.outcome, cause.title) for cause in seen.causes] == [
        (Outcome.failed, "GET /tasks: data.c differs"),
        (Outcome.failed, "GET /tasks: data.b differs"),
        (Outcome.warned, "GET /tasks: data.a differs"),
    ]


def test_what_is_shown_is_the_worst_with_the_shortest_line() -> None:
    seen = Recorded()
    seen.saw("list.short-warning", "data.a differs", asked="GET /tasks?a", outcome=Outcome.warned)
    seen.saw("list.long", "data.a differs", asked="GET /tasks?long=parameter")
    seen.saw("list.short", "data.a differs", asked="GET /tasks?s=1")

    (cause,) = seen.causes

    assert cause.shown.result.requirement == "list.short"


def test_a_finding_without_an_exchange_has_a_cause_too() -> None:
    bare = replace(Recorded().saw("list.one", "the model ended early at 12").results[0], exchanges=())

    (cause,) = causes(run(bare, replace(bare, requirement="list.two", message="the model ended early at 77")))

    assert (cause.title, len(cause.requirements)) == ("the model ended early at 12", 2)


def test_the_same_run_has_the_same_causes() -> None:
    seen = Recorded()
    for number in range(30):
        seen.saw(f"list.n{number}", f"data.f{number % 7} differs", asked=f"GET /tasks?p{number % 3}=1")

    assert causes(seen.run) == causes(seen.run)


def test_reasons_are_alike_whatever_the_entity() -> None:
    seen = Recorded()
    for entity in ("tasks", "orders"):
        seen.saw("delete.then-read", f"it stands on delete.one [{entity}], which failed", entity=entity,
                 outcome=Outcome.blocked)  # fmt: skip
    seen.saw("keys.one", "it stands on delete.one [tasks], which failed", entity=None, outcome=Outcome.blocked)
    seen.saw("limits.one", "the budget is used up", outcome=Outcome.blocked)

    told = [(reason.said, reason.requirements) for reason in reasons(seen.run, Outcome.blocked)]

    assert told == [
        ("it stands on delete.one, which failed", ("delete.then-read", "keys.one")),
        ("the budget is used up", ("limits.one",)),
    ]


@pytest.mark.parametrize(
    "outcome", [Outcome.passed, Outcome.observed, Outcome.skipped, Outcome.blocked, Outcome.broken]
)
def test_what_is_not_wrong_has_no_cause(outcome: Outcome) -> None:
    assert Recorded().saw("list.one", "so it is", outcome=outcome).causes == ()


REFUSED = '{"success":false,"error":"No.","code":"X"}'


def test_refusals_by_another_status_than_their_body_says_are_one_cause_whatever_was_expected() -> None:
    seen = Recorded()
    seen.status("auth.one", "401", 200, body=REFUSED)
    seen.status("read.one", "404", 200, asked="GET /tasks/tsk_1", body=REFUSED)
    seen.status("create.one", "400", 200, asked="POST /tasks", body=REFUSED)
    seen.status("list.one", "400", 200, asked="GET /tasks?limit=0", body=REFUSED)
    seen.status("auth.two", "403", 200)

    assert seen.titles == [
        "refusals answer 200, with success: false in the body",
        "GET /tasks answers 200, not 403",
    ]


def test_another_page_than_was_asked_for_is_one_cause_however_it_shows() -> None:
    first = '{"success":true,"data":[],"pagination":{"page":1,"total":9,"hasPrev":false}}'
    seen = Recorded()
    seen.saw("list.one", "pagination.hasPrev differs", asked="GET /tasks?page=2&limit=3", body=first)
    seen.saw("list.two", "there is no link to prev", asked="GET /tasks?page=3", body=first)
    seen.saw("list.three", "pagination.total differs", asked="GET /tasks?page=1", body=first)

    assert seen.titles == [
        "?page= has no effect: another page is answered than was asked for",
        "GET /tasks: pagination.total differs",
    ]


def test_a_health_check_of_another_form_is_one_cause() -> None:
    body = '{"success":true,"data":{"status":"healthy"}}'
    seen = Recorded()
    for name in ("status", "version"):
        seen.saw(f"health.{name}", f"{name} is no text", body=body, entity=None)
        seen.exchanges[-1] = replace(seen.exchanges[-1], url="http://127.0.0.1:5173/api/health")

    assert seen.titles == ["GET /health answers {success, data: {status}}, without status, timestamp and version"]


def test_a_parameter_that_changes_no_answer_and_takes_any_value_is_one_cause() -> None:
    body = '{"success":true,"data":[{"id":"tsk_1"},{"id":"tsk_2"}]}'
    seen = Recorded().passed("GET /tasks?order=asc", 0)
    seen.saw("sort.one", "data is in another order", asked="GET /tasks?sort=title&order=desc", body=body)
    seen.saw("list.passes", "It holds.", asked="GET /tasks?sort=title&order=asc", body=body, outcome=Outcome.passed)
    seen.status("sort.two", "400", 200, asked="GET /tasks?order=up", body=body)
    seen.status("sort.three", "400", 200, asked="GET /tasks?order=down", body=body)

    assert seen.titles == ["?order= has no effect: it changes no answer, and no value of it is refused"]


def test_a_limit_that_has_no_effect_is_one_cause_whatever_tells_of_it() -> None:
    body = '{"success":true,"data":[{"id":"tsk_1"},{"id":"tsk_2"}],"pagination":{"limit":20,"total":2}}'
    seen = Recorded()
    seen.saw("list.one", "data has more items", asked="GET /tasks?limit=1", body=body)
    seen.saw("list.two", "pagination.limit differs", asked="GET /tasks?limit=1", body=body)
    seen.saw("list.three", "X-Per-Page differs", asked="GET /tasks?limit=1", body=body)
    seen.status("list.four", "400", 200, asked="GET /tasks?limit=0", body=body)
    seen.saw("list.five", "pagination.total differs", asked="GET /tasks?limit=1", body=body)

    assert seen.titles == [
        "?limit= has no effect: it changes no answer, and no value of it is refused",
        "GET /tasks: pagination.total differs",
    ]


def test_a_health_check_of_the_right_form_is_told_by_its_value() -> None:
    body = '{"status":"up","version":"1","timestamp":"2025-01-15T10:30:00Z"}'
    seen = Recorded().saw("health.healthy", "status differs", body=body, entity=None)
    seen.exchanges[-1] = replace(seen.exchanges[-1], url="http://127.0.0.1:5173/api/health")

    assert seen.titles == ["GET /health: status differs"]
