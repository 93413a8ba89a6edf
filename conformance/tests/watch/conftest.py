"""The contract that answers are judged by."""

import pytest
from entity_contract import Contract, load


@pytest.fixture(scope="session")
def v1() -> Contract:
    """The contract as it is installed."""
    return load()
