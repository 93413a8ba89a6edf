"""What tox installs with: uv where it can, and pip wherever uv cannot, or pip is told of an index of its own."""

import importlib.util
import subprocess
from types import ModuleType

import pytest
from entity_tests.deployments.serving import ROOT

ASKED = ["--no-deps", "click>=8.3"]
UV_IS_INSTALLED = "pip install --quiet uv>=0.9"
BY_UV = "uv pip install --python PYTHON --no-deps click>=8.3"
BY_PIP = "pip install --no-deps click>=8.3"


@pytest.fixture
def install(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    spec = importlib.util.spec_from_file_location("install", ROOT / ".ci" / "install.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "UV", ("-m", "uv", "pip", "install", "--python", "PYTHON"))
    monkeypatch.setattr(module, "PIP", ("-m", "pip"))
    return module


@pytest.mark.parametrize(
    ("there", "settings", "failing", "commands", "status"),
    [
        (True, "", (), [BY_UV], 0),
        (True, "", (BY_UV,), [BY_UV, BY_PIP], 0),
        (True, "", (BY_UV, BY_PIP), [BY_UV, BY_PIP], 1),
        (False, "global.extra-index-url='file:///opt/more'", (), ["pip config list", UV_IS_INSTALLED, BY_UV], 0),
        (False, "", (UV_IS_INSTALLED,), ["pip config list", UV_IS_INSTALLED, BY_PIP], 0),
        (False, "global.index-url='https://mirror.example.com'", (), ["pip config list", BY_PIP], 0),
        (False, ":env:.no-index='1'", (), ["pip config list", BY_PIP], 0),
        (False, "", ("pip config list",), ["pip config list", BY_PIP], 0),
    ],
    ids=["uv", "uv fails", "both fail", "uv comes first", "no uv to be had", "a mirror", "no index", "an old pip"],
)
def test_pip_installs_where_uv_cannot(
    install: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    *,
    there: bool,
    settings: str,
    failing: tuple[str, ...],
    commands: list[str],
    status: int,
) -> None:
    done: list[str] = []

    def run(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        done.append(" ".join(command).removeprefix("-m "))
        return subprocess.CompletedProcess(command, int(done[-1] in failing), stdout=settings)

    monkeypatch.setattr(subprocess, "run", run)
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: object() if there else None)

    assert (install.main(ASKED), done) == (status, commands)
