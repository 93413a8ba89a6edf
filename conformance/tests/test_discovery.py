"""An entity from a deployment's own OPTIONS answer; the contract adds only what it knows of the same field."""

from dataclasses import replace
from typing import Any

import pytest
from entity_conformance.deployment.discovery import departure, described
from entity_contract import Entity, Field, Relation, load

from conformance.tests.miniature import CONTRACT, TASK_SCHEMA

NOTES: dict[str, Any] = {
    "entity": "notes",
    "methods": ["GET", "POST", "OPTIONS"],
    "schema": {
        "id": {"type": "string", "required": False, "generated": True},
        "text": {"type": "string", "required": True, "maxLength": 50},
        "mood": {"type": "enum", "values": ["calm", "wild"], "default": "calm"},
        "pages": {"type": "integer", "minimum": 1, "maximum": 9},
        "place": {"type": "geo"},
    },
    "relations": {
        "book": {"type": "belongsTo", "entity": "books", "foreignKey": "bookId"},
        "odd": {"type": "manyToMany", "entity": "tags"},
        "odder": "nothing",
    },
}


def entity(name: str, data: object) -> Entity:
    found = described(name, data, CONTRACT)
    assert found is not None
    return found.entity


def field(name: str, key: str, data: object) -> Field:
    found = entity(name, data).field(key)
    assert found is not None
    return found


def test_an_entity_that_the_contract_does_not_know_is_as_described() -> None:
    notes = entity("notes", NOTES)

    assert notes.fields == (
        Field("id", "string", generated=True),
        Field("text", "string", required=True, max_length=50),
        Field("mood", "enum", default="calm", values=("calm", "wild")),
        Field("pages", "integer", nullable=True, minimum=1, maximum=9),
        Field("createdAt", "datetime", generated=True),
        Field("updatedAt", "datetime", generated=True),
    )
    assert notes.operations == ("list", "read", "create", "metadata")
    assert notes.relations == (Relation("book", "belongsTo", "books", "bookId"),)
    assert notes.title == "Note"


def test_a_field_of_another_type_is_not_sampled_and_said_so() -> None:
    found = described("notes", NOTES, CONTRACT)

    assert found is not None
    assert found.notes == ("notes.place is of the type 'geo', which is not sampled",)


def test_the_fields_of_tasks_are_the_references() -> None:
    lean = {**NOTES, "schema": {"id": TASK_SCHEMA["id"], "title": {"type": "integer"}}}

    assert entity("tasks", lean) == CONTRACT.entity("tasks")


def test_a_field_that_tasks_of_a_deployment_require_besides_is_added() -> None:
    schema = {**TASK_SCHEMA, "team": {"type": "string", "required": True}, "note": {"type": "string"}}

    names = [each.name for each in entity("tasks", {"schema": schema}).fields]

    assert "team" in names
    assert "note" not in names


def test_another_entity_of_the_contract_has_the_deployments_fields() -> None:
    data = {"methods": ["GET", "OPTIONS"], "schema": {"id": TASK_SCHEMA["id"], "label": {"type": "string"}}}

    orders = entity("orders", data)

    assert [each.name for each in orders.fields] == ["id", "label", "createdAt", "updatedAt"]
    assert orders.operations == ("list", "read", "metadata")
    assert (orders.create_schema, orders.update_schema) == (None, None)
    assert orders.searchable == ()
    assert orders.always == ("id",)


def test_times_that_neither_the_schema_tells_nor_records_show_are_no_fields() -> None:
    found = described("notes", NOTES, CONTRACT, shown=[{"id": "1", "text": "a", "createdAt": "2025-01-01T00:00:00Z"}])

    assert found is not None
    assert found.entity.field("createdAt") is not None
    assert found.entity.field("updatedAt") is None
    assert "createdAt" not in found.entity.always


def test_what_every_record_has_is_a_field_though_the_schema_does_not_tell_it() -> None:
    notes = entity("notes", {**NOTES, "schema": {"text": NOTES["schema"]["text"], "updatedAt": {"type": "string"}}})

    assert [(each.name, each.type, each.generated) for each in notes.fields[1:]] == [
        ("updatedAt", "string", False),
        ("id", "string", True),
        ("createdAt", "datetime", True),
    ]


