"""openapi-core's request and response protocols over what the server already knows.

The operation is known from the route and the body is decoded, so that the compiled validators look nothing up; all the
rest is computed only when somebody asks, as openapi-core's default validators do in the tests.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import orjson
from entity_contract import Operation
from openapi_core.datatypes import RequestParameters
from werkzeug.datastructures import Headers, ImmutableMultiDict

from entity_server.domain.arguments import Arguments
from entity_server.http.routes import BASE_PATH

HOST_URL = "https://yourdomain.com"
JSON = "application/json"


@dataclass(slots=True)
class JudgedRequest:
    """A request as openapi-core wants it. `value` is the decoded body, None when there is none."""

    operation: Operation
    arguments: Arguments
    value: Mapping[str, object] | None = None
    path_values: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    host_url: str = HOST_URL

    @property
    def method(self) -> str:
        """The method, lower-case."""
        return self.operation.method.lower()

    @property
    def path_pattern(self) -> str:
        """The path with its variables in braces, from the host's root."""
        return BASE_PATH + self.operation.path

    @property
    def path(self) -> str:
        """The path with the variables' values."""
        return BASE_PATH + self.operation.path.format(**self.path_values)

    @property
    def parameters(self) -> RequestParameters:
        """Query, header and path values as they were sent."""
        query = ImmutableMultiDict([(name, value) for name, values in self.arguments.items() for value in values])
        return RequestParameters(query=query, header=Headers(dict(self.headers)), path=dict(self.path_values))

    @property
    def content_type(self) -> str:
        """The body's media type."""
        return JSON

    @property
    def body(self) -> bytes | None:
        """The body's bytes."""
        return None if self.value is None else orjson.dumps(self.value)


@dataclass(slots=True)
class JudgedAnswer:
    """An answer as openapi-core wants it. `value` is the body before it is serialised; header names are lower-case."""

    status_code: int
    value: object
    headers: Mapping[str, str]

    @property
    def content_type(self) -> str:
        """The body's media type."""
        return self.headers.get("content-type", "")

    @property
    def data(self) -> bytes | None:
        """The body's bytes."""
        return orjson.dumps(self.value)
