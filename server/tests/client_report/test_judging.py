"""What a client is told of, what it is never told of, and what it never met."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from entity_contract import Contract, load
from entity_contract.rulings import load as rulings
from entity_server.client_report import Exchange, Finding, Judge, Page, judging
from entity_server.client_report.findings import Rule

LIST = Exchange(
    id="r", operation="listTasks", method="GET", path="/api/v1/tasks", query="", received=0, answered=0, at=0,
    status=200, credential="ada",
)  # fmt: skip
POST = replace(LIST, operation="createTask", method="POST", status=201, body={"title": "Buy milk"}, body_digest="milk")
REFUSED = replace(LIST, status=429, retry_after=60)
LAST = replace(LIST, page=Page(1, of=1, has_next=False))


@pytest.fixture(scope="module")
def contract() -> Contract:
    return load()


def at(moment: float, exchange: Exchange, *, until: float | None = None, **changes: object) -> Exchange:
    """The exchange at that moment, in seconds; answered at once, or at another moment."""
    answered = moment if until is None else until
    return replace(exchange, received=moment, answered=answered, at=answered, **changes)  # type: ignore[arg-type]


def found(contract: Contract, *exchanges: Exchange) -> list[tuple[str, str, int]]:
    """Id, clause and number of what is wrong or fragile."""
    judge = Judge(contract)
    for exchange in exchanges:
        judge.see(exchange)
    report = judge.report()
    return [(one.rule.id, one.rule.clause, one.times) for one in (*report.wrong, *report.fragile)]


def never_met(judge: Judge) -> list[str]:
    return [one.rule.id.removeprefix("client.never-met-") for one in judge.report().not_exercised]


@pytest.mark.parametrize(
    "exchange",
    [
        LIST,
        POST,
        replace(
            LIST, query="page=2&limit=10&filter=%7B%7D&sort=title&order=desc&fields=title&include=comments&search=a"
        ),
        replace(LIST, operation=None, path="/api/v1/nowhere", query="utm_source=mail", status=404),
        replace(LIST, operation="listRecords", path="/api/v1/gadgets", query="startDate=2025-01-01"),
        replace(POST, operation="createRecord", path="/api/v1/gadgets", body={"anything": 1}),
        replace(POST, body=["no object"], status=422),
        replace(LIST, operation="getHealth", path="/api/health", credential=None),
    ],
)
def test_what_the_contract_documents_is_not_found(contract: Contract, exchange: Exchange) -> None:
    assert found(contract, exchange) == []


def test_an_api_key_in_the_query_is_wrong_and_told_once(contract: Contract) -> None:
    with_key = replace(LIST, query="api_key=sha256:0011", keys_in_query=("api_key",))

    assert found(contract, with_key) == [("client.key-in-query", "A2.unauthorized", 1)]


@pytest.mark.parametrize("query", ["colour=red", "fields[]=title", "Page=2", "page=1&colour=red"])
def test_a_parameter_that_the_operation_does_not_have_is_wrong(contract: Contract, query: str) -> None:
    assert found(contract, replace(LIST, query=query)) == [
        ("client.undocumented-parameter", "L22.unknown-parameter", 1)
    ]


def test_a_parameter_of_another_operation_is_wrong(contract: Contract) -> None:
    read = replace(LIST, operation="getTask", path="/api/v1/tasks/tsk_1", query="page=2")

    assert found(contract, read) == [("client.undocumented-parameter", "L22.unknown-parameter", 1)]


@pytest.mark.parametrize("name", ["colour", "id", "createdAt", "Title"])
def test_a_field_that_the_body_does_not_have_is_wrong(contract: Contract, name: str) -> None:
    body = {"title": "Buy milk", name: "x"}

    assert found(contract, replace(POST, body=body)) == [("client.undocumented-field", "R4.unknown-field", 1)]


def test_the_same_thing_is_found_once_and_counted(contract: Contract) -> None:
    assert found(contract, *[replace(LIST, query="colour=red")] * 3) == [
        ("client.undocumented-parameter", "L22.unknown-parameter", 3)
    ]


def test_a_finding_shows_the_first_request_that_tells_of_it(contract: Contract) -> None:
    judge = Judge(contract)
    for number in ("first", "second"):
        judge.see(replace(LIST, id=number, query="colour=red"))

    (finding,) = judge.report().wrong
    assert finding.exchange == replace(LIST, id="first", query="colour=red")


def test_the_same_key_before_retry_after_has_ended_is_wrong(contract: Contract) -> None:
    assert found(contract, at(0, REFUSED), at(59, LIST)) == [("client.asked-before-retry-after", "E5.retry-after", 1)]


@pytest.mark.parametrize(
    ("second", "reason"),
    [
        (at(60, LIST), "the wait is over"),
        (at(59.95, LIST), "a client's clock may run a little faster"),
        (at(5, LIST, credential="ben"), "another key"),
        (at(5, LIST, credential=None), "no key"),
        (replace(at(5, LIST), at=61), "the test has moved the server's clock"),
    ],
)
def test_what_is_no_use_of_the_same_key_too_early_is_not_found(
    contract: Contract, second: Exchange, reason: str
) -> None:
    assert found(contract, at(0, REFUSED), second) == [], reason


def test_a_connection_that_was_opened_after_the_429_is_a_use_too_early(contract: Contract) -> None:
    first, again = at(0, REFUSED, connection=1, connected=-0.01), at(0.01, LIST, connection=2, connected=0.005)

    assert found(contract, first, again) == [("client.asked-before-retry-after", "E5.retry-after", 1)]


def test_a_client_that_turns_out_to_send_several_at_once_is_believed(contract: Contract) -> None:
    first, second = at(0, REFUSED, connection=1, connected=-0.01), at(0.01, LIST, connection=2, connected=0.005)
    third, fourth = at(0.02, LIST, connection=3, connected=0.015), at(0.021, LIST, connection=4, connected=0.016)

    assert found(contract, first, second, third, fourth) == []


def open_until(moment: float | None) -> Callable[[], float | None]:
    return lambda: moment


@pytest.mark.parametrize("moment", [None, 0.5], ids=["still", "closed afterwards"])
def test_a_client_that_holds_two_connections_open_may_send_at_once(contract: Contract, moment: float | None) -> None:
    """Where the server sees the requests of a parallel client one by one, since it is quick, or was not running."""
    first = at(0, LIST, connection=1, connected=-0.01, closed=open_until(moment))
    second = at(0.02, REFUSED, connection=2, connected=0.01, closed=open_until(moment))

    assert found(contract, first, second, at(0.03, LIST, connection=2, connected=0.01)) == []


def test_a_client_that_closes_each_connection_before_the_next_sends_one_by_one(contract: Contract) -> None:
    first = at(0, LIST, connection=1, connected=-0.01, closed=open_until(0.005))
    second, third = at(0.02, REFUSED, connection=2, connected=0.01), at(0.03, LIST, connection=2, connected=0.01)

    assert found(contract, first, second, third) == [("client.asked-before-retry-after", "E5.retry-after", 1)]


@pytest.mark.parametrize(
    "second",
    [
        at(0.001, LIST, connection=2, connected=-0.005),
        at(0.001, LIST, connection=2, connected=-9),
        at(0.001, LIST),
    ],
    ids=["opened before the answer", "kept open", "nothing is known of it"],
)
def test_a_request_on_another_connection_may_have_been_in_flight(contract: Contract, second: Exchange) -> None:
    first = at(0, REFUSED, connection=1, connected=-0.01)

    assert found(contract, first, second) == []


def test_a_request_that_was_sent_behind_another_was_in_flight(contract: Contract) -> None:
    first, second = at(0, REFUSED, connection=1, followed=True), at(0.001, LIST, connection=1)

    assert found(contract, first, second) == []


def test_a_request_on_the_same_connection_is_a_use_too_early(contract: Contract) -> None:
    first, second = at(0, REFUSED, connection=1), at(0.001, LIST, connection=1)

    assert found(contract, first, second) == [("client.asked-before-retry-after", "E5.retry-after", 1)]


def test_requests_that_were_in_flight_when_the_429_came_are_excepted(contract: Contract) -> None:
    under_way = at(0.0, REFUSED, until=0.2), at(0.1, LIST, until=0.3), at(0.21, LIST, connection=7, until=0.4)

    assert found(contract, *under_way) == []


def test_a_client_with_parallel_requests_may_have_held_one_in_its_pool(contract: Contract) -> None:
    first, other = at(0.0, REFUSED, until=0.2, connection=1), at(0.1, LIST, until=0.3, connection=2)

    assert found(contract, first, other, at(0.21, LIST, connection=1)) == []


def test_a_client_with_parallel_requests_is_held_to_it_after_a_second(contract: Contract) -> None:
    first, other = at(0.0, REFUSED, until=0.2), at(0.1, LIST, until=0.3)

    assert found(contract, first, other, at(1.3, LIST)) == [("client.asked-before-retry-after", "E5.retry-after", 1)]


def test_a_429_that_never_reached_the_client_asks_for_nothing(contract: Contract) -> None:
    assert found(contract, at(0, REFUSED, delivered=False), at(1, LIST)) == []


def test_a_429_without_retry_after_asks_for_nothing(contract: Contract) -> None:
    assert found(contract, at(0, REFUSED, retry_after=None), at(1, LIST)) == []


def test_one_use_that_the_server_grants_is_one_finding(contract: Contract) -> None:
    later = [at(moment, LIST) for moment in (1, 2, 3)]

    assert found(contract, at(0, REFUSED), *later) == [("client.asked-before-retry-after", "E5.retry-after", 1)]


@pytest.mark.parametrize(
    "first",
    [
        at(0, POST, status=500),
        at(0, POST, status=503),
        at(0, POST, disturbed=True),
        at(0, POST, delivered=False),
        at(0, POST, delivered=False, status=None),
    ],
    ids=["500", "503", "late", "cut", "left"],
)
def test_an_equal_post_after_an_answer_that_failed_is_fragile(contract: Contract, first: Exchange) -> None:
    assert found(contract, first, at(1, POST)) == [("client.post-sent-again", "E17.not-judged", 1)]


def test_an_equal_post_while_the_answer_is_held_back_is_fragile(contract: Contract) -> None:
    held_back = at(0, POST, until=5, disturbed=True)

    assert found(contract, held_back, at(1, POST)) == [("client.post-sent-again", "E17.not-judged", 1)]


def test_equal_posts_that_were_sent_together_are_not_found(contract: Contract) -> None:
    held_back = at(0, POST, until=5, disturbed=True)

    assert found(contract, held_back, at(0.01, POST)) == []


def test_an_equal_post_of_a_client_that_did_not_wait_is_fragile(contract: Contract) -> None:
    slow = at(0, POST, until=5, delivered=False, status=None)

    assert found(contract, at(1, POST), slow) == [("client.post-sent-again", "E17.not-judged", 1)]


@pytest.mark.parametrize(
    "between",
    [
        (at(0, POST),),
        (at(0, POST, status=400), at(0.5, LIST)),
        (at(0, POST, status=503), at(0.5, LIST)),
        (at(0, POST, status=503, body_digest="bread"),),
        (at(0, POST, status=503, credential="ben"),),
        (at(0, POST, status=503, path="/api/v1/products"),),
    ],
    ids=["it worked", "it was refused", "the client looked", "another body", "another key", "another path"],
)
def test_a_post_for_a_reason_of_its_own_is_not_found(contract: Contract, between: tuple[Exchange, ...]) -> None:
    assert found(contract, *between, at(1, POST)) == []


def test_equal_posts_that_are_under_way_together_are_not_found(contract: Contract) -> None:
    assert found(contract, at(0, POST, until=0.2, status=503), at(0.1, POST, until=0.3, status=503)) == []


def test_a_page_behind_the_last_one_is_fragile(contract: Contract) -> None:
    second = at(1, LIST, query="page=2")

    assert found(contract, at(0, LAST), second) == [("client.page-past-the-end", "L3.empty-page", 1)]


@pytest.mark.parametrize(
    "then",
    [
        (at(1, LIST, query="page=1"),),
        (at(1, LIST, query="page=2&search=milk"),),
        (at(1, LIST, query="page=2", credential="ben"),),
        (at(1, LIST, query="page=2", path="/api/v1/products"),),
        (at(1, POST), at(2, LIST, query="page=2")),
        (at(1, replace(LAST, page=Page(1, of=2, has_next=True))), at(2, LIST, query="page=2")),
    ],
    ids=["again", "other selection", "other key", "other list", "a record was added", "there is a next one now"],
)
def test_a_page_for_a_reason_of_its_own_is_not_found(contract: Contract, then: tuple[Exchange, ...]) -> None:
    assert found(contract, at(0, LAST), *then) == []


def test_pages_that_were_asked_for_together_are_not_found(contract: Contract) -> None:
    assert found(contract, at(0, LAST, until=0.2), at(0.1, LIST, query="page=2", until=0.3)) == []


def test_a_client_that_met_nothing_is_told_what_it_never_met(contract: Contract) -> None:
    assert never_met(Judge(contract)) == ["429", "503", "a-second-page", "added-members", "other-choices"]


def test_what_a_client_met_is_not_told(contract: Contract) -> None:
    judge = Judge(contract, added_members=True, other_choices=True)
    for exchange in (REFUSED, replace(LIST, status=503), replace(LIST, page=Page(2, of=2, has_next=False))):
        judge.see(exchange)

    assert never_met(judge) == []


def test_an_empty_page_past_the_end_is_no_second_page(contract: Contract) -> None:
    judge = Judge(contract)
    judge.see(replace(LIST, query="page=2", page=Page(2, of=1, has_next=False)))

    assert "a-second-page" in never_met(judge)


def test_nothing_follows_from_what_was_before_a_reset(contract: Contract) -> None:
    judge = Judge(contract)
    for exchange in (at(0, LAST), at(1, POST, status=503), at(2, REFUSED)):
        judge.see(exchange)
    judge.begin_again()
    for exchange in (at(3, LIST), at(4, POST), at(5, LIST, query="page=2")):
        judge.see(exchange)

    assert (judge.report().wrong, judge.report().fragile) == ((), ())


def test_the_report_as_json_names_id_clause_and_request(contract: Contract) -> None:
    judge = Judge(contract)
    judge.see(replace(LIST, query="colour=red"))

    told = judge.report().json()

    assert told["requests"] == 1
    assert told["wrong"] == [
        {
            "id": "client.undocumented-parameter",
            "clause": "L22.unknown-parameter",
            "message": "listTasks has no parameter 'colour'",
            "times": 1,
            "operation": "listTasks",
            "request": {"id": "r", "method": "GET", "target": "/api/v1/tasks?colour=red", "status": 200},
        }
    ]
    assert [one["request"] for one in told["notExercised"]] == [None] * 5


def test_every_clause_is_one_of_the_rulings() -> None:
    rules = [value for value in vars(judging).values() if isinstance(value, Rule)]

    assert len(rules) == 11
    assert [rule.id for rule in rules if rule.clause not in rulings().clauses] == []


def test_a_line_tells_kind_id_clause_and_request() -> None:
    finding = Finding(judging.PARAMETER, "listTasks has no parameter 'a'", replace(LIST, query="a=1"), times=2)

    assert finding.line == (
        "wrong: client.undocumented-parameter (L22.unknown-parameter): listTasks has no parameter 'a' "
        "[GET /api/v1/tasks?a=1] (2 times)"
    )
