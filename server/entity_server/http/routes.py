"""Which operations a path has.

A literal segment wins over a variable one and there is no way back: `/v1/ai/nothing` is an unknown path, never a record
of an entity named `ai` (E9). Segments are decoded one by one, so that an encoded slash stays inside its segment.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote

from entity_contract import Credential, Operation

from entity_server.domain.per_request import per_request
from entity_server.http.operations import UnservedContract

BASE_PATH = "/api"

_ROOT = BASE_PATH + "/"


def allowed(methods: Iterable[str]) -> tuple[str, ...]:
    """The methods of a path as `Allow` lists them: where there is GET there is HEAD (E17)."""
    return tuple(name for method in methods for name in (("GET", "HEAD") if method == "GET" else (method,)))


@per_request(frozen=True, slots=True)
class Route:
    """A known path: its operations by method, the values of its variables, and the credentials that any of them takes.

    A path without credentials is public.
    """

    operations: Mapping[str, Operation]
    values: Mapping[str, str]
    accepts: frozenset[Credential]

    @property
    def allow(self) -> tuple[str, ...]:
        """The methods that the path supports."""
        return allowed(self.operations)

    def operation(self, method: str) -> Operation | None:
        """The operation with that method; HEAD is GET, whose body the connection leaves out."""
        return self.operations.get("GET" if method == "HEAD" else method)

    @property
    def generic(self) -> bool:
        """Whether this is the path of an entity that has none of its own."""
        return "entity" in self.values


@dataclass(frozen=True, slots=True)
class UnknownPath:
    """A path that the contract does not have. Below the API's root a caller must say who it is even so (A1)."""

    accepts: frozenset[Credential]


@dataclass(slots=True)
class _Node:
    literal: dict[str, "_Node"] = field(default_factory=dict)
    variable: "tuple[str, _Node] | None" = None
    operations: dict[str, Operation] = field(default_factory=dict)
    accepts: frozenset[Credential] = frozenset()


@dataclass(frozen=True, slots=True)
class _Below:
    """The paths one variable segment below a plain path; `literal` are the segments that lead elsewhere."""

    literal: frozenset[str]
    name: str
    operations: Mapping[str, Operation]
    accepts: frozenset[Credential]


class Routes:
    """The paths of a contract as a tree of segments. Raises UnservedContract for paths that make no tree."""

    def __init__(self, operations: Iterable[Operation]) -> None:
        self._root = _Node()
        known = tuple(operations)
        for operation in known:
            self._add(operation)
        self._unknown = UnknownPath(frozenset().union(*(operation.credentials for operation in known)))
        self._plain = {
            BASE_PATH + operation.path: self._walk(operation.path.removeprefix("/"))
            for operation in known
            if "{" not in operation.path
        }
        self._below = {path: found for path in self._plain if (found := self._one_below(path)) is not None}

    def find(self, path: str) -> Route | UnknownPath:
        """Where a path leads, as it was sent: percent-encoded, from the host's root."""
        plain = self._plain.get(path)
        if plain is not None:
            return plain
        above, _, last = path.rpartition("/")
        below = self._below.get(above)
        if below is not None and last and "%" not in last and last not in below.literal:
            return Route(below.operations, {below.name: last}, below.accepts)
        if not path.startswith(_ROOT):
            return UnknownPath(frozenset())
        return self._walk(path.removeprefix(_ROOT))

    def _walk(self, path: str) -> Route | UnknownPath:
        node, values = self._root, {}
        for segment in path.split("/"):
            text = unquote(segment) if "%" in segment else segment
            if text in node.literal:
                node = node.literal[text]
            elif node.variable is not None and text:
                name, node = node.variable
                values[name] = text
            else:
                return self._unknown
        return Route(node.operations, values, node.accepts) if node.operations else self._unknown

    def _one_below(self, path: str) -> "_Below | None":
        """What a variable segment after this path leads to, None where it leads nowhere."""
        node = self._root
        for segment in path.removeprefix(_ROOT).split("/"):
            node = node.literal[segment]
        if node.variable is None or not node.variable[1].operations:
            return None
        name, target = node.variable
        return _Below(frozenset(node.literal), name, target.operations, target.accepts)

    def _add(self, operation: Operation) -> None:
        node = self._root
        for segment in operation.path.removeprefix("/").split("/"):
            if not segment.startswith("{"):
                node = node.literal.setdefault(segment, _Node())
                continue
            if node.variable is None:
                node.variable = (segment[1:-1], _Node())
            if node.variable[0] != segment[1:-1]:
                raise UnservedContract(f"{operation.path}: {segment} is named {{{node.variable[0]}}} on another path")
            node = node.variable[1]
        node.operations[operation.method] = operation
        node.accepts |= operation.credentials
