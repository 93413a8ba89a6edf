"""https with certificates of one's own, at servers that really speak it."""

import http.server
import socket
import ssl
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
import trustme
from entity_conformance.commands.cli import command_line
from entity_conformance.deployment.network import network
from entity_conformance.deployment.settings import Misuse, Tls

from conformance.tests.pages import Page

URL = "https://shop.example.test"


class Server(http.server.ThreadingHTTPServer):
    def handle_error(self, *_: object) -> None:
        """A client that does not believe the certificate is what is tested."""


@contextmanager
def serving(
    authority: trustme.CA,
    *names: str,
    asks: bool = False,
    is_old: bool = False,
    latest: ssl.TLSVersion = ssl.TLSVersion.MAXIMUM_SUPPORTED,
    since: datetime | None = None,
    until: datetime | None = None,
) -> Iterator[str]:
    """The URL of a server that shows a certificate for these names, and may ask for the client's."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.maximum_version = latest
    authority.issue_cert(*names, not_before=since, not_after=until).configure_cert(context)
    if asks:
        authority.configure_trust(context)
        context.verify_mode = ssl.CERT_REQUIRED
    if is_old:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            context.minimum_version, context.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
        context.set_ciphers("ALL:@SECLEVEL=0")
    with Server(("127.0.0.1", 0), Page) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield f"https://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def files(authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with all that the options can name, right and wrong."""
    monkeypatch.setenv("CONFORMANCE_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    trustme.CA().cert_pem.write_to_path(tmp_path / "another-ca.pem")
    own, other = authority.issue_cert("ada@example.test"), authority.issue_cert("ben@example.test")
    own.cert_chain_pems[0].write_to_path(tmp_path / "own.pem")
    own.private_key_pem.write_to_path(tmp_path / "own.key")
    own.private_key_and_cert_chain_pem.write_to_path(tmp_path / "both.pem")
    other.private_key_pem.write_to_path(tmp_path / "other.key")
    (tmp_path / "text.pem").write_text("hello")
    return tmp_path


Told = Callable[[str, str], str]


@pytest.fixture
def told(capsys: pytest.CaptureFixture[str]) -> Told:
    """What a run on a web page says: that it is no such API where it was reached."""

    def ended(url: str, arguments: str) -> str:
        assert command_line(["run", url, *arguments.split()]) == 4
        return capsys.readouterr().err

    return ended


REACHED = "no v1 entity API at"


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        ("--ca ca.pem", REACHED),
        ("--insecure", REACHED),
        ("", "TLS failed: unable to get local issuer certificate; name the authority that signed it (--ca)"),
        ("--ca another-ca.pem", "TLS failed: "),
    ],
)
@pytest.mark.usefixtures("files")
def test_whose_certificate_is_believed(arguments: str, line: str, authority: trustme.CA, told: Told) -> None:
    with serving(authority, "127.0.0.1") as url:
        assert line in told(url, arguments)


