"""Plugins of other packages, which name them as entry points."""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from importlib.metadata import EntryPoint
from pathlib import Path
from types import ModuleType
from typing import Any

import entity_contract as facts
import pytest
import yaml
from entity_contract import Contract
from entity_contract.parsing import FAST_LOADER
from entity_server.domain import envelope
from entity_server.http import plugins as known
from entity_server.http.operations import CompiledOperation
from entity_server.http.plugins import GROUP, Plugin, UnusablePlugin
from entity_server.http.services import Answer, Call, Handler, Services
from entity_server.store import Store

from server.tests.http.served_api import ServedApi, opened

pytestmark = pytest.mark.anyio

ROOT = Path(__file__).parents[4]
MODULE = "plugins_of_a_test"


async def shouted(_: Call) -> Answer:
    return Answer(200, envelope.success({"text": "HELLO", "tokensUsed": 0, "model": "loud"}), {})


def shouting(_: Services) -> Callable[[CompiledOperation], Handler]:
    return lambda _: shouted


def failing(*_: object) -> Any:
    raise ValueError("no voice\ntoday")


Install = Callable[..., None]


@pytest.fixture
def install(monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Makes the values of a module the plugins that are installed, as `name=value`."""
    module = ModuleType(MODULE)
    monkeypatch.setitem(sys.modules, MODULE, module)

    def installed(**plugins: object) -> None:
        module.__dict__.update(plugins)
        points = tuple(EntryPoint(name, f"{MODULE}:{name}", GROUP) for name in plugins)
        monkeypatch.setattr(known, "entry_points", lambda **_: points)
        known._of_other_packages.cache_clear()

    yield installed
    known._of_other_packages.cache_clear()


async def test_a_plugin_of_another_package_stands_in_for_our_own(
    install: Install, contract: Contract, store: Store, credentials: Mapping[str, str]
) -> None:
    install(loud=Plugin("generateText", shouting))

    async with opened(contract, store, credentials) as api:
        answer = await api.send("POST", "/ai/generate", json={"prompt": "hello"})

    assert answer.json()["data"] == {"text": "HELLO", "tokensUsed": 0, "model": "loud"}


@pytest.mark.parametrize(
    ("plugins", "told"),
    [
        (
            {"a": Plugin("sing", shouting)},
            "the plugin a (a) serves sing, which the contract does not",
        ),
        (
            {"a": Plugin("getHealth", shouting)},
            "the plugin a (a) serves getHealth, which this server",
        ),
        (
            {"a": Plugin("listTasks", shouting)},
            "the plugin a (a) serves listTasks, which this server",
        ),
        (
            {"a": Plugin("generateText", shouting), "b": Plugin("generateText", shouting)},
            "the plugin b (b) and the plugin a (a) both serve generateText; ",
        ),
        ({"a": shouting}, "the plugin a (a) is no Plugin but a function; "),
        (
            {"a": Plugin("generateText", "loud")},  # type: ignore[arg-type]
            "the plugin a (a) has a handler that cannot be called; ",
        ),
        (
            {"a": Plugin("generateText", failing)},
            "the plugin a (a) cannot make its handler: ValueError: no voice today; mend it",
        ),
        (
            {"a": Plugin("generateText", lambda _: failing)},
            "the plugin a (a) cannot make its handler: ValueError: no voice today; mend it",
        ),
        (
            {"a": Plugin("generateText", lambda _: None)},  # type: ignore[arg-type, return-value]
            "the plugin a (a) makes no handler but a NoneType; ",
        ),
        (
            {"a": Plugin("generateText", lambda _: lambda _: None)},  # type: ignore[arg-type, return-value]
            "the plugin a (a) makes no handler but a NoneType; ",
        ),
    ],
)
async def test_one_that_cannot_be_served_stops_the_start(
    install: Install, api: ServedApi, *, contract: Contract, store: Store, plugins: dict[str, object], told: str
) -> None:
    install(**plugins)

    with pytest.raises(UnusablePlugin) as refused:
        async with opened(contract, store, api.credentials):
            pass

    assert str(refused.value).replace("(plugins_of_a_test:", "(").startswith(told)


async def test_one_that_cannot_be_loaded_stops_the_start(
    install: Install, monkeypatch: pytest.MonkeyPatch, contract: Contract, store: Store, credentials: Mapping[str, str]
) -> None:
    install(a=Plugin("generateText", shouting))
    monkeypatch.delattr(f"{MODULE}.a")

    with pytest.raises(UnusablePlugin, match=r"the plugin a .* cannot be loaded: AttributeError: .*; mend it"):
        async with opened(contract, store, credentials):
            pass


async def test_one_that_ends_the_process_is_named(
    install: Install, monkeypatch: pytest.MonkeyPatch, contract: Contract, store: Store, credentials: Mapping[str, str]
) -> None:
    install(a=Plugin("generateText", shouting))
    monkeypatch.setattr(EntryPoint, "load", lambda _: sys.exit(3))

    with pytest.raises(UnusablePlugin, match=r"the plugin a .* cannot be loaded: SystemExit: 3; mend it"):
        async with opened(contract, store, credentials):
            pass


@pytest.fixture
def packages(tmp_path: Path) -> Path:
    """A folder where a package with a plugin is installed, as pip would install it."""
    folder = tmp_path / "site-packages"
    known = folder / "greeting-1.0.dist-info"
    known.mkdir(parents=True)
    (known / "METADATA").write_text("Metadata-Version: 2.1\nName: greeting\nVersion: 1.0\n")
    (known / "entry_points.txt").write_text("[entity_server.plugins]\ngreet = greeting:PLUGIN\n")
    (folder / "greeting.py").write_text(
        "from entity_server.http.plugins import Plugin\nPLUGIN = Plugin('greet', lambda services: None)\n"
    )
    return folder


def test_a_server_with_a_plugin_for_another_contract_does_not_start(packages: Path, tmp_path: Path) -> None:
    paths = os.pathsep.join([str(packages), *(str(ROOT / face) for face in ("contract", "server"))])
    command = [sys.executable, "-P", "-m", "entity_server", "run", "--port", "0", "--database", "sqlite://:memory:"]

    ended = subprocess.run(
        command,
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr == (
        "reference-server: the plugin greet of greeting (greeting:PLUGIN) serves greet, which the contract does not "
        "have; describe it there\n"
    )


async def test_the_plugin_of_the_documentation_serves_an_operation_of_its_own(
    install: Install, store: Store, credentials: Mapping[str, str], tmp_path: Path
) -> None:
    shown = re.search(r"```python\n(.*?)```", (ROOT / "docs" / "deploying.md").read_text(encoding="utf-8"), re.DOTALL)
    assert shown is not None
    module: dict[str, Any] = {}
    exec(shown[1], module)  # what the documentation says is what is tried
    document = yaml.load((ROOT / "openapi.yaml").read_text(encoding="utf-8"), Loader=FAST_LOADER)
    revoke, read = document["paths"]["/v1/keys/{keyId}"]["delete"], document["paths"]["/v1/tasks/{id}"]["get"]
    answers = {**read["responses"], "200": revoke["responses"]["200"]}
    greet = {"operationId": "greet", "tags": ["AI"], "security": read["security"], "responses": answers}
    document["paths"]["/v1/greeting"] = {"get": greet}
    (tmp_path / "own.yaml").write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")
    install(greeting=module["PLUGIN"])

    async with opened(facts.load(tmp_path / "own.yaml"), store, credentials) as api:
        answer = await api.send("GET", "/greeting", credential="read")
        refused = await api.send("GET", "/greeting", credential="write")

    assert (answer.status_code, answer.json()) == (200, {"success": True, "message": "Hello"})
    assert (refused.status_code, refused.json()["code"]) == (403, "INVALID_SCOPE")
