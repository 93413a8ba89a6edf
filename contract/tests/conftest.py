"""What the contract's tests share: the installed contract and a fresh copy of its document."""

from typing import Any

import entity_contract as contract
import pytest
from entity_contract import Contract

from contract.tests.spoiling import copied


@pytest.fixture(scope="session")
def v1() -> Contract:
    return contract.load()


@pytest.fixture
def document() -> dict[str, Any]:
    """The document's tree, free to be spoiled."""
    return copied()
