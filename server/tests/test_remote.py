"""What a server uses outside of its process, where the package for it is not installed."""

import importlib.util
from collections.abc import Callable

import pytest
from entity_contract import load
from entity_server.app import compose
from entity_server.metering import new_meters
from entity_server.remote import connected
from entity_server.settings import Settings, UnusableSetting
from entity_server.store import open_store

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def without(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Lets a package be none that is installed."""
    real = importlib.util.find_spec

    def lacking(package: str) -> None:
        monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == package else real(name))

    return lacking


async def test_redis_without_its_package_is_told_how_to_install_it(without: Callable[[str], None]) -> None:
    without("redis")
    settings = Settings(redis="redis://:hush@127.0.0.1:1/0")
    store = await open_store("sqlite://:memory:", load())
    try:
        with pytest.raises(UnusableSetting, match=r"pip install 'v1-entity-contract\[server,redis\]'"):
            async with connected(compose(load(), store, settings), settings):
                pass
    finally:
        await store.close()


def test_metrics_without_their_package_are_told_how_to_install_it(without: Callable[[str], None]) -> None:
    without("prometheus_client")

    with pytest.raises(UnusableSetting, match=r"pip install 'v1-entity-contract\[server,metrics\]'"):
        new_meters(Settings(metrics=True))


def test_settings_are_printed_without_their_secrets() -> None:
    settings = Settings(redis="redis://:hush@127.0.0.1:1/0", ai_key="hush")

    assert "hush" not in repr(settings)
