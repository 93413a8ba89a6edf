"""What a changed keyword of a schema means, judged by who reads what the schema describes.

Pure: two schemas in, changes out; neither `$ref` nor a schema within a schema is followed (shapes.py does). A
*request* may only be widened, since old clients go on sending what they sent; a *response* may only be narrowed, since
old clients go on reading what they read, and generated ones check it.
"""

import json
from collections.abc import Iterator, Sequence
from typing import Literal

from entity_contract.changes.change import Change, addition, breaking
from entity_contract.references import Json, Object, mapping, sequence, strings

Reader = Literal["request", "response"]

LOWER_BOUNDS = ("minLength", "minimum", "exclusiveMinimum", "minItems", "minProperties")
UPPER_BOUNDS = ("maxLength", "maximum", "exclusiveMaximum", "maxItems", "maxProperties")
ANNOTATIONS = frozenset({"title", "description", "example", "examples", "deprecated", "externalDocs", "$comment"})
JUDGED = frozenset(
    {*LOWER_BOUNDS, *UPPER_BOUNDS, "type", "enum", "const", "format", "default"}
    | {"properties", "required", "items", "additionalProperties", "$ref"}
)


def keyword_changes(where: str, old: Object, new: Object, reader: Reader) -> Iterator[Change]:
    """The changes of a schema's own keywords."""
    if old == new:
        return  # most are, and that is known in a tenth of the time
    yield from _types(where, old, new, reader)
    yield from _values(where, old, new, reader)
    yield from _format(where, old, new)
    yield from _bounds(where, old, new, reader)
    yield from _constraints(where, old, new, reader)
    yield from _promises(where, old, new)
    if reader == "request" and old.get("default") != new.get("default"):
        yield breaking(where, f"left out, it means {_shown(new.get('default'))}; meant {_shown(old.get('default'))}")


def type_names(schema: Object) -> frozenset[str]:
    """The types that a value may have; empty for any."""
    declared = schema.get("type")
    return frozenset([declared] if isinstance(declared, str) else strings(declared))


def _types(where: str, old: Object, new: Object, reader: Reader) -> Iterator[Change]:
    """Who receives must know every type that may come; an integer is a number too."""
    before, after = type_names(old), type_names(new)
    known, coming = (after, before) if reader == "request" else (before, after)
    if "number" in known:
        known |= {"integer"}
    if known and not (coming and coming <= known):
        verb = "takes" if reader == "request" else "may be"
        yield breaking(where, f"{verb} {_named(after)}, was {_named(before)}")


def _named(types: frozenset[str]) -> str:
    return " or ".join(sorted(types)) or "anything"


def _values(where: str, old: Object, new: Object, reader: Reader) -> Iterator[Change]:
    """An enum, or a const as the enum of one."""
    before, after = _enum(old), _enum(new)
    gone = [_shown(value) for value in before if value not in after]
    fresh = [_shown(value) for value in after if value not in before]
    if reader == "request":
        if after and not before:
            yield breaking(where, f"takes only {_listed(after)}, took anything")
        elif after:
            yield from (breaking(where, f"no longer takes {value}") for value in gone)
            yield from (addition(where, f"takes {value} too") for value in fresh)
    elif before and not after:
        yield breaking(where, f"may be anything, was one of {_listed(before)}")
    elif before:
        yield from (breaking(where, f"may be {value} too, which older generated clients refuse") for value in fresh)
        yield from (breaking(where, f"is never {value} any more: generated clients lose the name") for value in gone)


def _enum(schema: Object) -> Sequence[Json]:
    return [schema["const"]] if "const" in schema else sequence(schema.get("enum"))


def _format(where: str, old: Object, new: Object) -> Iterator[Change]:
    """A format is the type in generated code: text becomes a date, an integer a longer one."""
    before, after = old.get("format"), new.get("format")
    if before != after:
        yield breaking(where, f"its format is {after or 'free'}, was {before or 'free'}")


def _bounds(where: str, old: Object, new: Object, reader: Reader) -> Iterator[Change]:
    for key in (*LOWER_BOUNDS, *UPPER_BOUNDS):
        before, after = _bound(old, key), _bound(new, key)
        if before == after:
            continue
        narrower = before is None or (after is not None and (after > before) == (key in LOWER_BOUNDS))
        if narrower == (reader == "request"):
            yield breaking(where, f"{key} is {_limit(after)}, was {_limit(before)}")


def _bound(schema: Object, key: str) -> float | None:
    """The bound; None where there is none, or where it is one that holds anyway (no text is shorter than 0)."""
    value = schema.get(key)
    if not isinstance(value, int | float):
        return None
    return None if key in ("minLength", "minItems", "minProperties") and value == 0 else value


def _limit(bound: float | None) -> str:
    return "not limited" if bound is None else str(bound)


def _constraints(where: str, old: Object, new: Object, reader: Reader) -> Iterator[Change]:
    """Keywords that only ever narrow: `pattern`, `not`, `multipleOf`, and any that nothing is known of."""
    for key in sorted(old.keys() | new.keys()):
        if key in JUDGED or key in ANNOTATIONS or key.startswith("x-") or old.get(key) == new.get(key):
            continue
        if key in (new if reader == "request" else old):
            yield breaking(where, f"{key} is {_shown(new.get(key))}, was {_shown(old.get(key))}")


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


def _listed(values: Sequence[Json]) -> str:
    return ", ".join(map(_shown, values))


def _shown(value: Json) -> str:
    if value is None:
        return "nothing"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
