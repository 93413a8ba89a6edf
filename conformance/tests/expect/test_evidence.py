"""A finding names the exchange that the value which it judges was read from."""

from collections.abc import Callable, Iterator
from contextvars import Context

import pytest
from entity_conformance.deployment.problems import Violation
from entity_conformance.deployment.reply import Reply, origin, reading
from entity_conformance.suite import expect
from entity_contract import Entity, load

from conformance.tests.answers import TASK, problem, reply, success

LISTED = {"pagination": {"page": 1, "limit": 20, "total": 2, "hasNext": False, "note": None}}

FIRST = reply(body=success([TASK, {"id": "tsk_2"}], **LISTED), exchange="x1", X_Request_ID="first")
SECOND = reply(body=success([{"id": "tsk_3"}], **LISTED), exchange="x2", X_Request_ID="second")
ONE = reply(body=success({"id": "tsk_1", "title": "Other"}), exchange="x3")
NONE = reply(body=success([], **LISTED), exchange="x4")
REFUSED = reply(400, problem("BAD_REQUEST"), exchange="x5")
STRANGE = reply(400, {"detail": "no"}, exchange="x6")
EMPTY = reply(204, text="", exchange="x7")


@pytest.fixture
def tasks() -> Entity:
    entity = load().entity("tasks")
    assert entity is not None
    return entity


@pytest.fixture(autouse=True)
def _reading() -> Iterator[None]:
    with reading():
        yield


def evidence(judgement: Callable[[], object]) -> str | None:
    with pytest.raises(Violation) as caught:
        judgement()
    return caught.value.exchange


@pytest.mark.parametrize(
    ("judgement", "exchange"),
    [
        (lambda: expect.status(EMPTY, 200), "x7"),
        (lambda: expect.error(REFUSED, 404), "x5"),
        (lambda: expect.error(REFUSED, 400, "INVALID_SORT"), "x5"),
        (lambda: expect.error(REFUSED, 400, "BAD_REQUEST", names="title"), "x5"),
        (lambda: expect.envelope(STRANGE), "x6"),
        (lambda: EMPTY.body, "x7"),
        (lambda: ONE.pagination, "x3"),
        (lambda: expect.header(EMPTY, "X-Request-ID"), "x7"),
        (lambda: expect.link(FIRST, "next"), "x1"),
        (lambda: expect.choice(one=lambda: expect.status(FIRST, 201), two=lambda: expect.status(ONE, 404)), "x1"),
    ],
)
def test_a_verb_over_an_answer_names_that_answer(judgement: Callable[[], object], exchange: str) -> None:
    STRANGE.body  # noqa: B018  # another answer was read before
    SECOND.records  # noqa: B018

    assert evidence(judgement) == exchange


def test_the_first_value_of_a_comparison_is_the_one_judged() -> None:
    assert evidence(lambda: expect.in_order(SECOND.records, FIRST.records)) == "x2"


def test_a_text_is_known_again_after_other_answers_were_read() -> None:
    found = ONE.record["title"]
    SECOND.records  # noqa: B018

    assert evidence(lambda: expect.equal(found, "Write", at="data.title")) == "x3"


def test_an_equal_text_of_another_answer_is_not_mistaken_for_it() -> None:
    found, same = FIRST.records[0]["id"], ONE.record["id"]

    assert found == same
    assert evidence(lambda: expect.different(found, same, at="data.id")) == "x1"


def test_a_member_that_is_missing_is_one_of_its_object(tasks: Entity) -> None:
    read = ONE.record

    assert evidence(lambda: expect.holds(read, {"status": FIRST.records[0]["status"]}, tasks)) == "x3"
    assert evidence(lambda: expect.nulls(read, ["dueDate"])) == "x3"
    assert evidence(lambda: expect.has(read, ["createdAt"])) == "x3"


def test_a_null_is_of_the_answer_that_was_read_last() -> None:
    FIRST.pagination  # noqa: B018  # it holds a null as well

    assert evidence(lambda: expect.equal(ONE.record.get("description"), "text", at="data.description")) == "x3"


def test_records_of_several_pages_are_of_the_last_page_that_has_any() -> None:
    pages = [FIRST, SECOND, NONE]

    found = [record for page in pages for record in page.records]

    assert evidence(lambda: expect.exactly(found, [{"id": "tsk_1"}])) == "x2"


def test_what_was_made_of_values_is_of_the_answer_that_was_read_last() -> None:
    assert evidence(lambda: expect.equal(len(FIRST.records) + len(ONE.id), 2, at="a sum")) == "x3"


def test_a_header_is_of_its_answer() -> None:
    found = expect.header(FIRST, "X-Request-ID")
    SECOND.records  # noqa: B018

    assert evidence(lambda: expect.equal(found, "sent", at="X-Request-ID")) == "x1"


def test_where_nothing_was_read_no_exchange_is_named() -> None:
    assert evidence(lambda: expect.equal(1, 2, at="a sum")) is None


def test_nothing_is_remembered_of_an_earlier_check() -> None:
    found = ONE.record
    with reading():
        assert origin(found) is None


def test_outside_of_a_check_nothing_is_remembered() -> None:
    def unread(answer: Reply) -> str | None:
        return origin(answer.record)

    assert Context().run(unread, ONE) is None
