"""The places of a field: the record, both bodies, and the lists of `x-entity`. A new field is in each of them.

`queries` holds the enums of the query parameters, the other places of a field.
"""

from collections.abc import Iterator, Mapping

from entity_contract.entities import FieldType, field_type
from entity_contract.references import Json, Object, escaped, mapping, sequence, strings
from entity_contract.rules.bodies import BODY_OF
from entity_contract.rules.problem import Problem
from entity_contract.rules.view import Declared, component, entities, listed, whole

EVERYWHERE = ("id", "createdAt", "updatedAt")
"""What every record has, and the server alone sets."""

REFERENCE_TYPES = "a string, enum, integer, number, boolean, date or date-time"


def records_have_fields(document: Object) -> Iterator[Problem]:
    """Every field has a type; only `id` is required, since `fields` can leave out the rest."""
    for entity in entities(document):
        for name in EVERYWHERE:
            if name not in entity.fields:
                yield Problem(entity.place, f"{entity.title} lacks {name}, which every record has")
        required = strings(entity.schema.get("required"))
        if required != ("id",):
            others = listed([name for name in required if name != "id"])
            wrong = f"requires {others}, which `fields` can leave out" if others else "does not require id"
            yield Problem(f"{entity.place}/required", f"{entity.title} {wrong}: its required is [id]")
        for name in entity.fields:
            if _type(document, entity, name) is None:
                yield Problem(_place(entity, name), f"{entity.title}.{name} is not {REFERENCE_TYPES}")


def fields_are_in_the_bodies(document: Object) -> Iterator[Problem]:
    """A field is in each body, or in `x-entity.generated` and in none."""
    for entity in entities(document):
        generated = strings(entity.facts.get("generated"))
        bodies = _bodies(document, entity)
        for name in entity.fields:
            if name not in generated:
                yield from _missing(entity, name, bodies)
        for body, properties in bodies.items():
            for name in properties:
                if name in generated:
                    where = f"#/components/schemas/{body}/properties/{escaped(name)}"
                    yield Problem(where, f"{body} names {name}, which x-entity.generated of {entity.title} lists")


def _missing(entity: Declared, name: str, bodies: Mapping[str, Object]) -> Iterator[Problem]:
    """The bodies that lack a field, or the list that does."""
    if name in EVERYWHERE or not bodies:
        reason = "" if name in EVERYWHERE else ", which no body names"
        yield Problem(_list(entity, "generated"), f"x-entity.generated of {entity.title} lacks {name}{reason}")
        return
    for body, properties in bodies.items():
        if name not in properties:
            way = f"or add it to x-entity.generated of {entity.title}, if no body may name it"
            yield Problem(f"#/components/schemas/{body}", f"{body} lacks {name} ({way})")


def names_are_fields(document: Object) -> Iterator[Problem]:
    """What a body or a list of `x-entity` names is a field.

    It is a slip where one of them names it; the record lacks it where several do.
    """
    for entity in entities(document):
        for name, naming in _named(entity, _bodies(document, entity)).items():
            if name in entity.fields or name in EVERYWHERE:
                continue
            if len(naming) > 1:
                by = listed([who for who, _ in naming])
                yield Problem(entity.place, f"{entity.title} lacks {name}, which {by} name")
            else:
                who, place = naming[0]
                yield Problem(place, f"{who} names {name}, which {entity.title} lacks")


def _named(entity: Declared, bodies: Mapping[str, Object]) -> dict[str, list[tuple[str, str]]]:
    """Every name that bodies and lists have for a field: who has it, and where."""
    places: dict[str, list[tuple[str, str]]] = {}
    for body, properties in bodies.items():
        for name in properties:
            places.setdefault(name, []).append((body, f"#/components/schemas/{body}/properties/{escaped(name)}"))
    for key in ("searchable", "always", "generated"):
        for name in strings(entity.facts.get(key)):
            places.setdefault(name, []).append((f"x-entity.{key}", _list(entity, key)))
    return places


