"""The command line: what it prints, where, and with which exit status."""

import errno
import importlib.util
import os
import re
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import click
import pytest
from entity_contract.document import find
from entity_server.commands import cli, command_line
from entity_server.faults import FAULTS


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
        ("run --workers 2", "2 workers need a PostgreSQL"),
        ("run --port 0 --simulate --workers 2", "it does not go with --workers"),
        ("run --port 0 --choices othr", "did you mean other?"),
        ("run --port 0 --variant links-are-absolut", "did you mean links-are-absolute?"),
        ("run --choices other --workers 2", "--choices is remembered by one process"),
        ("run --variant extra-members --workers 2", "--variant is remembered by one process"),
        ("run --port 0 --seed 3", "--seed is what `--choices random` draws from"),
        ("run --port 0 --control-host 0.0.0.0", "it needs --control-port"),
        ("run --port 0 --ai-model small", "are for the model that --ai-url names"),
        ("run --port 0 --ai-timeout 5", "are for the model that --ai-url names"),
        ("run --port 0 --metrics", "--metrics are told at the control port: it needs --control-port"),
        ("run --port 0 --control-port 0 --workers 2", "it does not go with --workers"),
        ("run --port 0 --control-port 0 --redis redis://:hush@127.0.0.1:1", "it does not go with --redis"),
        ("run --port 0 --redis http://:hush@127.0.0.1:1", "write redis://USER:PASSWORD@HOST"),
        ("run --port 0 --redis redis://:hush@127.0.0.1:1", "cannot reach redis://127.0.0.1:1: "),
        (
            "run --port 0 --database sqlite://:memory: --ai-url model.test",
            "the AI URL is none; write one like https://",
        ),
        ("run --cors localhost:3000", "'localhost:3000' is no origin; write one like http://localhost:3000"),
        ("run --cors * --cors http://localhost", "* is every origin, without credentials; give it alone"),
        ("run --key-limit often", "write one like 1000/hour"),
        ("run --session-limit 0/hour", "'0/hour' is no rate limit"),
        ("run --port 0 --fault list.total-of-by-one", "did you mean list.total-off-by-one"),
        ("run --port 0 --fault zzz", "`reference-server faults` lists them all"),
        ("run --port 0 --contract nowhere.yaml", "nowhere.yaml: cannot be read: No such file or directory"),
        ("entity invoices --insert nowhere.yaml", "(give an OpenAPI 3.1 document with --insert)"),
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
        ("keys create --user usr_nobody", "there is no user 'usr_nobody'"),
        ("keys create --user a@example.com --expires yesterday", "expiresAt: Must be an RFC 3339 date-time"),
        ("keys create --user a@example.com --scope all", "'all' is not one of 'read', 'write', 'delete'"),
        ("run --port 0 --database sqlite://shop.sqlite3?mode=ro", "takes no options"),
        (f"run --host {'a' * 70} --port 0", "this is no host name"),
        ("keys create --user @example.com", "'@example.com' is no email address"),
        ("keys create --user a@b@example.com", "'a@b@example.com' is no email address"),
        ("keys create --user a\udcff@example.com", "is no email address"),
        ("keys create --user a\x1b[2J", r"there is no user 'a\x1b[2J'"),
        ("keys create --user a@example.com --database sqlite://:memory:", "is the memory of one server"),
        ("migrate --database sqlite://:memory:", "is the memory of one server"),
        ("run --ai-url https://model.test --ai-model= --database sqlite://:memory:", "--ai-model names no model"),
        ("keys list --user a@example.com", "there is no database sqlite://reference-server.sqlite3"),
        ("keys revoke --user a@example.com key_1", "there is no database sqlite://reference-server.sqlite3"),
        ("credits show --user a@example.com", "there is no database sqlite://reference-server.sqlite3"),
        ("credits grant --user a@example.com 0", "0 is not in the range 1<=x<=1000000000"),
        ("credits set --user a@example.com -- -1", "-1 is not in the range 0<=x<=1000000000"),
        ("credits set --user a@example.com much", "'much' is not a valid number"),
        ("credits grant --user usr_nobody 5", "there is no user 'usr_nobody'"),
        ("sessions create", "Missing option '--user'"),
        ("entity", "Missing argument 'NAME'"),
        ("entity keys", "keys is reserved for another path of the API"),
        ("entity people", "give the word with --title"),
        ("entity invoices --field total:money", "'money' is no field type"),
        ("entity invoices --insert nowhere.yaml", "nowhere.yaml: cannot be read: No such file or directory"),
        ("entity invoices --insert page.html", "page.html:1: is no OpenAPI 3.1 document"),
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


