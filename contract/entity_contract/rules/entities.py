"""What `x-entity` says of an entity, and the operations that it promises."""

import difflib
import re
from collections import Counter
from collections.abc import Iterator
from typing import get_args

from entity_contract.entities import ACTIONS, RelationType
from entity_contract.operations import ACTIONS_BY_METHOD
from entity_contract.references import Object, escaped, mapping, pointer, sequence, strings
from entity_contract.rules.problem import Problem
from entity_contract.rules.view import Declared, entities, follow, listed

FACTS = ("name", "idPrefix", "operations", "searchable", "always", "generated", "relations")
LISTS = ("operations", "searchable", "always", "generated")
RELATION_FACTS = ("type", "entity", "foreignKey")
RELATION_TYPES: tuple[RelationType, ...] = get_args(RelationType)


def facts_are_known(document: Object) -> Iterator[Problem]:
    """The keys of `x-entity` and what they hold."""
    for entity in entities(document):
        place = f"{entity.place}/x-entity"
        for key in entity.facts:
            if key not in FACTS:
                near = difflib.get_close_matches(key, FACTS, n=1)
                known = f"did you mean {near[0]}?" if near else f"there are {listed(FACTS)}"
                yield Problem(f"{place}/{escaped(key)}", f"{key} is no fact of an entity; {known}")
        for key in ("name", "idPrefix"):
            if not isinstance(entity.facts.get(key), str) or not entity.facts[key]:
                yield Problem(place, f"x-entity of {entity.title} lacks {key}, a text")
        for key in LISTS:
            stated = entity.facts.get(key, ())
            if not isinstance(stated, list | tuple) or len(strings(stated)) != len(stated):
                yield Problem(f"{place}/{key}", f"{key} of {entity.title} is no list of names")
        for name in strings(entity.facts.get("operations")):
            if name not in ACTIONS:
                yield Problem(f"{place}/operations", f"{name} is no operation; there are {listed(ACTIONS)}")


def names_stand_once(document: Object) -> Iterator[Problem]:
    """An entity is told from the others by its name, its records by the prefix of their ids."""
    for key, called in (("name", "name"), ("idPrefix", "id prefix")):
        count = Counter(str(entity.facts.get(key)) for entity in entities(document))
        for entity in entities(document):
            stated = str(entity.facts.get(key))
            if key in entity.facts and count[stated] > 1:
                where = f"{entity.place}/x-entity/{key}"
                yield Problem(where, f"the {called} {stated} of {entity.title} is another entity's too")
    for entity in entities(document):
        if entity.name and not re.fullmatch(r"[a-z][a-z0-9-]*", entity.name):
            where = f"{entity.place}/x-entity/name"
            yield Problem(where, f"{entity.name} is no path segment: write lower case, digits and hyphens")


def relations_lead_somewhere(document: Object) -> Iterator[Problem]:
    """The other entity exists, the foreign key is a field, and the record shows the relation."""
    by_name = {entity.name: entity for entity in entities(document)}
    for entity in entities(document):
        for name, relation in entity.relations.items():
            place, facts = f"{entity.place}/x-entity/relations/{escaped(name)}", mapping(relation)
            for key in facts:
                if key not in RELATION_FACTS:
                    yield Problem(
                        f"{place}/{escaped(key)}", f"{key} is no fact of a relation; there are {listed(RELATION_FACTS)}"
                    )
            if name not in mapping(entity.schema.get("properties")):
                yield Problem(entity.place, f"{entity.title} lacks the property {name}, which shows the relation")
            if facts.get("type") not in RELATION_TYPES:
                yield Problem(place, f"the type of the relation {name} is none of {listed(RELATION_TYPES)}")
            other = by_name.get(str(facts.get("entity")))
            if other is None:
                yield Problem(place, f"the relation {name} leads to {facts.get('entity')}, which is no entity")
            else:
                yield from _foreign_key(place, name, facts, mine=entity, other=other)


def _foreign_key(place: str, name: str, facts: Object, *, mine: Declared, other: Declared) -> Iterator[Problem]:
    """The field that ties the two: of this entity for belongsTo, of the other one for hasMany."""
    holder = {"belongsTo": mine, "hasMany": other}.get(str(facts.get("type")))
    key = str(facts.get("foreignKey"))
    if holder is not None and key not in holder.fields:
        yield Problem(place, f"the foreign key of {name} is {key}, which {holder.title} lacks")


def operations_are_those_declared(document: Object) -> Iterator[Problem]:
    """An entity has the operations that it names, by default all six, and no other."""
    for entity in entities(document):
        for (method, one), action in ACTIONS_BY_METHOD.items():
            path = f"/v1/{entity.name}/{{id}}" if one else f"/v1/{entity.name}"
            place, called = pointer("paths", path), f"{method.upper()} {path}"
            exists = method in follow(document, place)[1]
            if action in entity.actions and not exists:
                stated = (
                    "" if "operations" in entity.facts else f" (or name the operations of {entity.title} without it)"
                )
                yield Problem(place, f"{called} is missing, the operation {action} of {entity.title}{stated}")
            elif exists and action not in entity.actions:
                where = f"{entity.place}/x-entity/operations"
                yield Problem(where, f"operations of {entity.title} lacks {action}, and there is {called}")


def generic_examples_are_no_typed_entities(document: Object) -> Iterator[Problem]:
    """Whoever sends the example of a generic path must not land on the typed paths of an entity."""
    names = [entity.name for entity in entities(document)]
    for path in mapping(document.get("paths")):
        holder = pointer("paths", path)
        for index in range(len(sequence(follow(document, holder)[1].get("parameters"))) if "{entity}" in path else 0):
            where, parameter = follow(document, f"{holder}/parameters/{index}")
            if parameter.get("name") == "entity" and parameter.get("example") in names:
                example = parameter["example"]
                yield Problem(f"{where}/example", f"{example} has paths of its own; name an entity that has none")


RULES = (
    facts_are_known,
    names_stand_once,
    relations_lead_somewhere,
    operations_are_those_declared,
    generic_examples_are_no_typed_entities,
)
