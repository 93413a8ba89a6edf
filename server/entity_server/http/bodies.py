"""From the bytes of a body to a JSON value.

Strict where Python is not: JSON is UTF-8 without a byte order mark, a name stands once in an object, NaN is no number.
What is no JSON at all is malformed; JSON of the wrong kind, or another media type, is unprocessable.
"""

import json
from collections.abc import Sequence

import orjson

from entity_server.domain.problems import Problem, UnprocessableEntity, ValidationFailed
from entity_server.http.wording import WHOLE

JSON_TYPES = frozenset({"application/json", "text/json"})
DEEPEST = 100
"""How far a body may be nested; jsonschema-rs gives up at 255."""


def decoded(raw: bytes, content_type: str) -> dict[str, object]:
    """The JSON object that a body holds; a missing Content-Type is taken as JSON.

    Raises ValidationFailed when it is no JSON, UnprocessableEntity for another media type or another JSON value.
    """
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type and media_type not in JSON_TYPES and not media_type.endswith("+json"):
        raise UnprocessableEntity("The body must be application/json")
    try:
        value = orjson.loads(raw)
        json.loads(raw, object_pairs_hook=_unique)
    except _NameTwiceError:
        raise _malformed("A name stands twice in an object") from None
    except (ValueError, RecursionError):
        raise _malformed("Must be well-formed JSON") from None
    if _deeper(value, DEEPEST):
        raise _malformed("Is nested too deeply")
    if not isinstance(value, dict):
        raise UnprocessableEntity("The body must be a JSON object")
    return value


class _NameTwiceError(ValueError):
    """A name stands twice in one object."""


def _unique(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _NameTwiceError
    return found


def _deeper(value: object, levels: int) -> bool:
    match value:
        case dict():
            return levels == 0 or any(_deeper(member, levels - 1) for member in value.values())
        case list():
            return levels == 0 or any(_deeper(item, levels - 1) for item in value)
        case _:
            return False


def _malformed(reason: str) -> Problem:
    return ValidationFailed("The body is malformed", details={WHOLE: reason})
