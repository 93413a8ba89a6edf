"""An HTTP archive (HAR 1.2), as browsers and proxies write it, as recorded exchanges. Pure.

What a browser strips is not seen: credentials, cookies, bodies that were not kept. Credentials that clients sent are
redacted here, before anything is judged; what else is a secret is collected, to be redacted before anything is told.
"""

import base64
import binascii
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from entity_conformance.deployment.exchange import Exchange, Headers, Log, Redactor
from entity_conformance.deployment.settings import base_url
from entity_conformance.report.files import ReportError
from entity_conformance.report.text import count
from entity_conformance.suite.recordings import secrets
from entity_conformance.suite.recordings.recording import (
    CLIENTS_KEY,
    CLIENTS_SESSION,
    STRIPPED,
    Recording,
    body,
    in_order,
    left_out,
    seconds,
)

_BASE = re.compile(r"^(https?://[^/?#]+(?:/[^?#]*?)?/api/v1)(?:/|\?|$)")
_USER = re.compile(r"(?<=://)[^/?#@\s\"'<>\\]*@")
"""What a URL holds in front of its host: a user's name, a password."""
_REDACTED = "[redacted]"
_LONG = 16
"""Characters of a secret that is looked for everywhere: a shorter value may be any word, and stands in good answers."""

_YEARS = (1970, 9999)

_HINT = "name an archive of a browser or a proxy (HAR 1.2), or a JSON report"

_USERS_HINT = (
    "take them out before the file is shared: what a client sends in a header (Authorization) is in fewer logs"
)


def recording(document: Mapping[str, Any], *, name: str) -> Recording:
    """The exchanges of an archive with the API that is asked most. Raises ReportError where there is none."""
    entries = document["log"]["entries"]
    if not isinstance(entries, list):
        raise _unreadable(name)
    bases = Counter(found[1] for entry in entries if (found := _BASE.match(_url(entry))) is not None)
    if not bases:
        raise ReportError(f"{name} holds no exchange below /api/v1", hint=_HINT)
    base = bases.most_common(1)[0][0]
    base_url(base)
    mine = [entry for entry in entries if (found := _BASE.match(_url(entry))) is not None and found[1] == base]
    read = [(entry, exchange) for entry in mine if (exchange := _read(entry)) is not None]
    if not read:
        raise _unreadable(name)
    left = Counter(exchange for _, exchange in read if isinstance(exchange, str))
    left["without what HAR asks for"] = len(mine) - len(read)
    mine = [entry for entry, _ in read]
    began, log, told = min(map(_moment, mine)), Log(_redactor(mine)), Redactor()
    elsewhere = (secret for entry in entries for secret in secrets.of_members(_besides(entry)))
    for secret in dict.fromkeys([*(secret for entry in mine for secret in _told_secrets(entry)), *elsewhere]):
        told.add(secret)
    for entry, exchange in read:
        if not isinstance(exchange, str):
            at = (_moment(entry) - began).total_seconds()
            log.record(replace(exchange, id=log.next_id(), at=at))
    unseen = [left_out(number, why) for why, number in left.items() if number]
    if len(bases) > 1:
        others = sum(bases.values()) - bases[base]
        unseen.append(left_out(others, f"with another API than {base}, which is asked most"))
    if not any(_names(entry["request"]) & {"authorization", "cookie"} for entry in mine):
        unseen.append("the archive holds no credentials: who asked is not seen")
    users = sum(_user(entry) is not None for entry in mine)
    warning = f"{count(users, 'URL')} in {name} with a user name or a password, which no report tells; {_USERS_HINT}"
    return Recording(
        base,
        began,
        in_order(log.exchanges()),
        is_shared=True,
        unseen=tuple(unseen),
        warnings=(warning,) if users else (),
        redactor=told,
    )


def _unreadable(name: str) -> ReportError:
    return ReportError(f"{name} is no archive that can be read: no entry has what HAR asks for", hint=_HINT)


def is_archive(document: object) -> bool:
    """Whether a document looks like an archive."""
    log = document.get("log") if isinstance(document, Mapping) else None
    return isinstance(log, Mapping) and "entries" in log


def _url(entry: object) -> str:
    """The URL of an exchange, without a user's name and password."""
    return _USER.sub("", _whole_url(entry), count=1)


def _user(entry: object) -> str | None:
    """The user's name and password of a URL, as they stand there; None where it has neither."""
    found = _USER.search(_whole_url(entry))
    return None if found is None else found.group().removesuffix("@")


def _whole_url(entry: object) -> str:
    request = entry.get("request") if isinstance(entry, Mapping) else None
    url = request.get("url") if isinstance(request, Mapping) else None
    return url if isinstance(url, str) else ""


def _moment(entry: Mapping[str, Any]) -> datetime:
    """When it was sent. Raises ValueError for what only stands for no time, as the year 1 does."""
    moment = datetime.fromisoformat(entry["startedDateTime"])
    if not _YEARS[0] <= moment.year < _YEARS[1]:
        raise ValueError
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _names(message: Mapping[str, Any]) -> set[str]:
    return {str(one["name"]).lower() for one in message["headers"]}


def _headers(message: Mapping[str, Any]) -> Headers:
    """The headers, without those of HTTP/2 that are none, and without users of URLs."""
    pairs = [(str(one["name"]), _USER.sub("", str(one["value"]))) for one in message["headers"]]
    return tuple(pair for pair in pairs if not pair[0].startswith(":"))


