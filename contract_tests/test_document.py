"""What openapi.yaml must be, whoever reads it: valid, whole, without dead parts, and with true examples.

The linters' half is in test_linters.py, the reference's words are in test_reference.py, the text's form in
test_document_text.py.
"""

from dataclasses import replace

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

import contract
from contract import Operation
from contract.house_rules import problems
from contract.references import Json, Object, mapping, pointer, references, sequence, strings, target, tokens
from contract_tests.document_examples import FORMATS, Example, examples, fault

V1 = contract.load()
DOCUMENT = V1.document
COMPONENTS = mapping(DOCUMENT["components"])
OPERATIONS = V1.operations
EXAMPLES = tuple(examples(V1))
BARE_METHODS = ("GET", "DELETE", "OPTIONS")
LIMITS = ("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset")
PAGING = ("X-Total-Count", "X-Page", "X-Per-Page")
MAYBE_ANONYMOUS = ("401", "405", "500", "503")
"""Answers that may go to a caller who could not be told apart, and then carry no limits."""

WRITING = tuple(operation for operation in OPERATIONS if operation.method in ("POST", "PATCH"))

each_operation = pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.id)


def facts(operation: Operation) -> Object:
    return mapping(V1.at(operation.pointer))


def answers(operation: Operation) -> dict[str, Object]:
    """The operation's responses by status, references followed."""
    return {
        status: target(DOCUMENT, f"{operation.pointer}/responses/{status}")[1]
        for status in mapping(facts(operation)["responses"])
    }


def required_headers(answer: Object) -> set[str]:
    headers = {name: str(mapping(header)["$ref"]) for name, header in mapping(answer.get("headers")).items()}
    return {name for name, reference in headers.items() if V1.target(reference).get("required") is True}


def error_codes(name: str) -> set[str]:
    """The codes that the examples of a response component show; none when it is no error."""
    media = V1.target(pointer("components", "responses", name, "content", "application/json"))
    return {str(mapping(mapping(example)["value"])["code"]) for example in mapping(media.get("examples")).values()}


def test_it_is_valid_openapi_3_1() -> None:
    assert [error.message for error in OpenAPIV31SpecValidator(dict(DOCUMENT)).iter_errors()] == []


def test_it_keeps_the_house_rules() -> None:
    assert problems(DOCUMENT) == ()


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.place)
def test_an_example_satisfies_its_schema(example: Example) -> None:
    assert fault(V1, example) is None


def test_examples_of_every_kind_are_found() -> None:
    kinds = {tokens(example.place)[1] for example in EXAMPLES}

    assert kinds == {"requestBodies", "responses", "parameters", "headers", "schemas"}


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("#/components/parameters/StartDate/example", "2025-02-30T00:00:00Z"),
        ("#/components/parameters/Filter/example", '["status"]'),
        ("#/components/headers/XPage/example", 2**31),
        ("#/components/schemas/SortOrder/default", "up"),
        ("#/components/responses/Healthy/content/application~1json/example", {"status": "healthy"}),
    ],
)
def test_a_false_example_is_noticed(place: str, value: Json) -> None:
    honest = next(example for example in EXAMPLES if example.place == place)

    assert fault(V1, replace(honest, value=value)) is not None


def test_every_format_is_known_to_the_test_of_the_examples() -> None:
    used = {str(node["format"]) for node in nodes(DOCUMENT) if isinstance(node.get("format"), str)}

    assert used <= set(FORMATS.checkers)


def nodes(node: Json) -> list[Object]:
    """Every object below a node."""
    if isinstance(node, str):
        return []
    if isinstance(node, dict):
        return [node, *(below for child in node.values() for below in nodes(child))]
    return [below for child in sequence(node) for below in nodes(child)]


def test_operation_ids_are_unique() -> None:
    ids = [operation.id for operation in OPERATIONS]

    assert sorted(ids) == sorted(set(ids))


def test_every_reference_leads_to_an_object() -> None:
    assert all(target(DOCUMENT, reference) for _, reference in references(DOCUMENT))


def test_every_link_names_an_operation() -> None:
    ids = {operation.id for operation in OPERATIONS}
    linked = {
        str(mapping(link).get("operationId"))
        for node in nodes(DOCUMENT)
        for link in mapping(node.get("links")).values()
    }

    assert linked <= ids