def test_a_time_beside_one_that_the_schema_tells_is_no_field_unless_a_record_shows_it() -> None:
    schema = {"text": NOTES["schema"]["text"], "updatedAt": {"type": "datetime", "generated": True}}

    assert entity("notes", {**NOTES, "schema": schema}).field("createdAt") is None


def test_the_contract_adds_formats_where_name_and_type_agree() -> None:
    same = field("customers", "email", {"schema": {"email": {"type": "string", "required": True}}})
    other = field("customers", "email", {"schema": {"email": {"type": "text", "required": True}}})

    assert (same.format, other.format) == ("email", None)


@pytest.mark.parametrize(
    ("told", "read"),
    [
        ({"pattern": "^[A-Z]{3}-[0-9]{4}$"}, ("^[A-Z]{3}-[0-9]{4}$", None)),
        ({"pattern": "(unclosed"}, (None, None)),
        ({"pattern": "a" * 501}, (None, None)),
        ({"pattern": ["a"]}, (None, None)),
        ({"format": "uuid"}, (None, "uuid")),
        ({"format": "slug"}, (None, None)),
        ({"format": {}}, (None, None)),
    ],
)
def test_a_form_that_the_deployment_tells_is_that_of_samples(told: dict[str, object], read: tuple[object, ...]) -> None:
    own = field("orders", "label", {"schema": {"label": {"type": "string", **told}}})

    assert (own.pattern, own.format) == read


@pytest.mark.parametrize("pattern", ["^[A-Z]{2}-[0-9]{4}$", "^\\p{Lu}+$"])
def test_a_pattern_of_a_field_of_tasks_is_kept_whether_it_can_be_read_or_not(pattern: str) -> None:
    schema = {"title": {"type": "string", "required": True, "maxLength": 200, "pattern": pattern}}

    own = field("tasks", "title", {"schema": schema})

    assert (own.pattern, own.required, own.max_length) == (pattern, True, 200)


def test_the_deployments_bounds_win() -> None:
    own = field("customers", "name", {"schema": {"name": {"type": "string", "required": True, "maxLength": 7}}})

    assert own.max_length == 7


def test_a_longest_text_that_is_not_told_is_none() -> None:
    own = field("customers", "name", {"schema": {"name": {"type": "string", "required": True}}})

    assert own.max_length is None


@pytest.mark.parametrize(
    ("told", "absent", "left"),
    [
        ({}, {"comments"}, ["assignee"]),
        ({}, {"orders"}, ["assignee", "comments"]),
        ({"comments": {}}, {"comments"}, ["assignee", "comments"]),
    ],
)
def test_a_relation_that_is_not_told_to_an_entity_that_is_not_there_is_none(
    told: dict[str, object], absent: set[str], left: list[str]
) -> None:
    found = described("tasks", {"schema": TASK_SCHEMA, "relations": told}, load())

    assert found is not None
    assert [one.name for one in found.without(absent).entity.relations] == left


def test_a_bound_that_no_request_reaches_is_none() -> None:
    told = {**NOTES, "schema": {**NOTES["schema"], "text": {"type": "string", "maxLength": 2_000_000_000}}}

    assert field("notes", "text", told).max_length is None


def test_a_default_that_is_no_value_of_a_field_is_none() -> None:
    told = {**NOTES, "schema": {**NOTES["schema"], "text": {"type": "string", "default": {"a": [1]}}}}

    assert field("notes", "text", told).default is None
    assert field("notes", "text", told).nullable


@pytest.mark.parametrize("data", [None, [], "text", {}, {"schema": []}, {"schema": {}}, {"schema": None}])
def test_where_nothing_is_described_the_contracts_description_serves(data: object) -> None:
    found = described("orders", data, CONTRACT)

    assert found is not None
    assert found.entity == CONTRACT.entity("orders")
    assert found.notes == ("orders: OPTIONS describes no schema, the contract's schema is used",)


@pytest.mark.parametrize(("answered", "said"), [(401, "answers 401"), (None, "gets no answer")])
def test_options_that_was_not_answered_well_is_not_said_to_describe_nothing(answered: int | None, said: str) -> None:
    found = described("orders", None, CONTRACT, answered=answered)

    assert found is not None
    assert found.notes == (f"orders: OPTIONS {said}, the contract's schema is used",)


def test_what_nobody_describes_is_no_entity() -> None:
    assert described("notes", {}, CONTRACT) is None


