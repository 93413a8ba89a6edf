"""What the served document says otherwise, where the answers of a choice would not be valid by the contract."""

from typing import Any

import entity_contract as facts
import pytest
from entity_contract import Contract
from entity_server.variants import VARIANTS
from entity_server.variants.choosing import chosen
from entity_server.variants.document import _amended, own_contract, shown_contract
from entity_server.variants.variant import Variant


@pytest.fixture(scope="module")
def contract() -> Contract:
    return facts.load()


def shown(contract: Contract, choices: str) -> Any:
    return shown_contract(contract, chosen(choices).variants).document


def test_a_choice_that_the_contract_documents_changes_nothing(contract: Contract) -> None:
    assert shown_contract(contract, chosen("L2=capped,L12=first").variants) is contract


def test_codes_of_its_own_are_codes_of_the_document(contract: Contract) -> None:
    codes = shown(contract, "E1.own-codes=codes of its own")["components"]["schemas"]["ErrorCode"]

    assert codes["enum"][-5:] == ["TOP_UP", "METHOD_NOT_SUPPORTED", "TOO_LARGE", "BAD_ENTITY", "TRY_LATER"]
    assert codes["x-statuses"]["TOP_UP"] == 402


def test_a_record_requires_no_id_that_may_be_left_out(contract: Contract) -> None:
    schemas = shown(contract, "L20=without-id")["components"]["schemas"]

    assert "required" not in schemas["Task"]
    assert schemas["TaskCreate"]["required"] == ["title"]


def test_a_status_is_documented_where_it_may_come_and_nowhere_else(contract: Contract) -> None:
    paths = shown(contract, "E13.body-without-one=415")["paths"]

    assert "415" in paths["/v1/tasks"]["post"]["responses"]
    assert "415" not in paths["/v1/tasks"]["get"]["responses"]


def test_a_field_of_another_type_has_a_type_of_the_document(contract: Contract) -> None:
    document: Any = shown_contract(contract, chosen(None, ["a-field-of-another-type"]).variants).document

    assert document["components"]["schemas"]["FieldType"]["enum"][-2:] == ["datetime", "json"]


def test_the_contract_itself_stays_as_it_is(contract: Contract) -> None:
    before = str(contract.document)

    shown_contract(contract, chosen("other").variants)
    for one in VARIANTS:
        if one.document is not None:
            _amended(contract, [one.document])

    assert str(contract.document) == before


def test_a_server_with_an_entity_of_its_own_goes_by_a_contract_that_has_it(contract: Contract) -> None:
    change = next(one.document for one in VARIANTS if one.id == "entities-beyond-the-contract")
    assert change is not None

    assert own_contract(contract, [change]).entity("suppliers") is not None


@pytest.mark.parametrize("variant", [one for one in VARIANTS if one.document is not None], ids=lambda one: one.id)
def test_a_record_always_has_what_its_creation_must_name(contract: Contract, variant: Variant) -> None:
    assert variant.document is not None

    own = own_contract(contract, [variant.document])

    odd = [
        f"{entity.name}.{field.name}"
        for entity in own.entities
        for field in entity.fields
        if field.required and (field.nullable or field.name not in entity.always)
    ]
    assert odd == []
