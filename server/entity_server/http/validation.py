"""Two-way validation behind openapi-core's own interface: the compiled validators are its validator classes.

A refused request becomes a `RequestRefused`, an answer that departs from the contract an `AnswerViolates`; both are
openapi-core's `ValidationError`, so that `validate()` and `iter_errors()` mean what its documentation says. A request
of ours names its operation; for any other, openapi-core searches the path.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

import orjson
from entity_contract import Contract
from openapi_core import Config, OpenAPI, V31RequestValidator, V31ResponseValidator
from openapi_core.protocols import Request, Response
from openapi_core.templating.paths.exceptions import PathError
from openapi_core.validation.exceptions import ValidationError
from openapi_core.validation.validators import BaseAPICallValidator

from entity_server.domain.arguments import Arguments
from entity_server.domain.problems import Problem
from entity_server.http.bodies import decoded
from entity_server.http.compiled import (
    CompiledAnswer,
    CompiledOperation,
    Refusal,
    Violation,
    compile_operations,
)
from entity_server.http.formats import BODY_FORMATS
from entity_server.http.protocol import JudgedAnswer, JudgedRequest


@dataclass
class RequestRefused(ValidationError):  # noqa: N818 - named for what happened, as openapi-core's MissingParameter is
    """A request breaks the contract."""

    refusal: Refusal


@dataclass
class AnswerViolates(ValidationError):  # noqa: N818 - as above
    """An answer breaks the contract."""

    violation: Violation


_Places = Mapping[tuple[str, str], CompiledOperation]


class CompiledRequestValidator(V31RequestValidator):
    """openapi-core's request validator, answered from the compiled operations."""

    compiled: _Places

    def iter_errors(self, request: Request | JudgedRequest) -> Iterator[Exception]:
        """RequestRefused for what is wrong; nothing when all is well."""
        try:
            operation = _operation(self, self.compiled, request)
            refusal = operation.query.refusal(_arguments(request))
            if refusal is not None:
                yield RequestRefused(refusal)
            body = _body(request, operation)
            refusal = operation.refused_body(body) if body is not None else None
            if refusal is not None:
                yield RequestRefused(refusal)
        except PathError as error:
            yield error
        except Problem as problem:
            yield RequestRefused(Refusal(problem.code, problem.details))


class CompiledResponseValidator(V31ResponseValidator):
    """openapi-core's response validator, answered from the compiled operations."""

    compiled: _Places

    def iter_errors(self, request: Request | JudgedRequest, response: Response) -> Iterator[Exception]:
        """AnswerViolates for each departure; nothing when there is none."""
        try:
            operation = _operation(self, self.compiled, request)
            value, headers = _answer(response)
        except PathError as error:
            yield error
            return
        except orjson.JSONDecodeError:
            yield AnswerViolates(Violation("body", "/ is no JSON"))
            return
        projected = any(_arguments(request).get("fields", ()))
        for violation in operation.violations(response.status_code, value, headers, projected=projected):
            yield AnswerViolates(violation)


@dataclass(frozen=True, slots=True)
class Validation:
    """openapi-core with the compiled validators of one contract plugged in."""

    requests: CompiledRequestValidator
    answers: CompiledResponseValidator
    errors: Mapping[int, CompiledAnswer]

    def refusal(self, request: JudgedRequest) -> Refusal | None:
        """Why a request is refused, None when it is not."""
        for error in self.requests.iter_errors(request):
            assert isinstance(error, RequestRefused)
            return error.refusal
        return None

    def violations(self, request: JudgedRequest, answer: JudgedAnswer) -> tuple[Violation, ...]:
        """How an answer departs from what the contract says of its operation."""
        found = []
        for error in self.answers.iter_errors(request, answer):
            assert isinstance(error, AnswerViolates)
            found.append(error.violation)
        return tuple(found)

    def error_violations(self, answer: JudgedAnswer, *, of_a_caller: bool) -> tuple[Violation, ...]:
        """The same for an answer without an operation: to an unknown path, or to a method that the path lacks.

        It must be an error as the contract describes one of that status; its headers tell of a caller, if there is one.
        """
        described = self.errors.get(answer.status_code)
        if described is None:
            return (Violation("status", f"no operation documents an error {answer.status_code}"),)
        found = described.violations(answer.value, answer.headers, projected=False)
        return tuple(violation for violation in found if of_a_caller or violation.where == "body")


def compile_validation(contract: Contract) -> Validation:
    """Compile every operation of the contract, once, at start-up."""
    operations = compile_operations(contract)
    by_place = {(one.operation.method.lower(), one.operation.path): one for one in operations.values()}

    class RequestValidator(CompiledRequestValidator):
        compiled = by_place

    class ResponseValidator(CompiledResponseValidator):
        compiled = by_place

    config = Config(
        spec_validator_cls=cast("Any", None),  # none: the contract was checked when it was loaded
        request_validator_cls=RequestValidator,
        response_validator_cls=ResponseValidator,
        extra_format_validators=cast("dict[str, Callable[[Any], bool]]", dict(BODY_FORMATS)),
    )
    api = OpenAPI.from_dict(cast("dict[str, Any]", contract.document), config=config)
    assert isinstance(api.request_validator, CompiledRequestValidator)
    assert isinstance(api.response_validator, CompiledResponseValidator)
    return Validation(requests=api.request_validator, answers=api.response_validator, errors=_errors(operations))


def _errors(operations: Mapping[str, CompiledOperation]) -> dict[int, CompiledAnswer]:
    found: dict[int, CompiledAnswer] = {}
    for one in operations.values():
        if one.operation.credentials:
            for status, answer in one.answers.items():
                if status >= 400:
                    found.setdefault(status, answer)
    return found


def _operation(validator: BaseAPICallValidator, places: _Places, request: Request | JudgedRequest) -> CompiledOperation:
    if isinstance(request, JudgedRequest):
        return places[request.operation.method.lower(), request.operation.path]
    _, _, _, path_result, _ = validator._find_path(request)  # noqa: SLF001 - the base class's own hook
    return places[request.method.lower(), path_result.pattern]


def _arguments(request: Request | JudgedRequest) -> Arguments:
    if isinstance(request, JudgedRequest):
        return request.arguments
    query: Any = request.parameters.query
    return {name: query.getlist(name) if hasattr(query, "getlist") else [query[name]] for name in query}


def _body(request: Request | JudgedRequest, operation: CompiledOperation) -> Mapping[str, object] | None:
    """The body to judge: one that is required, or one that was sent where one is allowed."""
    if isinstance(request, JudgedRequest):
        return request.value
    if operation.body is None or not (request.body or operation.operation.body_required):
        return None
    return decoded(request.body or b"", request.content_type)


def _answer(response: Response) -> tuple[object, Mapping[str, str]]:
    if isinstance(response, JudgedAnswer):
        return response.value, response.headers
    headers = {name.lower(): str(value) for name, value in response.headers.items()}
    return orjson.loads(response.data or b""), {**headers, "content-type": response.content_type}
