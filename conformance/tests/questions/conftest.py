"""The contract for designed questions."""

import pytest
from entity_contract import Contract, load


@pytest.fixture(scope="session")
def contract() -> Contract:
    """The contract as it is installed."""
    return load()
