"""Sentences for what a JSON Schema refused, in the manner of the reference ("Title is required").

Pure. A sentence names the rule, never the value: values may be secrets.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any

import orjson
from jsonschema_rs import ValidationError, ValidationErrorKind

_FORMATS = {
    "date": "Must be a date such as 2025-01-31",
    "date-time": "Must be a date-time such as 2025-01-31T10:30:00Z",
    "email": "Must be an email address",
    "json-object": "Must be a JSON object",
}
_TYPES = {
    "array": "an array",
    "boolean": "a boolean",
    "integer": "an integer",
    "null": "null",
    "number": "a number",
    "object": "an object",
    "string": "a string",
}
_PATTERNS = {r"\S": "Must not be blank"}
WHOLE = "body"
"""The name under which a failure of a whole body is reported."""


def label(name: str) -> str:
    """A field's name as the start of a sentence: `customerId` becomes "Customer id"."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name).lower()
    return words[:1].upper() + words[1:]


def sentences(errors: Iterable[ValidationError]) -> dict[str, str]:
    """One sentence for each bad field, by its name: that of its first error, or the list of values that it may have."""
    found: dict[str, str] = {}
    for error in errors:
        for name, text in _named(error):
            if name not in found or isinstance(error.kind, ValidationErrorKind.Enum):
                found[name] = text
    return found


def _named(error: ValidationError) -> Iterator[tuple[str, str]]:
    at = str(error.instance_path[0]) if error.instance_path else None
    match error.kind:
        case ValidationErrorKind.Required(property=missing):
            yield (at, f"{label(missing)} is required") if at else (missing, f"{label(missing)} is required")
        case ValidationErrorKind.AdditionalProperties(unexpected=names):
            for name in names:
                yield at or name, f"{label(name)} is not a field that can be written"
        case _:
            yield at or WHOLE, sentence(error)


def sentence(error: ValidationError) -> str:  # noqa: C901, PLR0911, PLR0912 - a table of keywords, one line each
    """What the failed keyword asks for."""
    match error.kind:
        case ValidationErrorKind.Enum(options=options):
            return f"Must be one of: {', '.join(_plain(option) for option in options)}"
        case ValidationErrorKind.Constant(expected_value=value):
            return f"Must be {_plain(value)}"
        case ValidationErrorKind.Type(types=types):
            return f"Must be {' or '.join(_TYPES.get(name, name) for name in sorted(types, key=_null_last))}"
        case ValidationErrorKind.MaxLength(limit=limit):
            return f"Must be at most {_count(limit, 'character')}"
        case ValidationErrorKind.MinLength(limit=limit):
            return "Must not be empty" if limit == 1 else f"Must be at least {_count(limit, 'character')}"
        case ValidationErrorKind.Minimum(limit=limit):
            return f"Must be at least {limit}"
        case ValidationErrorKind.Maximum(limit=limit):
            return f"Must be at most {limit}"
        case ValidationErrorKind.ExclusiveMinimum(limit=limit):
            return f"Must be greater than {limit}"
        case ValidationErrorKind.ExclusiveMaximum(limit=limit):
            return f"Must be less than {limit}"
        case ValidationErrorKind.MultipleOf(multiple_of=step):
            return f"Must be a multiple of {step}"
        case ValidationErrorKind.Format(format=name):
            return _FORMATS.get(name, f"Must have the format {name}")
        case ValidationErrorKind.Pattern(pattern=pattern):
            return _PATTERNS.get(pattern, f"Must match the pattern {pattern}")
        case ValidationErrorKind.MinItems(limit=limit):
            return f"Must have at least {_count(limit, 'item')}"
        case ValidationErrorKind.MaxItems(limit=limit):
            return f"Must have at most {_count(limit, 'item')}"
        case ValidationErrorKind.UniqueItems():
            return "Must not repeat an item"
        case ValidationErrorKind.MinProperties(limit=limit):
            return f"Must name at least {_count(limit, 'field')}"
        case ValidationErrorKind.AnyOf(context=branches) | ValidationErrorKind.OneOfNotValid(context=branches):
            return _closest(branches)
        case _:
            return "Is not valid"


def _closest(branches: list[list[ValidationError]]) -> str:
    """The sentence of the branch that is not "or null"; of several such branches, the first."""
    for branch in branches:
        match branch:
            case [ValidationError(kind=ValidationErrorKind.Type(types=["null"]))] | []:
                continue
            case [first, *_]:
                return sentence(first)
    return "Is not valid"


def _null_last(name: str) -> bool:
    return name == "null"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _plain(value: Any) -> str:  # noqa: ANN401 - any JSON value
    return value if isinstance(value, str) else orjson.dumps(value).decode()
