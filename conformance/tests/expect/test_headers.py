"""Verbs over headers: links, limits, media types."""

import json
import time
from dataclasses import replace

import pytest
from entity_conformance.deployment.problems import Violation
from entity_conformance.suite import expect

from conformance.tests.answers import reply

LIMITS = {"X_RateLimit_Limit": "1000", "X_RateLimit_Remaining": "999", "X_RateLimit_Reset": "1640995200"}


def test_a_header_is_found_in_any_case() -> None:
    assert expect.header(reply(x_request_id="abc"), "X-Request-ID") == "abc"


@pytest.mark.parametrize("headers", [{}, {"X_Request_ID": " "}])
def test_a_header_that_is_missing_or_empty_is_a_violation(headers: dict[str, str]) -> None:
    with pytest.raises(Violation, match="X-Request-ID is missing"):
        expect.header(reply(200, **headers), "X-Request-ID")


def test_no_header_finds_the_one_that_should_not_be_there() -> None:
    expect.no_header(reply(), "Link")
    with pytest.raises(Violation, match="Link is there"):
        expect.no_header(reply(Link="<a>"), "Link")


def test_an_integer_header_holds_digits_alone() -> None:
    assert expect.integer_header(reply(X_Page="12"), "X-Page") == 12


@pytest.mark.parametrize("value", ["-1", "1.0", "1e3", "one", "\u0661"])
def test_a_header_that_is_no_integer_is_a_violation(value: str) -> None:
    with pytest.raises(Violation, match="no integer"):
        expect.integer_header(reply(X_Page=value), "X-Page")


def test_rate_limits_are_read_together() -> None:
    assert expect.rate_limit(reply(200, **LIMITS)) == expect.RateLimit(limit=1000, remaining=999, reset=1640995200)


@pytest.mark.parametrize(
    "broken", [{"X_RateLimit_Remaining": "1001"}, {"X_RateLimit_Reset": "soon"}, {"X_RateLimit_Limit": ""}]
)
def test_rate_limits_that_contradict_themselves_are_a_violation(broken: dict[str, str]) -> None:
    with pytest.raises(Violation, match="X-RateLimit"):
        expect.rate_limit(reply(200, **LIMITS | broken))


def test_no_rate_limit_means_none_of_the_three() -> None:
    expect.no_rate_limit(reply())
    with pytest.raises(Violation):
        expect.no_rate_limit(reply(X_RateLimit_Reset="1"))


@pytest.mark.parametrize("value", ["application/json", "Application/JSON; charset=utf-8"])
def test_json_by_its_media_type_holds(value: str) -> None:
    expect.json_media_type(reply(Content_Type=value))


@pytest.mark.parametrize("value", ["text/html", "application/problem+json"])
def test_another_media_type_is_a_violation(value: str) -> None:
    with pytest.raises(Violation, match="media type"):
        expect.json_media_type(reply(Content_Type=value))


def test_the_allowed_methods_are_a_set() -> None:
    assert expect.allowed_methods(reply(Allow="get, POST ,OPTIONS")) == {"GET", "POST", "OPTIONS"}
    assert expect.allowed_methods(reply(Allow="")) == frozenset()


@pytest.mark.parametrize(
    "target",
    [
        "/api/v1/tasks?page=2&limit=3",
        "https://api.example.com/v1/tasks?page=2&limit=3",
        "?page=2&limit=3",
        "tasks?page=2&limit=3",
    ],
)
def test_a_link_is_told_by_its_target_relative_or_absolute(target: str) -> None:
    link = f'</other>; rel="first", <{target}>; title="a,b"; rel=next'

    assert expect.link(reply(Link=link), "next").query == (("page", "2"), ("limit", "3"))


