"""What is different about a result, whatever the entity, the record and the run."""

import json
from collections.abc import Callable
from dataclasses import replace

import pytest
from entity_conformance.deployment.exchange import Exchange
from entity_conformance.deployment.problems import Violation
from entity_conformance.deployment.reply import Reply
from entity_conformance.report.differences import Operation, abstracted, difference, operation, stand_in
from entity_conformance.report.verdict import Outcome, Result
from entity_conformance.suite import expect

from conformance.tests import answers
from conformance.tests.report.samples import BASE, exchange, result

TASKS = [{"id": "tsk_1"}, {"id": "tsk_2"}, {"id": "tsk_3"}]


def judged(reply: Reply, judgement: Callable[[Reply], object]) -> tuple[Result, Exchange]:
    """What the runner makes of a judgement that does not hold."""
    with pytest.raises(Violation) as caught:
        judgement(reply)
    found = caught.value
    seen = exchange(
        method=reply.method,
        url=reply.url,
        status=reply.status,
        response_headers=tuple((name, reply.headers[name]) for name in reply.headers),
        response_body=reply.text or None,
    )
    told = result(
        "list.limit-caps-page", Outcome.failed, found.message, expected=found.expected, actual=found.actual,
        exchanges=(seen.id,),
    )  # fmt: skip
    return told, seen


def listed(*records: dict[str, str], **members: object) -> Reply:
    return answers.reply(body=answers.success(list(records), **members))


def refusal(code: str, status: int = 400) -> Reply:
    return answers.reply(status, answers.problem(code))


EMPTY = answers.reply(204, text="", method="OPTIONS")
NUMBERED = answers.reply(400, {"success": False, "error": "No", "code": 7})
PAGE = answers.reply(404, text="<html>Not found</html>", Content_Type="text/html; charset=utf-8")


@pytest.mark.parametrize(
    ("reply", "judgement", "kind", "said"),
    [
        (EMPTY, lambda it: expect.status(it, 200), "body", "answers 204 without a body"),
        (EMPTY, lambda it: it.record, "body", "answers 204 without a body"),
        (EMPTY, lambda it: expect.status(it, 401), "status", "answers 204 without a body, not 401"),
        (PAGE, lambda it: it.body, "body", "answers 404 with text/html"),
        (PAGE, lambda it: expect.status(it, 200), "status", "answers 404, not 200"),
        (answers.reply(200, [1]), lambda it: it.body, "body", "answers 200 with no JSON object"),
        (refusal("X", 500), lambda it: expect.error(it, 400), "crash", "answers 500"),
        (refusal("X", 502), lambda it: it.record, "crash", "answers 502"),
        (refusal("X", 500), expect.no_server_error, "crash", "answers 500"),
        (refusal("X"), lambda it: expect.status(it, 200, 201), "status", "answers 400, not 200 or 201"),
        (refusal("X"), lambda it: it.records, "status", "answers 400, not 2xx"),
        (refusal("OWN"), lambda it: expect.error(it, 400, "VALIDATION_FAILED"), "code", "error code OWN"),
        (NUMBERED, expect.envelope, "content", "code is no text"),
        (answers.reply(400, {"success": False}), expect.envelope, "content", "error is missing"),
        (listed(), lambda it: expect.header(it, "X-Request-ID"), "header", "the header X-Request-ID is missing"),
        (listed(), expect.rate_limit, "header", "the header X-RateLimit-Limit is missing"),
        (listed(), lambda it: expect.link(it, "next"), "header", "there is no link to next"),
        (PAGE, expect.json_media_type, "header", "the media type is text/html, not application/json"),
        (listed(), lambda _: expect.equal(7, 3, at="X-Total-Count"), "header", "X-Total-Count differs"),
        (listed(), lambda it: it.pagination, "content", "pagination is missing"),
        (listed(pagination=[]), lambda it: it.pagination, "content", "pagination is not an object"),
        (listed(), lambda _: expect.equal(1, 2, at="data.title"), "content", "data.title differs"),
        (listed(*TASKS), lambda it: expect.exactly(it.records, []), "records", "data holds more records"),
        (listed(*TASKS), lambda it: expect.length(it.records, 2, at="data"), "records", "data has more items"),
        (listed(), lambda it: expect.exactly(it.records, TASKS[:1]), "records", "data holds fewer records"),
        (listed(), lambda it: expect.includes(it.records, TASKS[0]), "records", "data lacks a record"),
        (listed(*TASKS), lambda it: expect.exactly(it.records, [{"id": "x"}]), "records", "data holds other records"),
        (listed(*TASKS), lambda it: expect.in_order(it.records, TASKS[::-1]), "records", "data is in another order"),
        (
            listed(*TASKS),
            lambda it: expect.names(it.records[0], ["id", "title"], at="data[]"),
            "records",
            "data[] has other fields",
        ),
    ],
)
def test_every_verb_is_understood(reply: Reply, judgement: Callable[[Reply], object], kind: str, said: str) -> None:
    found = difference(*judged(reply, judgement))

    assert (found.kind, found.said) == (kind, said)


