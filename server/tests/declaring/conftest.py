"""The contract, that new entities are declared in."""

import entity_contract as facts
import pytest
from entity_contract import Contract


@pytest.fixture(scope="session")
def contract() -> Contract:
    return facts.load()
