"""One operation, compiled: what reads its requests, and what judges its answers."""

from collections.abc import Mapping
from dataclasses import dataclass

from entity_contract import Contract, Entity, Operation, Parameter

from entity_server.domain.filtering import Operators
from entity_server.http.operations.answers import CompiledAnswer, Violation, compiled_answer
from entity_server.http.operations.bodies import CompiledBody, entity_body, other_body
from entity_server.http.operations.decoding import Declared
from entity_server.http.operations.formats import QUERY_READERS
from entity_server.http.operations.lists import operators, reading, reversed_range
from entity_server.http.operations.queries import (
    CompiledQuery,
    QueryParameter,
    Read,
    as_it_is,
    nothing_together,
)
from entity_server.http.operations.schemas import Schemas
from entity_server.http.operations.unserved import UnservedContract


@dataclass(frozen=True, slots=True)
class CompiledOperation:
    """An operation of the contract: the reading of its query and its body, and its documented answers by status."""

    operation: Operation
    query: CompiledQuery
    body: CompiledBody | None
    answers: Mapping[int, CompiledAnswer]

    def named_body(self) -> CompiledBody:
        """The body of an operation that is nothing without one. Raises UnservedContract when it takes none."""
        if self.body is None:
            raise UnservedContract(f"{self.operation.pointer}: {self.operation.id} takes no body, and needs one")
        return self.body

    def violations(
        self, status: int, body: object, headers: Mapping[str, str], *, projected: bool
    ) -> tuple[Violation, ...]:
        """How an answer departs from the contract; a status that is not documented is a departure.

        Names of `headers` are in any case. `projected` says that a record may lack what the request did not ask for.
        """
        answer = self.answers.get(status)
        if answer is None:
            return (Violation("status", f"{self.operation.id} documents no {status}"),)
        return answer.violations(body, headers, projected=projected)


@dataclass(frozen=True, slots=True)
class CompiledContract:
    """Every operation of a contract by id, and the errors that any of them documents, by status."""

    operations: Mapping[str, CompiledOperation]
    errors: Mapping[int, CompiledAnswer]

    def error_violations(
        self, status: int, body: object, headers: Mapping[str, str], *, of_a_caller: bool
    ) -> tuple[Violation, ...]:
        """How an answer without an operation departs: one to an unknown path, or to a method that the path lacks.

        It must be an error as the contract describes one of that status; its headers tell of a caller, if there is one.
        """
        described = self.errors.get(status)
        if described is None:
            return (Violation("status", f"no operation documents an error {status}"),)
        found = described.violations(body, headers, projected=False)
        return tuple(violation for violation in found if of_a_caller or violation.where == "body")


def compile_contract(contract: Contract, *, asserting: bool = True) -> CompiledContract:
    """Compile every operation, once, at start-up. Raises UnservedContract.

    Without `asserting` its validators accept everything, so that a benchmark can tell what they cost.
    """
    schemas = Schemas(contract.document, asserting=asserting)
    known = operators(contract)
    answers: dict[tuple[str, tuple[str, ...]], CompiledAnswer] = {}
    compiled = {
        operation.id: CompiledOperation(
            operation=operation,
            query=_query(contract, schemas, operation, known),
            body=compiled_body(contract, schemas, operation),
            answers=_answers(contract, schemas, operation, answers),
        )
        for operation in contract.operations
    }
    return CompiledContract(compiled, _errors(compiled))


def compiled_body(contract: Contract, schemas: Schemas, operation: Operation) -> CompiledBody | None:
    """The body of one operation, None where it takes none."""
    if operation.body is None:
        return None
    entity = _entity(contract, operation)
    return entity_body(schemas, entity, operation.body) if entity else other_body(contract, schemas, operation.body)


def _query(contract: Contract, schemas: Schemas, operation: Operation, known: Operators) -> CompiledQuery:
    declared = [one for one in operation.parameters if one.location == "query"]
    parameters = tuple(_parameter(contract, schemas, operation, one, known) for one in declared)
    stated = {one.name: contract.target(one.schema).get("default") for one in declared}
    defaults = {
        one.declared.name: one.read(stated[one.declared.name])
        for one in parameters
        if stated[one.declared.name] is not None
    }
    is_list = operation.action == "list" and operation.entity is not None
    if is_list and (missing := {"page", "limit"} - defaults.keys()):
        raise UnservedContract(f"{operation.pointer}: the parameter {min(missing)} has no default, and needs one")
    together = reversed_range if is_list else nothing_together
    validator = schemas.query(
        {one.name: one.schema for one in declared}, required=[one.name for one in declared if one.required]
    )
    return CompiledQuery(
        parameters=parameters,
        by_name={one.declared.name: one for one in parameters},
        defaults=defaults,
        validator=validator,
        together=together,
        may_be_empty=validator.is_valid({}) and not together(defaults),
    )


def _parameter(
    contract: Contract, schemas: Schemas, operation: Operation, parameter: Parameter, known: Operators
) -> QueryParameter:
    read = _format_reader(contract, parameter)
    if (entity := _entity(contract, operation)) is not None:
        read = reading(entity, parameter.name, read, known)
    return QueryParameter(
        declared=Declared(parameter.name, schemas.type_at(parameter.schema), parameter.array),
        code=parameter.error_code,
        read=read,
    )


def _format_reader(contract: Contract, parameter: Parameter) -> Read:
    schema = contract.target(f"{parameter.schema}/items" if parameter.array else parameter.schema)
    read = QUERY_READERS.get(str(schema.get("format")))
    if read is None:
        return as_it_is
    return (lambda items: [read(item) for item in items]) if parameter.array else read


def _answers(
    contract: Contract,
    schemas: Schemas,
    operation: Operation,
    known: dict[tuple[str, tuple[str, ...]], CompiledAnswer],
) -> Mapping[int, CompiledAnswer]:
    """The answers of one operation; `known` are those of the operations before it, many of which are the same."""
    entity = _entity(contract, operation)
    holds_records = entity is not None and operation.action != "metadata"
    found: dict[int, CompiledAnswer] = {}
    for response in operation.responses:
        always = entity.always if entity and holds_records and response.status < 300 else ()
        key = (response.pointer, always)
        if key not in known:
            known[key] = compiled_answer(schemas, response, always)
        found[response.status] = known[key]
    return found


def _errors(operations: Mapping[str, CompiledOperation]) -> dict[int, CompiledAnswer]:
    found: dict[int, CompiledAnswer] = {}
    for one in operations.values():
        if one.operation.credentials:
            for status, answer in one.answers.items():
                if status >= 400:
                    found.setdefault(status, answer)
    return found


def _entity(contract: Contract, operation: Operation) -> Entity | None:
    return contract.entity(operation.entity) if operation.entity else None
