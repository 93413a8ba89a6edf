"""Environments of their own for the peers, each made once in a folder: by venv and pip, or by npm.

A folder that is kept is used again. What cannot be made is NotRun, whose message says why in one line.
"""

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

SECONDS = 600
_TOLD = 300  # characters of what a program said


class NotRun(Exception):  # noqa: N818 - it says what is the matter
    """A peer cannot be run here. The message says why."""


@dataclass(frozen=True, slots=True)
class PythonEnvironment:
    """A virtual environment with these packages."""

    name: str
    packages: tuple[str, ...]

    def made(self, folder: Path) -> Path:
        """Its Python. Raises NotRun."""
        place = folder / self.name
        python = place / "bin" / "python"
        if not (place / "complete").exists():
            _do(sys.executable, "-m", "venv", "--clear", str(place))
            _do(str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *self.packages)
            (place / "complete").touch()
        return python

    def versions(self, folder: Path) -> tuple[str, ...]:
        """The packages with their versions. Raises NotRun."""
        told = f"from importlib.metadata import version; print(*map(version, {[_bare(one) for one in self.packages]}))"
        numbers = _do(str(self.made(folder)), "-c", told).split()
        return tuple(f"{_bare(name)} {number}" for name, number in zip(self.packages, numbers, strict=True))


@dataclass(frozen=True, slots=True)
class NodeEnvironment:
    """A folder of node modules with one package."""

    name: str
    package: str
    program: str

    def made(self, folder: Path) -> Path:
        """Its program. Raises NotRun."""
        place = folder / self.name
        program = place / "node_modules" / ".bin" / self.program
        if not program.exists():
            place.mkdir(parents=True, exist_ok=True)
            _do("npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(place), self.package)
        return program

    def versions(self, folder: Path) -> tuple[str, ...]:
        """The package and Node with their versions. Raises NotRun."""
        known = json.loads((folder / self.name / "node_modules" / self.package / "package.json").read_text())
        return f"{self.package} {known['version']}", f"Node {_do('node', '--version').strip().removeprefix('v')}"


Environment = PythonEnvironment | NodeEnvironment


def _bare(package: str) -> str:
    return package.partition("[")[0]


def _do(program: str, *arguments: str) -> str:
    """What a program prints. Raises NotRun."""
    found = shutil.which(program)
    if found is None:
        raise NotRun(f"{program} is not installed")
    try:
        done = subprocess.run(  # noqa: S603 - our own arguments
            [found, *arguments], capture_output=True, text=True, timeout=SECONDS, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise NotRun(f"{program} {arguments[0]} took more than {SECONDS} seconds") from error
    if done.returncode:
        lines = (done.stderr.strip() or done.stdout.strip() or "nothing").splitlines()
        raise NotRun(f"{Path(program).name} {' '.join(arguments[:3])} failed: {lines[-1][:_TOLD]}")
    return done.stdout
