"""Every operator of the contract is asked for by the runner and the model, spoilt by a fault, and documented."""

from dataclasses import replace

import pytest
from entity_conformance.oracle.answers import MEANINGS
from entity_conformance.suite import ledger
from entity_contract import Contract, Operator, rulings
from entity_server.faults import FAULTS
from entity_tests.proofs.tests.operator_pieces import Pieces, missing

NEW = Operator("$endsBefore", "value", ("date", "datetime"))


@pytest.fixture
def pieces(contract: Contract) -> Pieces:
    """What this project has."""
    filter_ = next(one for one in contract.operation("listTasks").parameters if one.name == "filter")
    return Pieces(
        requirements=frozenset(ledger.load().requirements),
        broken=frozenset(fault.breaks for fault in FAULTS),
        modelled=frozenset(MEANINGS),
        description=str(contract.target(filter_.pointer)["description"]),
        ruling=rulings.load().clauses["L14.operators"].text,
    )


def test_no_operator_of_the_contract_lacks_a_piece(contract: Contract, pieces: Pieces) -> None:
    assert list(missing(contract.operators, pieces)) == []


def test_a_new_operator_lacks_every_piece(pieces: Pieces) -> None:
    assert list(missing((NEW,), pieces)) == [
        "$endsBefore has no requirement: add filter.ends-before to suite/requirements/filtering.yaml, and its check",
        "$endsBefore has no fault: add one that breaks filter.ends-before to server/entity_server/faults/filtering.py",
        "$endsBefore has no model case: add its meaning to MEANINGS in entity_conformance/oracle/answers.py",
        "$endsBefore has no documentation: describe it in the filter parameter of openapi.yaml",
        "$endsBefore has no documentation: name it in L14.operators of entity_contract/rulings.yaml",
    ]


@pytest.mark.parametrize(
    ("forgotten", "named"),
    [
        ({"requirements": ()}, "has no requirement"),
        ({"broken": ()}, "has no fault"),
        ({"modelled": ()}, "has no model case"),
        ({"description": "`$endsBeforeNoon`"}, "describe it in the filter parameter"),
        ({"ruling": ""}, "name it in L14.operators"),
    ],
)
def test_the_piece_that_is_forgotten_is_named(forgotten: dict[str, object], named: str) -> None:
    whole = Pieces(("filter.ends-before",), ("filter.ends-before",), ("$endsBefore",), "`$endsBefore`", "$endsBefore")

    (told,) = missing((NEW,), replace(whole, **forgotten))  # type: ignore[arg-type]  # one member each

    assert named in told