def test_what_else_is_wrong_makes_no_other_difference() -> None:
    alone, seen = judged(answers.reply(404), lambda reply: expect.status(reply, 400))

    assert difference(replace(alone, message=f"{alone.message}; besides: a code"), seen) == difference(alone, seen)


def test_what_was_read_in_another_place_is_not_missing() -> None:
    items = answers.success({"items": [], "size": 50})
    limit = difference(*judged(answers.reply(body=items), lambda _: expect.equal(50, 20, at="pagination.limit")))
    nested = answers.reply(404, {"error": {"code": 404, "status": "GONE"}})
    code = difference(*judged(nested, lambda _: expect.one_of("GONE", ["NOT_FOUND"], at="code")))

    assert limit.said == "pagination.limit differs"
    assert (code.came, code.wanted) == ("GONE", "NOT_FOUND")


@pytest.mark.parametrize(
    ("reason", "kind", "said"),
    [
        ("Missing required header: X-Request-ID", "header", "the header X-Request-ID is missing"),
        ("the body: 'pagination' is a required property", "content", "pagination is missing"),
        ("data.0: 'updatedAt' is a required property", "content", "a record's updatedAt is missing"),
        ("data.3.title: 7 is not of type 'string'", "content", "data.title: a number in place of a text (7)"),
        ("data.3.title: 'a' is too short", "content", "data.3.title: 'a' is too short"),
        (
            "Content for the following mimetype not found: text/html. Valid mimetypes: ['application/json']",
            "header",
            "the media type is not application/json",
        ),
        ("Unknown response http status: 204", "body", "answers 204 without a body"),
    ],
)
def test_what_the_contracts_schema_says_is_the_same_difference(reason: str, kind: str, said: str) -> None:
    told = result(
        "list.limit-caps-page", Outcome.failed, f"the answer does not agree with the contract: {reason}", expected="x"
    )
    status, body = (204, None) if "204" in reason else (200, '{"success":true,"data":[]}')

    found = difference(told, exchange(status=status, response_body=body))

    assert (found.kind, found.said) == (kind, said)


def test_of_several_behaviours_the_one_whose_status_was_right_came_nearest() -> None:
    reply = refusal("OWN", 404)

    found = difference(
        *judged(
            reply,
            lambda it: expect.choice(
                shared=lambda: expect.status(it, 200), isolated=lambda: expect.error(it, 404, "NOT_FOUND")
            ),
        )
    )

    assert (found.kind, found.came) == ("code", "OWN")


def test_of_several_statuses_the_one_of_the_same_kind_came_nearest() -> None:
    reply = refusal("VALIDATION_FAILED", 422)

    found = difference(
        *judged(
            reply, lambda it: expect.choice(capped=lambda: it.records, refused=lambda: expect.refused(it, 400, 404))
        )
    )

    assert (found.kind, found.said) == ("status", "answers 422, not 400 or 404")


def test_what_only_a_success_holds_did_not_come_nearest_in_a_refusal() -> None:
    alternatives = (
        "not refused: the answer is not 400 (422, empty); not capped: pagination is not an object (422, empty)"
    )
    told = result("list.limit-above-100", Outcome.failed, "none of the allowed behaviours", actual=alternatives)

    assert difference(told, exchange(status=422)).said == "answers 422, not 400"


def test_an_answer_without_data_came_no_nearer_than_one_with_another_status() -> None:
    alternatives = (
        "not refused: the answer is not 400 (422, empty); not ignored: the answer to PATCH has no data (422, {})"
    )
    told = result("list.limit-caps-page", Outcome.failed, "none of the allowed behaviours", actual=alternatives)

    assert difference(told, exchange(status=422)).said == "answers 422, not 400"


def test_what_is_told_of_an_entity_by_its_name_is_the_same_difference() -> None:
    one, other = (
        difference(result("list.limit-caps-page", Outcome.failed, message), exchange())
        for message in ("tasks: data is in another order", "data is in another order")
    )

    assert one == other


def test_a_behaviour_that_judged_another_exchange_did_not_come_nearest() -> None:
    alternatives = "not isolated: the answer is not 404 (200, empty); not shared: the answer is not 200 (404, empty)"
    told = result("list.limit-above-100", Outcome.failed, "none of the allowed behaviours", actual=alternatives)

    assert difference(told, exchange(status=200)).said == "answers 200, not 404"
    assert difference(told, exchange(status=404)).said == "answers 404, not 200"


def test_a_success_that_judged_another_exchange_did_not_come_nearest() -> None:
    told = "not isolated: the answer is not 404 or 403 (200, empty); not shared: the answer is no success (404, empty)"
    found = result("list.limit-above-100", Outcome.failed, "none of the allowed behaviours", actual=told)

    assert difference(found, exchange(method="DELETE", status=200)).said == "answers 200, not 404 or 403"


