"""What changed between two schemas and all that they hold, as one tree.

Pure: documents in, changes out; what a single keyword means is in keywords.py. A named schema is compared once
for requests and once for responses, and its changes are told under its name, however many places use it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from entity_contract.changes.change import Change, addition, breaking
from entity_contract.changes.keywords import Reader, keyword_changes, type_names
from entity_contract.references import Json, Object, mapping, sequence, strings, target

SCHEMAS = "#/components/schemas/"


@dataclass(frozen=True, slots=True)
class Use:
    """A schema where it is used.

    The component that it names, or None; whether null may stand instead of it; what is said beside the name.
    """

    name: str | None
    nullable: bool
    beside: Object


@dataclass(frozen=True, slots=True)
class Shapes:
    """The two documents, and which pairs of named schemas were compared already."""

    old: Object
    new: Object
    compared: set[tuple[str, str, Reader]] = field(default_factory=set)

    def changes(self, where: str, old: Object, new: Object, reader: Reader) -> Iterator[Change]:
        """The changes from one schema to the other."""
        was, now = use(old), use(new)
        if was.name is None or now.name is None:
            yield from self._renamed(where, was.name, now.name)
            yield from self._inside(where, _merged(self.old, old), _merged(self.new, new), reader)
            return
        if was.nullable != now.nullable and was.nullable == (reader == "request"):
            yield breaking(where, "takes no null any more" if reader == "request" else "may be null now")
        yield from keyword_changes(where, was.beside, now.beside, reader)
        yield from self._renamed(where, was.name, now.name)
        if (was.name, now.name, reader) not in self.compared:
            self.compared.add((was.name, now.name, reader))
            before, after = _component(self.old, was.name), _component(self.new, now.name)
            yield from self._inside(was.name, _merged(self.old, before), _merged(self.new, after), reader)

    def _renamed(self, where: str, was: str | None, now: str | None) -> Iterator[Change]:
        """A named object or enum is a type in generated code; one that is gone altogether is told elsewhere."""
        if was == now or (was is not None and was not in _schemas(self.new)):
            return
        named = [_merged(document, _component(document, name)) for document, name in self._both(was, now)]
        if any("properties" in schema or "enum" in schema for schema in named):
            yield breaking(where, f"is {now or 'a type without a name'} in generated clients, was {was or 'without'}")

    def _both(self, was: str | None, now: str | None) -> Iterator[tuple[Object, str]]:
        if was is not None:
            yield self.old, was
        if now is not None:
            yield self.new, now

    def _inside(self, where: str, old: Object, new: Object, reader: Reader) -> Iterator[Change]:
        yield from keyword_changes(where, old, new, reader)
        yield from self._properties(where, old, new, reader)
        if "items" in old and "items" in new:
            yield from self.changes(f"{where}[]", mapping(old["items"]), mapping(new["items"]), reader)
        yield from self._unknown_fields(where, old, new, reader)

    def _properties(self, where: str, old: Object, new: Object, reader: Reader) -> Iterator[Change]:
        before, after = mapping(old.get("properties")), mapping(new.get("properties"))
        needed_before, needed = set(strings(old.get("required"))), set(strings(new.get("required")))
        for name in before.keys() - after.keys():
            yield breaking(f"{where}.{name}", "the field is gone")
        for name in after.keys() - before.keys():
            if reader == "request" and name in needed:
                yield breaking(f"{where}.{name}", "a new field that must be sent")
            else:
                yield addition(f"{where}.{name}", "a new field")
        for name in before.keys() & after.keys():
            if reader == "request" and name in needed - needed_before:
                yield breaking(f"{where}.{name}", "must be sent now, was optional")
            if reader == "response" and name in needed_before - needed:
                yield breaking(f"{where}.{name}", "may be absent now, was always there")
            yield from self.changes(f"{where}.{name}", mapping(before[name]), mapping(after[name]), reader)
        both = needed_before & needed
        if reader == "request" and [n for n in before if n in both] != [n for n in after if n in both]:
            order = ", ".join(name for name in after if name in both)
            yield breaking(where, f"its required fields come as {order}: generated constructors take them by position")

    def _unknown_fields(self, where: str, old: Object, new: Object, reader: Reader) -> Iterator[Change]:
        """Whether fields that the schema does not name are taken, and of which shape."""
        before, after = _others(old), _others(new)
        if isinstance(before, Mapping) and isinstance(after, Mapping):
            yield from self.changes(f"{where}.*", before, after, reader)
        elif reader == "request" and before is not False and after is False:
            yield breaking(where, "refuses fields that it does not know, took them before")
        elif reader == "request" and before is True and isinstance(after, Mapping):
            yield breaking(where, "takes only some values in fields that it does not know, took any before")
        elif reader == "response" and before is False and after is not False:
            yield breaking(where, "may hold fields that clients do not know, held none before")
        elif reader == "response" and isinstance(before, Mapping) and after is True:
            yield breaking(where, "may hold any value in fields that clients do not know, held only some before")


def use(schema: Object) -> Use:
    """How a schema is used: `$ref`, or `anyOf` of a `$ref` and null, or in place."""
    inner, nullable = schema, False
    options = [mapping(option) for option in sequence(schema.get("anyOf"))]
    real = [option for option in options if option.get("type") != "null"]
    if len(real) == 1 and len(options) > 1:
        inner, nullable = real[0], True
    reference = inner.get("$ref")
    named = isinstance(reference, str) and reference.startswith(SCHEMAS)
    name = str(reference).removeprefix(SCHEMAS) if named else None
    return Use(name, nullable, {key: value for key, value in schema.items() if key not in ("$ref", "anyOf")})


def _schemas(document: Object) -> Object:
    return mapping(mapping(document.get("components")).get("schemas"))


def _component(document: Object, name: str) -> Object:
    return mapping(_schemas(document)[name])


def _others(schema: Object) -> bool | Object:
    """What is said of fields that are not named; a schema without any keyword is `true`."""
    said = schema.get("additionalProperties", True)
    return mapping(said) or said is not False


def _merged(document: Object, schema: Object) -> Object:
    """The schema with `$ref` followed, and with `anyOf: [schema, null]` written as one schema that may be null."""
    reference = schema.get("$ref")
    if isinstance(reference, str):
        beside = {key: value for key, value in schema.items() if key != "$ref"}
        return {**_merged(document, target(document, reference)[1]), **beside}
    options = [mapping(option) for option in sequence(schema.get("anyOf"))]
    real = [option for option in options if option.get("type") != "null"]
    if len(real) != 1 or len(options) == len(real):
        return schema
    inner = _merged(document, real[0])
    types: Json = [*sorted(type_names(inner)), "null"]
    return {**inner, "type": types, **{key: value for key, value in schema.items() if key != "anyOf"}}
