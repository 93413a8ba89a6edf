"""What the contract says of a field's values in answers, where the sort of column does not say it all.

Every answer is validated, so that a record with a value that the contract no longer has makes each list with it a 500.
The rules of a column are kept with it as a JSON Schema of one line, to be compared; when they have changed, the records
are judged by what judges answers.
"""

import json
from collections.abc import Callable, Mapping
from types import MappingProxyType

from entity_contract import Field, Object
from entity_contract.entities import resolved
from entity_contract.references import Json, at, mapping, sequence
from jsonschema_rs import validator_for

_SAYS_NOTHING = frozenset(
    {"title", "description", "default", "example", "examples", "deprecated", "readOnly", "writeOnly", "$comment"}
)
_OF_THE_COLUMN = frozenset({"date", "date-time", "double", "float", "int64"})
_BOUNDS: Mapping[str, tuple[int, int]] = MappingProxyType({"int32": (-(2**31), 2**31 - 1)})


def rules(document: Object, record_schema: str, field: Field) -> str:
    """The rules in one line, always the same for the same rules; nothing where the column has them all.

    Whether there may be null, and an enum's values, are compared by themselves.
    """
    try:
        shown = mapping(mapping(mapping(at(document, record_schema)).get("properties")).get(field.name))
    except (KeyError, ValueError):
        return ""  # an entity of the server's own, such as the users of a contract that has none
    schema = _said(document, shown)
    kept = {key: value for key, value in schema.items() if key != "enum" or field.type != "enum"}
    return json.dumps(kept, sort_keys=True) if kept.keys() - {"type"} else ""


def accepts(rules_: str) -> Callable[[object], bool]:
    """What tells whether a value, in wire form, keeps these rules."""
    return validator_for(json.loads(rules_), validate_formats=True).is_valid


def _said(document: Object, schema: Object) -> dict[str, Json]:
    """A schema without references, and without what judges no value."""
    said: dict[str, Json] = {}
    for key, value in resolved(document, schema).items():
        if key in _SAYS_NOTHING or key.startswith("x-") or (key == "format" and value in _OF_THE_COLUMN):
            continue
        if key == "type":
            types = [one for one in sequence(value) if one != "null"]
            said[key] = types[0] if len(types) == 1 else types or value
        elif key == "format" and value in _BOUNDS:
            least, most = _BOUNDS[str(value)]
            said["allOf"] = [*sequence(said.get("allOf")), {"minimum": least, "maximum": most}]
        elif key in ("allOf", "anyOf", "oneOf"):
            said[key] = [*sequence(said.get(key)), *(_said(document, mapping(one)) for one in sequence(value))]
        elif key in ("not", "if", "then", "else"):
            said[key] = _said(document, mapping(value))
        else:
            said[key] = value
    return said