def always_has_what_is_never_null(document: Object) -> Iterator[Problem]:
    """A field that cannot be null is in every record: a body has to name it, or it has a default."""
    for entity in entities(document):
        always = strings(entity.facts.get("always"))
        create = mapping(component(document, "schemas").get(f"{entity.title}Create"))
        for name in entity.fields:
            shown = whole(document, _place(entity, name))
            if "null" in strings(shown.get("type")):
                continue
            if name not in always:
                never = f"which is never null (or allow null in {entity.title}.{name})"
                yield Problem(_list(entity, "always"), f"x-entity.always of {entity.title} lacks {name}, {never}")
            if name in mapping(create.get("properties")) and name not in strings(create.get("required")):
                where = f"#/components/schemas/{entity.title}Create/properties/{escaped(name)}"
                if "default" not in whole(document, where):
                    left_out = f"{entity.title}Create neither requires {name} nor has a default for it"
                    yield Problem(where, f"{left_out}: give it one, or allow null in {entity.title}.{name}")


def bodies_agree_with_the_record(document: Object) -> Iterator[Problem]:
    """Create and Update say the same of a field, and of the type that the record shows."""
    for entity in entities(document):
        bodies = _bodies(document, entity)
        for body, properties in bodies.items():
            for name in properties:
                yield from _agreement(document, entity, body, name)
            yield from _required(document, entity, body, properties)
        create, update = (bodies.get(f"{entity.title}{suffix}", {}) for suffix in ("Create", "Update"))
        for name in create.keys() & update.keys():
            if _constraints(create[name]) != _constraints(update[name]):
                where = f"#/components/schemas/{entity.title}Update/properties/{escaped(name)}"
                yield Problem(where, f"{entity.title}Create and {entity.title}Update say different things of {name}")


def _agreement(document: Object, entity: Declared, body: str, name: str) -> Iterator[Problem]:
    where = f"#/components/schemas/{body}/properties/{escaped(name)}"
    shown, taken = _type(document, entity, name), _stated_type(whole(document, where))
    record, accepted = whole(document, _place(entity, name)), whole(document, where)
    if name not in entity.fields or shown is None:
        return
    if shown != taken and {shown, taken} != {"string", "text"}:
        yield Problem(where, f"{body}.{name} is {taken or 'of no known type'}, and {entity.title}.{name} is {shown}")
    elif "null" in strings(accepted.get("type")) and "null" not in strings(record.get("type")):
        yield Problem(where, f"{body}.{name} can be null, and {entity.title}.{name} cannot")
    others = [str(value) for value in sequence(accepted.get("enum")) if value not in sequence(record.get("enum"))]
    if shown == taken == "enum" and others:
        yield Problem(where, f"{body}.{name} takes {listed(others)}, which {entity.title}.{name} never is")


def _required(document: Object, entity: Declared, body: str, properties: Object) -> Iterator[Problem]:
    required = strings(mapping(component(document, "schemas").get(body)).get("required"))
    where = f"#/components/schemas/{body}/required"
    if body == f"{entity.title}Update" and required:
        yield Problem(where, f"{body} requires {listed(required)}, and a PATCH names only what it changes")
    for name in required:
        if name not in properties:
            yield Problem(where, f"{body} requires {name}, which is none of its properties")


def _bodies(document: Object, entity: Declared) -> dict[str, Object]:
    """The properties of the bodies that there are, by the name of their schema."""
    names = [f"{entity.title}{suffix}" for kind, suffix in BODY_OF.items() if kind in entity.actions]
    schemas = component(document, "schemas")
    return {name: mapping(mapping(schemas[name]).get("properties")) for name in names if name in schemas}


def _type(document: Object, entity: Declared, name: str) -> FieldType | None:
    return _stated_type(whole(document, _place(entity, name)))


def _stated_type(schema: Object) -> FieldType | None:
    try:
        return field_type(schema)
    except ValueError:
        return None


def _constraints(schema: Json) -> Object:
    return {key: value for key, value in mapping(schema).items() if key not in ("default", "description", "examples")}


def _place(entity: Declared, name: str) -> str:
    return f"{entity.place}/properties/{escaped(name)}"


def _list(entity: Declared, key: str) -> str:
    """Where a list of `x-entity` stands, or belongs."""
    return f"{entity.place}/x-entity/{key}" if key in entity.facts else f"{entity.place}/x-entity"


RULES = (
    records_have_fields,
    fields_are_in_the_bodies,
    names_are_fields,
    always_has_what_is_never_null,
    bodies_agree_with_the_record,
)
