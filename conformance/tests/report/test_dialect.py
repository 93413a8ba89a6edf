"""What a deployment does in its own way, read from what was exchanged."""

from dataclasses import replace

from entity_conformance.report.dialect import dialect
from entity_conformance.report.verdict import Outcome, Vocabulary

from conformance.tests.report.recorded import Recorded

HTML = (("Content-Type", "text/html"),)
CODE = "code is none of the allowed values"


def notes(seen: Recorded) -> dict[str, str]:
    return dict(dialect(seen.run, seen.causes))


def refusal(code: str) -> str:
    return f'{{"success":false,"error":"No","code":"{code}"}}'


def listed(*ids: str, names: tuple[str, ...] = ("id", "title")) -> str:
    records = ",".join("{" + ",".join(f'"{name}":"{id_}"' for name in names) + "}" for id_ in ids)
    return f'{{"success":true,"data":[{records}]}}'


def test_a_deployment_that_speaks_our_language_has_no_notes() -> None:
    seen = Recorded().passed("GET /tasks", 3)
    seen.saw("create.one", "It holds.", came=400, body=refusal("VALIDATION_FAILED"), outcome=Outcome.passed)

    assert notes(seen) == {}


def test_codes_are_told_with_what_they_stand_for_or_come_with() -> None:
    seen = Recorded()
    seen.saw("read.one", CODE, expected="one of NOT_FOUND", came=404, body=refusal("missing"))
    seen.saw("create.one", "It holds.", came=422, body=refusal("BAD_INPUT"), outcome=Outcome.passed)
    seen.saw("create.two", "It holds.", came=400, body=refusal("BAD_INPUT"), outcome=Outcome.passed)

    assert notes(seen) == {"codes": "missing in place of NOT_FOUND, BAD_INPUT with 422 and with 400"}


def test_members_and_headers_are_told_by_their_names() -> None:
    seen = Recorded()
    seen.saw("list.one", "pagination is not an object", body='{"success":true,"data":[],"info":{"page":1,"limit":2}}')
    seen.saw("errors.one", "the header X-Request-ID is missing", headers=(("X-Correlation-ID", "1"),))
    seen.saw("errors.two", "the header X-Total-Count is missing", headers=(("X-Total", "1"), ("Date", "x")))
    seen.saw("errors.three", "the header Retry-After is missing", headers=(("Date", "x"),))
    seen.saw("errors.four", "the header X-RateLimit-Reset is missing", headers=(("X-RateLimit-Limit", "9"),))

    own = '{"success":true,"data":{"id":"tsk_1","created_at":"2025-01-01"}}'
    seen.saw("read.one", "data.createdAt is no RFC 3339 time", asked="GET /tasks/tsk_1", body=own)

    assert notes(seen) == {"names": "info in place of pagination, created_at in place of a record's createdAt,"
                                    " X-Correlation-ID in place of X-Request-ID,"
                                    " X-Total in place of X-Total-Count"}  # fmt: skip


def test_another_envelope_is_told_by_the_names_that_it_has() -> None:
    seen = Recorded()
    told = "data.items in place of data; data.meta.per_page in place of pagination.limit"
    seen.saw("list.one", "data.items in place of data", actual=told, body='{"data":{"items":[]}}')
    seen.saw(
        "read.one", "the record in place of data", actual="the record in place of data", body='{"id":"a","active":true}'
    )

    assert notes(seen) == {"names": "data.items in place of data, data.meta.per_page in place of pagination.limit,"
                                    " the record in place of data"}  # fmt: skip


def test_refusals_without_a_body_are_told_with_what_was_asked() -> None:
    seen = Recorded()
    seen.status("errors.one", "400", 404, asked="GET /nothing", body="")
    seen.status("errors.two", "400", 405, asked="HEAD /tasks/tsk_1", body="")

    assert notes(seen)["errors"] == "no body (404: an unknown entity)"


def test_no_field_of_a_record_without_an_envelope_stands_for_success() -> None:
    seen = Recorded()
    seen.saw("errors.success", "success is missing", body='{"id":"tsk_1","active":true}')

    assert notes(seen) == {}


def test_statuses_of_the_same_kind_are_told_and_others_are_not() -> None:
    seen = Recorded().passed("DELETE /tasks/tsk_9")
    seen.status("auth.one", "401", 403)
    seen.status("create.one", "201", 200, asked="POST /tasks")
    seen.status("delete.one", "200", 204, asked="DELETE /tasks/tsk_1", body=None)
    seen.status("create.two", "400", 201, asked="POST /tasks")

    assert notes(seen) == {"status": "403 in place of 401, 200 in place of 201, 204 in place of 200"}


def test_a_parameter_whose_values_make_no_difference_has_no_effect() -> None:
    seen = Recorded()
    for word in ("one", "other"):
        seen.saw("search.one", "data holds more records", asked=f"GET /tasks?search={word}", body=listed("a", "b"))

    assert notes(seen) == {"query": "search has no effect"}


def test_a_parameter_that_does_something_wrong_has_an_effect() -> None:
    seen = Recorded()
    seen.saw("search.one", "data holds more records", asked="GET /tasks?search=one", body=listed("a", "b"))
    seen.saw("search.one", "data holds more records", asked="GET /tasks?search=two", body=listed("b", "c"))

    assert notes(seen) == {}


def test_a_parameter_that_is_wrong_now_and_then_has_an_effect() -> None:
    seen = Recorded()
    for word, ids in (("one", ("a",)), ("two", ("b",)), ("three", ("c",)), ("four", ("a",))):
        seen.saw("search.one", "data holds more records", asked=f"GET /tasks?search={word}", body=listed(*ids))

    assert notes(seen) == {}


