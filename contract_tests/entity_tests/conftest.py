"""Fixtures of the contract tests: the contract, and the reference server in a process of its own.

What is served here is served as users do it. A test that changes data, or counts requests, starts a server of
its own with `entity_tests.deployments.serving`.
"""

from pathlib import Path

import pytest
from entity_contract import Contract, load


@pytest.fixture(scope="session")
def contract() -> Contract:
    """The contract as it is installed."""
    return load()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder for one server's files."""
    return tmp_path / "server"
