"""The documented answers of an operation, compiled: an answer in, its departures from the contract out."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from entity_contract import Response
from jsonschema_rs import ValidationError, Validator

from entity_server.http.operations.decoding import FEW_DIGITS, Declared, scalar
from entity_server.http.operations.schemas import Schemas

JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Violation:
    """How an answer departs from the contract. Names places and rules, never values: answers hold secrets."""

    where: Literal["status", "header", "body"]
    message: str


@dataclass(frozen=True, slots=True)
class CompiledAnswer:
    """One documented answer. `whole` judges a body whose records may leave nothing out.

    `headers` has each declared header twice: by its name as documented, and in lower case.
    """

    headers: Mapping[str, Declared]
    header_validator: Validator
    body: Validator
    whole: Validator

    def violations(self, body: object, headers: Mapping[str, str], *, projected: bool) -> tuple[Violation, ...]:
        """How the answer departs from the contract; nothing when it does not. Names of headers are in any case."""
        media_type = ""
        values: dict[str, object] = {}
        for name, text in headers.items():
            declared = self.headers.get(name) or self.headers.get(name.lower())
            if declared is None:
                if name.lower() == "content-type":
                    media_type = text
            elif declared.type == "string":
                values[declared.name] = text
            elif declared.type == "integer" and len(text) < FEW_DIGITS and text.isascii() and text.isdigit():
                values[declared.name] = int(text)  # as `scalar` reads it
            else:
                values[declared.name] = scalar(text, declared.type)
        judge = self.body if projected else self.whole
        if media_type == JSON and self.header_validator.is_valid(values) and judge.is_valid(body):
            return ()
        found = [Violation("header", _place(error)) for error in self.header_validator.iter_errors(values)]
        found += [Violation("body", _place(error)) for error in judge.iter_errors(body)]
        if (plain := media_type.partition(";")[0].strip()) != JSON:
            found.insert(0, Violation("header", f"Content-Type is {plain or 'absent'}, not {JSON}"))
        return tuple(found)


def compiled_answer(schemas: Schemas, response: Response, always: tuple[str, ...]) -> CompiledAnswer:
    """A documented answer, whose records hold every field of `always` where they are whole."""
    body = schemas.answer(response.schema)
    return CompiledAnswer(
        headers={
            name: Declared(one.name.lower(), schemas.type_at(one.schema))
            for one in response.headers
            for name in (one.name, one.name.lower())  # as it is documented, and for any other spelling
        },
        header_validator=schemas.headers(
            {one.name.lower(): one.schema for one in response.headers},
            required=[one.name.lower() for one in response.headers if one.required],
        ),
        body=body,
        whole=schemas.whole_answer(response.schema, always) if always else body,
    )


def _place(error: ValidationError) -> str:
    where = "".join(f"/{part}" for part in error.instance_path) or "/"
    rule = "/".join(str(part) for part in error.schema_path)
    return f"{where} breaks {rule}"
