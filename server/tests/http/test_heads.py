"""The head of an answer, byte by byte."""

from entity_server.http.exchange import Sent
from entity_server.http.heads import head


def test_an_answer_is_json_and_tells_its_length() -> None:
    assert head(Sent(200, {"X-Page": "1"}, b"{}"), keep_alive=True) == (
        b"HTTP/1.1 200 OK\r\nX-Page: 1\r\ncontent-type: application/json\r\ncontent-length: 2\r\n"
        b"connection: keep-alive\r\n\r\n"
    )


def test_a_content_type_of_its_own_stays() -> None:
    assert b"\r\nCONTENT-TYPE: text/html\r\ncontent-length: 1\r\n" in head(
        Sent(200, {"CONTENT-TYPE": "text/html"}, b"x"), keep_alive=True
    )


def test_an_answer_that_has_no_body_tells_of_none() -> None:
    assert head(Sent(204, {}, b""), keep_alive=False) == b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n"


def test_what_the_connection_tells_is_told_once() -> None:
    written = head(Sent(200, {"Content-Length": "9", "Connection": "close"}, b""), keep_alive=True)

    assert written.lower().count(b"content-length") == written.lower().count(b"connection") == 1


def test_no_value_ends_its_line() -> None:
    written = head(Sent(200, {"X-One": "a\r\nX-Two: b\0"}, b""), keep_alive=True)

    assert b"\r\nX-One: aX-Two: b\r\n" in written
