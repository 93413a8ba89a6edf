"""The contract's schemas, compiled once to jsonschema-rs validators.

A validator costs microseconds to use and milliseconds to compile, so everything here runs at start-up and is kept. What
JSON Schema leaves to annotations is asserted: string formats (see `formats`), `int32` and `int64` as bounds.
"""

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

from entity_contract import Object
from entity_contract.references import strings, target
from jsonschema_rs import Registry, Validator, validator_for

from entity_server.http.operations.formats import BODY_FORMATS, FIELD_FORMATS, INTEGER_BOUNDS, QUERY_FORMATS, Format

Schema = dict[str, Any]

_DOCUMENT = "urn:contract"
_REFERENCE_SAFE = "/~!$&'()*+,;=:@"  # what a URI fragment may hold unescaped; jsonschema-rs refuses a bare `{`


class Schemas:
    """Compiles the schemas of one document; the same pointer of an answer gives the same validator.

    Without `asserting` every validator accepts everything: a benchmark compares with that.
    """

    def __init__(self, document: Object, *, asserting: bool = True) -> None:
        self._document = document
        self._asserting = asserting
        self._registry = Registry([(_DOCUMENT, _with_integer_bounds(document))])
        self._answers: dict[str, Validator] = {}

    def entity_body(self, pointer: str) -> Validator:
        """A validator of bodies whose members are fields of an entity; who reads the fields reads their dates."""
        return self._compile({"$ref": _absolute(pointer)}, FIELD_FORMATS)

    def body(self, pointer: str) -> Validator:
        """A validator of any other bodies."""
        return self._compile({"$ref": _absolute(pointer)}, BODY_FORMATS)

    def query(self, pointers: Mapping[str, str], *, required: Iterable[str]) -> Validator:
        """One validator of all decoded parameters together."""
        properties = {name: {"$ref": _absolute(pointer)} for name, pointer in pointers.items()}
        return self._compile({"type": "object", "properties": properties, "required": list(required)}, QUERY_FORMATS)

    def answer(self, pointer: str) -> Validator:
        """A validator of answers: the formats of jsonschema-rs, since the server writes what it validates."""
        if pointer not in self._answers:
            self._answers[pointer] = self._compile({"$ref": _absolute(pointer)}, {})
        return self._answers[pointer]

    def whole_answer(self, pointer: str, always: Iterable[str]) -> Validator:
        """The same, for an answer whose records must hold every field of `always`."""
        record: Schema = {"required": list(always)}  # which no array breaks, as no object has `items`
        data: Schema = {**record, "items": record}
        return self._compile({"allOf": [{"$ref": _absolute(pointer)}, {"properties": {"data": data}}]}, {})

    def headers(self, pointers: Mapping[str, str], *, required: Iterable[str]) -> Validator:
        """One validator of all decoded headers of an answer."""
        properties = {name: {"$ref": _absolute(pointer)} for name, pointer in pointers.items()}
        return self._compile({"type": "object", "properties": properties, "required": list(required)}, {})

    def type_at(self, pointer: str) -> str:
        """The JSON type of the schema there (of its items, for an array); "string" when it does not say one."""
        place, schema = target(self._document, pointer)
        if schema.get("type") == "array":
            place, schema = target(self._document, f"{place}/items")
        declared = schema.get("type", "string")
        if isinstance(declared, str):
            return declared
        return next(name for name in strings(declared) if name != "null")

    def _compile(self, schema: Schema, formats: Mapping[str, Format]) -> Validator:
        if not self._asserting:
            return validator_for(True)  # noqa: FBT003 - the schema that accepts everything
        return validator_for(schema, registry=self._registry, formats=dict(formats), validate_formats=True)


def _absolute(pointer: str) -> str:
    return _DOCUMENT + "#" + quote(pointer.removeprefix("#"), safe=_REFERENCE_SAFE)


def _with_integer_bounds(node: Any) -> Any:  # noqa: ANN401 - any JSON value
    """A copy in which `int32` and `int64` are bounds: jsonschema-rs asks format functions about strings only."""
    if isinstance(node, list | tuple):
        return [_with_integer_bounds(item) for item in node]
    if not isinstance(node, Mapping):
        return node
    copy = {str(key): _with_integer_bounds(value) for key, value in node.items()}
    form = copy.get("format")
    if isinstance(form, str) and form in INTEGER_BOUNDS and "type" in copy:
        low, high = INTEGER_BOUNDS[form]
        copy["minimum"] = max(low, copy.get("minimum", low))
        copy["maximum"] = min(high, copy.get("maximum", high))
    return copy
