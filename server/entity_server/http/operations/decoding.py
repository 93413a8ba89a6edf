"""From the text of a URL, a header or a body to JSON values, once.

Pure. Strict where Python is not: JSON is UTF-8 without a byte order mark, a name stands once in an object, NaN is no
number, and `1_0`, ` 5 `, `+5` and Arabic digits are no integers. A text that is no value of the declared type stays a
text, and the schema refuses it.
"""

import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NoReturn
from urllib.parse import parse_qsl

import orjson

from entity_server.domain.arguments import Arguments, comma_list
from entity_server.domain.problems import UnprocessableEntity, ValidationFailed
from entity_server.domain.sentences import Reason, Refused, Sentence
from entity_server.domain.text import encodable

BODY = "body"
"""The name under which a failure of a whole body is reported."""

DEEPEST = 100
"""How far JSON may be nested."""

_JSON_TYPES = frozenset({"application/json", "text/json"})
_INTEGER = re.compile(r"-?[0-9]+\Z", re.ASCII)
_NUMBER = re.compile(r"-?[0-9]{1,300}(?:\.[0-9]{1,300})?\Z", re.ASCII)
FEW_DIGITS = 19
"""Fewer digits than this are an integer of 64 bits."""

_SHORT = 200  # characters of a query that is kept
_NO_ARGUMENTS: Arguments = {}
_MOST_DIGITS = 310  # more than any number has that a schema or a database knows
_ENDLESS: int = 10**_MOST_DIGITS


@dataclass(frozen=True, slots=True)
class Declared:
    """A parameter or header as it is decoded. `type` is the JSON type of the value, or of the items of a comma list."""

    name: str
    type: str
    array: bool = False


def arguments(query_string: str) -> Arguments:
    """The query of a URL, decoded; a repeated key keeps its values in order. Bytes that are no UTF-8 become U+FFFD."""
    if not query_string:
        return _NO_ARGUMENTS
    return _known_arguments(query_string) if len(query_string) <= _SHORT else _arguments(query_string)


def _arguments(query_string: str) -> Arguments:
    found: dict[str, list[str]] = {}
    if "%" in query_string or "+" in query_string:
        pairs = parse_qsl(query_string, keep_blank_values=True)
    else:  # nothing to decode
        pairs = [(name, value) for name, _, value in (pair.partition("=") for pair in query_string.split("&") if pair)]
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return {name: tuple(values) for name, values in found.items()}


_known_arguments = lru_cache(500)(_arguments)  # the same lists are asked for again and again


def parameter(declared: Declared, values: Sequence[str]) -> object:
    """The JSON value of a query parameter."""
    if declared.array:
        return [scalar(item, declared.type) for item in comma_list(values)]
    return scalar(values[0], declared.type)


def scalar(text: str, json_type: str) -> object:
    """The JSON value that `text` spells, or `text` itself when it spells none of that type."""
    match json_type:
        case "integer":
            if len(text) < FEW_DIGITS and text.isascii() and text.isdigit():
                return int(text)
            return _integer(text) if _INTEGER.match(text) else text
        case "number":
            return float(text) if _NUMBER.match(text) else text
        case "boolean":
            return {"true": True, "false": False}.get(text, text)
        case _:
            return text


def json_value(text: str) -> object:
    """The JSON value that a text spells. Raises Refused."""
    try:
        value: object = _JSON.decode(text)
    except RecursionError:
        raise Refused(Sentence.NESTED(levels=DEEPEST)) from None
    except ValueError:
        raise Refused(Sentence.MALFORMED()) from None
    if text.count("[") + text.count("{") > DEEPEST and _deeper(value, DEEPEST):
        raise Refused(Sentence.NESTED(levels=DEEPEST))
    return value


def json_object(text: str) -> dict[str, object]:
    """The JSON object that a text spells. Raises Refused."""
    value = json_value(text)
    if not isinstance(value, dict):
        raise Refused(Sentence.OBJECT())
    return value


def body_object(raw: bytes, content_type: str) -> dict[str, object]:
    """The JSON object that a body holds; a missing Content-Type is taken as JSON.

    Raises ValidationFailed when it is no JSON, UnprocessableEntity for another media type or another JSON value.
    """
    if not _is_json(content_type):
        raise UnprocessableEntity(details={BODY: Sentence.MEDIA_TYPE()})
    plain = _plain_object(raw)
    if plain is not None:
        return plain
    try:
        value = json_value(raw.decode())
    except UnicodeDecodeError:
        raise ValidationFailed(details={BODY: _undecodable(raw)}) from None
    except Refused as refusal:
        raise ValidationFailed(details={BODY: refusal.reason}) from None
    if not isinstance(value, dict):
        raise UnprocessableEntity(details={BODY: Sentence.OBJECT()})
    return value


@lru_cache(maxsize=16)  # nearly all clients say the same
def _is_json(content_type: str) -> bool:
    media_type = content_type.partition(";")[0].strip().lower()
    return not media_type or media_type in _JSON_TYPES or media_type.endswith("+json")


def _plain_object(raw: bytes) -> dict[str, object] | None:
    """The object that a body holds where a parser that is less strict must read the same; None where it might not.

    That is so of text, true, false and null without escapes under names that stand once: each of its quotation marks
    is one of a name or a text that was read.
    """
    if b"\\" in raw:
        return None
    try:
        value = orjson.loads(raw)
    except ValueError:
        return None
    if not isinstance(value, dict):
        return None
    marks = 2 * len(value)
    for member in value.values():
        if isinstance(member, str):
            marks += 2
        elif not (member is None or member is True or member is False):
            return None
    return value if raw.count(b'"') == marks else None


def _undecodable(raw: bytes) -> Reason:
    """What is wrong with bytes that are no UTF-8: half of a surrogate pair is told as what it is."""
    try:
        raw.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return Sentence.MALFORMED()
    return Sentence.UNICODE()


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise Refused(Sentence.NAMED_TWICE())
    for name in members:
        if not encodable(name):  # no validator can look at such a name, and no answer can repeat it
            raise Refused(Sentence.UNICODE())
    return members


def _integer(text: str) -> int:
    """The integer; one that is larger than anybody counts is cut, since Python does not read it."""
    if len(text) <= _MOST_DIGITS:
        return int(text)
    digits = text.lstrip("-0")
    size = int(digits or "0") if len(digits) <= _MOST_DIGITS else _ENDLESS
    return -size if text.startswith("-") else size


def _number(text: str) -> float:
    """The number; one that no float holds is an integer larger than anybody counts."""
    number = float(text)
    if math.isfinite(number):
        return number
    return -_ENDLESS if text.startswith("-") else _ENDLESS


def _no_number(name: str) -> NoReturn:
    raise Refused(Sentence.NO_SUCH_NUMBER(name=name))


def _deeper(value: object, levels: int) -> bool:
    match value:
        case dict():
            return levels == 0 or any(_deeper(member, levels - 1) for member in value.values())
        case list():
            return levels == 0 or any(_deeper(item, levels - 1) for item in value)
        case _:
            return False


_JSON = json.JSONDecoder(object_pairs_hook=_object, parse_int=_integer, parse_float=_number, parse_constant=_no_number)
