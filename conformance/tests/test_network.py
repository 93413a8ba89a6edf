"""Proxies and certificates are what the environment says, or refused by the name of the variable."""

import os
import ssl
from pathlib import Path

import certifi
import pytest
from entity_conformance.deployment.network import Network, network
from entity_conformance.deployment.settings import Misuse

PROXY = "http://proxy.example.test:3128"


def proxy(url: str, **environ: str) -> str | None:
    way = network(url, environ).proxy
    return None if way is None else str(way.url)


@pytest.mark.parametrize(
    ("url", "environ", "used"),
    [
        ("http://shop.example.test", {"http_proxy": PROXY}, PROXY),
        ("http://shop.example.test", {"HTTP_PROXY": PROXY}, PROXY),
        ("http://shop.example.test", {"HTTPS_PROXY": PROXY}, None),
        ("https://shop.example.test", {"HTTPS_PROXY": PROXY}, PROXY),
        ("https://shop.example.test", {"ALL_PROXY": PROXY}, PROXY),
        ("https://shop.example.test", {"HTTPS_PROXY": "proxy.example.test:3128"}, PROXY),
        ("http://shop.example.test", {"HTTP_PROXY": PROXY, "REQUEST_METHOD": "GET"}, None),
        ("http://shop.example.test", {"HTTP_PROXY": ""}, None),
        ("http://shop.example.test", {}, None),
    ],
)
def test_the_proxy_is_the_one_that_the_environment_names(url: str, environ: dict[str, str], used: str | None) -> None:
    assert proxy(url, **environ) == used


@pytest.mark.parametrize("url", ["http://localhost:5173", "http://127.0.0.1", "http://[::1]:5173", "http://127.1"])
def test_to_this_machine_nothing_goes_through_a_proxy(url: str) -> None:
    assert proxy(url, ALL_PROXY="not a proxy", HTTP_PROXY=PROXY) is None


@pytest.mark.parametrize(
    ("url", "entry", "is_meant"),
    [
        ("http://shop.example.test", "*", True),
        ("http://shop.example.test", "shop.example.test", True),
        ("http://shop.example.test", "Example.TEST", True),
        ("http://shop.example.test", ".example.test", True),
        ("http://shop.example.test", "*.example.test", True),
        ("http://shop.example.test", "op.example.test", False),
        ("http://shop.example.test:8080", "shop.example.test:8080", True),
        ("http://shop.example.test:8080", "shop.example.test:9090", False),
        ("http://shop.example.test", "other.test, shop.example.test", True),
        ("http://10.1.2.3", "10.0.0.0/8", True),
        ("http://10.1.2.3", "10.1.2.3", True),
        ("http://11.1.2.3", "10.0.0.0/8", False),
        ("http://[fd00::5]:8080", "fd00::/8", True),
        ("http://[fd00::5]:8080", "[fd00::5]", True),
        ("http://[fd00::5]:8080", "[fd00::5]:8080", True),
        ("http://[fd00::5]:8080", "fd00::5", True),
        ("http://[fe00::5]:8080", "fd00::/8", False),
        ("http://shop.example.test", "fd00::/8,[::1]", False),
        ("http://shop.example.test", "10.0.0.0/99,[,:x", False),
        ("http://shop.example.test", "", False),
    ],
)
def test_no_proxy_means_names_networks_and_addresses(url: str, entry: str, is_meant: bool) -> None:  # noqa: FBT001
    assert proxy(url, ALL_PROXY=PROXY, NO_PROXY=entry) == (None if is_meant else PROXY)


@pytest.mark.parametrize(
    ("variable", "text"),
    [
        ("HTTP_PROXY", "http://proxy.example.test:port"),
        ("http_proxy", "http://[proxy"),
        ("ALL_PROXY", "ftp://proxy.example.test"),
        ("all_proxy", "http://:3128"),
        ("HTTP_PROXY", "http://proxy.example.test:99999"),
    ],
)
def test_a_proxy_that_cannot_be_used_is_refused_by_its_variable(variable: str, text: str) -> None:
    with pytest.raises(Misuse, match=f"^{variable} names ") as refused:
        proxy("http://shop.example.test", **{variable: text})

    assert "\n" not in str(refused.value)


def test_a_secret_of_a_proxy_is_not_told() -> None:
    with pytest.raises(Misuse) as refused:
        proxy("http://shop.example.test", HTTP_PROXY="http://ada:secret@[proxy")

    assert "secret" not in str(refused.value)


def test_a_socks_proxy_says_what_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("entity_conformance.deployment.network.find_spec", lambda _: None)

    with pytest.raises(
        Misuse, match=r"^ALL_PROXY names a SOCKS proxy, which needs socksio; run: pip install 'httpx\[socks\]'$"
    ):
        proxy("http://shop.example.test", ALL_PROXY="socks5h://proxy.example.test:1080")


def test_a_socks_proxy_is_used_where_it_can_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("entity_conformance.deployment.network.find_spec", lambda _: object())

    assert proxy("http://shop.example.test", ALL_PROXY="socks5://proxy.example.test:1080") is not None


@pytest.mark.parametrize("url", ["https://localhost:5173", "https://shop.example.test"])
def test_certificates_are_those_of_the_environment_here_and_elsewhere(url: str, tmp_path: Path) -> None:
    only = tmp_path / "only.pem"
    only.write_text(first_certificate())

    assert trusted(network(url, {"SSL_CERT_FILE": str(only)})) == 1
    assert trusted(network(url, {})) > 1


def test_certificates_are_read_where_they_may_be_asked_for(tmp_path: Path) -> None:
    only, url = tmp_path / "only.pem", "http://shop.example.test"
    only.write_text(first_certificate())

    assert trusted(network(url, {})) == 0
    assert trusted(network(url, {"SSL_CERT_FILE": str(only)})) == 1
    assert trusted(network(url, {"HTTP_PROXY": "https://proxy.example.test"})) > 1


@pytest.mark.parametrize(
    ("variable", "content"), [("SSL_CERT_FILE", None), ("SSL_CERT_FILE", "no certificate"), ("SSL_CERT_DIR", None)]
)
def test_certificates_that_are_not_there_are_refused_by_their_variable(
    variable: str, content: str | None, tmp_path: Path
) -> None:
    place = tmp_path / "certificates"
    if content is not None:
        place.write_text(content)

    with pytest.raises(Misuse, match=variable):
        network("https://shop.example.test", {variable: str(place)})


def test_a_pipe_in_place_of_certificates_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)

    with pytest.raises(Misuse, match="SSL_CERT_FILE cannot be read: it is a pipe or a device"):
        network("https://shop.example.test", {"SSL_CERT_FILE": str(pipe)})


def first_certificate() -> str:
    text = Path(certifi.where()).read_text("utf-8")
    end = "-----END CERTIFICATE-----\n"
    return text[text.index("-----BEGIN") : text.index(end) + len(end)]


def trusted(way: Network) -> int:
    assert isinstance(way.trust, ssl.SSLContext)
    return way.trust.cert_store_stats()["x509_ca"]
