"""One operation, compiled: what a request and an answer must be, and what to say when they are not.

No Sanic here, and no openapi-core: `validation` plugs this into openapi-core's interface.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from entity_contract import Contract, Operation, Response
from jsonschema_rs import ValidationError, Validator

from entity_server.domain.arguments import Arguments, items
from entity_server.http.decoding import Declared, parameter, scalar
from entity_server.http.protocol import JSON
from entity_server.http.schemas import Schemas
from entity_server.http.wording import WHOLE, sentences

DEFAULT_CODE = "VALIDATION_FAILED"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a request is refused: the error code, and a sentence for each bad parameter or field."""

    code: str
    details: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Violation:
    """How an answer departs from the contract. Names places and rules, never values: answers hold secrets."""

    where: Literal["status", "header", "body"]
    message: str


@dataclass(frozen=True, slots=True)
class CompiledQuery:
    """All query parameters of an operation."""

    declared: tuple[Declared, ...]
    codes: Mapping[str, str]
    validator: Validator

    def refusal(self, arguments: Arguments) -> Refusal | None:
        """Why these arguments are refused, None when they are not. Parameters that nobody declared are ignored."""
        values: dict[str, object] = {}
        repeated: dict[str, str] = {}
        for declared in self.declared:
            given = arguments.get(declared.name)
            if given is None or (declared.array and not items(given)):
                continue
            if len(given) > 1 and not declared.array:
                repeated[declared.name] = "Must be given once"
            values[declared.name] = parameter(declared, given)
        if not repeated and self.validator.is_valid(values):
            return None
        details = {**sentences(self.validator.iter_errors(values)), **repeated}
        codes = {self.codes.get(name, DEFAULT_CODE) for name in details}
        return Refusal(codes.pop() if len(codes) == 1 else DEFAULT_CODE, details)


@dataclass(frozen=True, slots=True)
class CompiledAnswer:
    """One documented answer. `whole` judges a body whose records may leave nothing out."""

    headers: tuple[Declared, ...]
    header_validator: Validator
    body: Validator
    whole: Validator

    def violations(self, body: object, headers: Mapping[str, str], *, projected: bool) -> Iterator[Violation]:
        """How the answer departs from the contract; nothing when it does not. `headers` has lower-case names."""
        if (media_type := headers.get("content-type", "").partition(";")[0].strip()) != JSON:
            yield Violation("header", f"Content-Type is {media_type or 'absent'}, not {JSON}")
        values = {
            declared.name: scalar(headers[declared.name], declared.type)
            for declared in self.headers
            if declared.name in headers
        }
        if not self.header_validator.is_valid(values):
            yield from (Violation("header", _place(error)) for error in self.header_validator.iter_errors(values))
        validator = self.body if projected else self.whole
        if not validator.is_valid(body):
            yield from (Violation("body", _place(error)) for error in validator.iter_errors(body))


@dataclass(frozen=True, slots=True)
class CompiledOperation:
    """An operation of the contract with its validators."""

    operation: Operation
    query: CompiledQuery
    body: Validator | None
    answers: Mapping[int, CompiledAnswer]

    def refused_body(self, body: Any) -> Refusal | None:  # noqa: ANN401 - any JSON value
        """Why this body is refused, None when it is not."""
        if self.body is None or self.body.is_valid(body):
            return None
        return Refusal(DEFAULT_CODE, sentences(self.body.iter_errors(body)) or {WHOLE: "Is not valid"})

    def violations(
        self, status: int, body: object, headers: Mapping[str, str], *, projected: bool = False
    ) -> tuple[Violation, ...]:
        """How an answer departs from the contract; a status that is not documented is a departure."""
        answer = self.answers.get(status)
        if answer is None:
            return (Violation("status", f"{self.operation.id} documents no {status}"),)
        return tuple(answer.violations(body, headers, projected=projected))


def compile_operations(contract: Contract) -> dict[str, CompiledOperation]:
    """Every operation of the contract by id, compiled. Takes a few milliseconds each, once."""
    schemas = Schemas(contract.document)
    answers: dict[tuple[str, tuple[str, ...]], CompiledAnswer] = {}
    return {operation.id: _operation(contract, schemas, operation, answers) for operation in contract.operations}


def _operation(
    contract: Contract,
    schemas: Schemas,
    operation: Operation,
    answers: dict[tuple[str, tuple[str, ...]], CompiledAnswer],
) -> CompiledOperation:
    query = [parameter for parameter in operation.parameters if parameter.location == "query"]
    entity = contract.entity(operation.entity) if operation.entity else None
    holds_records = entity is not None and operation.action != "metadata"
    compiled: dict[int, CompiledAnswer] = {}
    for response in operation.responses:
        always = entity.always if entity and holds_records and response.status < 300 else ()
        key = (response.pointer, always)
        if key not in answers:
            answers[key] = _answer(schemas, response, always)
        compiled[response.status] = answers[key]
    return CompiledOperation(
        operation=operation,
        query=CompiledQuery(
            declared=tuple(Declared(one.name, schemas.type_at(one.schema), one.array) for one in query),
            codes={one.name: one.error_code for one in query},
            validator=schemas.query(
                {one.name: one.schema for one in query}, required=[one.name for one in query if one.required]
            ),
        ),
        body=schemas.body(operation.body) if operation.body else None,
        answers=compiled,
    )


def _answer(schemas: Schemas, response: Response, always: tuple[str, ...]) -> CompiledAnswer:
    body = schemas.answer(response.schema)
    return CompiledAnswer(
        headers=tuple(Declared(one.name.lower(), schemas.type_at(one.schema)) for one in response.headers),
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
