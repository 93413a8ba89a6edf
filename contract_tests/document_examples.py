"""Where the document gives examples and defaults, and whether each is valid: every format is asserted.

Charter: independent of the linters, which assert no formats, and of the readings of server and runner.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import best_match
from openapi_schema_validator import oas31_format_checker

from contract import Contract, Json
from contract.references import escaped, mapping, pointer, sequence

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
    components = mapping(contract.document["components"])
    for kind in ("requestBodies", "responses"):
        for name in mapping(components[kind]):
            media = pointer("components", kind, name, "content", "application/json")
            yield from _of(contract, media)
    for kind in ("parameters", "headers"):
        for name in mapping(components[kind]):
            yield from _of(contract, pointer("components", kind, name))
            yield from _within(contract, pointer("components", kind, name, "schema"))
    for name in mapping(components["schemas"]):
        yield from _within(contract, pointer("components", "schemas", name))


def _of(contract: Contract, place: str) -> Iterator[Example]:
    holder = mapping(contract.at(place))
    if "example" in holder:
        yield Example(f"{place}/example", f"{place}/schema", holder["example"])
    for name, example in mapping(holder.get("examples")).items():
        yield Example(f"{place}/examples/{escaped(name)}", f"{place}/schema", mapping(example)["value"])


def _within(contract: Contract, place: str) -> Iterator[Example]:
    schema = mapping(contract.at(place))
    for key in ("default", "example"):
        if key in schema:
            yield Example(f"{place}/{key}", place, schema[key])
    for index, value in enumerate(sequence(schema.get("examples"))):
        yield Example(f"{place}/examples/{index}", place, value)
    for name in mapping(schema.get("properties")):
        yield from _within(contract, f"{place}/properties/{escaped(name)}")
    for key in ("items", "additionalProperties"):
        if isinstance(schema.get(key), Mapping):
            yield from _within(contract, f"{place}/{key}")


def fault(contract: Contract, example: Example) -> str | None:
    """What is wrong with an example, or None."""
    validator = Draft202012Validator(contract.schema(example.schema), format_checker=FORMATS)
    error = best_match(validator.iter_errors(example.value))
    return None if error is None else f"{example.place}: {error.message}"
