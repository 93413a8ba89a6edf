"""What a JSON Schema refused, in the domain's sentences ("Title is required").

Pure. Nothing here decides anything: the validator has refused already.
"""

from collections.abc import Iterable, Iterator
from typing import Any

import orjson
from jsonschema_rs import ValidationError, ValidationErrorKind

from entity_server.domain.sentences import Reason, Sentence, label
from entity_server.domain.values import NAMED
from entity_server.http.operations.decoding import BODY

NOT_BLANK = r"\S"
"""The pattern of a text that is not blank."""


def reasons(errors: Iterable[ValidationError]) -> dict[str, Reason]:
    """One reason for each bad field, by its name: that of its first error, or the list of values that it may have."""
    found: dict[str, Reason] = {}
    for error in errors:
        for name, reason in _named(error):
            if name not in found or reason.sentence is Sentence.ONE_OF:
                found[name] = reason
    return found


def _named(error: ValidationError) -> Iterator[tuple[str, Reason]]:
    at = str(error.instance_path[0]) if error.instance_path else None
    match error.kind:
        case ValidationErrorKind.Required(property=missing):
            yield at or missing, Sentence.REQUIRED(label=label(missing))
        case ValidationErrorKind.AdditionalProperties(unexpected=names):
            for name in names:
                yield at or name, Sentence.NOT_WRITABLE(label=label(name))
        case _:
            yield at or BODY, reason_of(error)


def reason_of(error: ValidationError) -> Reason:  # noqa: C901, PLR0911, PLR0912 - a table of keywords, one line each
    """What the failed keyword asks for."""
    match error.kind:
        case ValidationErrorKind.Enum(options=options):
            return Sentence.ONE_OF(values=", ".join(_plain(option) for option in options))
        case ValidationErrorKind.Constant(expected_value=value):
            return Sentence.CONSTANT(value=_plain(value))
        case ValidationErrorKind.Type(types=types):
            return Sentence.TYPE(type=" or ".join(NAMED.get(name, name) for name in sorted(types, key=_null_last)))
        case ValidationErrorKind.MaxLength(limit=limit):
            return Sentence.LONGEST(characters=_count(limit, "character"))
        case ValidationErrorKind.MinLength(limit=limit):
            return Sentence.EMPTY() if limit == 1 else Sentence.SHORTEST(characters=_count(limit, "character"))
        case ValidationErrorKind.Minimum(limit=limit):
            return Sentence.LEAST(limit=limit)
        case ValidationErrorKind.Maximum(limit=limit):
            return Sentence.MOST(limit=limit)
        case ValidationErrorKind.ExclusiveMinimum(limit=limit):
            return Sentence.ABOVE(limit=limit)
        case ValidationErrorKind.ExclusiveMaximum(limit=limit):
            return Sentence.BELOW(limit=limit)
        case ValidationErrorKind.MultipleOf(multiple_of=step):
            return Sentence.MULTIPLE(step=step)
        case ValidationErrorKind.Format(format=name):
            return _FORMATS[name]() if name in _FORMATS else Sentence.FORMAT(format=name)
        case ValidationErrorKind.Pattern(pattern=pattern):
            return Sentence.BLANK() if pattern == NOT_BLANK else Sentence.PATTERN(pattern=pattern)
        case ValidationErrorKind.MinItems(limit=limit):
            return Sentence.FEWEST_ITEMS(items=_count(limit, "item"))
        case ValidationErrorKind.MaxItems(limit=limit):
            return Sentence.MOST_ITEMS(items=_count(limit, "item"))
        case ValidationErrorKind.UniqueItems():
            return Sentence.REPEATED_ITEM()
        case ValidationErrorKind.MinProperties(limit=limit):
            return Sentence.FEWEST_FIELDS(fields=_count(limit, "field"))
        case ValidationErrorKind.MaxProperties(limit=limit):
            return Sentence.MOST_FIELDS(fields=_count(limit, "field"))
        case ValidationErrorKind.AnyOf(context=branches) | ValidationErrorKind.OneOfNotValid(context=branches):
            return _closest(branches)
        case _:
            return Sentence.OTHERWISE()


_FORMATS = {"date": Sentence.DATE, "date-time": Sentence.INSTANT, "email": Sentence.EMAIL}


def _closest(branches: list[list[ValidationError]]) -> Reason:
    """The reason of the branch that is not "or null"; of several such branches, of the first."""
    for branch in branches:
        match branch:
            case [ValidationError(kind=ValidationErrorKind.Type(types=["null"]))] | []:
                continue
            case [first, *_]:
                return reason_of(first)
    return Sentence.OTHERWISE()


def _null_last(name: str) -> bool:
    return name == "null"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _plain(value: Any) -> str:  # noqa: ANN401 - any JSON value
    return value if isinstance(value, str) else orjson.dumps(value).decode()
