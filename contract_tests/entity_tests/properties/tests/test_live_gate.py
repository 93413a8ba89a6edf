"""The gate: what it sends, what it keeps to itself, when it waits and when it stops. No network."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email.utils import format_datetime

import pytest
import requests
from entity_tests.properties.gate import KEY, SESSION, Gate
from entity_tests.properties.ledger import Ledger
from entity_tests.properties.settings import LiveSettings
from entity_tests.properties.share import Held, Share, Spent, Unsafe, Withheld

API_KEY = "sk_live_0123456789abcdefghijklmnopqrstuv"
TOKEN = "a-session-token-that-nobody-knows"
BASE = "http://127.0.0.1:5173/api/v1"
NOW = datetime(2026, 1, 1, tzinfo=UTC)
START = NOW.timestamp()

Answer = Callable[[requests.PreparedRequest], requests.Response]


class Deployment:
    """Answers in the line's place; keeps the requests as they left, and how long was slept."""

    def __init__(self, *answers: requests.Response | Exception) -> None:
        self.answers: Iterator[requests.Response | Exception] = iter(answers)
        self.requests: list[requests.PreparedRequest] = []
        self.slept: list[float] = []
        self.now = 0.0

    def exchange(self, request: requests.PreparedRequest) -> requests.Response:
        self.requests.append(request)
        answer = next(self.answers, None)
        if answer is None:
            answer = answered(200, {"success": True, "data": []})
        if isinstance(answer, Exception):
            raise answer
        answer.request = request
        return answer

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    def close(self) -> None:
        """Nothing is open."""


def answered(status: int, body: object = None, **headers: object) -> requests.Response:
    response = requests.Response()
    response.status_code = status
    response._content = json.dumps(body).encode()  # how requests itself keeps it
    response.headers.update({name.replace("_", "-"): str(value) for name, value in headers.items()})
    response.headers["Date"] = format_datetime(NOW, usegmt=True)
    return response


def limited(remaining: int, seconds: int, status: int = 200) -> requests.Response:
    body = {"success": True, "data": []}
    return answered(status, body, X_RateLimit_Remaining=remaining, X_RateLimit_Reset=int(START) + seconds)


def gate(deployment: Deployment, **options: object) -> Gate:
    settings = LiveSettings(**{"base": BASE, "api_key": API_KEY, "session": TOKEN, **options})  # type: ignore[arg-type]
    opened = Gate(settings, Ledger("contract-tests-xyz"), sleep=deployment.sleep, clock=lambda: deployment.now)
    opened._line = deployment  # type: ignore[assignment]
    return opened


def made(id_: str) -> requests.Response:
    return answered(201, {"success": True, "data": {"id": id_}})


def test_the_real_credential_leaves_and_its_placeholder_stays() -> None:
    deployment = Deployment()
    answer = gate(deployment).ask("GET", "/tasks")
    assert deployment.requests[0].headers["Authorization"] == f"Bearer {API_KEY}"
    assert answer.request.headers["Authorization"] == f"Bearer {KEY}"


def test_the_keys_are_asked_for_by_the_session_alone() -> None:
    deployment = Deployment()
    opened = gate(deployment)
    both = {"Authorization": f"Bearer {KEY}", "Cookie": f"better-auth.session_token={SESSION}"}
    opened.pass_on(requests.Request("GET", f"{BASE}/keys", headers=both).prepare())
    opened.pass_on(requests.Request("GET", f"{BASE}/tasks", headers=both).prepare())
    keys, tasks = (request.headers for request in deployment.requests)
    assert (keys.get("Authorization"), keys["Cookie"]) == (None, f"better-auth.session_token={TOKEN}")
    assert (tasks["Authorization"], tasks.get("Cookie")) == (f"Bearer {API_KEY}", None)


def test_a_secret_that_is_echoed_comes_back_as_its_placeholder() -> None:
    told = answered(401, {"success": False, "error": f"Bearer {API_KEY}?", "code": "UNAUTHORIZED"}, X_Echo=TOKEN)
    answer = gate(Deployment(told)).ask("GET", "/tasks")
    assert answer.json()["error"] == f"Bearer {KEY}?"
    assert answer.headers["X-Echo"] == SESSION


def test_an_issued_key_is_never_told() -> None:
    issued = "sk_live_ZYXWVUTSRQPONMLKJIHGFEDCBA987654"
    opened = gate(Deployment(answered(201, {"success": True, "data": {"id": "key_1", "key": issued}})))
    opened.ask("POST", "/keys", kind="session", body={})
    assert issued not in opened.redactor.text(f"it is {issued}")


