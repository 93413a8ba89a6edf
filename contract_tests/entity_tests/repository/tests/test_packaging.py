"""The wheel and the sdist, as a person who never saw the repository meets them.

Each is built once and installed in an environment of its own; every command runs in an empty directory, with nothing
of the repository on its path.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tarfile
import time
import venv
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[4]
NAMES = ("contract", "server", "conformance", "contract_tests", "tests")
"""How our folders are called."""
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

    def run(self, program: str, *arguments: str, at: Path | None = None) -> subprocess.CompletedProcess[str]:
        """Run one of the environment's programs with no trace of the caller's environment.

        It works in the empty directory, or in `at`, which is then on PYTHONPATH too.
        """
        variables = {"PATH": os.defpath, "HOME": str(self.empty), "LANG": "C.UTF-8"}
        return subprocess.run(
            [str(self.folder / "bin" / program), *arguments],
            cwd=at or self.empty,
            env=variables if at is None else {**variables, "PYTHONPATH": str(at)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )


def environment(
    folder: Path, *requirement: str, libraries: Environment | None = None, by_pip: bool = False
) -> Environment:
    """An environment in which this is installed; libraries that another one has are copied from there beforehand.

    Where uv is there and need not be pip, it installs: what it takes a second for, pip takes ten for.
    """
    venv.create(folder / "venv", with_pip=False, symlinks=True)
    empty = folder / "empty"
    empty.mkdir()
    python = folder / "venv" / "bin" / "python"
    if libraries is not None:
        ours = shutil.ignore_patterns("entity_*", "v1_entity_contract-*")
        shutil.copytree(libraries.folder / "lib", folder / "venv" / "lib", ignore=ours, dirs_exist_ok=True)
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "-qq", "--no-compile", *requirement]
    uv = [sys.executable, "-m", "uv", "pip", "install", "-qq", "--python", str(python), *requirement]
    if by_pip or find_spec("uv") is None or subprocess.run(uv, check=False).returncode != 0:
        subprocess.run(pip, check=True)
    return Environment(folder / "venv", empty)


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Distributions:
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run([sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(ROOT)], check=True)
    return Distributions(wheel=next(folder.glob("*.whl")), sdist=next(folder.glob("*.tar.gz")))


@pytest.fixture(scope="session")
def plain(built: Distributions, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """As most people install it."""
    return environment(tmp_path_factory.mktemp("plain"), str(built.wheel), by_pip=True)


@pytest.fixture(scope="session")
def full(built: Distributions, plain: Environment, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    return environment(tmp_path_factory.mktemp("full"), f"{built.wheel}[server]", libraries=plain)


@pytest.fixture(scope="session")
def editable(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """Without what the contract is not read with."""
    return environment(tmp_path_factory.mktemp("editable"), "--no-deps", "PyYAML", "--editable", str(ROOT))


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
        "conformance/entity_conformance/report/html/page.*",
        "server/entity_server/control/openapi.yaml",
        "server/entity_server/http/docs/page/*.*",
        "server/entity_server/http/docs/swagger_ui/*",
    ],
)
def test_the_wheel_holds_what_the_packages_read(built: Distributions, pattern: str) -> None:
    in_repository = {path.relative_to(ROOT).as_posix().partition("/")[2] for path in ROOT.glob(pattern)}

    assert in_repository
    assert in_repository <= set(names(built.wheel))


def test_the_wheel_offers_pytest_its_plugin(built: Distributions) -> None:
    with zipfile.ZipFile(built.wheel) as archive:
        (entry_points,) = (name for name in archive.namelist() if name.endswith("entry_points.txt"))
        assert "[pytest11]\nv1_api = entity_server.pytest_plugin" in archive.read(entry_points).decode()


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
def namesakes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of files that are called as our folders are, and that nobody may import."""
    folder = tmp_path_factory.mktemp("namesakes")
    for name in NAMES:
        (folder / f"{name}.py").write_text(f"raise SystemExit('{name}.py was imported')\n")
    return folder


@pytest.mark.parametrize(
    "command",
    [
        ("conformance", "list"),
        ("reference-server", "faults"),
        ("entity-contract", "rulings"),
    ],
    ids=" ".join,
)
def test_a_command_ignores_files_called_as_our_folders(
    full: Environment, namesakes: Path, command: tuple[str, ...]
) -> None:
    done = full.run(*command, at=namesakes)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "was imported" not in done.stdout + done.stderr