@pytest.mark.parametrize(
    "facts",
    [
        {"type": "enum", "values": "calm"},
        {"type": "string", "maxLength": "long"},
        {"type": "string", "maxLength": True, "required": "yes"},
        {"type": "integer", "minimum": "low", "default": {}},
        {"type": ["string"]},
        {},
        None,
    ],
)
def test_a_malformed_description_harms_nobody(facts: object) -> None:
    entity("notes", {"methods": "GET", "relations": [], "schema": {"odd": facts}})


def products(**changed: Any) -> Entity:
    declared = CONTRACT.entity("products")
    assert declared is not None
    fields = {field.name: replace(field, **changed.get(field.name, {})) for field in declared.fields}
    return replace(declared, fields=tuple(field for field in fields.values() if field.name not in changed["out"]))


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"out": ()}, None),
        ({"out": ("stock",)}, "its own OPTIONS describes other fields than the contract: stock"),
        ({"out": (), "name": {"name": "label"}}, "its own OPTIONS describes other fields than the contract: name"),
        (
            {"out": (), "name": {"max_length": 3}},
            "its own OPTIONS describes the field name otherwise than the contract",
        ),
        (
            {"out": (), "name": {"required": False}},
            "its own OPTIONS describes the field name otherwise than the contract",
        ),
        ({"out": (), "name": {"pattern": "a*"}}, None),
    ],
)
def test_an_entity_with_other_fields_departs_from_the_contract(changed: dict[str, Any], said: str | None) -> None:
    declared = CONTRACT.entity("products")
    assert declared is not None
    assert departure(products(**changed), declared) == said


def test_what_a_directory_requires_is_not_compared() -> None:
    users = CONTRACT.entity("users")
    assert users is not None
    found = replace(users, fields=tuple(replace(field, required=not field.required) for field in users.fields))
    assert departure(found, users) is None


def test_bounds_that_the_deployment_tells_of_tasks_hold_for_samples() -> None:
    told = {**TASK_SCHEMA, "title": {"type": "string", "required": True, "maxLength": 200, "minLength": 12}}

    assert field("tasks", "title", {"schema": told}).min_length == 12
    assert field("tasks", "title", {"schema": told}).max_length == 200


def test_a_field_that_is_told_to_be_read_only_is_set_by_the_server() -> None:
    schema = {**NOTES["schema"], "grade": {"type": "string", "readOnly": True}}

    assert field("notes", "grade", {**NOTES, "schema": schema}) == Field("grade", "string", generated=True)
    assert "grade" not in entity("notes", {**NOTES, "schema": schema}).always


def test_a_field_that_no_answer_shows_is_not_sampled() -> None:
    schema = {**NOTES["schema"], "pin": {"type": "string", "writeOnly": True}}

    found = described("notes", {**NOTES, "schema": schema}, CONTRACT)

    assert found is not None
    assert found.entity.field("pin") is None
    assert "notes.pin is told to be writeOnly, and is not sampled" in found.notes


def test_where_a_field_that_cannot_be_sampled_is_required_no_record_is_created() -> None:
    schema = {**NOTES["schema"], "place": {"type": "geo", "required": True}}

    found = described("notes", {**NOTES, "schema": schema}, CONTRACT)

    assert found is not None
    assert found.entity.operations == ("list", "read", "metadata")
    assert "notes: no record is created, as no valid sample of place is known" in found.notes


def test_bounds_and_a_default_beyond_all_floats_are_none() -> None:
    told = {"type": "number", "minimum": float("-inf"), "maximum": float("inf"), "default": float("inf")}
    schema = {**NOTES["schema"], "weight": told, "name": {"type": "string", "minLength": float("inf"), "maxLength": 9}}

    weight = field("notes", "weight", {**NOTES, "schema": schema})
    assert (weight.minimum, weight.maximum, weight.default) == (None, None, None)
    assert field("notes", "name", {**NOTES, "schema": schema}).min_length is None


def test_what_is_told_in_another_spelling_is_told() -> None:
    schema = {"_id": NOTES["schema"]["id"], "text": NOTES["schema"]["text"], "created_at": {"type": "datetime"}}

    names = [one.name for one in entity("notes", {**NOTES, "schema": schema}).fields]

    assert names == ["_id", "text", "created_at", "updatedAt"]
