"""What judges the refusals of an operation that is not there accuses nobody."""

from collections.abc import Sequence

import pytest
from entity_conformance.deployment.reply import Headers, Reply
from entity_conformance.report.verdict import Outcome, Result
from entity_conformance.suite.absent import of_absent_operations, without_absent_operations

BASE = "http://host/api/v1"


def reply(number: int, status: int, path: str = "/tasks/tsk_1", method: str = "PATCH", by: str = "api_key") -> Reply:
    return Reply(f"x{number}", method, BASE + path, by, status, Headers(()), b"")


def wrong(requirement: str, expected: str, exchange: str) -> Result:
    return Result(requirement, "update", "must", "tasks", Outcome.failed, "it is wrong", expected, "405", (exchange,))


RESULTS = (wrong("update.one", "2xx", "x1"), wrong("update.two", "400 or 422", "x2"), wrong("auth.one", "403", "x3"))


def outcomes(results: Sequence[Result], replies: Sequence[Reply]) -> list[Outcome]:
    return [one.outcome for one in without_absent_operations(results, replies, BASE)]


@pytest.mark.parametrize("status", [404, 405, 500, 501])
def test_the_operation_fails_what_needs_it_alone(status: int) -> None:
    replies = [reply(number, status) for number in (1, 2, 3)]

    ended = without_absent_operations(RESULTS, [*replies, reply(4, 401, by="none")], BASE)

    assert [one.outcome for one in ended] == [Outcome.failed, Outcome.blocked, Outcome.blocked]
    assert ended[1].message == f"PATCH /tasks/{{id}} answers {status}, whatever is asked"


def test_the_same_of_another_entity_is_the_same_operation() -> None:
    replies = [reply(number, 405) for number in (1, 2, 3)]
    replies += [reply(number, 405, path="/orders/ord_1") for number in (4, 5, 6)]

    assert outcomes([*RESULTS, wrong("update.two", "400", "x5")], replies)[-1] is Outcome.blocked


@pytest.mark.parametrize(
    "others",
    [
        [reply(4, 200)],
        [reply(4, 400)],
        [reply(4, 404)],
    ],
)
def test_an_operation_with_another_answer_is_there(others: Sequence[Reply]) -> None:
    replies = [reply(number, 405) for number in (1, 2, 3)]

    assert outcomes(RESULTS, [*replies, *others]) == [Outcome.failed] * 3


def test_the_exchanges_of_an_operation_that_is_not_there_are_known() -> None:
    replies = [*(reply(number, 405) for number in (1, 2, 3)), reply(4, 404, method="GET")]

    assert of_absent_operations(replies, BASE) == {"x1", "x2", "x3"}


def test_nothing_is_lost_where_only_refusals_were_judged() -> None:
    replies = [reply(number, 405) for number in (1, 2, 3)]

    assert outcomes(RESULTS[1:], replies) == [Outcome.failed] * 2


def test_two_answers_are_too_few_to_tell() -> None:
    assert outcomes(RESULTS[:2], [reply(1, 405), reply(2, 405)]) == [Outcome.failed] * 2


def test_an_answer_for_each_of_several_entities_is_enough() -> None:
    replies = [reply(number, 405, path=f"/{name}/1") for number, name in enumerate(("tasks", "orders", "users"), 1)]
    own, other = wrong("update.returns-record", "200", "x1"), wrong("read.finds-what-is-there", "the record", "x3")

    assert outcomes((own, other), replies) == [Outcome.failed, Outcome.blocked]


def test_a_description_that_is_not_there_is_told_once() -> None:
    replies = [reply(number, 404, path="/tasks", method="OPTIONS") for number in (1, 2, 3)]
    results = (wrong("metadata.describes-entity", "200", "x1"), wrong("metadata.preflight", "200 or 204", "x2"))

    assert outcomes(results, replies) == [Outcome.failed, Outcome.blocked]


def test_an_operation_that_always_fails_is_an_internal_error_all_the_same() -> None:
    replies = [reply(number, 500) for number in (1, 2, 3)]
    own, every = wrong("update.returns-record", "200", "x1"), wrong("errors.internal-error", "below 500", "x2")

    assert outcomes((own, every), replies) == [Outcome.failed, Outcome.failed]


def test_a_refusal_of_another_kind_is_judged() -> None:
    assert outcomes(RESULTS, [reply(number, 422) for number in (1, 2, 3)]) == [Outcome.failed] * 3


def test_what_is_about_the_operation_itself_stands_for_all_that_needs_it() -> None:
    replies = [reply(number, 405, method="GET") for number in (1, 2, 3)]
    own, other = wrong("read.returns-record", "200", "x1"), wrong("auth.read-key-reads", "200", "x2")

    ended = without_absent_operations((other, own, wrong("read.unknown-id", "404", "x3")), replies, BASE)

    assert [one.outcome for one in ended] == [Outcome.blocked, Outcome.failed, Outcome.blocked]


def test_a_missing_scope_says_nothing_of_an_operation() -> None:
    replies = [reply(number, 405) for number in (1, 2, 3)]

    assert outcomes(RESULTS, [*replies, reply(4, 403)])[1:] == [Outcome.blocked] * 2
