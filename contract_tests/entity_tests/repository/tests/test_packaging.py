"""The wheel and the sdist, as a person who never saw the repository meets them.

Each is built once and installed in an environment of its own; every command runs in an empty directory, with nothing
of the repository on its path.
"""

import hashlib
import os
import subprocess
import sys
import tarfile
import venv
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[4]
SERVER_ONLY = ("sanic", "tortoise", "jsonschema_rs", "orjson")
WHERE = "import entity_contract as contract; loaded = contract.load(); print(loaded.source); print(loaded.sha256)"


@dataclass(frozen=True, slots=True)
class Distributions:
    """The two files that a release consists of. The wheel is built from the sdist, never from the repository."""

    wheel: Path
    sdist: Path


@dataclass(frozen=True, slots=True)
class Environment:
    """A virtual environment, and an empty directory to work in."""

    folder: Path
    empty: Path

    def run(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run one of the environment's programs in the empty directory, with no trace of the caller's environment."""
        return subprocess.run(
            [str(self.folder / "bin" / program), *arguments],
            cwd=self.empty,
            env={"PATH": os.defpath, "HOME": str(self.empty), "LANG": "C.UTF-8"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )


def environment(folder: Path, *requirement: str) -> Environment:
    venv.create(folder / "venv", with_pip=False, symlinks=True)
    empty = folder / "empty"
    empty.mkdir()
    python = folder / "venv" / "bin" / "python"
    subprocess.run(
        [sys.executable, "-m", "pip", "--python", str(python), "install", "-qq", "--no-compile", *requirement],
        check=True,
    )
    return Environment(folder / "venv", empty)


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Distributions:
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run([sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(ROOT)], check=True)
    return Distributions(wheel=next(folder.glob("*.whl")), sdist=next(folder.glob("*.tar.gz")))


@pytest.fixture(scope="session")
def plain(built: Distributions, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    return environment(tmp_path_factory.mktemp("plain"), str(built.wheel))


@pytest.fixture(scope="session")
def full(built: Distributions, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    return environment(tmp_path_factory.mktemp("full"), f"{built.wheel}[server]")


@pytest.fixture(scope="session")
def editable(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    return environment(tmp_path_factory.mktemp("editable"), "--editable", str(ROOT))


def names(wheel: Path) -> list[str]:
    with zipfile.ZipFile(wheel) as archive:
        return archive.namelist()


def test_the_wheel_holds_the_contract(built: Distributions) -> None:
    with zipfile.ZipFile(built.wheel) as archive:
        assert archive.read("entity_contract/openapi.yaml") == (ROOT / "openapi.yaml").read_bytes()


def test_the_sdist_holds_the_contract(built: Distributions) -> None:
    inside = built.sdist.name.removesuffix(".tar.gz") + "/openapi.yaml"
    with tarfile.open(built.sdist) as archive:
        file = archive.extractfile(inside)
        assert file is not None
        assert file.read() == (ROOT / "openapi.yaml").read_bytes()


def test_the_wheel_holds_our_packages_and_no_tests(built: Distributions) -> None:
    files = names(built.wheel)

    assert {name.split("/")[0] for name in files if ".dist-info" not in name} == {
        "entity_contract",
        "entity_server",
        "entity_conformance",
        "entity_tests",
    }
    assert [name for name in files if "/tests/" in name] == []
    of_the_tests = {name.split("/")[1] for name in files if name.startswith("entity_tests/")}
    assert of_the_tests == {"__init__.py", "py.typed", "hooks.py", "properties", "model"}


@pytest.mark.parametrize(
    "pattern",
    [
        "conformance/entity_conformance/suite/requirements/*.yaml",
        "conformance/entity_conformance/report/schemas/*.json",
        "server/entity_server/http/docs/page/*.*",
        "server/entity_server/http/docs/swagger_ui/*",
    ],
)
def test_the_wheel_holds_what_the_packages_read(built: Distributions, pattern: str) -> None:
    in_repository = {path.relative_to(ROOT).as_posix().partition("/")[2] for path in ROOT.glob(pattern)}

    assert in_repository
    assert in_repository <= set(names(built.wheel))


@pytest.mark.parametrize("install", ["plain", "editable"])
def test_every_install_finds_the_contract(install: str, request: pytest.FixtureRequest) -> None:
    found = request.getfixturevalue(install).run("python", "-P", "-c", WHERE)

    source, sha256 = found.stdout.split()
    assert Path(source).name == "openapi.yaml"
    assert sha256 == hashlib.sha256((ROOT / "openapi.yaml").read_bytes()).hexdigest()


@pytest.mark.parametrize("package", SERVER_ONLY)
def test_the_plain_install_has_no_server_library(plain: Environment, package: str) -> None:
    assert plain.run("python", "-P", "-c", f"import {package}").returncode == 1


def test_the_plain_install_lists_the_requirements(plain: Environment) -> None:
    listed = plain.run("conformance", "list")

    assert (listed.returncode, listed.stderr) == (0, "")
    assert "list.limit-caps-page" in listed.stdout


@pytest.mark.parametrize("command", [("conformance", "demo"), ("reference-server", "run")])
def test_the_plain_install_says_which_extra_the_server_needs(plain: Environment, command: tuple[str, str]) -> None:
    refused = plain.run(*command)

    assert refused.returncode == 2
    assert "[server]" in refused.stderr
    assert "Traceback" not in refused.stderr


@pytest.fixture(scope="session")
def demonstrated(full: Environment) -> subprocess.CompletedProcess[str]:
    return full.run("conformance", "demo")


def test_the_full_install_demonstrates_itself(demonstrated: subprocess.CompletedProcess[str]) -> None:
    assert demonstrated.returncode == 0, demonstrated.stdout + demonstrated.stderr
    assert "conforms" in demonstrated.stdout.splitlines()[-1]


@pytest.mark.usefixtures("demonstrated")
def test_the_demonstration_leaves_nothing_behind(full: Environment) -> None:
    assert list(full.empty.iterdir()) == []
