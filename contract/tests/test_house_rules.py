"""Each house rule catches the document that breaks it."""

from collections.abc import Callable
from typing import Any

import pytest
from entity_contract.house_rules import problems

Document = dict[str, Any]


def test_the_contract_keeps_every_house_rule(document: Document) -> None:
    assert problems(document) == ()


def unknown_extension(document: Document) -> None:
    document["components"]["schemas"]["Task"]["properties"]["title"]["x-colour"] = "red"


def forgotten_status(document: Document) -> None:
    document["components"]["schemas"]["ErrorCode"]["enum"].append("TEAPOT")


def doubled_operation_id(document: Document) -> None:
    document["paths"]["/v1/tasks"]["post"]["operationId"] = "listTasks"


def undocumented_limit(document: Document) -> None:
    del document["paths"]["/v1/orders"]["get"]["responses"]["429"]


def status_range(document: Document) -> None:
    responses = document["paths"]["/v1/orders"]["get"]["responses"]
    responses["4XX"] = responses["400"]


def inline_answer(document: Document) -> None:
    document["components"]["responses"]["Task"]["content"]["application/json"]["schema"] = {"type": "object"}


def no_request_id(document: Document) -> None:
    document["components"]["responses"]["Task"]["headers"] = {}


def no_security(document: Document) -> None:
    del document["paths"]["/v1/tasks"]["post"]["security"]


def missing_operation(document: Document) -> None:
    del document["paths"]["/v1/products/{id}"]["delete"]


def undeclared_operation(document: Document) -> None:
    document["paths"]["/v1/users"]["post"] = document["paths"]["/v1/tasks"]["post"] | {"operationId": "createUser"}


def missing_parameter(document: Document) -> None:
    document["paths"]["/v1/orders"]["get"]["parameters"].pop()


def forgotten_field(document: Document) -> None:
    document["components"]["schemas"]["TaskField"]["enum"].remove("title")


def forgotten_relation(document: Document) -> None:
    document["components"]["schemas"]["TaskRelation"]["enum"].remove("comments")


def unknown_searchable(document: Document) -> None:
    document["components"]["schemas"]["Task"]["x-entity"]["searchable"].append("colour")


def relation_to_nowhere(document: Document) -> None:
    document["components"]["schemas"]["Task"]["x-entity"]["relations"]["assignee"]["entity"] = "people"


def foreign_key_that_is_no_field(document: Document) -> None:
    document["components"]["schemas"]["Task"]["x-entity"]["relations"]["assignee"]["foreignKey"] = "personId"


def over_required(document: Document) -> None:
    document["components"]["schemas"]["Task"]["required"] = ["id", "title"]


def field_of_no_type(document: Document) -> None:
    document["components"]["schemas"]["Task"]["properties"]["title"] = {"type": "object", "description": "A title."}


def typed_example_of_the_generic_path(document: Document) -> None:
    document["components"]["parameters"]["EntityName"]["example"] = "tasks"


def filter_(document: Document) -> Any:
    return document["components"]["parameters"]["Filter"]


def no_operators(document: Document) -> None:
    del filter_(document)["x-operators"]


def operator_of_no_operand(document: Document) -> None:
    filter_(document)["x-operators"]["$regex"] = {}


def operator_of_no_type(document: Document) -> None:
    filter_(document)["x-operators"]["$eq"]["types"] = ["colour"]


def operator_without_its_sign(document: Document) -> None:
    filter_(document)["x-operators"]["regex"] = {"operand": "text"}


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (unknown_extension, "unknown extension x-colour"),
        (forgotten_status, "x-statuses names a status for each code"),
        (doubled_operation_id, "every operation has an operationId of its own"),
        (undocumented_limit, "documents 429"),
        (status_range, "statuses are listed one by one"),
        (inline_answer, "answers a named schema as application/json"),
        (no_request_id, "documents the header X-Request-ID"),
        (no_security, "every operation says which credentials it takes"),
        (missing_operation, "products declares its operation delete"),
        (undeclared_operation, "users does not declare its operation create"),
        (missing_parameter, "takes the parameters page, limit"),
        (forgotten_field, "lists id, title, description, status, priority, assigneeId, createdAt, updatedAt"),
        (forgotten_relation, "lists assignee, comments"),
        (unknown_searchable, "colour is no property"),
        (relation_to_nowhere, "people is no entity"),
        (foreign_key_that_is_no_field, "personId is no property"),
        (over_required, "requires id and nothing else"),
        (field_of_no_type, "Task/properties/title: is a text, number"),
        (no_operators, "Filter: x-operators names the operators of a filter"),
        (operator_of_no_operand, "Filter/x-operators/$regex: operand is one of value, list, text, boolean"),
        (operator_of_no_type, "Filter/x-operators/$eq: types are some of string, text, enum"),
        (operator_without_its_sign, "Filter/x-operators/regex: an operator is written as $ and letters"),
        (typed_example_of_the_generic_path, "EntityName/example: tasks has paths of its own"),
    ],
)
def test_a_broken_rule_is_named(document: Document, spoil: Callable[[Document], None], sentence: str) -> None:
    spoil(document)

    assert any(sentence in problem for problem in problems(document))
