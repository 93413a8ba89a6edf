"""Requests and answers as values."""

from datetime import UTC, datetime

import pytest
from entity_conformance.deployment.reply import Headers, Reply
from entity_conformance.oracle.messages import Answer, Request, answer_of, same_origin

URL = "http://host/api/v1/tasks"


def answer(content: str, *headers: tuple[str, str]) -> Answer:
    reply = Reply("x1", "GET", URL, "api_key", 200, Headers(headers), content.encode())
    return answer_of(reply, datetime(2025, 3, 1, tzinfo=UTC))


def test_a_request_is_described_without_credentials() -> None:
    request = Request("PATCH", "/tasks/tsk_1", "other_api_key", [("fields", "id")], body={"title": "T"})
    assert request.text() == 'the other user: PATCH /tasks/tsk_1\n    fields = id\n    body {"title": "T"}'


def test_a_target_is_encoded() -> None:
    assert Request("GET", "/tasks", parameters=[("search", "a b&c")]).target == "/tasks?search=a%20b%26c"


def test_a_request_without_a_body_has_no_media_type() -> None:
    assert Request("GET", "/tasks").headers == {}
    assert Request("POST", "/tasks", body={}).headers == {"Content-Type": "application/json"}


@pytest.mark.parametrize("content", ["", "<html>", "[1]", "NaN", "[" * 100_000])
def test_an_answer_that_is_no_object_has_no_body(content: str) -> None:
    assert answer(content).body is None


def test_an_answer_has_the_ids_of_its_records() -> None:
    assert answer('{"data": [{"id": "a"}, {"id": "b"}]}').ids == ["a", "b"]


def test_a_link_is_resolved_against_the_url_of_the_request() -> None:
    found = answer("{}", ("Link", '<?page=2>; rel="next"'))
    assert (found.linked("next"), found.linked("prev")) == (f"{URL}?page=2", None)


def test_a_link_header_that_cannot_be_read_has_no_links() -> None:
    assert answer("{}", ("Link", "next page")).links is None


@pytest.mark.parametrize(
    ("url", "same"),
    [
        ("http://host/elsewhere", True),
        ("https://host/api/v1/tasks", False),
        ("http://host:81/", False),
        ("http://x/", False),
    ],
)
def test_an_origin_is_scheme_host_and_port(url: str, *, same: bool) -> None:
    assert same_origin(url, URL) is same
