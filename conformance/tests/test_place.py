"""One place has one spelling, whoever wrote it."""

import pytest
from entity_conformance.deployment.place import is_loopback, is_same_place, origin
from entity_conformance.deployment.settings import Misuse, base_url


@pytest.mark.parametrize(
    ("url", "spelled"),
    [
        ("http://Staging.Example.test", "http://staging.example.test"),
        ("HTTP://staging.example.test:80/", "http://staging.example.test"),
        ("https://staging.example.test:443", "https://staging.example.test"),
        ("http://staging.example.test:443", "http://staging.example.test:443"),
        ("http://staging.example.test.", "http://staging.example.test"),
        ("http://läden.example.test", "http://xn--lden-loa.example.test"),
        ("http://LÄDEN.example.test", "http://xn--lden-loa.example.test"),
        ("http://xn--lden-loa.example.test", "http://xn--lden-loa.example.test"),
        ("http://l\u0061\u0308den.example.test", "http://xn--lden-loa.example.test"),
        ("http://example。test", "http://example.test"),
        ("http://[0:0:0:0:0:0:0:1]:5173", "http://[::1]:5173"),
        ("http://[2001:DB8::0:1]", "http://[2001:db8::1]"),
        ("http://[::FFFF:7f00:1]:5173", "http://127.0.0.1:5173"),
        ("http://127.1:5173", "http://127.0.0.1:5173"),
        ("http://0x7f.1:5173", "http://127.0.0.1:5173"),
        ("http://staging.example.test:", "http://staging.example.test"),
    ],
)
def test_a_place_has_one_spelling(url: str, spelled: str) -> None:
    assert str(origin(url)) == spelled
    assert base_url(url) == f"{spelled}/api/v1"


@pytest.mark.parametrize(
    "url", ["http://-..test", "http://999.1.1.1", "http://[1:2]", "http://a\u200d.test", "http://..."]
)
def test_a_host_that_cannot_be_is_misuse(url: str) -> None:
    with pytest.raises(Misuse):
        base_url(url)


@pytest.mark.parametrize(
    ("url", "other", "is_same"),
    [
        ("https://Shop.example.test:443/a", "https://shop.example.test/b", True),
        ("https://shop.example.test", "http://shop.example.test", False),
        ("https://shop.example.test", "https://shop.example.test:8443", False),
        ("https://shop.example.test.evil.test", "https://shop.example.test", False),
        ("/a", "https://shop.example.test", False),
        ("https://[::1", "https://shop.example.test", False),
    ],
)
def test_two_urls_are_at_one_place_or_not(url: str, other: str, is_same: bool) -> None:  # noqa: FBT001
    assert is_same_place(url, other) is is_same


@pytest.mark.parametrize("url", ["http://127.1", "http://0x7f000001", "http://[::ffff:127.0.0.1]", "http://LocalHost."])
def test_this_machine_is_known_in_every_spelling(url: str) -> None:
    assert is_loopback(url)
