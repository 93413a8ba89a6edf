"""The operations of the contract: method, path, parameters, body, responses, scope.

Facts only, resolved once at load; every schema is named by its JSON pointer, so that a reader compiles it as it likes.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, partial
from typing import Literal, cast

from entity_contract.entities import Action, Entity, Scope
from entity_contract.errors import ErrorCatalogue
from entity_contract.references import Object, at, escaped, mapping, pointer, sequence, strings, target

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


METHODS = ("get", "post", "put", "patch", "delete", "options", "head", "trace")


def operations(document: Object, entities: tuple[Entity, ...], errors: ErrorCatalogue) -> tuple[Operation, ...]:
    """Every operation of the document, in its order."""
    read = cache(partial(_response_at, document, errors))
    return tuple(
        _operation(document, path, method, entities=entities, response_at=read)
        for path, item in mapping(document.get("paths")).items()
        for method in mapping(item)
        if method in METHODS
    )


def _operation(
    document: Object,
    path: str,
    method: str,
    *,
    entities: tuple[Entity, ...],
    response_at: Callable[[str, int], Response],
) -> Operation:
    item = pointer("paths", path)
    place = pointer("paths", path, method)
    facts = mapping(at(document, place))
    body_place, body = _body(document, place, facts)
    credentials, scope = _security(facts)
    name, action = _action(path, method, entities)
    return Operation(
        id=str(facts["operationId"]),
        method=method.upper(),
        path=path,
        pointer=place,
        entity=name,
        action=action,
        credentials=credentials,
        scope=scope,
        parameters=(*_parameters(document, item), *_parameters(document, place)),
        body=_media_schema(document, body_place) if body else None,
        body_required=bool(body.get("required", False)),
        responses=tuple(
            response_at(target(document, f"{place}/responses/{status}")[0], int(status))
            for status in mapping(facts.get("responses"))
            if not status.startswith("x-")
        ),
    )


def _action(path: str, method: str, entities: tuple[Entity, ...]) -> tuple[str | None, Action | None]:
    """Which entity and which of the six operations a path and method stand for; None, None for a system operation."""
    collection, _, rest = path.removeprefix("/v1/").partition("/")
    if collection != "{entity}" and collection not in {entity.name for entity in entities}:
        return None, None
    action = ACTIONS_BY_METHOD.get((method, rest == "{id}"))
    return (None if collection == "{entity}" else collection), action


ACTIONS_BY_METHOD: Mapping[tuple[str, bool], Action] = {
    ("get", False): "list",
    ("post", False): "create",
    ("get", True): "read",
    ("patch", True): "update",
    ("delete", True): "delete",
    ("options", False): "metadata",
}
"""The reference's six operations: the method, and whether the path names a record."""


def _security(facts: Object) -> tuple[frozenset[Credential], Scope | None]:
    """Which credentials an operation takes, and the scope that a key needs (the role names of `apiKey`)."""
    credentials: set[Credential] = set()
    scope: Scope | None = None
    for alternative in sequence(facts.get("security")):
        for scheme, roles in mapping(alternative).items():
            credentials.add("key" if scheme == "apiKey" else "session")
            scope = cast("Scope", strings(roles)[0]) if strings(roles) else scope
    return frozenset(credentials), scope


def _parameters(document: Object, place: str) -> tuple[Parameter, ...]:
    listed = sequence(mapping(at(document, place)).get("parameters"))
    return tuple(_parameter(document, f"{place}/parameters/{index}") for index in range(len(listed)))


def _parameter(document: Object, place: str) -> Parameter:
    where, facts = target(document, place)
    schema, resolved = target(document, f"{where}/schema")
    return Parameter(
        name=str(facts["name"]),
        location=cast("Location", facts["in"]),
        required=bool(facts.get("required", False)),
        schema=schema,
        array=resolved.get("type") == "array",
        error_code=str(facts.get("x-error-code", "VALIDATION_FAILED")),
        pointer=where,
    )


def _body(document: Object, place: str, facts: Object) -> tuple[str, Object]:
    return target(document, f"{place}/requestBody") if "requestBody" in facts else ("", {})


def _media_schema(document: Object, place: str) -> str:
    return target(document, f"{place}/content/application~1json/schema")[0]


def _response_at(document: Object, errors: ErrorCatalogue, place: str, status: int) -> Response:
    """The answer that stands there. Most stand at one place for many operations."""
    return Response(
        status=status,
        schema=_media_schema(document, place),
        headers=tuple(_header(document, place, name) for name in mapping(mapping(at(document, place)).get("headers"))),
        codes=errors.codes_for(status),
        pointer=place,
    )


def _header(document: Object, place: str, name: str) -> Header:
    where, facts = target(document, f"{place}/headers/{escaped(name)}")
    return Header(name=name, required=bool(facts.get("required", False)), schema=f"{where}/schema")
