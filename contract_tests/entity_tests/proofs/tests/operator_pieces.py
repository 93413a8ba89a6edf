"""What an operator of the filter needs besides its line in openapi.yaml, and which of it an operator lacks.

Pure; the test beside it hands in what there is.
"""

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from entity_contract import Operator


@dataclass(frozen=True, slots=True)
class Pieces:
    """What knows the operators by name.

    `requirements` are the ids of the runner's requirements, `broken` those that a fault of the server breaks.
    `modelled` are the operators whose meaning the model knows. `description` is the filter parameter's, `ruling` the
    text of L14.operators.
    """

    requirements: Collection[str]
    broken: Collection[str]
    modelled: Collection[str]
    description: str
    ruling: str


def missing(operators: Iterable[Operator], pieces: Pieces) -> Iterator[str]:
    """A sentence for each piece that an operator lacks, which says where it belongs."""
    for name in (operator.name for operator in operators):
        requirement = f"filter.{_kebab(name)}"
        if requirement not in pieces.requirements:
            yield f"{name} has no requirement: add {requirement} to suite/requirements/filtering.yaml, and its check"
        if requirement not in pieces.broken:
            yield f"{name} has no fault: add one that breaks {requirement} to server/entity_server/faults/filtering.py"
        if name not in pieces.modelled:
            yield f"{name} has no model case: add its meaning to MEANINGS in entity_conformance/oracle/answers.py"
        if not _names(pieces.description, name):
            yield f"{name} has no documentation: describe it in the filter parameter of openapi.yaml"
        if not _names(pieces.ruling, name):
            yield f"{name} has no documentation: name it in L14.operators of entity_contract/rulings.yaml"


def _kebab(name: str) -> str:
    return re.sub("[A-Z]", lambda letter: f"-{letter[0].lower()}", name.removeprefix("$"))


def _names(text: str, operator: str) -> bool:
    return re.search(rf"{re.escape(operator)}(?![A-Za-z])", text) is not None
