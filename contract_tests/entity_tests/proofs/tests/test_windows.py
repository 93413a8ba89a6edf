"""The runner without what only Unix has: a run in an interpreter that lacks fcntl, SIGHUP, poll and uvloop.

What only Windows has, its locks, is a stand-in here that keeps the same promise; its consoles and paths are tried by
what they refuse: an encoding without most characters, and names of files with a colon or at the end a dot.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from entity_tests.deployments.serving import environment, serving

WITHOUT = """
import select, signal, sys, types

for name in ("fcntl", "uvloop", "termios", "pwd", "grp", "resource"):
    sys.modules[name] = None
for module, name in ((signal, "SIGHUP"), (signal, "pthread_sigmask"), (select, "poll")):
    delattr(module, name)

held = set()
locks = types.ModuleType("msvcrt")
locks.LK_NBLCK = 2

def locking(descriptor, mode, octets):
    assert (mode, octets) == (locks.LK_NBLCK, 1)
    import os
    if (file := os.fstat(descriptor).st_ino) in held:
        raise PermissionError
    held.add(file)

locks.locking = locking
sys.modules["msvcrt"] = locks
real, sys.platform = sys.platform, "win32"
import entity_conformance.deployment.lock
sys.platform = real
del sys.modules["msvcrt"]  # others take it for a sign of Windows

from entity_conformance.commands.cli import command_line
sys.exit(command_line(sys.argv[1:]))
"""


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> tuple[subprocess.CompletedProcess[bytes], Path]:
    folder = tmp_path_factory.mktemp("windows")
    with serving(folder / "server") as served:
        variables = {
            **environment(),
            "CONFORMANCE_API_KEY": served.credentials["apiKey"],
            "XDG_STATE_HOME": str(folder / "state"),
            "PYTHONIOENCODING": "cp1252",
            "PYTHONUTF8": "0",
            "LC_ALL": "C",
        }
        options = ("--entity", "tasks", "--report", f"html={folder / 'report.html'}")
        process = subprocess.run(
            [sys.executable, "-P", "-c", WITHOUT, "run", served.base_url, *options],
            cwd=folder,
            env=variables,
            capture_output=True,
            check=False,
            timeout=120,
        )
    return process, folder


def test_a_run_needs_nothing_that_only_unix_has(ended: tuple[subprocess.CompletedProcess[bytes], Path]) -> None:
    process, _ = ended

    assert process.returncode == 0, process.stderr.decode("cp1252")
    assert process.stdout.decode("cp1252").rstrip().endswith("(exit 0)")


def test_no_file_has_a_name_that_windows_refuses(ended: tuple[subprocess.CompletedProcess[bytes], Path]) -> None:
    _, folder = ended
    made = [name for _, folders, files in os.walk(folder) for name in (*folders, *files)]

    assert [name for name in made if re.search(r'[<>:"|?*\\]|[. ]$', name)] == []
