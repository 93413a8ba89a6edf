"""Where a document gives examples and defaults, and whether each is valid: every format is asserted.

Only for a document that is valid OpenAPI. Apart from the other rules, since it loads a validator of JSON Schema.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import best_match
from openapi_schema_validator import oas31_format_checker

from entity_contract.references import Json, Object, escaped, mapping, sequence
from entity_contract.rules.problem import Problem
from entity_contract.rules.view import follow
from entity_contract.schemas import standalone

FORMATS = FormatChecker(formats=())
FORMATS.checkers.update(oas31_format_checker.checkers)


@FORMATS.checks("json-object", raises=ValueError)
def _is_json_object(text: object) -> bool:
    return not isinstance(text, str) or isinstance(json.loads(text), dict)


@dataclass(frozen=True, slots=True)
class Example:
    """A value in the document: where it stands, and the pointer of the schema that it claims to satisfy."""

    place: str
    schema: str
    value: Json


def examples_are_valid(document: Object) -> Iterator[Problem]:
    """An example or a default satisfies its schema, formats included."""
    validators: dict[str, Draft202012Validator] = {}
    for example in examples(document):
        if example.schema not in validators:
            validators[example.schema] = validator(document, example.schema)
        if (wrong := fault(validators[example.schema], example)) is not None:
            yield wrong


def examples(document: Object) -> Iterator[Example]:
    """Every example of a body, a parameter or a header, and every default and example within a schema."""
    yield from _below(document, document, "#")


def validator(document: Object, schema: str) -> Draft202012Validator:
    """What judges the values of the schema at a pointer."""
    return Draft202012Validator(standalone(document, schema), format_checker=FORMATS)


def fault(judge: Draft202012Validator, example: Example) -> Problem | None:
    """What is wrong with an example, or None."""
    error = best_match(judge.iter_errors(example.value))
    if error is None:
        return None
    within = "".join(f"/{escaped(str(token))}" for token in error.absolute_path)
    kind = "default" if example.place.endswith("/default") else "example"
    return Problem(f"{example.place}{within}", f"the {kind} does not satisfy its schema: {error.message}")


def _below(document: Object, node: Json, place: str) -> Iterator[Example]:
    """What stands below a node that is no schema."""
    if isinstance(node, Mapping):
        schema = node.get("schema")
        if isinstance(schema, Mapping):
            yield from _beside(document, node, place)
            yield from _within(schema, f"{place}/schema")
        for key, child in node.items():
            if place == "#/components/schemas":
                yield from _within(mapping(child), f"{place}/{escaped(key)}")
            elif key not in ("example", "examples", "schema"):
                yield from _below(document, child, f"{place}/{escaped(key)}")
    elif isinstance(node, Sequence) and not isinstance(node, str):
        for index, child in enumerate(node):
            yield from _below(document, child, f"{place}/{index}")


def _beside(document: Object, holder: Object, place: str) -> Iterator[Example]:
    if "example" in holder:
        yield Example(f"{place}/example", f"{place}/schema", holder["example"])
    for name in mapping(holder.get("examples")):
        where, example = follow(document, f"{place}/examples/{escaped(name)}")
        if "value" in example:
            yield Example(f"{where}/value", f"{place}/schema", example["value"])


def _within(schema: Object, place: str) -> Iterator[Example]:
    for key in ("default", "example"):
        if key in schema:
            yield Example(f"{place}/{key}", place, schema[key])
    for index, value in enumerate(sequence(schema.get("examples"))):
        yield Example(f"{place}/examples/{index}", place, value)
    for name, child in mapping(schema.get("properties")).items():
        yield from _within(mapping(child), f"{place}/properties/{escaped(name)}")
    for key in ("items", "additionalProperties"):
        if isinstance(schema.get(key), Mapping):
            yield from _within(mapping(schema[key]), f"{place}/{key}")
    for index, child in enumerate(sequence(schema.get("anyOf"))):
        yield from _within(mapping(child), f"{place}/anyOf/{index}")
