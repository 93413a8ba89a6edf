"""Whether a document is OpenAPI 3.1: its references, and all that openapi-spec-validator finds.

The validator is loaded when a document has to be checked, and not before.
"""

from collections.abc import Iterator, Mapping
from typing import cast

from jsonschema.exceptions import ValidationError
from jsonschema_path import SchemaPath
from openapi_spec_validator import OpenAPIV31SpecValidator
from openapi_spec_validator.validation.keywords import KeywordValidator

from entity_contract.references import Json, Object, at, escaped, mapping, references, section, sequence, target
from entity_contract.rules.problem import Problem

LONGEST = 200


def openapi_problems(document: Object) -> Iterator[Problem]:
    """Everything by which the document is no valid OpenAPI 3.1. `document` says that it is one (`openapi: 3.1.x`)."""
    wrong = [problem for place, reference in references(document) for problem in _reference(document, place, reference)]
    yield from wrong
    validator = Validator(document)
    errors = [*validator.shape_errors()]
    if not errors and not wrong:  # what goes deeper follows references, and takes the shape for granted
        errors = [*validator.deeper_errors()]
    for tokens, error in errors:
        telling = _most_telling(error)
        place = _settled(document, (*tokens, *telling.absolute_path))
        yield Problem(place, f"this is no valid OpenAPI 3.1: {_said(telling)}")


def _reference(document: Object, place: str, reference: str) -> Iterator[Problem]:
    """Why a `$ref` cannot be followed, or must not; what validates and reads the document would stumble over it."""
    try:
        at(document, reference)
    except (KeyError, ValueError):
        yield Problem(place, f"$ref leads nowhere: {reference}")
        return
    try:
        target(document, place)
    except KeyError:
        yield Problem(place, f"$ref goes in circles, or leads to no object: {reference}")
        return
    wanted = f"#/components/{section(place)}/"
    if not reference.startswith(wanted):
        yield Problem(place, f"$ref has to name {wanted}..., and names {reference}")


def _settled(document: Object, tokens: tuple[object, ...]) -> str:
    """The pointer of a place that is spelt as the way to it, references followed."""
    place, node = "#", cast("Json", document)
    for token in map(str, tokens):
        reference = node.get("$ref") if isinstance(node, Mapping) and token not in node else None
        if isinstance(reference, str):
            place, node = target(document, reference)
        place += f"/{escaped(token)}"
        node = (
            mapping(node).get(token) if isinstance(node, Mapping) else dict(enumerate(sequence(node))).get(int(token))
        )
    return place


def _most_telling(error: ValidationError) -> ValidationError:
    """Of an error that has several reasons, the reason that got furthest."""
    while error.context:
        error = max(error.context, key=lambda reason: len(reason.absolute_path))
    return error


def _said(error: ValidationError) -> str:
    line = str(error.message).splitlines()[0]
    return line if len(line) <= LONGEST else f"{line[:LONGEST]}..."


def _telling_its_place(known: type[KeywordValidator]) -> type[KeywordValidator]:
    """The same validator, whose errors say which part of the document was looked at."""

    def call(self: KeywordValidator, *arguments: object, **named: object) -> Iterator[ValidationError]:
        looked_at = next((one.parts for one in (*arguments, *named.values()) if isinstance(one, SchemaPath)), ())
        for error in known.__call__(self, *arguments, **named):
            error.__dict__.setdefault("looked_at", looked_at)
            yield error

    return type(known.__name__, (known,), {"__call__": call})


_PLACED: dict[str, type[KeywordValidator]] = {
    name: _telling_its_place(known) for name, known in OpenAPIV31SpecValidator.keyword_validators.items()
}


class Validator(OpenAPIV31SpecValidator):
    """openapi-spec-validator, which tells no place of what it finds beyond the shape of the document."""

    keyword_validators = _PLACED

    def shape_errors(self) -> Iterator[tuple[tuple[object, ...], ValidationError]]:
        """What is wrong with the shape, each error with what stands before its own path."""
        yield from (((), error) for error in self.schema_validator.iter_errors(self.schema))

    def deeper_errors(self) -> Iterator[tuple[tuple[object, ...], ValidationError]]:
        """What is wrong with the schemas, the names and the defaults, in the same way."""
        yield from ((error.__dict__.get("looked_at", ()), error) for error in self.root_validator(self.schema_path))
