"""What a run is asked to do, and what no run can be asked."""

import pytest
from entity_conformance.deployment import settings
from entity_conformance.deployment.settings import Given, Misuse, Settings


@pytest.mark.parametrize(
    ("url", "base"),
    [
        ("https://host", "https://host/api/v1"),
        ("https://host/", "https://host/api/v1"),
        ("https://host/api", "https://host/api/v1"),
        ("https://host/api/", "https://host/api/v1"),
        ("https://host/api/v1", "https://host/api/v1"),
        ("https://host/api/v1//", "https://host/api/v1"),
        ("https://host/api/v1/.", "https://host/api/v1"),
        ("https://host/./api/x/../v1/", "https://host/api/v1"),
        ("https://host/api/v1/tasks/%2E%2e", "https://host/api/v1"),
        ("https://host/..", "https://host/api/v1"),
        ("https://host//shop/api/v1", "https://host//shop/api/v1"),
        ("https://host:8443/shop/eu", "https://host:8443/shop/eu/api/v1"),
        ("https://host/shop/api/v1", "https://host/shop/api/v1"),
        ("https://host/myapi", "https://host/myapi/api/v1"),
        (" http://[::1]:5173 ", "http://[::1]:5173/api/v1"),
    ],
)
def test_a_url_may_end_anywhere_before_or_at_v1(url: str, base: str) -> None:
    assert settings.base_url(url) == base


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("", "no URL was given"),
        ("host.example.com", "does not begin with http:// or https://"),
        ("localhost:5173", "does not begin with http:// or https://"),
        ("ftp://host", "does not begin with http:// or https://"),
        ("http:host", "does not begin with http:// or https://"),
        ("https://", "names no host"),
        ("https://a b/", "names no host"),
        ("https://host:0", "names port 0"),
        ("https://host:99999", "not a URL"),
        ("https://host:x", "not a URL"),
        ("https://[::1", "not a URL"),
        ("https://host/?a=1", "has a query or a fragment"),
        ("https://host/#top", "has a query or a fragment"),
        ("https://ho\x00st", "holds what no URL can"),
    ],
)
def test_what_is_no_such_url_is_misuse(url: str, said: str) -> None:
    with pytest.raises(Misuse, match=said):
        settings.base_url(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://ada:secret@host",
        "ada:secret@host",
        "ftp://ada:secret@host/path",
        "https://ada:secret@host:99999",
        "https://host?key=secret",
        "host?key=secret",
        "https://host#secret",
    ],
)
def test_a_secret_in_the_url_is_misuse_and_not_told(url: str) -> None:
    with pytest.raises(Misuse) as caught:
        settings.base_url(url)

    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "is_loopback"),
    [
        ("http://localhost:5173", True),
        ("http://LOCALHOST./", True),
        ("http://shop.localhost", True),
        ("http://127.0.0.1", True),
        ("http://127.9.9.9", True),
        ("http://[::1]", True),
        ("http://localhost.example.com", False),
        ("http://127.0.0.1.example.com", False),
        ("http://10.0.0.1", False),
        ("http://0.0.0.0", False),
        ("https://example.com", False),
    ],
)
def test_only_this_machine_is_loopback(url: str, is_loopback: bool) -> None:  # noqa: FBT001
    assert settings.is_loopback(url) is is_loopback


@pytest.mark.parametrize(
    ("url", "allow_writes", "is_read_only"),
    [("http://localhost", False, False), ("https://host", False, True), ("https://host", True, False)],
)
def test_a_host_elsewhere_is_only_read(url: str, allow_writes: bool, is_read_only: bool) -> None:  # noqa: FBT001
    assert Settings(url, allow_writes=allow_writes).is_read_only is is_read_only


@pytest.mark.parametrize(
    ("text", "token", "name"),
    [
        (None, None, None),
        ("  ", None, None),
        ("abc.def%3D", "abc.def%3D", None),
        ("abc.def==", "abc.def==", None),
        ("abc==", "abc==", None),
        ("better-auth.session_token=abc.def=", "abc.def=", "better-auth.session_token"),
        ("__Secure-better-auth.session_token=abc", "abc", "__Secure-better-auth.session_token"),
        ("sid=abc", "abc", "sid"),
    ],
)
def test_a_session_is_a_token_with_or_without_its_cookies_name(
    text: str | None, token: str | None, name: str | None
) -> None:
    assert settings.session(text) == (token, name)


def test_a_secret_loses_the_white_space_around_it() -> None:
    assert settings.secret("--api-key", " sk_live_1\n") == "sk_live_1"


@pytest.mark.parametrize("text", ["sk live", "sk\nlive", "schlüssel"])
def test_a_secret_that_no_header_can_carry_is_misuse_and_not_told(text: str) -> None:
    with pytest.raises(Misuse, match="--api-key holds white space or characters beyond ASCII") as caught:
        settings.secret("--api-key", text)

    assert text not in str(caught.value)


def test_a_header_is_a_name_and_a_value() -> None:
    assert settings.header("X-Team-Id:  open: sesame ") == ("X-Team-Id", "open: sesame")


@pytest.mark.parametrize(
    "text", ["hidden", ": hidden", "X Team: hidden", "X-Team-Id:", "X-Team-Id: hidden\r\nB: c", "X-Team-Id: hidden ü"]
)
def test_what_is_no_header_is_misuse_and_its_value_not_told(text: str) -> None:
    with pytest.raises(Misuse) as caught:
        settings.header(text)

    assert "hidden" not in str(caught.value)


@pytest.mark.parametrize("name", ["Authorization", "cookie", "Host", "Content-Type"])
def test_a_header_that_the_runner_sends_is_misuse(name: str) -> None:
    with pytest.raises(Misuse, match="is for the runner to send"):
        settings.header(f"{name}: secret")


def test_no_representation_holds_a_secret() -> None:
    shown = repr(
        Settings(
            "https://host",
            Given(api_key="key-1", session="token-1", other_api_key="key-2", read_key="key-3"),
            headers=(("X-Team-Id", "open"),),
        )
    )

    assert not any(secret in shown for secret in ("key-1", "token-1", "key-2", "key-3", "open"))
