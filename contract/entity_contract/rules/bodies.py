"""The schemas that an entity's operations take and answer: a copied block of paths easily keeps another entity's."""

from collections.abc import Iterator

from entity_contract.entities import Action
from entity_contract.references import Object, mapping
from entity_contract.rules.problem import Problem
from entity_contract.rules.view import (
    SCHEMAS,
    Declared,
    Written,
    action,
    answers,
    component,
    entities,
    follow,
    json_schema,
    operations,
    who,
)

BODY_OF: dict[Action, str] = {"create": "Create", "update": "Update"}
MEMBERS_OF: dict[Action, tuple[str, ...]] = {
    "delete": ("success", "message"),
    "list": ("success", "data", "pagination"),
}


def bodies_exist(document: Object) -> Iterator[Problem]:
    """The schemas that create and update take are named after the entity."""
    for entity in entities(document):
        for kind, suffix in BODY_OF.items():
            if kind in entity.actions and f"{entity.title}{suffix}" not in component(document, "schemas"):
                yield Problem(entity.place, f"the schema {entity.title}{suffix} is missing, the body that {kind} takes")


def operations_take_the_body_of_their_entity(document: Object) -> Iterator[Problem]:
    """`createTask` takes a TaskCreate."""
    for operation in operations(document):
        entity, kind = action(document, operation)
        place, body = follow(document, f"{operation.place}/requestBody")
        if entity is None or kind not in BODY_OF or not body:
            continue
        expected, found = f"{entity.title}{BODY_OF[kind]}", str(json_schema(body).get("$ref", "no named schema"))
        if found != f"{SCHEMAS}/{expected}":
            yield Problem(place, f"{operation.name} takes {found.rpartition('/')[2]} instead of {expected}")


def operations_answer_their_entity(document: Object) -> Iterator[Problem]:
    """The envelope of a success holds records of the operation's own entity."""
    for operation in operations(document):
        entity, kind = action(document, operation)
        successes = [one for one in answers(document, operation) if one[0].startswith("2")]
        if kind is None:
            continue
        expected = "201" if kind == "create" else "200"
        if expected not in [status for status, _, _ in successes]:
            yield Problem(operation.place, f"{operation.name} lacks the answer {expected}")
        for status, place, answer in successes:
            if status != expected:
                where = f"{operation.place}/responses/{status}"
                yield Problem(where, f"{operation.name} answers {status}; its one success is {expected}")
            elif envelope := str(json_schema(answer).get("$ref", "")):
                called = who(operation, status, place)
                yield from _members(document, called, place, envelope, MEMBERS_OF.get(kind, ("success", "data")))
                if entity is not None and kind not in ("delete", "metadata"):
                    yield from _record(document, operation, entity, place, envelope)


def _members(document: Object, called: str, place: str, envelope: str, expected: tuple[str, ...]) -> Iterator[Problem]:
    schema = follow(document, envelope)[1]
    for member in expected if schema else ():
        if member not in mapping(schema.get("properties")):
            yield Problem(place, f"{called} answers {envelope.rpartition('/')[2]}, which lacks {member}")


def _record(document: Object, operation: Written, entity: Declared, place: str, envelope: str) -> Iterator[Problem]:
    """Whether the envelope's `data` is the entity's record, or an array of it."""
    data, schema = follow(document, f"{envelope}/properties/data")
    record = follow(document, f"{data}/items")[0] if schema.get("type") == "array" else data
    if schema and record != entity.place:
        name = envelope.rpartition("/")[2]
        yield Problem(place, f"{operation.name} answers {name}, whose data is no {entity.title}")


RULES = (bodies_exist, operations_take_the_body_of_their_entity, operations_answer_their_entity)
