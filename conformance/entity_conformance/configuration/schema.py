"""The JSON Schema of `conformance.toml`, which editors read; a copy of it is packaged as `conformance.schema.json`."""

from collections.abc import Mapping
from itertools import combinations, product

from entity_conformance.configuration.keys import Form, Key

_TEXT = {"type": "string", "pattern": r"\S"}
_TEXTS = {"oneOf": [_TEXT, {"type": "array", "items": _TEXT}]}
_PLAIN = {"type": ["string", "number", "boolean"], "pattern": r"\S"}
_VALUES = {"oneOf": [_PLAIN, {"type": "array", "items": _PLAIN}]}
_TYPES: Mapping[Form, Mapping[str, object]] = {
    "text": _TEXT,
    "path": _TEXT,
    "texts": _TEXTS,
    "flag": {"type": "boolean"},
    "whole": {"type": "integer"},
    "seconds": {"type": "number"},
    "credential": {"type": "string", "pattern": r"^([A-Za-z0-9!#$%&'*+.^_`|~-]+=)?\$\{[A-Za-z_][A-Za-z0-9_]*\}$"},
    "pairs": {
        "oneOf": [
            _TEXT,
            {"type": "array", "items": _TEXT},
            {"type": "object", "additionalProperties": _VALUES},
            {"type": "object", "additionalProperties": {"type": "object", "additionalProperties": _VALUES}},
        ]
    },
}
_WAIVER = {
    "type": "object",
    "additionalProperties": False,
    "required": ["requirement", "reason", "expires"],
    "properties": {
        "requirement": {"description": "A glob on requirements, or a chapter.", "type": "string", "minLength": 1},
        "entity": {"description": "The entity on which it fails; without it, any.", "type": "string", "minLength": 1},
        "reason": {"type": "string", "minLength": 1},
        "ticket": {"type": "string", "minLength": 1},
        "expires": {"description": "The last day on which it is waived, in UTC.", "type": "string", "format": "date"},
    },
}


def schema(keys: Mapping[str, Key]) -> dict[str, object]:
    """The schema (2020-12) of a file that may hold these keys."""
    plain = {key.name: _of(key) for key in keys.values() if key.form != "credential"}
    credentials = {key.name: _of(key) for key in keys.values() if key.form == "credential"}
    members = {
        **plain,
        "credentials": {"type": "object", "additionalProperties": False, **_named(credentials)},
        "waiver": {"type": "array", "items": {"$ref": "#/$defs/waiver"}},
    }
    profiles = {"type": "object", "additionalProperties": {"$ref": "#/$defs/profile"}}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:v1-conformance-configuration:1",
        "title": "conformance.toml",
        "description": "Settings of the conformance commands. Names may be written with _ in place of -.",
        "type": "object",
        "additionalProperties": False,
        **_named({**members, "profile": profiles}),
        "$defs": {
            "profile": {"type": "object", "additionalProperties": False, **_named(members)},
            "waiver": _WAIVER,
        },
    }


def _named(members: Mapping[str, object]) -> dict[str, object]:
    """Members by their names, as editors offer them, and however else these may be written."""
    others = {f"^{name.replace('-', '[-_]')}$": member for name, member in members.items() if "-" in name}
    twice = [pair for name in members for pair in combinations(_spellings(name), 2)]
    return {
        "properties": members,
        "patternProperties": others,
        "allOf": [{"not": {"required": [*pair]}} for pair in twice],
    }


def _spellings(name: str) -> list[str]:
    """All the ways to write a name, of which a table may hold one."""
    first, *others = name.split("-")
    return [first + "".join(rest) for rest in product(*([f"-{word}", f"_{word}"] for word in others))]


def _of(key: Key) -> dict[str, object]:
    return {"description": key.description, **_TYPES[key.form]}
