"""Where the document gives examples and defaults, and whether each is valid: every format is asserted.

Charter: independent of the linters, which assert no formats, and of the readings of server and runner.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from entity_contract import Contract
from entity_contract.references import Json, Object, escaped, mapping, sequence
from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import best_match
from openapi_schema_validator import oas31_format_checker

from entity_tests.document.composed_examples import composed

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


def examples(contract: Contract) -> Iterator[Example]:
    """Every example of a body, a parameter or a header, and every default and example within a schema."""
    yield from _below(contract, contract.document, "#")


def known_formats() -> frozenset[str]:
    """The formats that are asserted."""
    return frozenset(FORMATS.checkers)


def shown(contract: Contract, media: Object) -> Iterator[Json]:
    """The values that a media type shows: its own, or else the one that its schema's examples make."""
    if "example" in media:
        yield media["example"]
    for example in mapping(media.get("examples")).values():
        yield _value(contract, example)
    if not {"example", "examples"} & media.keys():
        made = composed(contract, str(mapping(media.get("schema")).get("$ref", "")))
        yield from () if made is None else (made,)


def _value(contract: Contract, example: Json) -> Json:
    """The value of an example, which may be a component."""
    described = mapping(example)
    reference = described.get("$ref")
    return (contract.target(reference) if isinstance(reference, str) else described)["value"]


def _below(contract: Contract, node: Json, place: str) -> Iterator[Example]:
    """What stands below a node that is no schema."""
    if isinstance(node, Mapping):
        schema = node.get("schema")
        if isinstance(schema, Mapping):
            yield from _beside(contract, node, place)
            yield from _within(schema, f"{place}/schema")
        for key, child in node.items():
            if place == "#/components/schemas":
                yield from _within(mapping(child), f"{place}/{escaped(key)}")
            elif key not in ("example", "examples", "schema"):
                yield from _below(contract, child, f"{place}/{escaped(key)}")
    elif isinstance(node, Sequence) and not isinstance(node, str):
        for index, child in enumerate(node):
            yield from _below(contract, child, f"{place}/{index}")


def _beside(contract: Contract, holder: Object, place: str) -> Iterator[Example]:
    if "example" in holder:
        yield Example(f"{place}/example", f"{place}/schema", holder["example"])
    for name, example in mapping(holder.get("examples")).items():
        yield Example(f"{place}/examples/{escaped(name)}", f"{place}/schema", _value(contract, example))


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


def fault(contract: Contract, example: Example) -> str | None:
    """What is wrong with an example, or None."""
    validator = Draft202012Validator(contract.schema(example.schema), format_checker=FORMATS)
    error = best_match(validator.iter_errors(example.value))
    return None if error is None else f"{example.place}: {error.message}"