@pytest.mark.parametrize(
    ("method", "status", "body", "said"),
    [
        ("POST", 400, {"code": "VALIDATION_FAILED", "details": {"title": "too long"}}, " about title"),
        ("PATCH", 422, {"errors": [{"field": "title", "message": "too long"}]}, " about title"),
        ("POST", 400, {"details": {"other": "missing"}}, ""),
        ("POST", 409, {"details": {"title": "taken"}}, ""),
        ("GET", 400, {"details": {"title": "unknown"}}, ""),
    ],
)
def test_a_write_that_had_to_be_granted_is_told_with_what_it_was_refused_for(
    method: str, status: int, body: dict[str, object], said: str
) -> None:
    found = result("list.limit-above-100", Outcome.failed, "the answer to POST is no success")
    told = json.dumps({"success": False, **body})
    seen = exchange(method=method, status=status, request_body='{"title": "Count"}', response_body=told)

    assert difference(found, seen).said == f"answers {status}{said}, not 2xx"


def test_silence_is_told_without_its_seconds() -> None:
    silent = exchange(status=None, response_body=None, error="no whole answer within 10 s")

    found = difference(result("list.limit-caps-page", Outcome.failed), silent)

    assert (found.kind, found.compared) == ("silence", "gets no answer: no whole answer within # s")


def test_a_text_that_nobody_knows_is_compared_without_its_values() -> None:
    one, other = (
        difference(result("list.limit-caps-page", Outcome.failed, message), exchange())
        for message in ('tsk_01m8f came 3 times for "a"', "tsk_77abc came 12 times for 'b'")
    )

    assert one.compared == other.compared == '{id} came # times for "…"'


@pytest.mark.parametrize(
    "message",
    [
        "listTasks: X-Request-ID is that of another answer (E7.every-answer); 11 times; also createTask",
        "createApiKey: X-Request-ID is that of another answer (E7.every-answer)",
        "readTask: X-Request-ID is that of another answer",
    ],
)
def test_a_finding_of_generated_requests_is_told_without_operation_and_count(message: str) -> None:
    found = difference(result("list.limit-caps-page", Outcome.failed, message), exchange())

    assert (found.kind, found.said) == ("header", "X-Request-ID is that of another answer")


@pytest.mark.parametrize(
    ("message", "kind", "said"),
    [
        ("data[0].id differs (GET /tasks?limit=1)", "content", "data[0].id differs"),
        (
            "the status must be 404 (DELETE /tasks/tsk_1); the shortest sequence that was found has 2 requests before",
            "status",
            "answers 200, not 404",
        ),
    ],
)
def test_a_difference_from_the_model_is_told_without_its_sequence(message: str, kind: str, said: str) -> None:
    found = difference(result("list.limit-caps-page", Outcome.failed, message), exchange())

    assert (found.kind, found.said) == (kind, said)


def test_a_finding_of_several_lines_is_told_by_its_first() -> None:
    found = difference(result("list.limit-caps-page", Outcome.failed, "asked: GET /x\nexpected:\n  y"), exchange())

    assert found.said == "asked: GET /x"


@pytest.mark.parametrize(
    ("url", "shape"),
    [
        ("/tasks", Operation("GET", "/{entity}")),
        ("/orders/ord_1", Operation("GET", "/{entity}/{id}")),
        ("/no-such?page=abc&limit=1&page=2", Operation("GET", "/{entity}", ("page", "limit"))),
        ("/tasks?filter=", Operation("GET", "/{entity}", ("filter",))),
        ("/keys", Operation("GET", "/keys")),
        ("/keys/key_1", Operation("GET", "/keys/{id}")),
        ("/ai/generate", Operation("GET", "/ai/generate")),
    ],
)
def test_an_operation_is_known_by_its_shape(url: str, shape: Operation) -> None:
    assert operation(exchange(url=BASE + url), BASE) == shape


@pytest.mark.parametrize(
    ("url", "path"),
    [(f"{BASE}/auth/keys", "/auth/keys"), (f"{BASE.removesuffix('/v1')}/auth/keys", "/api/auth/keys")],
)
def test_keys_are_known_wherever_they_are(url: str, path: str) -> None:
    asked = [operation(exchange(url=url + below), BASE, url).path for below in ("", "/key_1")]

    assert asked == [path, f"{path}/{{id}}"]


def test_health_stands_beside_the_base() -> None:
    assert operation(exchange(url=BASE.replace("/v1", "/health")), BASE).path == "/health"


@pytest.mark.parametrize(
    ("body", "name", "own"),
    [
        ('{"data":[],"info":{"page":1,"count":3}}', "pagination", "info"),
        ('{"data":[],"meta":{"page":{}}}', "pagination", None),
        ('{"data":[],"pagination":null,"info":{"page":1,"count":3}}', "pagination", None),
        ('{"items":[],"total":3}', "data", "items"),
        ('{"status":"error","errorCode":"NO_WAY"}', "code", "status"),
        ("[1]", "data", None),
        ("<html>", "data", None),
        ('{"x":1}', "unheard", None),
    ],
)
def test_a_member_is_known_again_under_another_name(body: str, name: str, own: str | None) -> None:
    assert stand_in(exchange(response_body=body), name) == own


def test_texts_are_compared_without_what_is_quoted_in_them() -> None:
    assert abstracted('`a` lacks "it\'s \\" b" at 2.5') == '"…" lacks "…" at #'
