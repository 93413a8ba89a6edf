"""What is known of the checks without importing them: each one's sentence, and the faults that it trips on.

Both files are written by `python -m entity_tests.proofs.kill_matrix`, and compared with the checks by tests.
"""

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import cast

from entity_conformance.report.listing import Entry
from entity_conformance.suite.ledger import Requirement, command_of

SENTENCES = "sentences.json"
PROOFS = "proofs.json"


@cache
def sentences() -> Mapping[str, str]:
    """What a check says about the API, by its requirement. Docstrings are not read: Python may be told to drop them."""
    return cast("Mapping[str, str]", _read(SENTENCES))


@cache
def proofs() -> Mapping[str, list[str]]:
    """Which faults of the reference server trip which requirement's check."""
    return cast("Mapping[str, list[str]]", _read(PROOFS))


def entry(requirement: Requirement) -> Entry:
    """A requirement as `list` and `explain` tell it; what another command than `run` judges is its own sentence."""
    command = command_of(requirement)
    sentence = sentences().get(requirement.id) if command == "run" else requirement.text
    return Entry(requirement, sentence, command)


def _read(name: str) -> object:
    return json.loads((files("entity_conformance.suite") / name).read_text("utf-8"))