def test_fields_have_an_effect_where_the_members_differ() -> None:
    seen = Recorded()
    seen.saw("select.one", "data[] has other fields", asked="GET /tasks?fields=id", body=listed("a", names=("id", "x")))
    seen.saw("select.one", "It holds.", asked="GET /tasks", body=listed("a"), outcome=Outcome.passed)

    assert notes(seen) == {}


def test_a_parameter_that_nothing_is_wrong_with_is_not_suspected() -> None:
    seen = Recorded()
    for word in ("one", "other"):
        seen.saw("list.one", "It holds.", asked=f"GET /tasks?x={word}", body=listed("a"), outcome=Outcome.passed)

    assert notes(seen) == {}


def test_another_limit_for_writes_is_told() -> None:
    seen = Recorded()
    for asked, limit in (("GET /tasks", "1000"), ("POST /tasks", "100"), ("PUT /tasks", "1000")):
        seen.saw(
            "limits.one", "It holds.", asked=asked, headers=(("x-ratelimit-limit", limit),), outcome=Outcome.passed
        )

    assert notes(seen) == {"limits": "1000 for reads, 100 for writes"}


def test_one_limit_for_everything_is_no_dialect() -> None:
    seen = Recorded()
    for asked in ("GET /tasks", "POST /tasks"):
        seen.saw("limits.one", "It holds.", asked=asked, headers=(("X-RateLimit-Limit", "9"),), outcome=Outcome.passed)

    assert notes(seen) == {}


def test_a_status_that_nobody_documents_is_told_and_a_browsers_preflight_is_not() -> None:
    seen = Recorded().saw("read.one", "It holds.", asked="GET /tasks/tsk_1", came=418, outcome=Outcome.passed)
    seen.saw("metadata.preflight", "It holds.", asked="OPTIONS /tasks", came=204, body=None, outcome=Outcome.passed)
    seen.exchanges[-1] = replace(seen.exchanges[-1], request_headers=(("Access-Control-Request-Method", "GET"),))

    told = dict(dialect(replace(seen.run, vocabulary=Vocabulary(statuses=(200, 404))), seen.causes))

    assert told == {"status": "documented nowhere: 418 (GET /{entity}/{id})"}


def test_errors_in_another_envelope_are_shown_with_the_answers_that_had_it() -> None:
    seen = Recorded().passed("GET /tasks")
    told = (("GET /tasks", 401, '{"message":"Unauthorized"}'), ("GET /no-such", 404, '{"message":"No route"}'))
    seen.saw("x", "so", asked="GET /x/y/z/a", came=404, body="<p>", outcome=Outcome.passed, headers=HTML)
    for asked, came, body in (*told, ("POST /tasks", 400, '{"success":false,"error":{"code":"A","details":{}}}')):
        seen.saw("errors.one", "It holds.", asked=asked, came=came, body=body, outcome=Outcome.passed)

    assert notes(seen) == {"errors": "text/html (404: an unknown path),"
                                     " {message} (401: GET /{entity}, 404: an unknown entity),"
                                     " {success, error: {code}} (400: POST /{entity})"}  # fmt: skip


def test_a_path_that_is_looked_at_before_the_credentials_has_no_other_status() -> None:
    seen = Recorded()
    seen.status("errors.order", "401", 404, asked="GET /no-such", body=refusal("NOT_FOUND"))

    assert notes(seen) == {}


def test_a_refusal_by_the_body_is_no_other_status_of_what_was_to_succeed() -> None:
    refused = '{"success":false,"error":"No","code":"VALIDATION_FAILED"}'
    seen = Recorded()
    seen.status("create.one", "201", 200, asked="POST /tasks", body=refused)
    seen.status("create.two", "400", 200, asked="POST /tasks", body=refused)

    assert notes(seen) == {"status": "200 with success: false in place of 400"}


def test_a_header_stands_for_another_in_whatever_case_it_came() -> None:
    seen = Recorded().saw("errors.one", "the header X-Request-ID is missing", headers=(("x-correlation-id", "1"),))

    assert notes(seen) == {"names": "x-correlation-id in place of X-Request-ID"}


def test_a_header_that_everybody_sends_stands_for_none_of_the_contracts() -> None:
    seen = Recorded()
    sent = (("Content-Length", "0"), ("Date", "x"))
    seen.saw("errors.one", "the header Content-Type is missing", body="x", headers=sent)
    seen.saw("errors.two", "the header X-Content-Length is missing", headers=sent)

    assert notes(seen) == {}


def test_one_answer_that_a_parameter_made_is_an_effect_however_many_are_alike() -> None:
    seen = Recorded()
    for word in ("one", "two", "three", "four"):
        seen.saw("search.one", "data holds more records", asked=f"GET /tasks?search={word}", body=listed("a", "b"))
    seen.saw("search.two", "It holds.", asked="GET /tasks?search=nobody", body=listed(), outcome=Outcome.passed)

    assert notes(seen) == {}


def test_parameters_that_are_one_cause_are_all_told() -> None:
    seen = Recorded()
    for query in ("sort=title", "sort=status", "sort=title&order=desc", "sort=title&order=asc"):
        seen.saw("sort.one", "data is in another order", asked=f"GET /tasks?{query}", body=listed("a", "b"))
    for query in ("sort=no", "order=up"):
        seen.status("sort.bad", "400", 200, asked=f"GET /tasks?{query}", body=listed("a", "b"))

    assert notes(seen) == {"query": "sort and order have no effect"}
