"""The sender: shares of the budget, what ends an operation or a run, and what costs the deployment's owner money."""

from pathlib import Path

import httpx
import pytest
from entity_conformance.deployment.no_answer import NoAnswer
from entity_conformance.deployment.outgoing import Outgoing
from entity_conformance.deployment.ownership import Unsafe
from entity_tests.properties.sender import Sender
from entity_tests.properties.share import Held, Share, Spent, Withheld
from entity_tests.properties.tests.in_memory import Deployment, answered, made

TEXT = {"prompt": "x", "maxTokens": 8}


def get(sender: Sender) -> Outgoing:
    return Outgoing("GET", f"{sender.context.base}/tasks", credential="api_key")


def test_an_operation_gets_an_equal_part_and_what_others_left() -> None:
    share = Share(left=7, operations=3)
    assert [share.take("one") for _ in range(4)] == [True, True, True, False]
    assert [share.take("two") for _ in range(1)] == [True]
    assert [share.take("three") for _ in range(4)] == [True, True, True, False]


def test_what_cleaning_up_takes_is_kept_back_of_the_budget(tmp_path: Path) -> None:
    def work(sender: Sender) -> tuple[int, int]:
        before = sender.left
        sender.ask("POST", "/tasks", json={"title": "x"})
        return before, sender.left

    # one is sent; one is kept back to delete the record, three to look what is left
    assert Deployment(tmp_path, made("tsk_1"), max_requests=10).does(work) == (10, 5)


@pytest.mark.parametrize(("most", "said"), [(3, "3 requests"), (1, "1 request")])
def test_a_spent_budget_halts_the_run_and_says_so(most: int, said: str, tmp_path: Path) -> None:
    def work(sender: Sender) -> str | None:
        for _ in range(most):
            sender.ask("GET", "/tasks")
        with pytest.raises(Spent, match=f"the budget of {said} is used up"):
            sender.ask("GET", "/tasks")
        return sender.halted

    assert Deployment(tmp_path, max_requests=most).does(work) == f"the budget of {said} is used up"


def test_a_spent_limit_of_the_session_ends_what_needs_it_and_nothing_else(tmp_path: Path) -> None:
    refused = answered(429, {"success": False}, Retry_After=3600)

    def work(sender: Sender) -> str | None:
        with pytest.raises(Spent, match="rate limit"):
            sender.ask("GET", "/keys", credential="session")
        with pytest.raises(Spent, match="rate limit"):
            sender.ask("GET", "/keys", credential="session")
        sender.ask("GET", "/tasks")
        return str(sender.halted)

    deployment = Deployment(tmp_path, refused, refused)  # said once it is doubted
    assert deployment.does(work) == "None"
    assert [request.url.path for request in deployment.requests] == [*["/api/v1/keys"] * 2, "/api/v1/tasks"]


def test_a_spent_limit_of_the_key_halts_the_run(tmp_path: Path) -> None:
    def work(sender: Sender) -> str:
        with pytest.raises(Spent):
            sender.ask("GET", "/tasks")
        return str(sender.halted)

    refused = answered(429, {"success": False}, Retry_After=3600)
    assert "rate limit" in Deployment(tmp_path, refused, refused).does(work)


def test_a_deployment_that_stops_answering_is_lost(tmp_path: Path) -> None:
    def work(sender: Sender) -> str:
        while sender.lost is None:
            with pytest.raises(NoAnswer):
                sender.ask("GET", "/tasks")
        with pytest.raises(Spent):
            sender.ask("GET", "/tasks")
        return sender.lost

    silences = [httpx.ReadTimeout("late") for _ in range(10)]
    assert Deployment(tmp_path, *silences).does(work) == (
        "the deployment stopped answering: no whole answer within 10 s"
    )


