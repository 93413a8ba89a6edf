"""What the judge accepts, what it tells, and which readings an answer leaves."""

import json
from typing import Any

import httpx
import pytest
from entity_contract import Contract, Entity
from entity_tests.model.deployment import Reply
from entity_tests.model.judging import Difference, Judge
from entity_tests.model.question import Condition, Question
from entity_tests.model.reading import DECIDED, EVERY, chosen
from entity_tests.model.records import Model, Record

HEADERS = {
    "X-Request-ID": "r",
    "X-RateLimit-Limit": "10",
    "X-RateLimit-Remaining": "9",
    "X-RateLimit-Reset": "1",
    "X-Page": "1",
    "X-Per-Page": "20",
}


def task(number: int, **fields: object) -> Record:
    at = f"2025-03-01T10:00:{number:02}.000Z"
    return {
        "id": f"tsk_{number}", "title": f"title {number}", "description": None, "status": "todo", "priority": "medium",
        "assigneeId": None, "createdAt": at, "updatedAt": at, **fields,
    }  # fmt: skip


@pytest.fixture
def model(contract: Contract) -> Model:
    model = Model(contract.entities, contract.operators)
    for one in (task(1, priority="low"), task(2, priority="medium"), task(3, priority="high")):
        model.create(model.entity("tasks"), "one", one)
    return model


@pytest.fixture
def tasks(model: Model) -> Entity:
    return model.entity("tasks")


def page(model: Model, *numbers: int, **changes: Any) -> Reply:
    """A page of these tasks as a server would answer it, but for some changes."""
    entity = model.entity("tasks")
    records = [dict(model.find(entity, f"tsk_{number}", "one") or {}) for number in numbers]
    total = len(numbers)
    told = {"page": 1, "limit": 20, "total": total, "totalPages": 1 if total else 0, "hasNext": False, "hasPrev": False}
    body = {"success": True, "data": records, "pagination": told, **changes}
    url = httpx.URL("http://x/api/v1/tasks")
    return Reply(200, httpx.Headers({**HEADERS, "X-Total-Count": str(total)}), json.loads(json.dumps(body)), {}, url)


def test_the_decided_answer_is_content(model: Model, tasks: Entity) -> None:
    judge = Judge(model, exact=True)
    assert judge.listing(Question(tasks), "one", page(model, 3, 2, 1), (DECIDED,)) == (DECIDED,)


@pytest.mark.parametrize(
    ("numbers", "changes", "told"),
    [
        ((1, 2, 3), {}, "`data` must hold the records [tsk_3, tsk_2, tsk_1], and holds [tsk_1, tsk_2, tsk_3]"),
        ((3, 2), {}, "`data` must hold the records [tsk_3, tsk_2, tsk_1], and holds [tsk_3, tsk_2]"),
        ((3, 2, 1), {"pagination": None}, "`pagination` must be"),
        ((3, 2, 1), {"success": False}, "`success` must be true"),
        ((3, 2, 1), {"data": {}}, "`data` must be an array"),
    ],
)
def test_a_difference_says_what_must_be(
    model: Model, tasks: Entity, numbers: tuple[int, ...], changes: dict[str, object], told: str
) -> None:
    with pytest.raises(Difference) as raised:
        Judge(model, exact=True).listing(Question(tasks), "one", page(model, *numbers, **changes), (DECIDED,))
    assert told in str(raised.value)
    assert "asked:    GET /tasks\n" in str(raised.value)


def test_true_is_not_one_and_null_is_not_absent(model: Model, tasks: Entity) -> None:
    judge = Judge(model, exact=True)
    reply = page(model, 3, 2, 1)
    assert reply.body is not None
    del reply.body["data"][0]["description"]
    reply.body["pagination"]["hasNext"] = 0
    with pytest.raises(Difference) as raised:
        judge.listing(Question(tasks), "one", reply, (DECIDED,))
    assert "data[0] must have `description`, null" in str(raised.value)
    assert "pagination.hasNext must be false, and is 0" in str(raised.value)


def test_elsewhere_an_unset_field_may_be_absent(model: Model, tasks: Entity) -> None:
    reply = page(model, 3, 2, 1)
    assert reply.body is not None
    del reply.body["data"][0]["description"]
    assert Judge(model, exact=False).listing(Question(tasks), "one", reply, EVERY)


def test_alphabetical_enums_are_a_choice_to_stick_to(model: Model, tasks: Entity) -> None:
    judge = Judge(model, exact=False)
    question = Question(tasks, sort="priority")
    left = judge.listing(question, "one", page(model, 3, 1, 2), EVERY)
    assert chosen(left)["enums"] == "alphabetical"
    with pytest.raises(Difference):
        judge.listing(question, "one", page(model, 1, 2, 3), left)


def test_an_order_of_its_own_is_a_choice_where_nothing_is_sorted(model: Model, tasks: Entity) -> None:
    left = Judge(model, exact=False).listing(Question(tasks), "one", page(model, 2, 3, 1), EVERY)
    assert chosen(left)["default_order"] == "any"


def test_a_should_is_a_warning_elsewhere_and_fails_when_strict(model: Model, tasks: Entity) -> None:
    question = Question(tasks, conditions=(Condition("title", "$contains", "2"),))
    lax, strict = Judge(model, exact=False), Judge(model, exact=False, strict=True)
    assert lax.listing(question, "one", page(model, 3), EVERY) == EVERY
    assert len(lax.warnings) == 1
    with pytest.raises(Difference):
        strict.listing(question, "one", page(model, 3), EVERY)


def test_a_must_fails_elsewhere_too(model: Model, tasks: Entity) -> None:
    question = Question(tasks, conditions=(Condition("priority", "$eq", "low"),))
    with pytest.raises(Difference):
        Judge(model, exact=False).listing(question, "one", page(model, 3), EVERY)
