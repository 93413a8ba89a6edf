"""Which operations a path has.

A literal segment wins over a variable one and there is no way back: `/v1/ai/nothing` is an unknown path, never a record
of an entity named `ai` (E9). Segments are decoded one by one, so that an encoded slash stays inside its segment.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote

from entity_contract import Operation

BASE_PATH = "/api"


@dataclass(frozen=True, slots=True)
class Route:
    """A known path: its operations by method, and the values of its variables."""

    operations: Mapping[str, Operation]
    values: Mapping[str, str]

    @property
    def allow(self) -> tuple[str, ...]:
        """The methods that the path supports."""
        return tuple(self.operations)

    @property
    def public(self) -> bool:
        """Whether every operation here is public."""
        return all(not operation.credentials for operation in self.operations.values())

    @property
    def generic(self) -> bool:
        """Whether this is the path of an entity that has none of its own."""
        return "entity" in self.values


@dataclass(slots=True)
class _Node:
    literal: dict[str, "_Node"] = field(default_factory=dict)
    variable: "tuple[str, _Node] | None" = None
    operations: dict[str, Operation] = field(default_factory=dict)


class Routes:
    """The paths of a contract as a tree of segments."""

    def __init__(self, operations: Iterable[Operation]) -> None:
        self._root = _Node()
        for operation in operations:
            self._add(operation)

    def find(self, path: str) -> Route | None:
        """The route of a path as it was sent (percent-encoded, from the host's root), None when it is unknown."""
        prefix, _, rest = path.partition(BASE_PATH + "/")
        if prefix or not rest:
            return None
        node, values = self._root, {}
        for segment in rest.split("/"):
            text = unquote(segment)
            if text in node.literal:
                node = node.literal[text]
            elif node.variable is not None and text:
                name, node = node.variable
                values[name] = text
            else:
                return None
        return Route(node.operations, values) if node.operations else None

    def _add(self, operation: Operation) -> None:
        node = self._root
        for segment in operation.path.removeprefix("/").split("/"):
            if not segment.startswith("{"):
                node = node.literal.setdefault(segment, _Node())
                continue
            if node.variable is None:
                node.variable = (segment[1:-1], _Node())
            assert node.variable[0] == segment[1:-1], f"two names for one variable of {operation.path}"
            node = node.variable[1]
        node.operations[operation.method] = operation
