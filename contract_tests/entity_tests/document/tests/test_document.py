"""What openapi.yaml must be, whoever reads it: valid, whole, without dead parts, and with true examples.

What any contract must be is in entity_contract; the style is in style_rules.py, the linters' half in test_linters.py,
the reference's words in test_reference.py, the text's form in test_document_text.py.
"""

import functools

import entity_contract as contract
import pytest
from entity_contract import Contract, checking
from entity_contract.references import references, target
from entity_tests.document.planted_faults import RULES as PLANTED
from entity_tests.document.planted_faults import Planted, spoiled, together
from entity_tests.document.style_rules import RULES, Rule

V1 = contract.load()
DOCUMENT = V1.document
BY_NAME = {rule.__name__: rule for rule in RULES}


def test_it_is_valid_openapi_and_keeps_the_rules_of_a_contract() -> None:
    assert checking.problems(DOCUMENT) == ()


@pytest.mark.parametrize("rule", RULES, ids=BY_NAME)
def test_it_keeps_the_rule(rule: Rule) -> None:
    assert list(rule(V1)) == []


@pytest.mark.parametrize("fault", PLANTED, ids=lambda fault: f"{fault.rule}: {fault.name}")
def test_a_planted_fault_is_found(fault: Planted) -> None:
    planted = Contract._of(spoiled(DOCUMENT, fault), source="planted", sha256="")  # checked below

    assert list(BY_NAME[fault.rule](planted)) != []


@pytest.mark.parametrize("group", together(PLANTED), ids=lambda group: group[0].name)
def test_planted_faults_are_found_by_nothing_else(group: tuple[Planted, ...]) -> None:
    """A contract with them is a contract, so that the project's own rules are needed."""
    assert checking.problems(functools.reduce(spoiled, group, DOCUMENT)) == ()


def test_every_rule_has_a_planted_fault() -> None:
    assert {fault.rule for fault in PLANTED} == BY_NAME.keys()


def test_operation_ids_are_unique() -> None:
    ids = [operation.id for operation in V1.operations]

    assert sorted(ids) == sorted(set(ids))


def test_every_reference_leads_to_an_object() -> None:
    assert all(target(DOCUMENT, reference) for _, reference in references(DOCUMENT))
