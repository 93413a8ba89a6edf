"""Which entities are compared."""

from dataclasses import replace

import pytest
from entity_conformance.suite import sample
from entity_contract import Contract, Entity, Field, Relation
from entity_tests.model.operations import parents_first
from entity_tests.model.scope import NEEDED, comparable


def entity(contract: Contract, name: str) -> Entity:
    found = contract.entity(name)
    assert found is not None
    return found


def test_every_entity_of_the_contract_can_be_compared(contract: Contract) -> None:
    entities, notes = comparable(contract, contract.entities, 22)
    assert [one.name for one in entities] == [one.name for one in contract.entities]
    assert notes == []


def test_an_entity_whose_operations_are_left_out_is_left_out_with_what_needs_it(contract: Contract) -> None:
    fewer = replace(entity(contract, "customers"), operations=("list", "create", "read", "metadata"))
    found = tuple(fewer if one.name == "customers" else one for one in contract.entities)
    entities, notes = comparable(contract, found, 22)
    assert notes == [
        "customers is not compared: it lacks update, delete",
        "orders is not compared: its records need customers",
    ]
    assert all(one.entity not in ("customers", "orders") for two in entities for one in two.relations)


def test_an_entity_whose_texts_are_longer_than_what_is_written_is_left_out(contract: Contract) -> None:
    products = entity(contract, "products")
    long = replace(
        products,
        fields=tuple(replace(one, min_length=1_000_000) if one.name == "sku" else one for one in products.fields),
    )

    entities, notes = comparable(contract, (long,), 22)

    assert entities == ()
    assert notes == ["products is not compared: no text as long as sku must be is written"]


def test_an_entity_without_times_and_a_relation_by_a_key_that_the_deployment_sets_are_left_out(
    contract: Contract,
) -> None:
    products, tasks, comments = (entity(contract, name) for name in ("products", "tasks", "comments"))
    timeless = replace(products, fields=tuple(one for one in products.fields if one.name != "updatedAt"))
    own = replace(
        comments,
        fields=tuple(replace(one, generated=one.generated or one.name == "taskId") for one in comments.fields),
    )

    entities, notes = comparable(contract, (tasks, timeless, own), 22)

    assert notes == ["products is not compared: its records have no updatedAt"]
    assert [(one.name, one.relations) for one in entities] == [("tasks", ()), ("comments", ())]


def test_an_entity_of_its_own_that_tells_no_times_is_left_out(contract: Contract) -> None:
    labels = replace(entity(contract, "products"), name="labels", relations=(), always=("id", "name"))

    _, notes = comparable(contract, (labels,), 22)

    assert notes == ["labels is not compared: its records have no createdAt and no updatedAt"]


def test_a_key_to_what_is_not_there_is_not_written(contract: Contract) -> None:
    tasks = replace(entity(contract, "tasks"), relations=())

    ((found,), _) = comparable(contract, (tasks,), 22)

    assert [one.name for one in found.fields if one.generated and one.name == "assigneeId"] == ["assigneeId"]


def test_a_relation_by_a_key_that_no_record_holds_is_left_out(contract: Contract) -> None:
    found = tuple(
        replace(one, fields=tuple(each for each in one.fields if each.name not in {"assigneeId", "taskId"}))
        for one in contract.entities
    )

    entities, _ = comparable(contract, found, 22)

    tasks = next(one for one in entities if one.name == "tasks")
    assert tasks.relations == ()


def test_an_entity_without_room_for_the_mark_is_left_out(contract: Contract) -> None:
    products = entity(contract, "products")
    short = replace(
        products,
        fields=tuple(replace(one, max_length=10) if one.type in ("string", "text") else one for one in products.fields),
    )
    _, notes = comparable(contract, (short,), 22)
    assert notes == ["products is not compared: its records hold no text by which they could be found again"]


def test_an_enum_without_values_leaves_its_entity_out(contract: Contract) -> None:
    products = entity(contract, "products")
    fields = tuple(replace(one, values=()) if one.type == "enum" else one for one in products.fields)
    _, notes = comparable(contract, (replace(products, fields=fields),), 22)
    assert notes == ["products is not compared: it does not tell the values of an enum"]


def test_a_field_that_takes_no_sample_leaves_its_entity_out(contract: Contract) -> None:
    products = entity(contract, "products")
    fields = tuple(
        replace(one, samples=("AB-12",), pattern=sample.NEVER) if one.name == "sku" else one for one in products.fields
    )
    _, notes = comparable(contract, (replace(products, fields=fields),), 22)
    assert notes == ["products is not compared: no sample of sku is taken"]


def test_a_foreign_key_to_an_entity_that_is_not_there_is_not_written(contract: Contract) -> None:
    (tasks,), _ = comparable(contract, (entity(contract, "tasks"),), 22)
    assignee = tasks.field("assigneeId")
    assert assignee is not None
    assert assignee.generated
    assert tasks.relations == ()


@pytest.mark.parametrize("name", ["tasks", "comments", "products", "customers", "orders"])
def test_no_entity_has_relations_to_others_that_are_not_compared(contract: Contract, name: str) -> None:
    entities, _ = comparable(contract, (entity(contract, name),), 22)
    assert all(relation.entity == name for one in entities for relation in one.relations)


def test_what_a_deployment_computes_is_compared_with_nothing(contract: Contract) -> None:
    products = entity(contract, "products")
    slug = Field("slug", "string", generated=True)
    own = replace(products, fields=(*products.fields, slug), sortable=("name", "slug"), always=("id", "slug"))
    (compared,), _ = comparable(contract, (own,), 22)
    assert compared.field("slug") is None
    assert (compared.sortable, compared.always) == (("name",), ("id",))


def test_an_entity_with_texts_that_the_contract_does_not_know_is_not_searched(contract: Contract) -> None:
    customers = entity(contract, "customers")
    own = replace(customers, fields=(*customers.fields, Field("brief", "text")))
    found = [comparable(contract, (one,), 22)[0][0].searchable for one in (customers, own)]
    assert found == [("name", "email", "company"), ()]


def test_of_entities_that_name_one_another_those_come_first_that_can_be_without() -> None:
    def entity(name: str, other: str, *, required: bool) -> Entity:
        key = f"{other}Id"
        return Entity(
            name=name,
            title=name,
            id_prefix="",
            fields=(Field("id", "string", generated=True), Field(key, "string", required=required)),
            relations=(Relation(other, "belongsTo", other, key),),
            searchable=(),
            sortable=(),
            operations=NEEDED,
            always=("id",),
            record_schema="#/components/schemas/EntityRecord",
        )

    members, teams = entity("members", "teams", required=True), entity("teams", "members", required=False)
    loop = [entity("a", "b", required=True), entity("b", "a", required=True)]

    assert [one.name for one in parents_first([members, teams])] == ["teams", "members"]
    assert [one.name for one in parents_first(loop)] == ["a", "b"]
