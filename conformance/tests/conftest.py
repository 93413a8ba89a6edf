"""What the tests of a run share."""

from pathlib import Path

import pytest


@pytest.fixture
def journals(tmp_path: Path) -> Path:
    """Where the journals of a run go."""
    return tmp_path / "journals"