@pytest.fixture(scope="session")
def products(built: Distributions, plain: Environment, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """What QA installs: every way of asking a deployment, and no server."""
    return environment(tmp_path_factory.mktemp("products"), f"{built.wheel}[properties]", libraries=plain)


@pytest.fixture(scope="session")
def credentials(full: Environment, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, str]]:
    """Those of a reference server that runs meanwhile, and its `baseUrl`."""
    folder = tmp_path_factory.mktemp("served")
    written = folder / "credentials.json"
    options = ["--port", "0", "--database", f"sqlite://{folder / 'served.sqlite3'}", "--credentials", str(written)]
    program = str(full.folder / "bin" / "reference-server")
    with (folder / "log").open("wb") as log, subprocess.Popen(
        [program, "run", "--demo", *options], cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log
    ) as server:  # fmt: skip
        try:
            deadline = time.monotonic() + 60
            while not written.exists():
                assert (server.poll(), time.monotonic() < deadline) == (None, True), (folder / "log").read_text()
                time.sleep(0.05)
            yield json.loads(written.read_text())
        finally:
            server.terminate()


@pytest.mark.parametrize("command", ["run", "properties", "model"])
def test_each_way_of_asking_works_without_the_server(
    products: Environment, credentials: Mapping[str, str], command: str
) -> None:
    key = ("--api-key", credentials["apiKey"])
    done = products.run("conformance", command, credentials["baseUrl"], *key, "--max-requests", "60")

    assert done.returncode in {0, 3}, done.stdout + done.stderr  # 3 where 60 requests are too few
    assert "Traceback" not in done.stdout + done.stderr
    assert "requests" in done.stdout


@pytest.mark.parametrize("command", ["properties", "model"])
def test_the_plain_install_says_which_extra_a_command_needs(plain: Environment, command: str) -> None:
    refused = plain.run("conformance", command, "http://127.0.0.1:9")

    assert refused.returncode == 2
    assert "pip install 'v1-entity-contract[properties]'" in refused.stderr
    assert len(refused.stderr.splitlines()) == 1


@pytest.mark.parametrize("install", ["plain", "products"])
def test_the_help_lists_every_command_in_every_install(install: str, request: pytest.FixtureRequest) -> None:
    told = request.getfixturevalue(install).run("conformance", "--help")

    assert {"run", "properties", "model", "cleanup"} <= set(told.stdout.split())


def test_the_fixture_says_which_extra_it_needs(products: Environment, tmp_path: Path) -> None:
    (tmp_path / "pytest.ini").write_text("[pytest]\n")  # a project of its own: this one does without the plugin
    (tmp_path / "test_it.py").write_text("def test_it(v1_api):\n    pass\n")

    refused = products.run("pytest", "-q", "-p", "no:cacheprovider", str(tmp_path))

    assert refused.returncode == 1
    assert "run: pip install 'v1-entity-contract[server]'" in refused.stdout


def test_a_command_runs_beside_a_server(full: Environment) -> None:
    program = "import os, sys; print(os.environ['V1_API_URL']); sys.exit(7)"

    done = full.run("reference-server", "exec", "--", str(full.folder / "bin" / "python"), "-c", program)

    assert (done.returncode, done.stderr) == (7, "")
    assert done.stdout.strip().endswith("/api/v1")


@pytest.fixture(scope="session")
def demonstrated(full: Environment, namesakes: Path) -> subprocess.CompletedProcess[str]:
    """A demonstration among files that nobody may import."""
    return full.run("conformance", "demo", at=namesakes)


def test_the_full_install_demonstrates_itself(demonstrated: subprocess.CompletedProcess[str]) -> None:
    assert demonstrated.returncode == 0, demonstrated.stdout + demonstrated.stderr
    assert "conforms" in demonstrated.stdout.splitlines()[-1]
    assert "was imported" not in demonstrated.stdout + demonstrated.stderr


@pytest.mark.usefixtures("demonstrated")
def test_the_demonstration_leaves_nothing_behind(full: Environment, namesakes: Path) -> None:
    assert list(full.empty.iterdir()) == []
    assert sorted(path.stem for path in namesakes.iterdir()) == sorted(NAMES)
