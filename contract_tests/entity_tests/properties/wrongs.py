"""What is wrong with a request, by the contract's schemas: asked of the request itself, not of who made it.

Pure; validators are compiled once. Whether it may be accepted nevertheless is for `levels`.
"""

from collections.abc import Collection, Iterator
from typing import Any, cast

import jsonschema_rs
from entity_contract import Contract

from entity_tests.properties.judged import Wrong
from entity_tests.properties.refusals import Sent


class Wrongs:
    """The schemas of one contract, compiled as they are asked for."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._validators: dict[str, jsonschema_rs.Validator] = {}

    def of(self, sent: Sent, negated: Collection[str]) -> tuple[Wrong, ...]:
        """Everything wrong with a request; `negated` are the query parameters that were made wrong on purpose."""
        return (*self._in_query(sent, negated), *self._in_body(sent))

    def _in_query(self, sent: Sent, negated: Collection[str]) -> Iterator[Wrong]:
        known = {one.name for one in self._contract.operation(sent.operation).parameters if one.location == "query"}
        for name in sent.query:
            if name not in known:
                yield Wrong("query", name, "unknown")
            elif name in negated:
                yield Wrong("query", name)

    def _in_body(self, sent: Sent) -> Iterator[Wrong]:
        pointer = self._schema(sent)
        if pointer is None:
            return
        if sent.body is None:
            yield Wrong("body", "", "type")
            return
        for error in self._validator(pointer).iter_errors(sent.body):
            rule = str(error.schema_path[-1]) if error.schema_path else ""
            names = [str(step) for step in error.instance_path[:1]]
            match error.kind:
                case jsonschema_rs.ValidationErrorKind.Required(property=missing):
                    yield Wrong("body", names[0] if names else str(missing), rule)
                case jsonschema_rs.ValidationErrorKind.AdditionalProperties(unexpected=unexpected):
                    yield from (Wrong("body", name, rule) for name in unexpected)
                case _:
                    yield Wrong("body", names[0] if names else "", rule)

    def _schema(self, sent: Sent) -> str | None:
        """The schema that a body is judged by: on the generic paths the entity's own."""
        if sent.generic and sent.entity is not None:
            return {"create": sent.entity.create_schema, "update": sent.entity.update_schema}.get(sent.action or "")
        return self._contract.operation(sent.operation).body

    def _validator(self, pointer: str) -> jsonschema_rs.Validator:
        if pointer not in self._validators:
            schema = cast("Any", self._contract.schema(pointer))
            self._validators[pointer] = jsonschema_rs.validator_for(schema, validate_formats=True)
        return self._validators[pointer]