@pytest.mark.parametrize(
    ("target", "url", "is_elsewhere"),
    [
        ("?page=2", "http://127.0.0.1:5173/api/v1/tasks?page=2", False),
        ("http://127.0.0.1:5173/api/v1/tasks?page=2", "http://127.0.0.1:5173/api/v1/tasks?page=2", False),
        ("https://api.example.com/v1/tasks?page=2", "https://api.example.com/v1/tasks?page=2", True),
    ],
)
def test_a_link_is_resolved_against_the_url_that_was_asked(target: str, url: str, is_elsewhere: bool) -> None:  # noqa: FBT001
    link = expect.link(reply(Link=f'<{target}>; rel="next"'), "next")

    assert (link.url, link.is_elsewhere) == (url, is_elsewhere)


@pytest.mark.parametrize(
    ("query", "is_kept"),
    [("fields=b&limit=3&fields=a&page=2", True), ("fields=b&limit=3&page=2", False), ("fields=a&page=2", False)],
)
def test_a_link_keeps_parameters_in_any_order(query: str, is_kept: bool) -> None:  # noqa: FBT001
    asked = replace(reply(Link=f'<?{query}>; rel="next"'), url="http://h/api/v1/tasks?limit=3&fields=a&fields=b")

    link = expect.link(asked, "next")

    assert (link.kept == link.asked) is is_kept


@pytest.mark.parametrize(
    ("link", "why"),
    [
        ('</api/v1/tasks?page=2>; rel="prev"', "no link to next"),
        ('/api/v1/tasks?page=2; rel="next"', "cannot be read"),
        ('</api/v1/tasks?page=2>; rel="next" oops', "cannot be read"),
    ],
)
def test_a_link_that_does_not_lead_to_the_page_is_a_violation(link: str, why: str) -> None:
    with pytest.raises(Violation, match=why):
        expect.link(reply(Link=link), "next")


def test_no_link_allows_the_others() -> None:
    answer = reply(Link='</api/v1/tasks?page=1>; rel="first"')

    expect.no_link(answer, "next", "prev")
    with pytest.raises(Violation, match="link to first"):
        expect.no_link(answer, "next", "first")


@pytest.mark.parametrize(
    "text",
    [
        'Traceback (most recent call last): File "app.py"',
        'File "/srv/app/main.py", line 12, in list',
        "TypeError: x at Object.<anonymous> (server.js:12:5)",
        "SELECT id FROM tasks WHERE owner = 1",
        "sqlite3.OperationalError",
        "cannot open /var/lib/app/data.db",
        "System.Text.Json.JsonException: 's' is invalid",
        "at Acme.Entities.Query.FilterParser.Parse(String s) in /src/FilterParser.cs:line 42",
        "java.lang.NullPointerException",
        "app/models/task.rb:12:in `save'",
        "Call to undefined function on src/index.php:7",
        "panicked at src/main.rs:10:5",
        "server/tasks.go:42 +0x1d",
    ],
)
def test_what_tells_of_the_servers_insides_is_a_leak(text: str) -> None:
    assert [*expect.leaks(json.dumps({"error": text}))]


@pytest.mark.parametrize(
    "text", ["Select a value from the list", "Must be one of: todo", "No such path: /api/v1/x", "at most 10 (see docs)"]
)
def test_a_text_for_people_is_no_leak(text: str) -> None:
    assert [*expect.leaks(json.dumps({"error": text}))] == []


@pytest.mark.parametrize("part", ["A", r"\u0041", "a.", "a-"])
def test_a_long_text_without_a_blank_keeps_no_matcher_busy(part: str) -> None:
    assert [*expect.leaks("at " + part * (200_000 // len(part)))] == []


def test_what_the_client_said_itself_is_no_leak() -> None:
    assert [*expect.leaks("no table for SELECT a FROM b", known='{"title": "SELECT a FROM b"}')] == []


@pytest.mark.parametrize(
    "text",
    [
        "QUJD" * 15_000,
        "at " + "a." * 30_000,
        "Exception " + "a." * 30_000,
        "UPDATE " * 9_000,
        "at a(" * 12_000,
        "at " + "a.php" * 12_000,
    ],
)
def test_a_long_text_is_looked_through_once(text: str) -> None:
    began = time.process_time()

    assert [*expect.leaks(f"look at this: {text}")] == []
    assert time.process_time() - began < 1
