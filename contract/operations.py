"""The operations of the contract: method, path, parameters, body, responses, scope.

Facts only, resolved once at load; every schema is named by its JSON pointer, so that a reader compiles it as it likes.
"""

from dataclasses import dataclass
from typing import Literal

from contract.entities import Action, Scope

Location = Literal["query", "path", "header", "cookie"]
Credential = Literal["key", "session"]


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter. `array` is a comma list (style form, explode false). `error_code` is what its failure answers."""

    name: str
    location: Location
    required: bool
    schema: str
    array: bool
    error_code: str
    pointer: str


@dataclass(frozen=True, slots=True)
class Header:
    """One response header: its schema's pointer and whether every answer of that response carries it."""

    name: str
    required: bool
    schema: str


@dataclass(frozen=True, slots=True)
class Response:
    """One documented answer: `schema` is the JSON body's pointer; `codes` are the error codes that go with it."""

    status: int
    schema: str
    headers: tuple[Header, ...]
    codes: tuple[str, ...]
    pointer: str


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation. `path` is relative to the root server (`/v1/tasks/{id}`).

    `credentials` is empty for a public operation. `scope` is what an API key needs for it, None when authentication
    alone is enough. `entity` is None for the generic and the system operations; `action` is None for system ones.
    `body` is the pointer of the JSON body's schema.
    """

    id: str
    method: str
    path: str
    pointer: str
    entity: str | None
    action: Action | None
    credentials: frozenset[Credential]
    scope: Scope | None
    parameters: tuple[Parameter, ...]
    body: str | None
    body_required: bool
    responses: tuple[Response, ...]

    def response(self, status: int) -> Response | None:
        """The documented answer with that status, or None."""
        return next((response for response in self.responses if response.status == status), None)
