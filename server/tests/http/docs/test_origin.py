import pytest
from entity_server.http.docs.origin import origin

BOUND = "127.0.0.1:5173"


@pytest.mark.parametrize(
    "host", ["127.0.0.1:8080", "localhost", "[::1]:5173", "api.example.com", "reference_server:80", "x" * 253]
)
def test_the_origin_is_the_one_that_the_client_used(host: str) -> None:
    assert origin("http", host, bound=BOUND) == f"http://{host}"


@pytest.mark.parametrize(
    "host",
    [
        "",
        "x" * 254,
        "two words",
        "example.com\n",
        "example.com/api",
        "somebody@example.com",
        "example.com:",
        "example.com:65536",
        "example.com:http",
        "[::1",
        "ex\u00e4mple.com",
        "<script>",
        '"}], "x": [{"',
        "a: &b",
        "x\r\n  - y",
    ],
)
def test_what_is_no_host_is_not_repeated(host: str) -> None:
    assert origin("http", host, bound=BOUND) == "http://127.0.0.1:5173"


@pytest.mark.parametrize("bound", ["", "test:None", "/run/server.sock"])
def test_without_a_host_and_an_address_there_is_still_an_origin(bound: str) -> None:
    assert origin("http", "", bound=bound) == "http://localhost"


@pytest.mark.parametrize(("scheme", "expected"), [("https", "https"), ("http", "http"), ("ws", "http"), ("x", "http")])
def test_the_scheme_is_one_of_two(scheme: str, expected: str) -> None:
    assert origin(scheme, "example.com", bound=BOUND) == f"{expected}://example.com"
