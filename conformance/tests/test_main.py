"""The process: whatever ends it, its exit code is one of the command's own, and no traceback is shown."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from entity_conformance import __main__ as process

ROOT = Path(__file__).parent.parent.parent
INTERRUPTED_WHILE_IMPORTING = """
import builtins, os, signal, sys
real = builtins.__import__
def importing(name, *rest):
    if name == "entity_conformance.commands.cli":
        os.kill(os.getpid(), {number})
        raise TypeError("what an interrupt can become in compiled code")
    return real(name, *rest)
builtins.__import__ = importing
from entity_conformance.__main__ import main
main()
"""


INTERRUPTED_WHILE_ENDING = """
import atexit, os, sys
atexit.register(os.kill, os.getpid(), {number})
sys.argv[1:] = ["--version"]
from entity_conformance.__main__ import main
main()
"""


def run(*arguments: str, stdout: int | None = None, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        **variables,
        "PYTHONPATH": os.pathsep.join(str(ROOT / face) for face in ("contract", "conformance")),
    }
    return subprocess.run(
        [sys.executable, *arguments], check=False, text=True, stdout=stdout, stderr=subprocess.PIPE, env=environment
    )


@pytest.mark.usefixtures("hangup")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interrupt_before_anything_began_is_an_interrupt(number: signal.Signals) -> None:
    ended = run("-c", INTERRUPTED_WHILE_IMPORTING.format(number=int(number)))

    assert (ended.returncode, ended.stderr) == (130, "conformance: interrupted\n")


@pytest.mark.usefixtures("hangup")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interrupt_while_the_process_ends_changes_no_exit_code(number: signal.Signals) -> None:
    ended = run("-c", INTERRUPTED_WHILE_ENDING.format(number=int(number)))

    assert (ended.returncode, ended.stderr) == (0, "")


def test_a_defect_outside_of_every_check_is_one_line_and_exit_70(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken() -> int:
        raise KeyError("sk_test_a_secret_that_nobody_knows")

    monkeypatch.setattr("entity_conformance.commands.cli.command_line", broken)
    monkeypatch.setattr("entity_conformance.commands.signals.leaving", lambda: None)
    monkeypatch.setattr("entity_conformance.commands.signals.ending", lambda: None)
    monkeypatch.setattr("entity_conformance.commands.streams.stand", lambda: None)

    with pytest.raises(SystemExit) as ended:
        process.main()

    err = capsys.readouterr().err
    assert ended.value.code == 70
    assert err.startswith("conformance: inconclusive, a defect of the suite: KeyError at test_main.py:")
    assert err.count("\n") == 1
    assert "sk_test" not in err


def test_a_closed_standard_output_takes_the_report_nowhere() -> None:
    script = "import os, runpy, sys; os.close(1); sys.stdout = None; sys.argv[1:] = ['--version']; "
    ended = run("-c", script + "runpy.run_module('entity_conformance', run_name='__main__')")

    assert (ended.returncode, ended.stderr) == (0, "")


@pytest.mark.parametrize("arguments", [["--help"], ["list"], ["config"]])
def test_who_has_read_enough_changes_no_exit_code(arguments: list[str]) -> None:
    read, write = os.pipe()
    os.close(read)

    ended = run("-m", "entity_conformance", *arguments, stdout=write)

    os.close(write)
    assert (ended.returncode, ended.stderr) == (0, "")


def test_what_the_surroundings_cannot_show_is_told_all_the_same() -> None:
    script = "from entity_conformance.commands import streams, stdout; streams.stand(); stdout.tell('a → b')"
    ended = run("-c", script, stdout=subprocess.PIPE, PYTHONIOENCODING="cp1252")

    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "a \\u2192 b\n", "")
