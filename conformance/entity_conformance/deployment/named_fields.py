"""The fields that a refusal without a code names, wherever it tells them: in `errors`, in `issues`, in texts. Pure.

Another envelope than the contract's is one fault. Whether the right field is named can be judged all the same.
"""

import re
from collections.abc import Iterator, Mapping, Sequence

_PLACES = (
    *("details", "errors", "issues", "violations", "fieldErrors", "fieldViolations", "detail", "message", "messages"),
    *("fields", "invalidParams", "invalid-params", "invalid_params"),
)
"""Members that hold what is wrong with each field, the first choice first."""
_NAMES = (
    *("field", "param", "parameter", "property", "propertyPath", "path", "loc", "pointer", "source", "attribute"),
    *("name", "key"),
)
"""Members that name the field, in an object about one."""
_TEXTS = ("message", "msg", "detail", "description", "reason", "error", "title")
_SAYINGS = frozenset({"message", "msg", "detail", "reason", "error"})
"""Members of which none names a field, where they hold a text each."""
_OF_REQUESTS = frozenset({"", "body", "query", "path", "params", "data", "attributes", "$"})
"""Parts of a path to a field that say where in a request it stands."""
_FIRST_WORD = re.compile(r"[\"'`]?([a-z_]\w*)[\"'`]?(?=[\s:])", re.ASCII)
_NO_FIELDS = frozenset(
    {"must", "should", "is", "has", "cannot", "invalid", "missing", "required", "unknown", "not", "no"}
)
"""How a text may begin that does not name its field."""
_MOST = 100


def named_fields(body: Mapping[str, object]) -> Mapping[str, str]:
    """What the body of a refusal says of each field; nothing where it names none."""
    return next(filter(None, _found(body)), {})


def _found(body: Mapping[str, object]) -> Iterator[Mapping[str, str]]:
    error = body.get("error")
    for held in (body, error if isinstance(error, Mapping) else {}):
        for name in _PLACES:
            inner = held.get(name)
            yield _told(inner)
            if isinstance(inner, list) and len(inner) == 1 and isinstance(inner[0], Mapping):
                yield from (_told(inner[0].get(place)) for place in _PLACES)
    if not body.keys() & {*_PLACES} and all(isinstance(value, list) for value in body.values()):
        yield _told(body)


def _told(value: object) -> Mapping[str, str]:
    """What is said of each field, where that is what a value holds."""
    match value:
        case dict() if value and all(_is_text(one) or _are_texts(one) for one in value.values()):
            if value.keys() <= _SAYINGS and all(map(_is_text, value.values())):
                return {}
            return {_plain(name): one if isinstance(one, str) else one[0] for name, one in value.items()}
        case list() if 0 < len(value) <= _MOST:
            told = [_of_one(one) for one in value]
            return dict(one for one in told if one is not None) if all(told) else {}
        case _:
            return {}


def _of_one(value: object) -> tuple[str, str] | None:
    if isinstance(value, str):
        word = _FIRST_WORD.match(value)
        return None if word is None or word[1] in _NO_FIELDS else (word[1], value)
    if not isinstance(value, Mapping):
        return None
    field = next((found for name in _NAMES if (found := _field(value.get(name)))), None)
    text = next((value[name] for name in _TEXTS if _is_text(value.get(name))), None)
    return None if field is None or text is None else (field, str(text))


def _field(value: object) -> str | None:
    """The field that a name, a pointer or a path means: the first part of it that is none of a request's."""
    match value:
        case str():
            parts: Sequence[object] = re.split(r"[/.\[\]]", value)
        case list():
            parts = value
        case {"pointer": str(told)} | {"parameter": str(told)}:
            return _field(told)
        case _:
            return None
    names = [one for one in parts if isinstance(one, str) and one not in _OF_REQUESTS and not one.isdecimal()]
    return _plain(names[0]) if names else None


def _plain(name: str) -> str:
    """A field's name as the contract spells it, where the deployment writes it as its own language does: `Title`."""
    return name[:1].lower() + name[1:]


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value)


def _are_texts(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(map(_is_text, value))
