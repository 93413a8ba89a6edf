"""What changed between two schemas, judged by who reads them.

Charter: pure; documents in, changes out. A *request* schema may only be widened, since old clients go on sending what
they sent; a *response* schema may only be narrowed, since old clients go on reading what they read. An enum value
that is new in a response breaks the generated clients that refuse what they do not know.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from contract.references import Json, Object, mapping, sequence, strings, target
from contract_tests.changes.change import Change, addition, breaking

Reader = Literal["request", "response"]

TIGHTER_WHEN_GREATER = ("minLength", "minimum", "minItems", "minProperties", "exclusiveMinimum")
TIGHTER_WHEN_LESS = ("maxLength", "maximum", "maxItems", "maxProperties", "exclusiveMaximum")


@dataclass(frozen=True, slots=True)
class Shapes:
    """The two documents, and which pairs of named schemas were compared already."""

    old: Object
    new: Object
    compared: set[tuple[str, str, Reader]] = field(default_factory=set)

    def changes(self, where: str, old: Object, new: Object, reader: Reader) -> Iterator[Change]:
        """The changes from one schema to the other. A named schema is reported under its name, once."""
        named = str(old.get("$ref", "")), str(new.get("$ref", ""))
        if all(named):
            if (*named, reader) in self.compared:
                return
            self.compared.add((*named, reader))
            where = named[0].rpartition("/")[2]
        before, after = _merged(self.old, old), _merged(self.new, new)
        yield from _types(where, before, after, reader)
        yield from _enum(where, before, after, reader)
        yield from _text(where, before, after, reader)
        yield from _promises(where, before, after)
        if reader == "request":
            yield from _bounds(where, before, after)
        yield from self._properties(where, before, after, reader)
        yield from self._members(where, before, after, reader)

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

    def _members(self, where: str, old: Object, new: Object, reader: Reader) -> Iterator[Change]:
        if "items" in old and "items" in new:
            yield from self.changes(f"{where}[]", mapping(old["items"]), mapping(new["items"]), reader)
        before, after = old.get("additionalProperties", True), new.get("additionalProperties", True)
        if reader == "request" and before is not False and after is False:
            yield breaking(where, "refuses fields that it does not know, took them before")
        if isinstance(before, Mapping) and isinstance(after, Mapping):
            yield from self.changes(f"{where}.*", before, after, reader)


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
    types: Json = [*sorted(_type_names(inner)), "null"]
    return {**inner, "type": types, **{key: value for key, value in schema.items() if key != "anyOf"}}


def _type_names(schema: Object) -> frozenset[str]:
    """The types that a value may have; empty for any."""
    declared = schema.get("type")
    return frozenset([declared] if isinstance(declared, str) else strings(declared))


def _types(where: str, old: Object, new: Object, reader: Reader) -> Iterator[Change]:
    """Who receives must know every type that may come; an integer is a number too."""
    before, after = _type_names(old), _type_names(new)
    known, coming = (after, before) if reader == "request" else (before, after)
    if "number" in known:
        known |= {"integer"}
    if known and not (coming and coming <= known):
        verb = "takes" if reader == "request" else "may be"
        yield breaking(where, f"{verb} {_named(after)}, was {_named(before)}")


def _named(types: frozenset[str]) -> str:
    return " or ".join(sorted(types)) or "anything"


def _enum(where: str, old: Object, new: Object, reader: Reader) -> Iterator[Change]:
    before, after = strings(old.get("enum")), strings(new.get("enum"))
    gone = [value for value in before if value not in after]
    fresh = [value for value in after if value not in before]
    if reader == "request":
        if after and not before:
            yield breaking(where, f"takes only {', '.join(after)}, took anything")
        elif after:
            yield from (breaking(where, f"no longer takes {value}") for value in gone)
        yield from (addition(where, f"takes {value} too") for value in fresh if before)
    elif before and not after:
        yield breaking(where, f"may be anything, was one of {', '.join(before)}")
    elif before:
        yield from (breaking(where, f"may be {value} too, which older generated clients refuse") for value in fresh)


def _text(where: str, old: Object, new: Object, reader: Reader) -> Iterator[Change]:
    """Formats, patterns and defaults."""
    before, after = old.get("format"), new.get("format")
    if before != after and (before is not None or reader == "request"):
        yield breaking(where, f"its format is {after or 'free'}, was {before or 'free'}")
    if reader == "response":
        return
    before, after = old.get("pattern"), new.get("pattern")
    if after not in (None, before):
        yield breaking(where, f"must match {after}" + (f", had to match {before}" if before else ""))
    before, after = old.get("default"), new.get("default")
    if before != after:
        yield breaking(where, f"left out, it means {_shown(after)}; meant {_shown(before)}")


def _shown(value: Json) -> str:
    return "nothing" if value is None else str(value)


def _bounds(where: str, old: Object, new: Object) -> Iterator[Change]:
    for key in (*TIGHTER_WHEN_GREATER, *TIGHTER_WHEN_LESS):
        before, after = old.get(key), new.get(key)
        if not isinstance(after, int | float):
            continue
        unbounded = not isinstance(before, int | float)
        if unbounded and after == 0 and key in TIGHTER_WHEN_GREATER and key != "minimum":
            continue
        tighter = unbounded or (after > before if key in TIGHTER_WHEN_GREATER else after < before)  # type: ignore[operator]
        if tighter:
            yield breaking(where, f"{key} is {after}, was {'not limited' if unbounded else before}")


def _promises(where: str, old: Object, new: Object) -> Iterator[Change]:
    """What `x-entity` promises of an entity, and the status of each error code."""
    before, after = mapping(old.get("x-entity")), mapping(new.get("x-entity"))
    for name in strings(before.get("always")):
        if name not in strings(after.get("always")):
            yield breaking(f"{where}.{name}", "may be absent now, was in every record")
    for name in strings(before.get("searchable")):
        if name not in strings(after.get("searchable")):
            yield breaking(f"{where}.{name}", "is not searched any more")
    statuses, now = mapping(old.get("x-statuses")), mapping(new.get("x-statuses"))
    for code, status in statuses.items():
        if now.get(code, status) != status:
            yield breaking(where, f"{code} has the status {now[code]}, had {status}")
