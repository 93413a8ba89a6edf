"""The command line: what it prints, where, and with which exit status."""

import importlib.util
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from contract.document import find
from server.cli import command_line
from server.faults import FAULTS


@pytest.fixture(autouse=True)
def _in_an_empty_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in tuple(os.environ):
        if name.startswith("REFERENCE_SERVER_"):
            monkeypatch.delenv(name)


Said = Callable[..., tuple[int, str, str]]


@pytest.fixture
def said(capfd: pytest.CaptureFixture[str]) -> Said:
    """Run a command line; its exit status, its stdout and its stderr."""

    def run(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as exit_:
            command_line(arguments)
        captured = capfd.readouterr()
        return int(exit_.value.code or 0), captured.out, captured.err

    return run


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        yield taken.getsockname()[1]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ("run --colour red", "No such option '--colour'"),
        ("serve", "No such command 'serve'"),
        ("run --port many", "'many' is not a valid port number"),
        ("run --port 65536", "65536 is not in the range 0<=x<=65535"),
        ("run --workers 2", "rate limits are counted in this process"),
        ("run --key-limit often", "write one like 1000/hour"),
        ("run --session-limit 0/hour", "'0/hour' is no rate limit"),
        ("run --port 0 --fault list.total-of-by-one", "did you mean list.total-off-by-one"),
        ("run --port 0 --fault zzz", "`reference-server faults` lists them all"),
        ("run --port 0 --contract nowhere.yaml", "nowhere.yaml: cannot be read: No such file or directory"),
        ("run --port 0 --contract page.html", "page.html:1: is no OpenAPI 3.1 document"),
        ("run --port 0 --database mysql://x", "write sqlite://PATH"),
        ("run --port 0 --database sqlite:///nowhere/at/all.db", "check that the directory exists"),
        ("run --port 0 --database postgres://ada:hush@127.0.0.1:1/shop", "check that the server is up"),
        ("run --host no.such.host.invalid", "choose another address with --host"),
        ("run --host 192.0.2.1 --port 0", "choose an address of this machine with --host"),
        (
            "run --port 0 --database sqlite://:memory: --credentials no/where.json",
            "choose another file with --credentials",
        ),
        ("keys create --user usr_nobody", "there is no user usr_nobody"),
        ("keys create --user a@example.com --expires yesterday", "expiresAt: Must be an RFC 3339 date-time"),
        ("keys create --user a@example.com --scope all", "'all' is not one of 'read', 'write', 'delete'"),
        ("keys list --user a@example.com", "there is no user a@example.com"),
        ("sessions create", "Missing option '--user'"),
    ],
)
def test_bad_input_is_one_line_on_stderr_and_exit_2(said: Said, arguments: str, told: str) -> None:
    Path("page.html").write_text("<html></html>", encoding="utf-8")

    status, out, err = said(*arguments.split())

    assert (status, out) == (2, "")
    assert told in err
    assert err.startswith("reference-server: ")
    assert (err.count("\n"), "Traceback" in err, "hush" in err) == (1, False, False)


def test_a_port_in_use_is_told_before_the_database_is_touched(said: Said, taken_port: int) -> None:
    status, _, err = said("run", "--port", str(taken_port))

    assert status == 2
    assert f"cannot listen on 127.0.0.1 port {taken_port}: Address already in use; stop what listens there" in err
    assert not Path("reference-server.sqlite3").exists()


def test_an_option_has_an_environment_twin(said: Said, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REFERENCE_SERVER_SESSION_LIMIT", "sometimes")

    status, _, err = said("run")

    assert (status, "REFERENCE_SERVER_SESSION_LIMIT" in err) == (2, True)


def test_without_sanic_the_install_is_told(said: Said, monkeypatch: pytest.MonkeyPatch) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "sanic" else found(name))

    status, out, err = said("faults")

    assert (status, out) == (2, "")
    assert (
        err
        == "reference-server: the reference server is not installed; run: pip install 'v1-entity-contract[server]'\n"
    )


def test_nothing_of_the_server_is_imported_before_it_is_needed() -> None:
    program = "import sys, server.cli; print({'sanic', 'tortoise', 'openapi_core', 'jsonschema_rs'} & set(sys.modules))"
    root = Path(__file__).parents[2]

    done = subprocess.run([sys.executable, "-c", program], cwd=root, capture_output=True, text=True, check=True)

    assert done.stdout == "set()\n"


def test_help_is_shown_where_nothing_was_asked_for(said: Said) -> None:
    status, _, err = said("keys")

    assert (status, "Create, list and revoke API keys." in err) == (2, True)


def test_every_fault_is_listed_with_its_clause(said: Said) -> None:
    status, out, _ = said("faults")

    assert status == 0
    assert len(out.splitlines()) == len(FAULTS)
    assert "list.total-off-by-one  breaks list.total: `pagination.total` is one more than the selection has." in out


def test_a_key_is_printed_once_listed_masked_and_revoked(said: Said) -> None:
    status, secret, _ = said("keys", "create", "--user", "eve@example.com", "--scope", "read", "--name", "Laptop")
    _, listed, _ = said("keys", "list", "--user", "eve@example.com")
    key_id, masked, *_ = listed.split()

    revoked = said("keys", "revoke", "--user", "eve@example.com", key_id)

    assert (status, len(secret)) == (0, len("sk_live_") + 40 + 1)
    assert (masked, secret.strip() in listed) == (f"{secret[:14]}...", False)
    assert listed.endswith("  read  never expires, never used  Laptop\n")
    assert revoked == (0, f"revoked {key_id}\n", "")
    assert said("keys", "list", "--user", "eve@example.com") == (0, "", "")
    assert said("keys", "revoke", "--user", "eve@example.com", key_id)[0] == 2


def test_a_session_is_printed_for_a_cookie(said: Said) -> None:
    status, token, _ = said("sessions", "create", "--user", "eve@example.com")

    assert status == 0
    assert token.strip().replace("-", "").replace("_", "").isalnum()


def test_the_version_is_told(said: Said) -> None:
    status, out, _ = said("--version")

    assert (status, out.startswith("reference-server, version ")) == (0, True)


def test_an_unserved_operation_of_the_contract_is_told(said: Said) -> None:
    text = find().read_text(encoding="utf-8").replace("operationId: generateText", "operationId: writePoem")
    Path("contract.yaml").write_text(text, encoding="utf-8")

    status, _, err = said("run", "--port", "0", "--contract", "contract.yaml", "--database", "sqlite://:memory:")

    assert status == 2
    assert "no handler for writePoem (POST /v1/ai/generate)" in err
