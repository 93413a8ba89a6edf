"""From the strings of a URL or a header to the JSON values that a schema judges.

Pure. A string that is no value of the declared type stays a string, and the schema refuses it: Python's own `int` would
take `1_0`, ` 5 `, `+5` and Arabic digits.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl

from entity_server.domain.arguments import items

_INTEGER = re.compile(r"-?[0-9]{1,19}\Z", re.ASCII)
_NUMBER = re.compile(r"-?[0-9]{1,300}(?:\.[0-9]{1,300})?\Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class Declared:
    """A parameter or header as it is decoded. `type` is the JSON type of the value, or of the items of a comma list."""

    name: str
    type: str
    array: bool = False


def arguments(query_string: str) -> dict[str, list[str]]:
    """The query of a URL, decoded; a repeated key keeps its values in order. Bytes that are no UTF-8 become U+FFFD."""
    found: dict[str, list[str]] = {}
    for name, value in parse_qsl(query_string, keep_blank_values=True):
        found.setdefault(name, []).append(value)
    return found


def parameter(declared: Declared, values: Sequence[str]) -> object:
    """The JSON value of a query parameter."""
    if declared.array:
        return [scalar(item, declared.type) for item in items(values)]
    return scalar(values[0], declared.type)


def scalar(text: str, json_type: str) -> object:
    """The JSON value that `text` spells, or `text` itself when it spells none of that type."""
    match json_type:
        case "integer":
            return int(text) if _INTEGER.match(text) else text
        case "number":
            return float(text) if _NUMBER.match(text) else text
        case "boolean":
            return {"true": True, "false": False}.get(text, text)
        case _:
            return text
