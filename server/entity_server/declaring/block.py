"""The declaration of a new entity as a tree: the document's generic entity, told again with its own names and fields.

The generic paths answer what every entity answers; what is changed here is which schemas they name. `entities.Entity`
is read from the result as from any other part of the document.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from entity_contract.entities import entities
from entity_contract.references import Json, Object, at, mapping, pointer, sequence

from entity_server.declaring.errors import DeclarationError
from entity_server.declaring.fields import NewField
from entity_server.declaring.names import Names
from entity_server.declaring.schemas import Examples, own_examples, own_schemas

GENERIC_PATHS = {"/v1/{entity}": "/v1/{name}", "/v1/{entity}/{id}": "/v1/{name}/{{id}}"}
SECTIONS = ("parameters", "requestBodies", "responses", "schemas")
_GENERIC = re.compile(r"#/components/(\w+)/(?:EntityRecord|Record(?=Id$|Fields$|Include$|Sort$))(\w*)")
_JSON = "application/json"
_ENTITY_PARAMETER = "#/components/parameters/EntityName"


@dataclass(frozen=True, slots=True)
class Block:
    """What is added: a tag, components by section and name, and two paths.

    `recurring` is what stands in it more than once, by the anchor that it may be written with.
    """

    tag: Object
    components: Mapping[str, Object]
    paths: Object
    recurring: Object


def declared(document: Object, names: Names, fields: Sequence[NewField], parents: Sequence[str]) -> Block:
    """The entity with these fields and a relation to each of the parents, which are entities of the document.

    Raises DeclarationError when a name that it needs is taken, or the document has no generic entity to begin with.
    """
    keys = [_foreign_key(document, parent) for parent in parents]
    whole = (*fields, *keys)
    given = [*(field.name for field in whole), *(_lower(str(key.parent)) for key in keys)]
    for name in given:
        if given.count(name) > 1:
            raise DeclarationError(
                f"the field {name} is given twice; a relation brings its foreign key and its name along"
            )
    try:
        block = _block(document, names, whole)
    except KeyError as error:
        raise DeclarationError(
            f"the document has no {error.args[0]}, which a new entity is made after; add the generic paths first"
        ) from error
    _refuse_what_is_taken(document, block)
    return block


def _foreign_key(document: Object, parent: str) -> NewField:
    known = {entity.name: entity for entity in entities(document)}
    if parent not in known:
        raise DeclarationError(f"the document has no entity {parent}; choose one of {', '.join(known)}")
    title = known[parent].title
    return NewField(f"{_lower(title)}Id", "string", parent=title, parent_prefix=known[parent].id_prefix)


def _lower(title: str) -> str:
    return title[0].lower() + title[1:]


def _block(document: Object, names: Names, fields: tuple[NewField, ...]) -> Block:
    relations = {_lower(field.parent): field for field in fields if field.parent}
    entity_of = {entity.title: entity.name for entity in entities(document)}
    facts: Object = {
        "name": names.name,
        "idPrefix": names.id_prefix,
        "searchable": [field.name for field in fields if field.type in ("string", "text") and not field.parent],
        "always": ["id", *(field.name for field in fields if not field.nullable), "createdAt", "updatedAt"],
        "generated": ["id", "createdAt", "updatedAt"],
        "relations": {
            name: {"type": "belongsTo", "entity": entity_of[str(field.parent)], "foreignKey": field.name}
            for name, field in relations.items()
        },
    }
    retelling = _Retelling(document, names)
    examples = own_examples(names, fields)
    return Block(
        tag={"name": names.tag, "description": f"{names.many.capitalize()}."},
        components={
            "parameters": _parameters(retelling, fields, relations, examples),
            "requestBodies": _bodies(retelling, examples),
            "responses": _answers(retelling, examples),
            "schemas": {
                **own_schemas(names, fields, relations, facts, retelling.moments()),
                **{
                    f"{names.title}{kind}": retelling.component("schemas", f"EntityRecord{kind}")
                    for kind in ("Response", "ListResponse")
                },
            },
        },
        paths={place.format(name=names.name): retelling.path(generic) for generic, place in GENERIC_PATHS.items()},
        recurring={anchor_of(names.title): examples.record},
    )


def anchor_of(title: str) -> str:
    """The anchor of the example of an entity's record."""
    return f"{_lower(title)}Example"


