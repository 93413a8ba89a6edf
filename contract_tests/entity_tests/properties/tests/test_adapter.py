"""The adapter: what leaves in place of a placeholder, what comes back, and what of `requests` plays no role."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import httpx
import pytest
import requests
from entity_tests.properties.adapter import KEY, SESSION, Adapter, NoWholeAnswer, is_too_deep, sending_through
from entity_tests.properties.sender import Sender
from entity_tests.properties.tests import in_memory
from entity_tests.properties.tests.in_memory import BASE, TOKEN, Deployment, answered

Came = TypeVar("Came")

BEARER = {"Authorization": f"Bearer {KEY}"}
COOKIE = {"Cookie": f"better-auth.session_token={SESSION}"}


def sending(deployment: Deployment, work: Callable[[Adapter], Came]) -> Came:
    def within(sender: Sender) -> Came:
        adapter = Adapter(sender)
        with sending_through(adapter):
            return work(adapter)

    return deployment.does(within)


def get(path: str = "/tasks", **headers: str) -> requests.Response:
    return requests.get(f"{BASE}{path}", headers=headers, timeout=5)


def test_the_real_credential_leaves_and_its_placeholder_stays(tmp_path: Path) -> None:
    deployment = Deployment(tmp_path)
    answer = sending(deployment, lambda _: get(**BEARER))
    assert deployment.requests[0].headers["Authorization"] == f"Bearer {in_memory.KEY}"
    assert answer.request.headers["Authorization"] == f"Bearer {KEY}"


def test_the_keys_are_asked_for_by_the_session_alone_and_all_else_by_the_key(tmp_path: Path) -> None:
    deployment = Deployment(tmp_path)
    sending(deployment, lambda _: (get("/keys", **BEARER, **COOKIE), get(**BEARER, **COOKIE)))
    keys, tasks = (request.headers for request in deployment.requests)
    assert (keys.get("Authorization"), keys["Cookie"]) == (None, f"better-auth.session_token={TOKEN}")
    assert (tasks["Authorization"], tasks.get("Cookie")) == (f"Bearer {in_memory.KEY}", None)


def test_a_request_without_a_placeholder_leaves_as_it_is(tmp_path: Path) -> None:
    deployment = Deployment(tmp_path)
    sending(deployment, lambda _: (get(), get(Authorization="Bearer wrong")))
    assert [request.headers.get("Authorization") for request in deployment.requests] == [None, "Bearer wrong"]


def test_a_blank_in_a_query_leaves_as_no_plus(tmp_path: Path) -> None:
    deployment = Deployment(tmp_path)
    sending(deployment, lambda _: requests.get(f"{BASE}/a+b", params={"search": "one two+three"}, timeout=5))
    assert str(deployment.requests[0].url) == f"{BASE}/a+b?search=one%20two%2Bthree"


def test_what_schemathesis_marks_its_requests_with_stays(tmp_path: Path) -> None:
    deployment = Deployment(tmp_path)
    sending(deployment, lambda _: get(**{"X-Schemathesis-TestCaseId": "x", "X-Colour": "red"}))
    headers = deployment.requests[0].headers
    assert (headers.get("X-Schemathesis-TestCaseId"), headers["X-Colour"]) == (None, "red")


def test_a_netrc_file_and_a_proxy_play_no_role(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login ada password secret\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    deployment = Deployment(tmp_path)
    sending(deployment, lambda _: (get(), get(**BEARER)))
    assert [request.headers.get("Authorization") for request in deployment.requests] == [
        None,
        f"Bearer {in_memory.KEY}",
    ]


def test_a_cookie_that_an_answer_sets_is_not_sent_again(tmp_path: Path) -> None:
    deployment = Deployment(tmp_path, answered(200, {}, Set_Cookie="better-auth.session_token=another"))

    def work(_: Adapter) -> requests.Response:
        with requests.Session() as session:
            session.get(f"{BASE}/tasks", timeout=5)
            return session.get(f"{BASE}/tasks", timeout=5)

    sending(deployment, work)
    assert "Cookie" not in deployment.requests[1].headers


def test_a_secret_that_is_echoed_comes_back_as_its_placeholder(tmp_path: Path) -> None:
    told = answered(401, {"error": f"Bearer {in_memory.KEY}?"}, X_Echo=TOKEN)
    answer = sending(Deployment(tmp_path, told), lambda _: get())
    assert answer.json() == {"error": f"Bearer {KEY}?"}
    assert answer.headers["X-Echo"] == SESSION


def test_an_answer_comes_with_its_status_headers_and_bytes(tmp_path: Path) -> None:
    told = httpx.Response(418, headers={"Content-Type": "text/plain; charset=utf-8"}, content="é".encode())
    answer = sending(Deployment(tmp_path, told), lambda _: get())
    assert (answer.status_code, answer.content, answer.encoding) == (418, "é".encode(), "utf-8")


def test_a_body_and_headers_of_any_byte_leave_as_they_are(tmp_path: Path) -> None:
    deployment = Deployment(tmp_path)
    headers = {"X-Odd": "caf\xe9", "Content-Type": "application/x-odd"}
    sending(deployment, lambda _: requests.post(f"{BASE}/tasks", data=b"\xff{", headers=headers, timeout=5))
    assert deployment.requests[0].content == b"\xff{"
    assert (b"X-Odd", b"caf\xe9") in deployment.requests[0].headers.raw


def test_the_exchange_of_a_request_is_known(tmp_path: Path) -> None:
    deployment = Deployment(tmp_path)
    exchanges = sending(deployment, lambda adapter: adapter.exchanges(get().request))
    assert [exchange.id for exchange in deployment.context.wire.log.exchanges()] == list(exchanges)


def test_no_answer_is_an_error_of_requests_with_its_exchange(tmp_path: Path) -> None:
    def work(adapter: Adapter) -> tuple[str, ...]:
        with pytest.raises(NoWholeAnswer, match="no whole answer within 10 s") as raised:
            get()
        return adapter.exchanges(raised.value.request)

    late = [httpx.ReadTimeout("late")] * 2  # it is asked once more
    assert len(sending(Deployment(tmp_path, *late), work)) == 2


def test_an_answer_nested_a_thousandfold_is_no_answer(tmp_path: Path) -> None:
    def work(_: Adapter) -> bool:
        with pytest.raises(NoWholeAnswer, match="nested deeper than 200"):
            get()
        return True

    assert sending(Deployment(tmp_path, httpx.Response(200, content=b"[" * 100_000)), work)


@pytest.mark.parametrize(
    ("content", "deep"), [(b"[" * 201, True), (b"[]" * 300, False), (b'"' + b"[" * 300 + b'"', False)]
)
def test_only_nesting_counts_as_depth(content: bytes, deep: bool) -> None:  # noqa: FBT001  # the table's column
    assert is_too_deep(content) is deep


def test_no_probes_are_sent(tmp_path: Path) -> None:
    def work(_: Adapter) -> bool:
        with pytest.raises(NoWholeAnswer, match="no probes"):
            get(**{"X-Schemathesis-Probe": "1"})
        return True

    deployment = Deployment(tmp_path)
    assert sending(deployment, work)
    assert deployment.requests == []


def test_requests_is_as_before_when_the_block_ends(tmp_path: Path) -> None:
    original = requests.Session.__init__
    sending(Deployment(tmp_path), lambda _: get())
    assert requests.Session.__init__ is original