def test_no_more_is_sent_than_the_budget_even_to_clean_up() -> None:
    deployment = Deployment()
    opened = gate(deployment, max_requests=3)
    opened.is_closing = True
    for _ in range(3):
        opened.ask("GET", "/tasks")
    with pytest.raises(Spent, match="the budget of 3 requests is used up"):
        opened.ask("GET", "/tasks")
    assert (len(deployment.requests), opened.sent) == (3, 3)


def test_so_much_of_the_budget_is_kept_back_as_cleaning_up_takes() -> None:
    opened = gate(Deployment(made("tsk_1"), made("tsk_2")), max_requests=10)
    opened.ask("POST", "/tasks", body={})
    opened.ask("POST", "/tasks", body={})
    # two deletions, one look at the list, one at a record, and three to spare
    assert opened.left == 10 - 2 - 7
    opened.ask("GET", "/tasks")
    with pytest.raises(Spent, match="budget"):
        opened.ask("GET", "/tasks")


def test_an_operation_gets_an_equal_part_and_what_others_left() -> None:
    share = Share(left=7, operations=3)
    assert [share.take("one") for _ in range(4)] == [True, True, True, False]
    assert [share.take("two") for _ in range(1)] == [True]
    assert [share.take("three") for _ in range(4)] == [True, True, True, False]


def test_a_limit_that_resets_soon_is_waited_for() -> None:
    deployment = Deployment(limited(12, 40), limited(9, 40), limited(99, 3600))
    opened = gate(deployment)
    for _ in range(3):
        opened.ask("GET", "/tasks")
    assert deployment.slept == [40]


def test_a_limit_that_resets_late_stops_the_run_and_leaves_what_cleaning_up_takes() -> None:
    deployment = Deployment(made("tsk_1"), limited(11, 600), limited(10, 600))
    opened = gate(deployment)
    opened.ask("POST", "/tasks", body={})
    opened.ask("GET", "/tasks")
    opened.ask("GET", "/tasks")
    with pytest.raises(Spent, match="the rate limit of the key is used up for 600 s"):
        opened.ask("GET", "/tasks")
    assert opened.halted is not None
    opened.is_closing = True
    assert opened.ask("DELETE", "/tasks/tsk_1").ok
    assert deployment.slept == []


def test_the_sessions_limit_does_not_stop_the_key() -> None:
    deployment = Deployment(limited(10, 600), limited(9, 600))
    opened = gate(deployment)
    opened.ask("GET", "/keys", kind="session")
    opened.ask("GET", "/keys", kind="session")
    with pytest.raises(Spent, match="the rate limit of the session"):
        opened.ask("GET", "/keys", kind="session")
    assert opened.ask("GET", "/tasks", kind="key").ok
    assert opened.halted is None


def test_a_429_is_waited_out_and_the_request_sent_again() -> None:
    deployment = Deployment(answered(429, {"success": False}, Retry_After=7))
    opened = gate(deployment)
    assert opened.ask("GET", "/tasks").status_code == 200
    assert (deployment.slept, opened.sent) == ([7], 2)


def test_a_429_for_an_hour_is_answered_and_stops_the_run() -> None:
    opened = gate(Deployment(answered(429, {"success": False}, Retry_After=3600)))
    assert opened.ask("GET", "/tasks").status_code == 429
    with pytest.raises(Spent, match="used up for 3600 s"):
        opened.ask("GET", "/tasks")


@pytest.mark.parametrize(
    ("method", "path"),
    [("DELETE", "/tasks/tsk_of_another"), ("PATCH", "/tasks/tsk_of_another"), ("PUT", "/tasks"), ("DELETE", "/tasks")],
)
def test_what_the_run_did_not_make_is_never_changed(method: str, path: str) -> None:
    deployment = Deployment(answered(200, {"success": True, "data": [{"id": "tsk_of_another"}]}))
    opened = gate(deployment)
    opened.ask("GET", "/tasks")
    with pytest.raises(Unsafe):
        opened.ask(method, path)
    assert len(deployment.requests) == 1


def test_what_the_run_made_may_be_changed_and_so_may_an_id_that_nobody_has() -> None:
    opened = gate(Deployment(made("tsk_1")))
    opened.ask("POST", "/tasks", body={})
    opened.ask("PATCH", "/tasks/tsk_1", body={})
    opened.ask("DELETE", f"/tasks/{opened.ledger.missing_id}")