def test_a_bad_place_for_the_credentials_is_told_before_the_database_is_touched(said: Said) -> None:
    status, _, err = said("run", "--port", "0", "--demo", "--credentials", "no/where.json")

    assert (status, "choose another file with --credentials" in err) == (2, True)
    assert not Path("reference-server.sqlite3").exists()


def test_a_dash_for_the_credentials_is_standard_output() -> None:
    asked = cli.commands["run"].make_context("run", ["--credentials", "-"])

    assert asked.params["credentials"] == Path("/dev/stdout")


def test_a_server_that_does_not_start_leaves_no_credentials_behind(said: Said) -> None:
    status, _, _ = said("run", "--port", "0", "--credentials", "c.json", "--database", "mysql://x")

    assert (status, list(Path().iterdir())) == (2, [])


def test_an_option_has_an_environment_twin(said: Said, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REFERENCE_SERVER_SESSION_LIMIT", "sometimes")

    status, _, err = said("run")

    assert (status, "REFERENCE_SERVER_SESSION_LIMIT" in err) == (2, True)


def test_every_option_of_every_command_has_an_environment_twin() -> None:
    commands: list[click.Command] = [cli]
    for command in commands:
        commands += command.commands.values() if isinstance(command, click.Group) else ()
    options = [option for command in commands for option in command.params if isinstance(option, click.Option)]

    lacking = {option.name for option in options if option.envvar is None}

    assert len(options) > 20
    assert lacking == {"version"}


def test_a_key_is_made_as_the_environment_says(said: Said, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"USER": "eve@example.com", "SCOPE": "read delete", "NAME": "Night job"}.items():
        monkeypatch.setenv(f"REFERENCE_SERVER_{name}", value)
    said("keys", "create")

    _, out, _ = said("keys", "list")

    assert out.endswith("  read,delete  never expires, never used  Night job\n")


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
    heavy = {"sanic", "tortoise", "openapi_core", "jsonschema_rs"}
    program = f"import sys, entity_server.commands; print({heavy} & set(sys.modules))"

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout == "set()\n"


def test_help_tells_whole_summaries(said: Said) -> None:
    status, out, _ = said("-h")

    assert status == 0
    assert "Serve the API, and its documentation at /docs, until SIGTERM or Ctrl+C." in " ".join(out.split())


def test_help_is_shown_where_nothing_was_asked_for(said: Said) -> None:
    status, _, err = said("keys")

    assert (status, "Create, list and revoke API keys." in err) == (2, True)


@pytest.mark.parametrize("command", ["faults", "variants", "entity invoices", "keys create --user ada@example.com"])
def test_what_stdout_does_not_take_is_told_in_a_line(said: Said, monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    with open("/dev/full", "w", encoding="utf-8", buffering=1) as full, monkeypatch.context() as patched:  # noqa: PTH123
        patched.setattr(sys, "stdout", full)
        status, _, err = said(*command.split())
        with suppress(OSError):
            full.close()

    assert status == 2
    assert err.endswith("reference-server: standard output takes nothing: No space left on device\n")


def test_an_entity_is_printed_part_by_part(said: Said) -> None:
    status, out, err = said("entity", "invoices", "--field", "number:string!", "--belongs-to", "customers")

    assert (status, err) == (0, "")
    assert out.splitlines()[2:5] == [
        "# tags, behind Users (line 52):",
        "  - {name: Invoices, description: Invoices.}",
        "",
    ]
    assert "  /v1/invoices:\n    get:\n      tags: [Invoices]\n      operationId: listInvoices\n" in out


def test_an_entity_is_inserted_once(said: Said) -> None:
    file = Path("mine.yaml")
    file.write_bytes(find().read_bytes())

    first = said("entity", "invoices", "--insert", "mine.yaml")
    whole = file.read_bytes()
    second = said("entity", "invoices", "--insert", "mine.yaml")

    assert first[0] == 0
    assert first[1].startswith("mine.yaml: invoices is declared in 240 new lines; make its fields yours")
    assert second[::2] == (
        2,
        "reference-server: the document has an entity invoices already; choose another name\n",
    )
    assert file.read_bytes() == whole


def test_a_document_that_cannot_be_written_is_told(said: Said, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("mine.yaml").write_bytes(find().read_bytes())
    monkeypatch.setattr(Path, "write_bytes", _read_only)

    status, out, err = said("entity", "invoices", "--insert", "mine.yaml")

    assert (status, out) == (2, "")
    assert err == "reference-server: mine.yaml: cannot be written: Read-only file system; choose another file\n"


def _read_only(_: Path, __: bytes) -> int:
    raise OSError(errno.EROFS, os.strerror(errno.EROFS))


def test_faults_are_told_where_python_drops_docstrings() -> None:
    command = ["-m", "entity_server", "faults"]

    plain = subprocess.run([sys.executable, *command], capture_output=True, text=True, check=True)
    optimised = subprocess.run([sys.executable, "-OO", *command], capture_output=True, text=True, check=True)

    assert "Every key may read a record." in optimised.stdout
    assert optimised.stdout == plain.stdout


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


def test_a_new_user_is_told_of_apart_from_the_key(said: Said) -> None:
    _, key, told = said("keys", "create", "--user", "eve@example.com")
    _, _, nothing = said("keys", "create", "--user", "eve@example.com")

    assert key.startswith("sk_live_")
    assert re.fullmatch(r"reference-server: made a new user, usr_\w+, for eve@example.com\n", told)
    assert nothing == ""


def test_a_keys_name_cannot_break_the_line(said: Said) -> None:
    said("keys", "create", "--user", "eve@example.com", "--name", "Läptop\n\x1b[2J")

    _, listed, _ = said("keys", "list", "--user", "eve@example.com")

    assert listed.endswith("  Läptop\\n\\x1b[2J\n")


def test_a_session_is_printed_for_a_cookie(said: Said) -> None:
    status, token, _ = said("sessions", "create", "--user", "eve@example.com")

    assert status == 0
    assert token.strip().replace("-", "").replace("_", "").isalnum()


def test_credits_are_granted_set_and_shown(said: Said) -> None:
    user = ("--user", "eve@example.com")

    granted = [said("credits", "grant", *user, amount)[1] for amount in ("500", "20")]
    shown = said("credits", "show", *user)
    emptied = said("credits", "set", *user, "0")

    assert (granted, shown, emptied) == (["500\n", "520\n"], (0, "520\n", ""), (0, "0\n", ""))
    assert said("credits", "set", *user, "7")[1] == said("credits", "show", *user)[1] == "7\n"


def test_the_version_is_told(said: Said) -> None:
    status, out, _ = said("--version")

    assert (status, out.startswith("reference-server, version ")) == (0, True)


def test_an_unserved_operation_of_the_contract_is_told(said: Said) -> None:
    text = find().read_text(encoding="utf-8").replace("operationId: generateText", "operationId: writePoem")
    Path("contract.yaml").write_text(text, encoding="utf-8")

    status, _, err = said("run", "--port", "0", "--contract", "contract.yaml", "--database", "sqlite://:memory:")

    assert status == 2
    assert "no handler for writePoem (POST /v1/ai/generate)" in err


def test_every_choice_and_every_variant_is_listed(said: Said) -> None:
    status, told, _ = said("variants")

    lines = told.splitlines()
    assert status == 0
    assert "L2.above-100  refused, capped" in lines
    assert "limit-is-capped  L2.above-100=capped  A limit above 100 is taken as 100." in lines
    assert any(line.startswith("ids-are-uuids  R14.prefix, against a SHOULD") for line in lines)
    assert any(line.startswith("extra-members  ") for line in lines)
