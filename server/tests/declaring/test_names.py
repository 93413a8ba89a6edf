"""The names of a new entity, and those that it cannot have."""

import pytest
from entity_contract import Contract
from entity_server.declaring import DeclarationError, named


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("invoices", "Invoice"),
        ("purchase-orders", "PurchaseOrder"),
        ("categories", "Category"),
        ("boxes", "Box"),
        ("branches", "Branch"),
        ("addresses", "Address"),
        ("houses", "House"),
    ],
)
def test_a_regular_plural_makes_the_title(contract: Contract, name: str, title: str) -> None:
    assert named(contract.document, name).title == title


@pytest.mark.parametrize("name", ["people", "sheep", "glass", "s"])
def test_another_plural_needs_one(contract: Contract, name: str) -> None:
    with pytest.raises(DeclarationError, match="--title"):
        named(contract.document, name)


def test_the_words_of_a_name() -> None:
    names = named({"paths": {}, "components": {}}, "purchase-orders")

    assert (names.titles, names.tag, names.many, names.one) == (
        "PurchaseOrders",
        "Purchase Orders",
        "purchase orders",
        "purchase order",
    )


@pytest.mark.parametrize(
    ("name", "words"),
    [("invoices", "an invoice"), ("users", "a user"), ("uncles", "an uncle"), ("units", "a unit"), ("boxes", "a box")],
)
def test_the_article_of_a_name(name: str, words: str) -> None:
    assert named({"paths": {}, "components": {}}, name).a == words


def test_the_prefix_is_as_long_as_it_must_be(contract: Contract) -> None:
    assert named(contract.document, "invoices").id_prefix == "inv"
    assert named(contract.document, "ordinals").id_prefix == "ordi"


@pytest.mark.parametrize(
    ("name", "asked", "told"),
    [
        ("Invoices", {}, "write a plural in lower case"),
        ("in voices", {}, "write a plural in lower case"),
        ("-invoices", {}, "write a plural in lower case"),
        ("", {}, "write a plural in lower case"),
        ("tasks", {}, "has an entity tasks already"),
        ("keys", {}, "keys is reserved"),
        ("ai", {}, "ai is reserved"),
        ("health", {}, "health is reserved"),
        ("types", {}, "Type is a name that clients keep"),
        ("invoices", {"title": "an invoice"}, "is no title"),
        ("invoices", {"id_prefix": "I"}, "is no id prefix"),
        ("invoices", {"id_prefix": "cus"}, "the ids of customers begin with cus_"),
    ],
)
def test_a_name_that_it_cannot_have_is_told(contract: Contract, name: str, asked: dict[str, str], told: str) -> None:
    with pytest.raises(DeclarationError, match=told):
        named(contract.document, name, **asked)