@dataclass(frozen=True, slots=True)
class _Retelling:
    """Parts of the document about any record, told about records of the new entity."""

    document: Object
    names: Names

    def component(self, section: str, generic: str) -> dict[str, Json]:
        return dict(mapping(self._told(at(self.document, pointer("components", section, generic)))))

    def path(self, generic: str) -> Object:
        item = dict(mapping(at(self.document, pointer("paths", generic))))
        others = [one for one in sequence(item.pop("parameters", ())) if mapping(one).get("$ref") != _ENTITY_PARAMETER]
        return mapping(self._told({"parameters": others, **item} if others else item))

    def moments(self) -> Object:
        """The properties that tell when a record was made and last changed."""
        properties = mapping(self.component("schemas", "EntityRecord")["properties"])
        return {name: properties[name] for name in ("createdAt", "updatedAt")}

    def schema(self, suffix: str) -> Object:
        return {"$ref": f"#/components/schemas/{self.names.title}{suffix}"}

    def _told(self, node: Json, key: str = "") -> Json:
        if isinstance(node, Mapping):
            return {name: self._told(child, name) for name, child in node.items()}
        if isinstance(node, str):
            return self._text(node, key)
        if isinstance(node, Sequence):
            return [self.names.tag] if key == "tags" else [self._told(child) for child in node]
        return node

    def _text(self, node: str, key: str) -> str:
        match key:
            case "$ref":
                return _GENERIC.sub(lambda found: f"#/components/{found[1]}/{self.names.title}{found[2]}", node)
            case "operationId":
                told = node.replace("EntityMetadata", f"{self.names.title}Metadata")
                return told.replace("Records", self.names.titles).replace("Record", self.names.title)
            case "summary" | "description":
                told = re.sub(r"\ba record\b", self.names.a, node)
                return re.sub(r"\brecord\b", self.names.one, re.sub(r"\brecords\b", self.names.many, told))
        return node


def _parameters(
    retelling: _Retelling, fields: Sequence[NewField], relations: Mapping[str, NewField], examples: Examples
) -> Object:
    title = retelling.names.title
    named = {**retelling.component("parameters", "RecordId"), "example": examples.record["id"]}
    schemas: dict[str, tuple[Object, Json]] = {
        "Fields": ({"type": "array", "items": retelling.schema("Field")}, [field.name for field in fields[:2]]),
        "Include": ({"type": "array", "items": retelling.schema("Relation")}, [*relations]),
        "Sort": (retelling.schema("SortField"), "createdAt"),
    }
    others = {
        f"{title}{kind}": {
            **retelling.component("parameters", f"Record{kind}"),
            "schema": schema,
            "example": example,
        }
        for kind, (schema, example) in schemas.items()
    }
    return {f"{title}Id": named, **others}


def _bodies(retelling: _Retelling, examples: Examples) -> Object:
    names = retelling.names
    told: Mapping[str, tuple[str, Object]] = {
        "Create": (f"The new {names.one}.", examples.create),
        "Update": ("The fields to change.", examples.update),
    }
    return {
        f"{names.title}{kind}": {
            **showing(retelling.component("requestBodies", f"EntityRecord{kind}"), example),
            "description": description,
        }
        for kind, (description, example) in told.items()
    }


def _answers(retelling: _Retelling, examples: Examples) -> Object:
    title = retelling.names.title
    page, answer = (retelling.component("responses", f"EntityRecord{kind}") for kind in ("Page", ""))
    of_page, of_answer = (mapping(mapping(mapping(one["content"])[_JSON])["example"]) for one in (page, answer))
    return {
        f"{title}Page": showing(page, {**of_page, "data": [examples.record]}),
        title: showing(answer, {**of_answer, "data": examples.record}),
    }


def showing(holder: Object, example: Json) -> dict[str, Json]:
    """A body or an answer with another example."""
    media = {**mapping(mapping(holder["content"])[_JSON]), "example": example}
    return {**holder, "content": {_JSON: media}}


def _refuse_what_is_taken(document: Object, block: Block) -> None:
    components = mapping(document.get("components"))
    for section, added in block.components.items():
        for name in added:
            if name in mapping(components.get(section)):
                raise DeclarationError(
                    f"the document has a component {section}/{name} already; choose another title with --title"
                )
    ids = _operation_ids(mapping(document.get("paths")))
    for name in _operation_ids(block.paths):
        if name in ids:
            raise DeclarationError(f"the document has an operation {name} already; choose another title with --title")
    tags = [mapping(tag).get("name") for tag in sequence(document.get("tags"))]
    if block.tag["name"] in tags:
        raise DeclarationError(f"the document has a tag {block.tag['name']} already; choose another name")


def _operation_ids(paths: Object) -> frozenset[str]:
    return frozenset(
        str(mapping(operation).get("operationId")) for item in paths.values() for operation in mapping(item).values()
    ) - {"None"}