def test_a_record_that_was_there_before_stays_anothers_whatever_a_creation_answers() -> None:
    opened = gate(Deployment(answered(200, {"success": True, "data": [{"id": "cus_old"}]}), made("cus_old")))
    opened.ask("GET", "/customers")
    opened.ask("POST", "/customers", body={})
    with pytest.raises(Unsafe):
        opened.ask("DELETE", "/customers/cus_old")
    assert opened.ledger.outstanding == ()


def test_a_run_that_only_reads_sends_nothing_else() -> None:
    deployment = Deployment()
    opened = gate(deployment, base="https://shop.example.com/api/v1")
    with pytest.raises(Unsafe, match="only reads"):
        opened.ask("POST", "/tasks", body={})
    assert deployment.requests == []


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/api/v1/tasks", "http://127.0.0.1:5173@example.com/api/v1/tasks"])
def test_no_other_host_is_asked(url: str) -> None:
    with pytest.raises(Unsafe, match="another place"):
        gate(Deployment()).pass_on(requests.Request("GET", url).prepare())


@pytest.mark.parametrize("body", [{"prompt": "x"}, {"prompt": "x", "maxTokens": 9}, {"prompt": "x", "maxTokens": 8.5}])
def test_no_long_text_is_generated(body: object) -> None:
    with pytest.raises(Unsafe, match="more than 8 tokens"):
        gate(Deployment()).ask("POST", "/ai/generate", body=body)


def test_no_third_text_is_generated() -> None:
    deployment = Deployment()
    opened = gate(deployment)
    for _ in range(2):
        opened.ask("POST", "/ai/generate", body={"prompt": "x", "maxTokens": 8})
    with pytest.raises(Spent, match="text was generated 2 times"):
        opened.ask("POST", "/ai/generate", body={"prompt": "x", "maxTokens": 8})
    assert len(deployment.requests) == 2


def test_a_seventh_key_is_not_made_until_one_is_revoked() -> None:
    opened = gate(Deployment(*(made(f"key_{number}") for number in range(6))))
    for _ in range(6):
        opened.ask("POST", "/keys", kind="session", body={})
    with pytest.raises(Spent, match="6 API keys were made"):
        opened.ask("POST", "/keys", kind="session", body={})
    opened.ask("DELETE", "/keys/key_0", kind="session")
    opened.ask("POST", "/keys", kind="session", body={})


def test_enough_of_one_operation_ends_it_and_of_a_sequence_one_step() -> None:
    request = requests.Request("POST", f"{BASE}/ai/generate", json={"prompt": "x", "maxTokens": 8}).prepare()
    opened = gate(Deployment())
    opened.generations = 2
    opened.share = Share(left=10, operations=2)
    with pytest.raises(Held):
        opened.pass_on(request)
    opened.share = Share(left=10)
    with pytest.raises(Withheld):
        opened.pass_on(request)


def test_a_deployment_that_stops_answering_is_not_asked_for_ever() -> None:
    opened = gate(Deployment(*(requests.ConnectionError("reset") for _ in range(5))))
    for _ in range(5):
        with pytest.raises(requests.ConnectionError):
            opened.ask("GET", "/tasks")
    with pytest.raises(Spent, match="stopped answering"):
        opened.ask("GET", "/tasks")


def test_the_run_ends_when_its_time_is_over() -> None:
    deployment = Deployment()
    opened = gate(deployment, max_seconds=100)
    deployment.now = 101
    with pytest.raises(Spent, match="the time of 100 s is used up"):
        opened.ask("GET", "/tasks")


def test_a_creation_without_an_answer_is_remembered() -> None:
    opened = gate(Deployment(requests.ConnectionError("reset")))
    with pytest.raises(requests.ConnectionError):
        opened.ask("POST", "/tasks", body={})
    assert opened.ledger.touched == ("tasks",)


def test_every_session_of_requests_sends_through_the_gate() -> None:
    deployment = Deployment()
    opened = gate(deployment)
    with opened.in_the_way():
        requests.get(f"{BASE}/tasks", headers={"Authorization": f"Bearer {KEY}"}, timeout=5)
    assert opened.sent == 1
    assert deployment.requests[0].headers["Authorization"] == f"Bearer {API_KEY}"
