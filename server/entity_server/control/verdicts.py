"""What the server thinks of a request: whether the contract describes it, and where it does not.

The verdict does not depend on the answer: a request that met a rule, a limit or an unknown key can be right, and one
that was let pass can be wrong (an unknown parameter is ignored, L22).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from entity_contract import Operation

from entity_server.domain.problems import (
    EntityNotFound,
    MethodNotAllowed,
    NotFound,
    Problem,
    Unauthorized,
    ValidationFailed,
)
from entity_server.http.authentication import session_tokens
from entity_server.http.exchange import Headers
from entity_server.http.operations import CompiledContract, CompiledOperation
from entity_server.http.operations.decoding import arguments, body_object
from entity_server.http.routes import Route, Routes, UnknownPath

Place = Literal["message", "path", "method", "credential", "query", "body"]


@dataclass(frozen=True, slots=True)
class Wrong:
    """One thing that the contract does not describe. `code` is the contract's; `name` a parameter or a field."""

    place: Place
    name: str | None
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Judged:
    """A request, as far as it is judged: what it says, and its body (None where it could not be read)."""

    method: str
    path: str
    query: str
    headers: Headers
    body: bytes | None


class Judge:
    """Knows the contract's operations, and finds the one that a request is for."""

    def __init__(self, compiled: CompiledContract) -> None:
        self._compiled = compiled
        self._routes = Routes(one.operation for one in compiled.operations.values())

    def operation(self, method: str, path: str) -> Operation | None:
        """The operation of a method and a path; HEAD asks as GET does."""
        return _offered(self._routes.find(path), method)

    def problems(self, request: Judged) -> tuple[Wrong, ...]:
        """Everything that is wrong with a request; nothing when it is as the contract says."""
        if _is_preflight(request):
            return ()
        place = self._routes.find(request.path)
        operation = _offered(place, request.method)
        if operation is None:
            return (_misdirected(place),)
        compiled = self._compiled.operations[operation.id]
        return (*_credentials(operation, request.headers), *_query(compiled, request), *_body(compiled, request))


def _offered(place: Route | UnknownPath, method: str) -> Operation | None:
    match place:
        case Route(operations=operations, generic=False):
            return operations.get(method) or (operations.get("GET") if method == "HEAD" else None)
        case _:
            return None


def _misdirected(place: Route | UnknownPath) -> Wrong:
    match place:
        case UnknownPath():
            return _wrong("path", NotFound("The contract has no such path"))
        case Route(generic=True):
            return _wrong("path", EntityNotFound())
        case Route(allow=allow):
            refusal = MethodNotAllowed(allow)
            return Wrong("method", None, refusal.code, f"{refusal.message}; this path has {', '.join(allow)}")


def _credentials(operation: Operation, headers: Headers) -> Iterator[Wrong]:
    if not operation.credentials:
        return
    keys = headers.getall("Authorization", ()) if "key" in operation.credentials else ()
    sessions = session_tokens(headers.getall("Cookie", ())) if "session" in operation.credentials else ()
    if len(keys) > 1 or any(not key.lower().startswith("bearer ") for key in keys):
        yield _wrong("credential", Unauthorized("An API key is sent once, as Authorization: Bearer KEY"))
    elif not keys and not any(sessions):
        named = {"key": "an API key", "session": "a session"}
        needed = " or ".join(named[one] for one in ("key", "session") if one in operation.credentials)
        yield _wrong("credential", Unauthorized(f"{operation.id} needs {needed}, and none was sent"))


def _query(compiled: CompiledOperation, request: Judged) -> Iterator[Wrong]:
    given = arguments(request.query)
    known = [one.declared.name for one in compiled.query.parameters]
    for name in given:
        if name not in known:
            offers = f"it has {', '.join(known)}" if known else "it has none"
            text = f"{compiled.operation.id} has no such parameter; {offers}"
            yield Wrong("query", name, ValidationFailed.code, text)
    try:
        compiled.query.read(given)
    except Problem as problem:
        yield from _wrongs("query", problem)


def _body(compiled: CompiledOperation, request: Judged) -> Iterator[Wrong]:
    if compiled.body is None or request.body is None:
        return
    content_type = "".join(request.headers.getall("Content-Type", ())[:1])
    try:
        compiled.body.read(body_object(request.body, content_type))
    except Problem as problem:
        yield from _wrongs("body", problem)


def _wrongs(place: Place, problem: Problem) -> Iterable[Wrong]:
    named = [Wrong(place, name, problem.code, str(reason)) for name, reason in problem.details.items()]
    return named or [_wrong(place, problem)]


def _wrong(place: Place, problem: Problem) -> Wrong:
    return Wrong(place, None, problem.code, problem.message)


def _is_preflight(request: Judged) -> bool:
    asked: Sequence[str] = request.headers.getall("Access-Control-Request-Method", ())
    return request.method == "OPTIONS" and bool(asked and request.headers.getall("Origin", ()))
