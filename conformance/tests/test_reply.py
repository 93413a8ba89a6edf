"""A reply is not believed until it is asked, and says what came instead."""

import pytest
from entity_conformance.deployment.problems import Blocked, Violation
from entity_conformance.deployment.reply import Headers, Reply

JSON = (("Content-Type", "application/json"),)


def reply(body: str | bytes, *, status: int = 200, headers: tuple[tuple[str, str], ...] = JSON) -> Reply:
    content = body.encode() if isinstance(body, str) else body
    return Reply("x1", "GET", "http://host/api/v1/tasks", "key", status, Headers(headers), content)


def violation(answer: Reply, member: str) -> Violation:
    with pytest.raises(Violation) as caught:
        getattr(answer, member)
    return caught.value


def test_html_where_json_was_due_is_told_by_its_beginning() -> None:
    page = reply("<html>" + "x" * 200, status=502, headers=(("Content-Type", "text/html"),))

    found = violation(page, "data")

    assert found.message == "the answer to GET is not JSON"
    assert found.actual == "502, text/html: <html>" + "x" * 74 + "…"


@pytest.mark.parametrize(
    "body",
    ["", "{", "[1", "NaN", '{"a": Infinity}', "nonsense", "[" * 100_000, b"\xff\xfe{\x00}\x00", b"\xef\xbb\xbf{}"],
)
def test_what_is_no_json_is_a_violation(body: str | bytes) -> None:
    assert violation(reply(body), "body").message == "the answer to GET is not JSON"


def test_an_empty_body_is_told_as_empty() -> None:
    assert violation(reply("", headers=()), "body").actual == "200, no content type, empty"


@pytest.mark.parametrize("body", ["[]", "3", "null", '"text"'])
def test_json_that_is_no_object_is_a_violation(body: str) -> None:
    assert violation(reply(body), "body").message == "the answer to GET is JSON, but no object"


def test_data_is_not_believed_where_success_is_denied() -> None:
    assert violation(reply('{"success": false, "data": []}'), "data").message == "the answer to GET is no success"
    refused = reply('{"message": "order must be one of ASC, DESC"}', status=400)
    assert violation(refused, "data").message == "the answer to GET is no success"


@pytest.mark.parametrize("body", ['{"data": []}', '{"success": "true", "data": []}'])
def test_how_a_success_says_so_is_judged_elsewhere(body: str) -> None:
    assert reply(body).data == []


@pytest.mark.parametrize(
    ("member", "body"),
    [
        ("data", '{"success": true}'),
        ("pagination", '{"success": true, "data": []}'),
        ("pagination", '{"pagination": 3}'),
        ("details", '{"details": []}'),
        ("code", '{"code": 401}'),
        ("code", "{}"),
        ("error", "{}"),
        ("message", '{"message": null}'),
        ("id", '{"success": true, "data": {}}'),
        ("id", '{"success": true, "data": {"id": 7}}'),
        ("id", '{"success": true, "data": {"id": ""}}'),
    ],
)
def test_what_is_missing_or_malformed_is_a_violation(member: str, body: str) -> None:
    assert member in violation(reply(body), member).message


@pytest.mark.parametrize(
    ("member", "data"), [("record", "[]"), ("record", "null"), ("records", "{}"), ("records", "[1]")]
)
def test_data_of_another_shape_is_a_violation(member: str, data: str) -> None:
    found = violation(reply(f'{{"success": true, "data": {data}}}'), member)

    assert found.message.startswith("data is not ")
    assert found.actual == data


def test_a_good_answer_is_read() -> None:
    answer = reply('{"success": true, "data": [{"id": "tsk_1"}], "pagination": {"page": 1}}')

    assert answer.records == ({"id": "tsk_1"},)
    assert answer.pagination == {"page": 1}


def test_a_member_that_a_check_builds_on_and_is_missing_blocks_it() -> None:
    answer = reply('{"success": true, "data": [{"id": "tsk_1", "owner": {}}]}')

    with pytest.raises(Blocked, match="an answer shows no `createdAt`"):
        answer.records[0]["owner"]["createdAt"]
    assert answer.records[0].get("createdAt") is None


@pytest.mark.parametrize(
    "body",
    [
        '{"success": true, "data": {"id": "1", "task": {"id": "2"}}}',
        '{"success": true, "data": [{"id": "1"}, {"title": "no id"}, 3]}',
        '{"success": true, "results": [{"id": "1"}], "pagination": {"page": 1}}',
        '{"record": {"id": "1"}}',
        '{"id": "1", "title": "bare", "task": {"id": "2"}}',
        '[{"id": "1"}]',
    ],
)
def test_what_an_answer_shows_is_found_whatever_its_envelope(body: str) -> None:
    assert [one["id"] for one in reply(body).shown] == ["1"]


@pytest.mark.parametrize("body", ["<html>", "", "[1", "null", "{}", '{"data": null}', '{"data": {"results": []}}'])
def test_what_holds_no_record_shows_none(body: str) -> None:
    assert reply(body).shown == ()


def test_details_that_are_absent_are_empty() -> None:
    assert reply("{}").details == {}
    assert reply('{"details": null}').details == {}


def test_headers_have_no_case() -> None:
    assert reply("{}", headers=(("x-request-ID", "r1"),)).header("X-Request-Id") == "r1"


def test_a_header_that_came_twice_is_one_list() -> None:
    assert Headers((("Allow", "GET"), ("allow", "POST")))["Allow"] == "GET, POST"


def test_a_missing_header_is_a_violation() -> None:
    with pytest.raises(Violation, match="the answer to GET has no X-Page header"):
        reply("{}").header("X-Page")


@pytest.mark.parametrize(
    ("link", "links"),
    [
        ('</a?page=2>; title="page 2, of; \\"many\\""; rel=next; type="application/json"', {"next": "/a?page=2"}),
        ('</a>; rel="next prev", </b>;REL=last;, </c>;rel=next', {"next": "/a", "prev": "/a", "last": "/b"}),
        ('</a>;title="; rel=last" ; rel = "NEXT";rel=prev', {"next": "/a"}),
        (", </a>; rel=next, ,\t</b>; rel=prev,", {"next": "/a", "prev": "/b"}),
        ("", {}),
    ],
)
def test_links_are_read_as_they_may_be_written(link: str, links: dict[str, str]) -> None:
    assert reply("", headers=(("Link", link),)).links == links


@pytest.mark.parametrize("link", ["/a; rel=next", '</a>; rel="next', "</a> </b>", '</a>; title="\\"; rel=next'])
def test_what_is_no_link_is_a_violation(link: str) -> None:
    assert violation(reply("", headers=(("Link", link),)), "links").message == "the Link header cannot be read"
