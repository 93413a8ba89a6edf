"""The pytest plugin `v1_api`: a reference server for the tests of a client.

pytest loads this module in every run, so that it imports nothing but pytest; all else is imported by the first test
that asks for the fixture. `-p no:v1_api` switches it off.
"""

import importlib.util
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from entity_server.testing.api import Api

_SERVER_PACKAGES = ("jsonschema_rs", "orjson", "sanic", "tortoise")
_REPORT = "--client-report"
_INSTALL = "the fixture v1_api needs the reference server; run: pip install 'v1-entity-contract[server]'"


def pytest_addoption(parser: pytest.Parser) -> None:
    """The ini options."""
    parser.addini("v1_api_contract", "v1_api: an OpenAPI document to serve instead of the installed one", type="string")
    parser.addini("v1_api_args", "v1_api: more options of `reference-server run`", type="args")


@pytest.fixture(scope="session")
def v1_api_server(pytestconfig: pytest.Config) -> Iterator["Api"]:
    """The server of `v1_api` as the last test left it, for fixtures that live longer than a test."""
    if any(importlib.util.find_spec(package) is None for package in _SERVER_PACKAGES):
        pytest.fail(_INSTALL, pytrace=False)
    from entity_server.testing.server import ClientIsWrong, ServerNotStarted, running  # noqa: PLC0415 - see the module's docstring

    contract: str = pytestconfig.getini("v1_api_contract")
    place = pytestconfig.inipath.parent if pytestconfig.inipath else pytestconfig.rootpath
    stack = ExitStack()
    try:
        api = stack.enter_context(running(*_options(pytestconfig), contract=place / contract if contract else None))
    except ServerNotStarted as error:
        pytest.fail(f"v1_api has no server: {error} (ini options v1_api_args, v1_api_contract)", pytrace=False)
    try:
        with stack:
            yield api
    except ClientIsWrong as error:
        pytest.fail(f"v1_api: the client is wrong (--strict-clients)\n{error}", pytrace=False)


def _options(config: pytest.Config) -> list[str]:
    """The server's options. Each worker of pytest-xdist has a report of its own: `report.json` is `report.gw0.json`."""
    options: list[str] = config.getini("v1_api_args")
    worker = getattr(config, "workerinput", {}).get("workerid")
    names = [one.removeprefix(f"{_REPORT}=") for one in options if one.startswith(f"{_REPORT}=")]
    names += [name for option, name in pairwise(options) if option == _REPORT]
    if worker is None or not names:
        return options
    file = Path(names[-1])
    return [*options, _REPORT, str(file.with_stem(f"{file.stem}.{worker}"))]  # the last one counts


@pytest.fixture
def v1_api(v1_api_server: "Api") -> "Api":
    """The reference server in a process of its own, put back to its seed for this test.

    `base_url` ends in /api/v1. See docs/client-testing.md of v1-entity-contract.
    """
    v1_api_server.reset()
    return v1_api_server