def _redactor(entries: Sequence[Mapping[str, Any]]) -> Redactor:
    """Knows every value that a request carried as a secret."""
    redactor = Redactor()
    for entry in entries:
        request = entry["request"]
        if (user := _user(entry)) is not None:
            name, colon, password = map(unquote, user.partition(":"))
            for part in (user, name + colon + password, password or name):
                redactor.add(part)
        told = [*_headers(request), *parse_qsl(urlsplit(_url(entry)).query)]
        for value in (value for name, value in told if secrets.is_carrier(name)):
            for part in (value, value.rpartition(" ")[2], *(cookie.partition("=")[2] for cookie in value.split("; "))):
                if len(part) >= _LONG:
                    redactor.add(part)
    return redactor


def _told_secrets(entry: Mapping[str, Any]) -> Iterator[str]:
    """What no report may tell of an exchange, though the judging sees it: it may be part of what is judged."""
    request, response = entry["request"], entry["response"]
    yield from secrets.of_headers(_headers(request))
    yield from secrets.of_headers(_headers(response))
    yield from secrets.of_text(_url(entry))
    for text in (_posted(request), _text(response.get("content") or {})):
        yield from secrets.of_text(text or "")


def _besides(entry: object) -> object:
    """All of an entry but the body of its answer: what a client sent elsewhere may come back here, in a body.

    An archive tells cookies and parameters once more, as pairs; a program adds members of its own (`_...`).
    """
    if not isinstance(entry, Mapping) or not isinstance(response := entry.get("response"), Mapping):
        return entry
    return {**entry, "response": {name: value for name, value in response.items() if name != "content"}}


def _sent(request: Mapping[str, Any]) -> Headers:
    """The request's headers, without what those hold that carry secrets."""
    return tuple((name, _REDACTED if secrets.is_carrier(name) else value) for name, value in _headers(request))


def _address(entry: Mapping[str, Any]) -> str:
    """The URL, without the values of parameters that carry secrets."""
    start, mark, query = _url(entry).partition("#")[0].partition("?")
    pairs = [pair.partition("=") for pair in query.split("&")]
    told = "&".join(name + equals + (_REDACTED if secrets.is_carrier(name) else value) for name, equals, value in pairs)
    return start + mark + told


def _read(entry: Mapping[str, Any]) -> Exchange | str | None:
    """The exchange, without a number and a time; why not, where it cannot be judged; None for what is no entry."""
    try:
        _moment(entry)
        return _exchange(entry)
    except (KeyError, TypeError, AttributeError, ValueError, ArithmeticError):
        return None


def _exchange(entry: Mapping[str, Any]) -> Exchange | str:
    request, response = entry["request"], entry["response"]
    sent, came, posted = _headers(request), _headers(response), _posted(request)
    method, status, content = str(request["method"]).upper(), int(response["status"]), response.get("content") or {}
    took = seconds(max(entry.get("time", 0), 0) / 1000)
    if status <= 0:
        return "no answer"
    if response.get("_fetchedViaServiceWorker") or entry.get("_fromCache") or status == 304:
        return "from a cache"
    if method == "OPTIONS" and any(name.lower() == "access-control-request-method" for name, _ in sent):
        return "a browser's own, before it asks another origin"
    if not came:
        return "no headers of the answer in the archive"
    text = _text(content)
    if text is None or (not text and not _is_empty(method, status, came, content)):
        return "no body in the archive, or only a part of it"
    return Exchange(
        id="",
        check="recorded",
        credential=_credential(request, status, is_user=_user(entry) is not None),
        method=method,
        url=_address(entry),
        request_headers=_sent(request),
        request_body=posted,
        status=status,
        response_headers=came,
        response_body=text,
        seconds=took,
    )


def _posted(request: Mapping[str, Any]) -> str | None:
    return body((request.get("postData") or {}).get("text"))


def _credential(request: Mapping[str, Any], status: int, *, is_user: bool) -> str:
    """What it was sent with. Where that was stripped, an answer that grants tells that there was something.

    The names are none of a run's credentials: whether a key is valid, and what it may do, the archive does not tell.
    """
    names = _names(request)
    kinds = [kind for name, kind in (("authorization", CLIENTS_KEY), ("cookie", CLIENTS_SESSION)) if name in names]
    if kinds:
        return "+".join(kinds)
    return STRIPPED if status < 400 or is_user else "none"


def _text(content: Mapping[str, Any]) -> str | None:
    """The text of a body; None where the archive does not hold all of it."""
    text, size = content.get("text"), content.get("size", -1)
    if not isinstance(text, str):
        return "" if size == 0 else None
    if content.get("encoding") == "base64":
        try:
            text = base64.b64decode("".join(text.split()), validate=True).decode("utf-8")
        except (binascii.Error, ValueError):
            return None
    is_cut = isinstance(size, int) and size > len(text.encode("utf-8", "replace"))
    return None if is_cut else text


def _is_empty(method: str, status: int, came: Headers, content: Mapping[str, Any]) -> bool:
    """Whether a body that the archive has as empty came so: browsers write 0 too for one that they did not keep."""
    if method == "HEAD" or status < 200 or status in {204, 205}:
        return True
    told = next((value.strip() for name, value in came if name.lower() == "content-length"), None)
    return told == "0" or (told is None and isinstance(content.get("text"), str))