def test_every_component_is_used() -> None:
    used = {reference for _, reference in references(DOCUMENT)}
    schemes = {pointer("components", "securitySchemes", name) for name in used_roles()}
    components = {pointer("components", kind, name) for kind, named in COMPONENTS.items() for name in mapping(named)}

    assert components == used | schemes


def used_roles() -> dict[str, set[str]]:
    """The security schemes that operations name, each with the roles that they ask of it."""
    roles: dict[str, set[str]] = {}
    for operation in OPERATIONS:
        for requirement in sequence(facts(operation)["security"]):
            for scheme, asked in mapping(requirement).items():
                roles.setdefault(scheme, set()).update(strings(asked))
    return roles


def test_operations_ask_for_the_three_scopes_of_keys_and_no_others() -> None:
    assert used_roles() == {"apiKey": {"read", "write", "delete"}, "session": set()}


def test_every_tag_is_used() -> None:
    declared = {mapping(tag)["name"] for tag in sequence(DOCUMENT["tags"])}

    assert declared == {strings(facts(operation)["tags"])[0] for operation in OPERATIONS}


@each_operation
def test_an_operation_has_a_summary_a_description_an_id_and_one_tag(operation: Operation) -> None:
    described = facts(operation)

    assert all(str(described.get(key, "")).strip() for key in ("summary", "description", "operationId"))
    assert len(strings(described["tags"])) == 1


@each_operation
def test_only_operations_that_write_have_a_body(operation: Operation) -> None:
    assert ("requestBody" in facts(operation)) == (operation.method not in BARE_METHODS)


@pytest.mark.parametrize("operation", WRITING, ids=lambda operation: operation.id)
def test_a_body_is_required(operation: Operation) -> None:
    assert operation.body_required


@each_operation
def test_an_operation_documents_every_refusal_that_it_can_answer(operation: Operation) -> None:
    refusals = {"405", "500", "503"}
    refusals |= {"401", "404", "429"} if operation.credentials else set()
    refusals |= {"403"} if operation.scope else set()
    refusals |= {"400"} if operation.body or any(p.location == "query" for p in operation.parameters) else set()
    refusals |= {"413", "422"} if operation.body else set()
    refusals |= {"402"} if operation.id == "generateText" else set()

    assert {status for status in answers(operation) if status >= "400"} == refusals


@each_operation
def test_every_answer_has_an_example(operation: Operation) -> None:
    bodies = [mapping(mapping(answer["content"])["application/json"]) for answer in answers(operation).values()]

    assert all("example" in body or mapping(body.get("examples")) for body in bodies)


@pytest.mark.parametrize("name", [name for name in mapping(COMPONENTS["responses"]) if error_codes(name)])
def test_the_examples_of_an_error_show_each_of_its_codes(name: str) -> None:
    shown = error_codes(name)

    assert shown == set(V1.errors.codes_for(V1.errors.status(min(shown))))


@each_operation
def test_every_authenticated_answer_carries_the_rate_limit_headers(operation: Operation) -> None:
    documented = {
        status: {name for name in LIMITS if name in mapping(answer.get("headers"))}
        for status, answer in answers(operation).items()
    }
    certain = {status for status in documented if status not in MAYBE_ANONYMOUS} if operation.credentials else set()

    assert all(documented[status] == set(LIMITS) for status in documented if operation.credentials)
    assert {s for s, answer in answers(operation).items() if required_headers(answer) >= set(LIMITS)} == certain


@each_operation
def test_every_answer_carries_the_headers_of_its_status(operation: Operation) -> None:
    by_status = {status: required_headers(answer) for status, answer in answers(operation).items()}
    expected = {"401": "WWW-Authenticate", "405": "Allow", "429": "Retry-After"}

    assert all("X-Request-ID" in headers for headers in by_status.values())
    assert all(expected[status] in headers for status, headers in by_status.items() if status in expected)


@pytest.mark.parametrize("operation", [o for o in OPERATIONS if o.action == "list"], ids=lambda operation: operation.id)
def test_a_page_carries_the_paging_headers_and_may_carry_links(operation: Operation) -> None:
    page = answers(operation)["200"]

    assert required_headers(page) >= set(PAGING)
    assert "Link" in mapping(page["headers"])
    assert "Link" not in required_headers(page)
