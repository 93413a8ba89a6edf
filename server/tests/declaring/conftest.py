"""The contract, that new entities are declared in."""

import pytest

import contract as facts
from contract import Contract


@pytest.fixture(scope="session")
def contract() -> Contract:
    return facts.load()
