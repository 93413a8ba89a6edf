"""`reference-server exec`: the command has a server, and its end is ours."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest

ASK = """
import json, os, urllib.request
names = ("V1_API_URL", "V1_API_KEY", "V1_API_READ_KEY", "V1_API_SESSION", "V1_CONTROL_URL", "V1_CONTROL_TOKEN")
def asked(url, **headers):
    try:
        return urllib.request.urlopen(urllib.request.Request(url, headers=headers)).status
    except urllib.error.HTTPError as error:
        return error.code
E = os.environ
print(json.dumps({
    "key": asked(E["V1_API_URL"] + "/tasks", Authorization="Bearer " + E["V1_API_KEY"]),
    "again": asked(E["V1_API_URL"] + "/tasks", Authorization="Bearer " + E["V1_API_KEY"]),
    "read": asked(E["V1_API_URL"] + "/tasks", Authorization="Bearer " + E["V1_API_READ_KEY"]),
    "session": asked(E["V1_API_URL"] + "/keys", Cookie="better-auth.session_token=" + E["V1_API_SESSION"]),
    "control": asked(E["V1_CONTROL_URL"] + "/clock", Authorization="Bearer " + E["V1_CONTROL_TOKEN"]),
    "base": E["V1_API_URL"],
}))
"""
WAIT = """
import os, signal, sys
known = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}
signal.pthread_sigmask(signal.SIG_BLOCK, known)  # so that one that comes before the wait is not missed
print(os.environ["V1_API_URL"], flush=True)
sys.exit(40 + signal.sigwait(known))
"""
MOST_SECONDS = 60


def executed(*arguments: str, at: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(*arguments), cwd=at, capture_output=True, text=True, timeout=120, check=False, stdin=subprocess.DEVNULL
    )


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-P", "-m", "entity_server", "exec", *arguments]


def is_served(url: str) -> bool:
    parts = urlsplit(url)
    with socket.socket() as sock:
        return sock.connect_ex((parts.hostname or "", parts.port or 0)) == 0


def ends(url: str) -> bool:
    """Whether the server at an address ends, within some seconds."""
    deadline = time.monotonic() + MOST_SECONDS
    while is_served(url) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not is_served(url)


def test_the_command_has_a_server_with_credentials_and_options_and_its_status_is_ours(tmp_path: Path) -> None:
    program = f"{ASK}\nraise SystemExit(7)"

    done = executed("--key-limit", "1/hour", "--", sys.executable, "-c", program, at=tmp_path)

    told = json.loads(done.stdout)
    assert {name: told[name] for name in ("key", "again", "read", "session", "control")} == {
        "key": 200,
        "again": 429,
        "read": 200,
        "session": 200,
        "control": 200,
    }
    assert told["base"].endswith("/api/v1")
    assert (done.returncode, done.stderr, is_served(told["base"])) == (7, "", False)
    assert list(tmp_path.iterdir()) == []


def test_a_command_that_a_signal_ends_is_128_and_its_number(tmp_path: Path) -> None:
    suicide = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"

    assert executed("--", sys.executable, "-c", suicide, at=tmp_path).returncode == 128 + 9


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("--", "no-such-command"), 127, "there is no command no-such-command"),
        (("--", "./missing"), 127, "there is no command ./missing"),
        (("--", "./notes.txt"), 126, "./notes.txt cannot be run"),
        (("--",), 2, "there is no command; give one behind --"),
        ((), 2, "there is no command; give one behind --"),
        (("--colour", "red", "--", "true"), 2, "No such option '--colour'"),
        (("--key-limit", "often", "--", "true"), 2, "write one like 1000/hour"),
        (("--contract", "nowhere.yaml", "--", "true"), 2, "nowhere.yaml"),
    ],
)
def test_what_cannot_be_run_is_told_in_a_line(tmp_path: Path, arguments: tuple[str, ...], code: int, said: str) -> None:
    (tmp_path / "notes.txt").write_text("nothing to run")

    done = executed(*arguments, at=tmp_path)

    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (code, "", 1)
    assert said in done.stderr


@pytest.mark.usefixtures("hangup")
@pytest.mark.parametrize(
    "number", [signal.SIGTERM, *(pytest.param(one, marks=pytest.mark.soak) for one in (signal.SIGINT, signal.SIGHUP))]
)
def test_a_signal_is_passed_on_and_the_server_stops(tmp_path: Path, number: signal.Signals) -> None:
    with subprocess.Popen(
        command("--", sys.executable, "-c", WAIT),
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        process.send_signal(number)

        assert process.wait(MOST_SECONDS) == 40 + number
        assert not is_served(url)


def test_the_server_ends_where_exec_is_killed(tmp_path: Path) -> None:
    with subprocess.Popen(
        command("--", sys.executable, "-c", WAIT),
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        assert is_served(url)
        process.kill()
        process.wait(MOST_SECONDS)
        try:
            assert ends(url)
        finally:
            os.killpg(process.pid, signal.SIGKILL)  # the command, which nobody else ends


def test_the_command_is_told_of_the_authority_to_trust(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "others.pem").write_text("those that Node trusts already")
    monkeypatch.setenv("NODE_EXTRA_CA_CERTS", str(tmp_path / "others.pem"))
    program = """
import os, ssl, urllib.request
E = os.environ
told = open(E["NODE_EXTRA_CA_CERTS"]).read()
print("those that Node trusts already" in told and open(E["V1_API_CA"]).read() in told)
request = urllib.request.Request(E["V1_API_URL"] + "/tasks", headers={"Authorization": "Bearer " + E["V1_API_KEY"]})
print(urllib.request.urlopen(request, context=ssl.create_default_context(cafile=E["V1_API_CA"])).status)
"""
    done = executed("--tls", "--", sys.executable, "-c", program, at=tmp_path)

    assert done.stdout.split() == ["True", "200"], done.stderr
