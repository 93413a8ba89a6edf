"""What a recorded request shows of its secrets: a digest, by which equal ones are known.

Keys, session tokens, cookies and whatever calls itself a secret, wherever they stand: in headers, where they belong; in
a path, a query or a body, where a client has put them by mistake; in the answer that tells a new key.
"""

import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import unquote_plus

from entity_server.domain.keys import digest
from entity_server.domain.text import printable
from entity_server.http.authentication import session_tokens

_KEY = re.compile(r"sk_(?:live|test)_[A-Za-z0-9_-]+")
_SECRET_NAME = re.compile(
    r"^key$|api[-_]?key|(?<![a-z])auth(?:entication|orization)?(?![a-z])|token|secret|passw|session|cookie|credential",
    re.IGNORECASE,
)
_SCHEME = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9-]*)[ ]+(?P<secret>.*\S)[ ]*\Z", re.DOTALL)
_SHOWN = 16
DEEPEST = 100


class TooDeep(Exception):  # noqa: N818 - it says what is the matter
    """A JSON value is nested deeper than anybody reads."""


def short_digest(secret: str) -> str:
    """What stands for a secret."""
    return f"sha256:{digest(secret)[:_SHOWN]}"


def text(value: str) -> str:
    """The text without the keys in it, as JSON can carry it."""
    return printable(_KEY.sub(lambda found: short_digest(found[0]), value))


def headers(items: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Headers by lower-case name; those that stand several times are joined."""
    shown: dict[str, str] = {}
    for name, value in items:
        lower = name.lower()
        safe = _header(lower, value)
        shown[lower] = f"{shown[lower]}, {safe}" if lower in shown else safe
    return shown


def query(raw: str) -> str:
    """A query string, without the values of parameters that are named like secrets, and without keys."""
    return "&".join(map(_pair, raw.split("&")))


def json(value: Any, *, levels: int = DEEPEST) -> Any:  # noqa: ANN401 - any JSON value
    """A JSON value without keys, and without the texts of members that are named like secrets.

    Raises TooDeep for one that is nested deeper than so many levels.
    """
    if levels < 0:
        raise TooDeep
    match value:
        case str():
            return text(value)
        case list():
            return [json(item, levels=levels - 1) for item in value]
        case dict():
            return {text(name): _member(name, member, levels - 1) for name, member in value.items()}
        case _:
            return value


def credential(authorization: Iterable[str], cookies: Iterable[str]) -> tuple[str, str] | None:
    """The kind and the digest of what a request identifies itself by, as the server looks at it; None for nothing."""
    for value in authorization:
        found = _SCHEME.match(value)
        return "key", short_digest(found["secret"] if found else value)
    for token in session_tokens(tuple(cookies)):
        return "session", short_digest(token)
    return None


def _header(name: str, value: str) -> str:
    match name:
        case "authorization" | "proxy-authorization":
            found = _SCHEME.match(value)
            return f"{found['scheme']} {short_digest(found['secret'])}" if found else short_digest(value)
        case "cookie":
            return "; ".join(map(_cookie, value.split(";")))
        case _:
            return short_digest(value) if _SECRET_NAME.search(name) else _address(value)


def _address(value: str) -> str:
    """A header's value, which may be an address with a query (`Referer`)."""
    before, mark, behind = value.partition("?")
    return text(before) + mark + (query(behind) if mark else "")


def _cookie(pair: str) -> str:
    name, separator, value = pair.strip().partition("=")
    return f"{text(name)}={short_digest(value)}" if separator else short_digest(name)


def _pair(pair: str) -> str:
    name, separator, value = pair.partition("=")
    if separator and value and _SECRET_NAME.search(unquote_plus(name)):
        return f"{text(name)}={short_digest(unquote_plus(value))}"
    return text(pair)


def _member(name: str, value: Any, levels: int) -> Any:  # noqa: ANN401 - any JSON value
    secret = isinstance(value, str) and _SECRET_NAME.search(name)
    return short_digest(value) if secret and value else json(value, levels=levels)
