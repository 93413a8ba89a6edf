"""The server's reading of its contract behind openapi-core's protocols.

The server itself never asks openapi-core: this module stands beside the path of its requests. It is for whoever holds a
`Request` and a `Response` of openapi-core's, and for the tests that compare the two readings on the same messages.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

import orjson
from entity_contract import Contract
from openapi_core.exceptions import OpenAPIError
from openapi_core.protocols import Request, Response
from werkzeug.datastructures import MultiDict

from entity_server.domain.arguments import Arguments
from entity_server.domain.problems import Problem
from entity_server.http.operations import CompiledContract, CompiledOperation, Violation
from entity_server.http.operations.decoding import body_object
from entity_server.http.routes import Route, Routes


@dataclass
class RequestRefused(OpenAPIError):  # noqa: N818 - named for what happened, as openapi-core's MissingParameter is
    """A request breaks the contract."""

    problem: Problem


@dataclass
class AnswerViolates(OpenAPIError):  # noqa: N818 - as above
    """An answer breaks the contract."""

    violation: Violation


@dataclass
class OperationUnknown(OpenAPIError):  # noqa: N818 - as above
    """No operation of the contract has that method and path."""

    method: str
    path: str


class Reading:
    """The compiled operations of one contract, as openapi-core would ask them."""

    def __init__(self, contract: Contract, compiled: CompiledContract) -> None:
        self._routes = Routes(contract.operations)
        self._compiled = compiled

    def request_errors(self, request: Request) -> Iterator[OpenAPIError]:
        """What is wrong with a request: its query first, then its body. Its credentials are not looked at."""
        operation = self._operation(request)
        if operation is None:
            yield OperationUnknown(request.method, request.path)
            return
        try:
            operation.query.read(_arguments(request))
            if operation.body is not None and (request.body or operation.operation.body_required):
                operation.body.read(body_object(request.body or b"", request.content_type))
        except Problem as problem:
            yield RequestRefused(problem)

    def response_errors(self, request: Request, response: Response) -> Iterator[OpenAPIError]:
        """How the answer to that request departs from the contract."""
        operation = self._operation(request)
        if operation is None:
            yield OperationUnknown(request.method, request.path)
            return
        headers = {name.lower(): str(value) for name, value in response.headers.items()}
        headers["content-type"] = response.content_type
        try:
            body = orjson.loads(response.data or b"")
        except orjson.JSONDecodeError:
            yield AnswerViolates(Violation("body", "/ is no JSON"))
            return
        projected = any(_arguments(request).get("fields", ()))
        for violation in operation.violations(response.status_code, body, headers, projected=projected):
            yield AnswerViolates(violation)

    def _operation(self, request: Request) -> CompiledOperation | None:
        match self._routes.find(request.path):
            case Route(operations=operations) if request.method.upper() in operations:
                return self._compiled.operations[operations[request.method.upper()].id]
            case _:
                return None


def _arguments(request: Request) -> Arguments:
    query = cast("MultiDict[str, str]", request.parameters.query)  # "must support getlist", its documentation says
    return {name: query.getlist(name) for name in query}
