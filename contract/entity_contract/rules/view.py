"""The document as the rules look at it: operations and entities as they are written, whatever is missing there.

What leads nowhere counts as empty here; that it leads nowhere is told by `openapi`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from entity_contract.entities import ACTIONS, Action
from entity_contract.operations import ACTIONS_BY_METHOD, METHODS
from entity_contract.references import Json, Object, at, escaped, mapping, pointer, sequence, strings, target

SCHEMAS = "#/components/schemas"
ERROR_RESPONSE = f"{SCHEMAS}/ErrorResponse"


@dataclass(frozen=True, slots=True)
class Written:
    """An operation as it is written. `place` is its pointer, `facts` what stands there."""

    place: str
    path: str
    method: str
    facts: Object

    @property
    def name(self) -> str:
        """Its operationId, or else its method and path."""
        stated = self.facts.get("operationId")
        return stated if isinstance(stated, str) and stated else f"{self.method.upper()} {self.path}"

    @property
    def under_v1(self) -> bool:
        """Whether it belongs to the API proper: `/health` does not."""
        return self.path.startswith("/v1/")

    @property
    def is_public(self) -> bool:
        """Whether it says that it takes no credentials."""
        return "security" in self.facts and not sequence(self.facts["security"])


@dataclass(frozen=True, slots=True)
class Declared:
    """An entity as it is written: `place` is the pointer of its schema, `facts` its `x-entity`."""

    title: str
    place: str
    schema: Object
    facts: Object

    @property
    def name(self) -> str:
        """The path segment; empty when it has none."""
        stated = self.facts.get("name")
        return stated if isinstance(stated, str) else ""

    @property
    def actions(self) -> tuple[Action, ...]:
        """The operations that it has, in the usual order; all of them when it names none."""
        named = strings(self.facts.get("operations"))
        return tuple(action for action in ACTIONS if action in (named or ACTIONS))

    @property
    def relations(self) -> Object:
        """Its relations by name."""
        return mapping(self.facts.get("relations"))

    @property
    def fields(self) -> Object:
        """Its properties that are no relations, by name."""
        return {
            name: shown for name, shown in mapping(self.schema.get("properties")).items() if name not in self.relations
        }


def follow(document: Object, place: str) -> tuple[str, Object]:
    """Where a place leads and what stands there; an empty object where it leads nowhere."""
    try:
        return target(document, place)
    except (KeyError, ValueError):
        return place, {}


def whole(document: Object, place: str) -> Object:
    """The schema at a place with a `$ref` followed; what stands beside the `$ref` wins."""
    try:
        beside = mapping(at(document, place))
    except (KeyError, ValueError):
        return {}
    return {**follow(document, place)[1], **{key: value for key, value in beside.items() if key != "$ref"}}


def component(document: Object, section: str) -> Object:
    """A section of `components`, by name."""
    return mapping(mapping(document.get("components")).get(section))


def operations(document: Object) -> Iterator[Written]:
    """Every operation, in the document's order."""
    for path, item in mapping(document.get("paths")).items():
        for method, facts in mapping(item).items():
            if method in METHODS:
                yield Written(pointer("paths", path, method), path, method, mapping(facts))


def entities(document: Object) -> Iterator[Declared]:
    """Every entity, in the document's order."""
    for title, schema in component(document, "schemas").items():
        facts = mapping(schema).get("x-entity")
        if facts is not None:
            yield Declared(title, pointer("components", "schemas", title), mapping(schema), mapping(facts))


def action(document: Object, operation: Written) -> tuple[Declared | None, Action | None]:
    """Which entity an operation is of (None for the generic paths), and which of the six it is (None for others)."""
    segment, _, rest = operation.path.removeprefix("/v1/").partition("/")
    declared = next((entity for entity in entities(document) if entity.name == segment), None)
    if not operation.under_v1 or (declared is None and segment != "{entity}") or rest not in ("", "{id}"):
        return None, None
    return declared, ACTIONS_BY_METHOD.get((operation.method, rest == "{id}"))


def answers(document: Object, operation: Written) -> Iterator[tuple[str, str, Object]]:
    """The answers of an operation: the status, where the answer is described, and what stands there."""
    for status in mapping(operation.facts.get("responses")):
        if not status.startswith("x-"):
            place, answer = follow(document, f"{operation.place}/responses/{escaped(status)}")
            yield status, place, answer


def who(operation: Written, status: str, place: str) -> str:
    """What an answer is called: the component that it is, or else its operation and status."""
    named = place.removeprefix("#/components/responses/")
    return f"{operation.name} {status}" if named == place else named


def parameters(document: Object, operation: Written) -> Iterator[tuple[str, Object]]:
    """The parameters of an operation and those of its path, each with its place."""
    for holder in (pointer("paths", operation.path), operation.place):
        for index in range(len(sequence(follow(document, holder)[1].get("parameters")))):
            yield follow(document, f"{holder}/parameters/{index}")


def json_schema(holder: Object) -> Object:
    """The schema of a JSON body, a `$ref` not followed; empty when there is none."""
    return mapping(mapping(mapping(holder.get("content")).get("application/json")).get("schema"))


def nodes(node: Json, place: str = "#") -> Iterator[tuple[str, Object]]:
    """Every object below a node with its place; values (examples, defaults, enums) are left out, they hold anything."""
    if isinstance(node, Mapping):
        yield place, node
        for key, child in node.items():
            if key not in ("example", "examples", "default", "enum", "const"):
                yield from nodes(child, f"{place}/{escaped(key)}")
    elif isinstance(node, Sequence) and not isinstance(node, str):
        for index, child in enumerate(node):
            yield from nodes(child, f"{place}/{index}")


def listed(names: Sequence[str]) -> str:
    """Names as a person writes them: `a`, `a and b`, `a, b and c`."""
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1]))) if names else ""
