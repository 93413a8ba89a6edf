"""Where the parts of a declaration go, and how they are written there."""

import pytest
import yaml
from entity_contract import Contract, ContractError
from entity_contract.document import find
from entity_contract.parsing import FAST_LOADER
from entity_server.declaring import Block, DeclarationError, declared, inserted, named, parse, parts

TEXT = find().read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def block(contract: Contract) -> Block:
    fields = parse(["number:string!", "notes:text"])
    return declared(contract.document, named(contract.document, "invoices"), fields, ["customers"])


def test_each_part_goes_behind_the_last_entitys(contract: Contract, block: Block) -> None:
    assert [(part.section, part.after) for part in parts(TEXT, contract.document, block)] == [
        ("tags", "Users"),
        ("components/parameters", "UserSort"),
        ("components/requestBodies", "OrderUpdate"),
        ("components/responses", "User"),
        ("components/schemas", "UserListResponse"),
        ("paths", "/v1/users/{id}"),
    ]


def test_the_document_reads_as_before_with_the_entity_in_it(contract: Contract, block: Block) -> None:
    text = inserted(TEXT, parts(TEXT, contract.document, block))
    read = Contract.from_mapping(yaml.load(text, Loader=FAST_LOADER))
    entity = read.entity("invoices")

    assert entity is not None
    assert [field.name for field in entity.fields] == ["id", "number", "notes", "customerId", "createdAt", "updatedAt"]
    assert entity.sortable == ("id", "number", "customerId", "createdAt", "updatedAt")
    assert [other for other in read.entities if other.name != "invoices"] == list(contract.entities)


def test_a_document_of_another_system_keeps_its_line_ends(contract: Contract, block: Block) -> None:
    text = inserted(TEXT.replace("\n", "\r\n"), parts(TEXT, contract.document, block))

    assert text.count("\n") == text.count("\r\n") > TEXT.count("\n")


def test_the_lines_are_indented_as_the_document_is(contract: Contract, block: Block) -> None:
    text = yaml.safe_dump(contract.document, sort_keys=False)
    whole = inserted(text, parts(text, contract.document, block))

    assert "\n- {name: Invoices, description: Invoices.}\n" in whole
    assert Contract.from_mapping(yaml.load(whole, Loader=FAST_LOADER)).entity("invoices") is not None


def aliases(found: tuple[object, ...]) -> list[str]:
    return [line.partition(": *")[2] for part in found for line in getattr(part, "lines", ()) if ": *" in line]


def test_an_alias_stands_for_what_every_entity_has(contract: Contract, block: Block) -> None:
    assert aliases(parts(TEXT, contract.document, block)) == [
        "listHeaders",
        "headers",
        "invoiceExample",
        "metadata",
        "deleted",
    ]


def test_maps_are_written_out_where_readers_would_refuse_more_aliases(contract: Contract, block: Block) -> None:
    full = f"{TEXT}spare: [{', '.join(['*headers'] * 24)}]\n"
    found = parts(full, contract.document, block)

    assert aliases(found) == []
    assert yaml.load(inserted(full, found), Loader=FAST_LOADER)["paths"]["/v1/invoices"] == block.paths["/v1/invoices"]


def test_a_document_in_one_line_is_not_for_inserting(contract: Contract, block: Block) -> None:
    text = TEXT[: TEXT.index("tags:")] + "tags: [{name: System}]\n" + TEXT[TEXT.index("components:") :]

    with pytest.raises(DeclarationError, match="tags of the document is not written as a block"):
        parts(text, contract.document, block)


def test_a_document_without_generic_paths_is_told() -> None:
    with pytest.raises(DeclarationError, match="the document has no entity users"):
        declared({"components": {}, "paths": {}}, named({}, "invoices"), (), ["users"])


def test_a_taken_component_is_told(contract: Contract) -> None:
    names = named(contract.document, "invoices", title="Customer", id_prefix="inv")

    with pytest.raises(DeclarationError, match="has a component parameters/CustomerId already"):
        declared(contract.document, names, parse(["number:string"]), ["users"])


def test_a_taken_operation_is_told(contract: Contract) -> None:
    with pytest.raises(DeclarationError, match="has an operation getEntityMetadata already"):
        declared(contract.document, named(contract.document, "entities"), parse(["number:string"]), ["users"])


def test_a_relation_of_a_fields_name_is_told(contract: Contract) -> None:
    with pytest.raises(DeclarationError, match="the field user is given twice"):
        declared(contract.document, named(contract.document, "invoices"), parse(["user:string"]), ["users"])


def test_an_enum_that_would_be_another_schema_is_told(contract: Contract) -> None:
    with pytest.raises(DeclarationError, match="the values of a field would be InvoiceField, which is another schema"):
        declared(contract.document, named(contract.document, "invoices"), parse(["field:enum=a,b"]), ["users"])


def test_an_entity_that_is_none_has_no_children(contract: Contract) -> None:
    with pytest.raises(DeclarationError, match="has no entity cars; choose one of tasks, comments"):
        declared(contract.document, named(contract.document, "invoices"), (), ["cars"])


def test_what_no_document_may_hold_is_noticed(contract: Contract, block: Block) -> None:
    broken = inserted(TEXT, parts(TEXT, contract.document, block)).replace("InvoiceField'", "InvoiceFild'")

    with pytest.raises(ContractError, match="leads nowhere"):
        Contract.from_mapping(yaml.load(broken, Loader=FAST_LOADER))
