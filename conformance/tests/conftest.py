"""What the tests of a run share."""

from pathlib import Path

import pytest
from entity_conformance.commands import demo, run
from entity_conformance.commands.driver import Job


@pytest.fixture
def journals(tmp_path: Path) -> Path:
    """Where the journals of a run go."""
    return tmp_path / "journals"


@pytest.fixture
def jobs(monkeypatch: pytest.MonkeyPatch) -> list[Job]:
    """The runs that were asked for; none is performed."""
    asked: list[Job] = []

    def note(job: Job) -> int:
        asked.append(job)
        return 0

    monkeypatch.setattr(run, "drive", note)
    monkeypatch.setattr(demo, "drive", note)
    return asked