def test_where_read_shows_what_nobody_has_it_is_told_and_the_run_goes_on(tmp_path: Path) -> None:
    def shows(request: httpx.Request) -> httpx.Response:
        return answered(200, {"success": True, "data": {"id": request.url.path.rpartition("/")[2]}})

    def work(sender: Sender) -> tuple[list[str], str | None]:
        with pytest.raises(Spent, match="it is an id that nobody has, and READ shows a record there"):
            sender.ask("DELETE", f"/tasks/{sender.context.owned.missing_id}")
        sender.ask("GET", "/tasks")
        return list(sender.taken), sender.halted

    deployment = Deployment(tmp_path, *[shows] * 2)
    assert deployment.does(work) == (["tasks"], None)
    assert {request.method for request in deployment.requests} == {"GET"}


@pytest.mark.parametrize("body", [{"prompt": "x"}, {"prompt": "x", "maxTokens": 9}, {"prompt": "x", "maxTokens": 8.5}])
def test_no_long_text_is_generated(tmp_path: Path, body: object) -> None:
    def work(sender: Sender) -> bool:
        with pytest.raises(Unsafe, match="more than 8 tokens"):
            sender.ask("POST", "/ai/generate", json=body)
        return True

    deployment = Deployment(tmp_path)
    assert deployment.does(work)
    assert deployment.requests == []


def test_no_third_text_is_generated(tmp_path: Path) -> None:
    def work(sender: Sender) -> int:
        for _ in range(2):
            sender.ask("POST", "/ai/generate", json=TEXT)
        with pytest.raises(Spent, match="text was generated 2 times"):
            sender.ask("POST", "/ai/generate", json=TEXT)
        return sender.generations

    assert Deployment(tmp_path).does(work) == 2


def test_a_seventh_key_is_not_made_until_one_is_revoked(tmp_path: Path) -> None:
    def work(sender: Sender) -> bool:
        for _ in range(6):
            sender.ask("POST", "/keys", credential="session", json={"name": "x"})
        with pytest.raises(Spent, match="6 API keys were made"):
            sender.ask("POST", "/keys", credential="session", json={"name": "x"})
        sender.ask("DELETE", "/keys/key_0", credential="session")
        sender.ask("POST", "/keys", credential="session", json={"name": "x"})
        return True

    none = httpx.Response(200, json={"success": True, "data": []})
    assert Deployment(tmp_path, none, *(made(f"key_{number}") for number in range(6))).does(work)


def test_enough_of_one_operation_ends_it_and_of_a_sequence_one_step(tmp_path: Path) -> None:
    def work(sender: Sender) -> bool:
        request = Outgoing("POST", f"{sender.context.base}/ai/generate", content=b'{"maxTokens": 8}')
        sender.generations = 2
        sender.share = Share(left=10, operations=2)
        with pytest.raises(Held):
            sender.send(request, evidence=[])
        sender.share = Share(left=10)
        with pytest.raises(Withheld):
            sender.send(request, evidence=[])
        return True

    assert Deployment(tmp_path).does(work)


def test_an_operation_whose_part_is_used_up_is_held(tmp_path: Path) -> None:
    def work(sender: Sender) -> int:
        sender.share = Share(left=2, operations=2)
        sender.operation = "listTasks"
        sender.send(get(sender), evidence=[])
        with pytest.raises(Held, match="its share of the budget is used up"):
            sender.send(get(sender), evidence=[])
        return sender.share.left

    assert Deployment(tmp_path).does(work) == 1


def test_what_went_with_its_parent_is_not_written_to_and_ends_nothing(tmp_path: Path) -> None:
    gone = answered(404, {"success": False, "error": "Not found", "code": "NOT_FOUND"})

    def work(sender: Sender) -> tuple[str | None, tuple[str, ...]]:
        sender.ask("POST", "/tasks", json={"title": "x"})
        sender.ask("PATCH", "/tasks/tsk_1", json={"title": "y"})
        return sender.halted, sender.context.owned.own("tasks")

    deployment = Deployment(tmp_path, made("tsk_1"), gone, answered(200, {"success": True, "data": []}), gone)
    assert deployment.does(work) == (None, ())
    written = [
        request.url.path.removeprefix("/api/v1/tasks/") for request in deployment.requests if request.method == "PATCH"
    ]
    assert [path.startswith("conformance-") and path.endswith("-missing") for path in written] == [True]
