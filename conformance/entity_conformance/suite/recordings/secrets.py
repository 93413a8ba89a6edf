"""Secrets of real clients' traffic, known by the names under which they stand: nobody gave them to us. Pure.

A name is told apart by its words: `author` carries no secret, though it begins like `authorization`.
"""

import base64
import binascii
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from urllib.parse import unquote_plus

from entity_conformance.deployment.exchange import Exchange, Headers, Redactor

_CARRIERS = re.compile(r"auth|cookie|token|secret|session|api-?_?key|passw|signature|(?:^|[-_])key$", re.IGNORECASE)
"""Names of headers and of parameters of a URL. A value that is no secret is told as one: nothing is lost by it."""
_PLAIN_HEADERS = frozenset({"www-authenticate", "proxy-authenticate", "set-cookie"})
"""The first two say how to authenticate; of a cookie only the value is a secret, and not the word `Path`."""
_HEADERS = frozenset({"authorization", "proxy-authorization", "cookie", "set-cookie"})
"""Headers of which a part is a secret."""
_SCHEMES = frozenset({"bearer", "basic", "digest", "negotiate", "token"})

_WORD = re.compile(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])")
_SECRET_WORDS = frozenset(
    {"password", "passwd", "pwd", "passphrase", "secret", "token", "jwt", "credential", "credentials", "apikey"}
)
_KEYS = frozenset({"api", "access", "private", "secret", "client"})
"""Words before `key`: a key of something is no secret."""
_LONG = 16
"""Characters of a value of `key`, `code` or a cookie that can be a secret: a shorter one may be any word."""

_MEMBER = re.compile(r'"(?P<name>[A-Za-z0-9_-]{2,60})"\s*:\s*"(?P<value>(?:[^"\\]|\\.)+)"')
_PARAMETER = re.compile(r"(?:^|[?&;#\s\"'])(?P<name>[A-Za-z0-9_.-]{2,60})=(?P<value>[^&#;\s\"'<>]+)")
_REDACTED = "[redacted]"


def is_carrier(name: str) -> bool:
    """Whether a header or a parameter of this name carries a secret."""
    return _CARRIERS.search(name) is not None


def of_headers(headers: Iterable[tuple[str, str]]) -> Iterator[str]:
    """The secrets in headers, of a request or of an answer: also the user and password of `Basic`."""
    for name, value in headers:
        lower = name.lower()
        if lower in {"cookie", "set-cookie"}:
            for pair in value.split(";")[: None if lower == "cookie" else 1]:
                cookie, _, told = pair.strip().partition("=")
                if is_carrier(cookie) or len(told) >= _LONG:
                    yield told
        elif is_carrier(name) and lower not in _PLAIN_HEADERS:
            scheme, blank, credential = value.strip().partition(" ")
            if blank or scheme.lower() not in _SCHEMES:
                yield credential.strip() or scheme
            yield from _of_basic(credential) if scheme.lower() == "basic" else ()
        else:
            yield from of_text(value)


def of_text(text: str) -> Iterator[str]:
    """The values of members and parameters in a text whose names say that they are secrets: JSON, a form or a URL."""
    for found in _MEMBER.finditer(text):
        if _is_secret(found["name"], found["value"]):
            yield found["value"]
    for found in _PARAMETER.finditer(text):
        if _is_secret(found["name"], found["value"], parameter=True):
            yield found["value"]
            yield unquote_plus(found["value"])


def of_members(value: object) -> Iterator[str]:
    """The secrets in what JSON holds, however deep: in texts, under names, and in pairs of `name` and `value`.

    A pair is a header, a cookie or a parameter, as archives (HAR) write them.
    """
    waiting: list[tuple[str, object]] = [("", value)]
    while waiting:
        name, member = waiting.pop()
        match member:
            case str():
                if _is_secret(name, member):
                    yield member
                yield from of_text(member)
            case {"name": str(pair), "value": str(text), **others}:
                yield from _of_pair(pair, text, is_cookie="cookie" in name.lower())
                waiting.append((name, others))
            case dict():
                waiting.extend((str(name), one) for name, one in member.items())
            case list():
                waiting.extend((name, one) for one in member)
            case _:
                pass


def _of_pair(name: str, value: str, *, is_cookie: bool) -> Iterator[str]:
    if is_cookie or name.lower() in _HEADERS:
        yield from of_headers([("Cookie", f"{name}={value}") if is_cookie else (name, value)])
        return
    yield from of_text(value)
    is_carried = is_carrier(name) and name.lower() not in _PLAIN_HEADERS and len(value) >= _LONG
    if is_carried or _is_secret(name, value, parameter=True):
        yield value
        yield unquote_plus(value)


def told(one: Exchange, redactor: Redactor) -> Exchange:
    """An exchange as reports may tell it: without what `redactor` knows, and without what its names say is one."""
    return replace(
        one,
        url=redactor.answer(_without(one.url)),
        request_headers=_headers_told(one.request_headers, redactor),
        request_body=None if one.request_body is None else redactor.answer(_without(one.request_body)),
        response_headers=_headers_told(one.response_headers, redactor),
        response_body=None if one.response_body is None else redactor.answer(_without(one.response_body)),
    )


def _headers_told(headers: Headers, redactor: Redactor) -> Headers:
    return tuple(
        (
            name,
            _REDACTED if is_carrier(name) and name.lower() not in _PLAIN_HEADERS else redactor.answer(_without(value)),
        )
        for name, value in headers
    )


def _without(text: str) -> str:
    """A text without the values of what its names say is a secret, however short they are."""

    def member(found: re.Match[str]) -> str:
        return _hidden(found) if _is_secret(found["name"], found["value"]) else found.group()

    def parameter(found: re.Match[str]) -> str:
        return _hidden(found) if _is_secret(found["name"], found["value"], parameter=True) else found.group()

    return _PARAMETER.sub(parameter, _MEMBER.sub(member, text))


def _hidden(found: re.Match[str]) -> str:
    start = found.start("value") - found.start()
    end = found.end("value") - found.start()
    return found.group()[:start] + _REDACTED + found.group()[end:]


def _is_secret(name: str, value: str, *, parameter: bool = False) -> bool:
    words = [word.lower() for word in _WORD.findall(name)]
    if not words or value == _REDACTED:
        return False
    *before, last = words
    if last == "key":
        return (bool(before) and before[-1] in _KEYS) or (not before and len(value) >= _LONG)
    return last in _SECRET_WORDS or (parameter and last == "code" and len(value) >= _LONG)


def _of_basic(credential: str) -> Iterator[str]:
    try:
        pair = base64.b64decode(credential.strip(), validate=True).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return
    yield pair
    yield pair.partition(":")[2]
