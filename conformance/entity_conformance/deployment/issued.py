"""Keys that an answer issues: what nobody but this run may read. Pure."""

import json
import re
from collections.abc import Iterator
from urllib.parse import urlsplit

_SHORTEST_SECRET, _MAKES = 12, "POST"
_CODE = re.compile(r"[A-Z]+(_[A-Z]+)+")
_TIME = re.compile(r"[0-9TtW:.,+-]+[Zz]?|[0-9.:T+-]+\[[\w/+-]+\]|/Date\([0-9+-]+\)/", re.ASCII)
"""A time in whatever form, be it one that no calendar has: the digits alone tell no secret."""
_KEY = (b'key"', b"\\u", b"\0")
"""One of these is in every answer that shows a key: as it is usually written, in escapes, or in UTF-16."""


def issued_key(content: bytes) -> str | None:
    """The whole API key in an answer that shows one (the answer to its creation)."""
    if not any(one in content for one in _KEY):
        return None
    data = _object(content).get("data")
    key = data.get("key") if isinstance(data, dict) else None
    return key if isinstance(key, str) and not key.endswith("...") else None


def issued(
    asked: bytes | None, status: int | None, content: bytes, *, url: str = "", method: str = "POST"
) -> tuple[str, ...]:
    """What an answer issues to who `asked` for it at that `url`: a key, wherever the answer to its creation has it.

    Known by its form, whatever it is called: a long word that nobody sent, no time, no code of an error, no address of
    what was asked for or made, and no id by its name. A refusal issues nothing, whatever its status; nor does an answer
    to a `method` that makes nothing: an entity may have a field of the name `key`.
    """
    key, request = issued_key(content), _object(asked or b"")
    sent = {text for _, text in _texts(request)}
    whole = () if key is None or key in sent or method != _MAKES else (key,)
    if asked is None or status is None or not 200 <= status < 300:
        return whole
    answer = _object(content)
    if "scopes" not in request or answer.get("success") is False:
        return whole
    told = ((name, text) for name, text in _texts(answer) if text not in sent and not _is_there(text, url))
    return (*whole, *(text for name, text in told if not name.lower().endswith("id") and _can_be_secret(text)))


def _texts(value: object, name: str = "") -> Iterator[tuple[str, str]]:
    """Every text in a JSON value, with the name of the member that holds it."""
    match value:
        case str():
            yield name, value
        case dict():
            for member, held in value.items():
                yield from _texts(held, member)
        case list():
            for held in value:
                yield from _texts(held, name)
        case _:
            pass


def _is_there(text: str, url: str) -> bool:
    """Whether a text is this URL or its path, or what is below it."""
    return url != "" and f"{text}/".startswith((f"{url}/", f"{urlsplit(url).path}/"))


def _can_be_secret(text: str) -> bool:
    """Whether a text has the form of a secret: long, of one word, no time, and no code as `VALIDATION_FAILED` is."""
    is_word = len(text) >= _SHORTEST_SECRET and len(text.split()) == 1
    return is_word and not (_CODE.fullmatch(text) or _TIME.fullmatch(text))


def _object(content: bytes) -> dict[str, object]:
    try:
        parsed = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return parsed if isinstance(parsed, dict) else {}
