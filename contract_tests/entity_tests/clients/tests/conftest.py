"""Fixtures of the SDK tests. They run where their tools are installed: `tox -e sdks`.

In another environment the tests of the clients are left out, with a line that says so; the tests of the page are not.
"""

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from entity_tests.clients.asked import Deployment
from entity_tests.clients.recipes import RECIPES, Recipe
from entity_tests.clients.relay import relaying
from entity_tests.clients.toolbox import Toolbox, toolbox
from entity_tests.clients.workshop import Workshop
from entity_tests.deployments.serving import Served, serving

OF_CLIENTS = "test_clients.py"
INSTALLED = find_spec("openapi_generator_cli") is not None


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Leave the clients' tests out where the generators are not installed."""
    return True if not INSTALLED and collection_path.name == OF_CLIENTS else None


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what was left out."""
    if not INSTALLED:
        terminalreporter.write_line("not run: the generated clients (their tools are in `tox -e sdks`)")


@pytest.fixture(scope="session")
def tools() -> Toolbox:
    return toolbox()


@pytest.fixture(scope="session")
def workshops(tools: Toolbox, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Workshop]:
    """One workshop for each recipe, shared by all tests: a client is generated and compiled once."""
    home = tmp_path_factory.mktemp("sdks")
    return {recipe.name: Workshop(recipe, tools, home / recipe.name) for recipe in RECIPES}


def shown_by_others(recipe: Recipe) -> bool:
    """Whether others show the generator, with another language, and the language, with another generator."""
    others = [one for one in RECIPES if one is not recipe]
    by_generator = any(one.generator == recipe.generator and one.language != recipe.language for one in others)
    return by_generator and any(one.language == recipe.language and one.generator != recipe.generator for one in others)


EACH = [pytest.param(each, id=each.name, marks=[pytest.mark.soak] if shown_by_others(each) else []) for each in RECIPES]


@pytest.fixture(params=EACH)
def recipe(request: pytest.FixtureRequest) -> Recipe:
    chosen: Recipe = request.param
    return chosen


@pytest.fixture
def workshop(recipe: Recipe, workshops: dict[str, Workshop]) -> Workshop:
    return workshops[recipe.name]


@pytest.fixture(scope="session")
def limited(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server that lets each key send three requests in an hour."""
    with serving(tmp_path_factory.mktemp("limited"), "--key-limit", "3/hour") as server:
        yield server


@pytest.fixture
def fresh(tmp_path: Path, limited: Served) -> Iterator[Deployment]:
    """A server that nobody has used, behind a relay that notes what is asked of it."""
    with serving(tmp_path / "server") as server, relaying(server.root) as first, relaying(limited.root) as second:
        yield Deployment.of(server, limited, (first.root, second.root)).through(first, second)


@pytest.fixture
def other(tmp_path: Path, limited: Served) -> Iterator[Deployment]:
    """A server that nobody has used, and that takes the other choices of the rulings."""
    with serving(tmp_path / "other", "--choices", "other") as server:
        yield Deployment.of(server, limited)


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory, limited: Served) -> Iterator[Deployment]:
    """A server for programs that only read."""
    with serving(tmp_path_factory.mktemp("demo")) as server:
        yield Deployment.of(server, limited)