@pytest.mark.usefixtures("files")
def test_a_certificate_for_another_name_is_believed_by_those_who_believe_any(authority: trustme.CA, told: Told) -> None:
    with serving(authority, "shop.example.test") as url:
        said = told(url, "--ca ca.pem")
        assert "TLS failed: IP address mismatch" in said
        assert "'127.0.0.1'; give a name that the certificate is for, or believe any (--insecure) (exit 4)" in said
        assert REACHED in told(url, "--insecure")


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        ("--client-cert own.pem --client-key own.key", REACHED),
        ("--client-cert both.pem", REACHED),
        ("", "cannot reach https://127.0.0.1:"),
    ],
)
@pytest.mark.usefixtures("files")
def test_a_client_shows_its_certificate(arguments: str, line: str, authority: trustme.CA, told: Told) -> None:
    with serving(authority, "127.0.0.1", asks=True) as url:
        assert line in told(url, f"--ca ca.pem {arguments}")


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize("latest", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize(
    ("shown", "advice"),
    [
        ("", "it may ask for a certificate of the client (--client-cert, --client-key)"),
        ("--client-cert stranger.pem", "it may refuse the certificate that the client shows (--client-cert)"),
    ],
)
def test_whose_own_certificate_is_missing_or_refused_is_told_so(
    shown: str, advice: str, latest: ssl.TLSVersion, authority: trustme.CA, told: Told
) -> None:
    trustme.CA().issue_cert("eve@example.test").private_key_and_cert_chain_pem.write_to_path("stranger.pem")

    with serving(authority, "127.0.0.1", asks=True, latest=latest) as url:
        assert f"; {advice}" in told(url, f"--ca ca.pem {shown}")


@pytest.mark.parametrize(
    ("since", "until"),
    [
        (None, datetime(2020, 1, 1, tzinfo=UTC)),
        (datetime(2090, 1, 1, tzinfo=UTC), datetime(2091, 1, 1, tzinfo=UTC)),
    ],
)
@pytest.mark.usefixtures("files")
def test_a_certificate_of_another_time_is_no_matter_of_who_signed_it(
    since: datetime | None, until: datetime, authority: trustme.CA, told: Told
) -> None:
    with serving(authority, "127.0.0.1", since=since, until=until) as url:
        said = told(url, "--ca ca.pem")

    assert "; have it renewed, correct the clock of this machine, or believe any (--insecure) (exit 4)" in said


@pytest.mark.usefixtures("files")
def test_who_gives_http_for_a_port_that_speaks_tls_is_told_so(authority: trustme.CA, told: Told) -> None:
    with serving(authority, "127.0.0.1") as url:
        said = told(url.replace("https:", "http:"), "")

    assert f"; that port speaks TLS: give {url} (exit 4)" in said


@pytest.mark.usefixtures("files")
def test_a_port_that_speaks_an_old_tls_alone_is_told_so(authority: trustme.CA, told: Told) -> None:
    with serving(authority, "127.0.0.1", is_old=True) as url:
        said = told(url, "--ca ca.pem")

    assert "that port speaks TLS 1.1 alone: have it speak TLS 1.2 or a later one" in said


def test_who_gives_https_for_a_port_that_answers_in_plain_is_told_so(told: Told) -> None:
    with Server(("127.0.0.1", 0), Page) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        place = f"127.0.0.1:{server.server_address[1]}"
        said = told(f"https://{place}", "")
        server.shutdown()

    assert f"TLS failed: what came is no TLS; if that port speaks plain HTTP, give http://{place} (exit 4)" in said


def test_who_gives_https_for_a_port_that_says_nothing_is_told_so(told: Told) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        place = f"127.0.0.1:{silent.getsockname()[1]}"
        said = told(f"https://{place}", "--timeout 0.2")

    assert f"TLS did not come about within 0.2 s; if that port speaks plain HTTP, give http://{place}" in said


def test_the_file_says_it_too(authority: trustme.CA, files: Path, told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    (files / "conformance.toml").write_text("ca = 'ca.pem'\nclient-cert = 'own.pem'\nclient-key = 'own.key'\n")
    below = files / "below"
    below.mkdir()
    monkeypatch.chdir(below)

    with serving(authority, "127.0.0.1", asks=True) as url:
        assert REACHED in told(url, "")


@pytest.mark.parametrize(
    ("tls", "line"),
    [
        (Tls(ca=Path("no.pem")), "--ca no.pem cannot be read: no such file or directory; name a file that can be"),
        (Tls(ca=Path()), "--ca . cannot be read: is a directory"),
        (Tls(ca=Path("text.pem")), "--ca text.pem holds no certificate; name a file of certificates in PEM"),
        (Tls(ca=Path("own.key")), "--ca own.key holds no certificate"),
        (Tls(ca=Path("ca.pem"), insecure=True), "--ca and --insecure exclude each other"),
        (Tls(client_key=Path("own.key")), "--client-key was given without --client-cert"),
        (Tls(client_cert=Path("no.pem")), "--client-cert no.pem cannot be read"),
        (Tls(client_cert=Path("text.pem")), "--client-cert text.pem holds no certificate"),
        (Tls(client_cert=Path("own.pem")), "--client-cert own.pem holds no private key"),
        (Tls(client_cert=Path("own.pem"), client_key=Path("no.key")), "--client-key no.key cannot be read"),
        (Tls(client_cert=Path("own.pem"), client_key=Path("text.pem")), "--client-key text.pem holds no private key"),
        (
            Tls(client_cert=Path("own.pem"), client_key=Path("other.key")),
            "--client-key other.key is not the key of --client-cert",
        ),
        (
            Tls(client_cert=Path("own.pem"), client_key=Path("locked.key")),
            "the key of --client-key locked.key has a pass phrase",
        ),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_by_its_option(tls: Tls, line: str, files: Path) -> None:
    (files / "locked.key").write_text(LOCKED)

    with pytest.raises(Misuse) as refused:
        network(URL, {}, tls)

    assert str(refused.value).startswith(line)


@pytest.mark.usefixtures("files")
def test_such_a_file_is_exit_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert command_line(["run", URL, "--ca", "no.pem"]) == 2
    assert capsys.readouterr().err.startswith("conformance: --ca no.pem cannot be read")


LOCKED = """\
-----BEGIN ENCRYPTED PRIVATE KEY-----
MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAiVbvpjxjoucgICCAAw
DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEPphohYTSorS27B+BarOWAUEgZCy
9aABZzrwUGJ4nIFoJk/K+hDzjpBEUIOQf3IhLu+VYzhiZXkxAyOkpbCkVcSzpKeP
CQs81IZLGODTc73Ve535XSfnPOMilt4wIVSOjWCNOxzQZiAHjpUJe3WS0eQhKxjs
6m7lxCytTQ7ZN28q15bT6NN7t82pWgdR7S+qVu6M58KtX+OxrwbbhOz1yfa/GX0=
-----END ENCRYPTED PRIVATE KEY-----
"""
