"""What runs several commands at the same time tells all that they say, and fails where one fails."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from entity_tests.deployments.serving import ROOT

SCRIPT = (sys.executable, str(ROOT / ".ci" / "side_by_side.py"))
WAITING = """
import pathlib, time
print("one begins", flush=True)
while not pathlib.Path("there").exists():
    time.sleep(0.01)
print("one ends")
"""
SLEEPING = "import pathlib, time; pathlib.Path('there').touch(); time.sleep(600)"
MARKING = "import pathlib, sys; pathlib.Path('there').touch(); sys.stderr.write('two\\n')"


def words(*programs: str) -> list[str]:
    """The script's words for these programs at the same time."""
    each = [word for program in programs for word in (sys.executable, "-c", program, "--")]
    return [*SCRIPT, *each[:-1]]


def ran(folder: Path, *programs: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(words(*programs), cwd=folder, capture_output=True, text=True, check=False, timeout=120)


def test_they_run_at_the_same_time_and_each_is_told_whole(tmp_path: Path) -> None:
    done = ran(tmp_path, WAITING, MARKING)

    told = [line for line in done.stdout.splitlines() if line in {"one begins", "one ends", "two"}]
    assert (done.returncode, done.stderr, done.stdout.count(f"{sys.executable} -c ")) == (0, "", 2)
    assert told in (["one begins", "one ends", "two"], ["two", "one begins", "one ends"])


@pytest.mark.parametrize(("statuses", "status"), [((0, 3), 3), ((5, 0), 5), ((4, 3), 4)])
def test_one_that_fails_is_a_failure(tmp_path: Path, statuses: tuple[int, ...], status: int) -> None:
    assert ran(tmp_path, *(f"raise SystemExit({each})" for each in statuses)).returncode == status


def test_one_that_a_signal_ends_is_a_failure(tmp_path: Path) -> None:
    assert ran(tmp_path, "import os; os.kill(os.getpid(), 9)", "pass").returncode != 0


def test_an_interrupt_ends_them_all(tmp_path: Path) -> None:
    with subprocess.Popen(words(SLEEPING, WAITING), cwd=tmp_path, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert "one ends" in "".join(process.stdout.readline() for _ in range(9))
        process.send_signal(signal.SIGINT)

        assert process.wait(60) != 0
        assert "KeyboardInterrupt" in process.stdout.read()
