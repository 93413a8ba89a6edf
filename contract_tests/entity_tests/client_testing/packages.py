"""The npm packages of package-lock.json, installed once for each lock file, beside the caches of the other rooms."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
SECONDS = 300


def node_modules(cache: Path) -> Path:
    """The folder `node_modules`. Raises AssertionError when npm cannot install it."""
    lock = HERE / "package-lock.json"
    home = cache / hashlib.sha256(lock.read_bytes()).hexdigest()[:16]
    if not (home / "complete").exists():
        shutil.rmtree(cache, ignore_errors=True)
        home.mkdir(parents=True)
        for file in (lock, HERE / "package.json"):
            shutil.copy(file, home)
        command = ["npm", "ci", "--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund"]
        done = subprocess.run(
            command, cwd=home, env=with_programs(), capture_output=True, text=True, timeout=SECONDS, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        (home / "complete").touch()
    return home / "node_modules"


def with_programs() -> dict[str, str]:
    """The environment, in which this interpreter's own programs are found first: node, npm, pytest, our commands."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "REFERENCE_SERVER_"))}
    return {**kept, "PATH": os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))}
