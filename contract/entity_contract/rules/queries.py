"""The query parameters of an entity's lists and reads, and the names that they list."""

from collections.abc import Iterator, Sequence

from entity_contract.references import Object, escaped, pointer, sequence, strings
from entity_contract.rules.problem import Problem
from entity_contract.rules.view import Declared, entities, follow, listed, whole

LIST_PARAMETERS = (
    "page", "limit", "filter", "search", "sort", "order", "fields", "include", "startDate", "endDate",
)  # fmt: skip
READ_PARAMETERS = ("fields", "include")


def parameters_are_those_of_the_reference(document: Object) -> Iterator[Problem]:
    """A list takes ten parameters, a read two."""
    for entity in entities(document):
        for path, action, expected in _queried(entity):
            place = pointer("paths", path, "get")
            if "get" not in follow(document, pointer("paths", path))[1]:
                continue
            found = tuple(_parameters(document, place))
            called = str(follow(document, place)[1].get("operationId", f"GET {path}"))
            missing = [name for name in expected if name not in found]
            if missing:
                yield Problem(place, f"{called} lacks the parameter {listed(missing)}")
            others = [name for name in found if name not in expected]
            if others:
                yield Problem(f"{place}/parameters", f"{called} takes {listed(others)}, which a {action} does not take")


def lists_name_the_fields(document: Object) -> Iterator[Problem]:
    """`fields` lists every field, `sort` every field but long text, `include` every relation."""
    for entity in entities(document):
        for path, _, _ in _queried(entity):
            found = _parameters(document, pointer("paths", path, "get"))
            for name, wanted, word in (
                ("fields", [*entity.fields], "field"),
                ("sort", _sortable(document, entity), "field to sort by"),
                ("include", [*entity.relations], "relation"),
            ):
                if name in found:
                    yield from _listed(document, entity, found[name], wanted, word)


def _queried(entity: Declared) -> tuple[tuple[str, str, tuple[str, ...]], ...]:
    """The paths whose GET takes a query, what they are called, and their parameters."""
    collection = f"/v1/{entity.name}"
    return (collection, "list", LIST_PARAMETERS), (f"{collection}/{{id}}", "read", READ_PARAMETERS)


def _parameters(document: Object, place: str) -> dict[str, str]:
    """The parameters of an operation by name, each with its place."""
    found = {}
    for index in range(len(sequence(follow(document, place)[1].get("parameters")))):
        where, parameter = follow(document, f"{place}/parameters/{index}")
        found[str(parameter.get("name"))] = where
    return found


def _sortable(document: Object, entity: Declared) -> list[str]:
    places = {name: f"{entity.place}/properties/{escaped(name)}" for name in entity.fields}
    return [name for name, place in places.items() if whole(document, place).get("x-type") != "text"]


def _listed(document: Object, entity: Declared, parameter: str, wanted: Sequence[str], word: str) -> Iterator[Problem]:
    """What the enum of a parameter lacks; what it has too much is told by `fields`."""
    place, schema = follow(document, f"{parameter}/schema")
    if schema.get("type") == "array":
        place, schema = follow(document, f"{place}/items")
    values = strings(schema.get("enum"))
    called = place.rpartition("/")[2] if place.startswith("#/components/schemas/") else f"the enum of {parameter}"
    for name in wanted:
        if name not in values:
            yield Problem(place, f"{called} lacks {name}")
    for name in values:
        if name not in wanted:
            yield Problem(place, f"{called} names {name}, which is no {word} of {entity.title}")


RULES = (parameters_are_those_of_the_reference, lists_name_the_fields)
