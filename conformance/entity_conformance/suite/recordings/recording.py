"""Recorded exchanges as a run would have had them, and what of them cannot be judged. Pure."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from entity_contract import Contract

from entity_conformance.deployment.exchange import Exchange, Redactor
from entity_conformance.deployment.outgoing import Asked, Outgoing
from entity_conformance.deployment.ownership import below
from entity_conformance.deployment.reply import Headers, Reply
from entity_conformance.oracle.history import History, history
from entity_conformance.report.text import count
from entity_conformance.suite.recordings.entities import entities_of

_CUT = re.compile(r"… \([\d,]+ more characters\)\Z")
STRIPPED = "stripped"
"""The name of a credential that was sent, and taken out of the recording."""
CLIENTS_KEY, CLIENTS_SESSION = "some key", "some session"
"""The names of a real client's credentials: whose they are no archive tells."""

LONGEST = 1e9
"""Seconds that anything may have taken."""

_RESERVED = ("keys", "ai")
_DATED, _UNDATED = timedelta(seconds=5), timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Recording:
    """What a file holds: exchanges in the order sent, by the API's base URL.

    `began` is when the first was sent. `is_shared` says that others may have written to the same records meanwhile, who
    are not in it. `run` is the id of the run that made it, empty where none did. `unseen` are sentences on what is not
    in the file, or was left out, `warnings` on what whoever has the file should do. `redactor` knows the secrets that
    are still in the exchanges, since they may be part of what is judged: no report may tell them.
    """

    base: str
    began: datetime
    exchanges: tuple[Exchange, ...]
    is_shared: bool
    run: str = ""
    unseen: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    redactor: Redactor = field(default_factory=Redactor, repr=False)


def history_of(recording: Recording, contract: Contract) -> tuple[History, tuple[str, ...]]:
    """What is to be judged, and sentences on what of it cannot be."""
    whole, unseen = _whole(recording.exchanges)
    entities, departing = entities_of(whole, recording.base, contract)
    known = {entity.name for entity in entities}
    about = [one for one in whole if (below(one.url, recording.base) or ("",))[0] in {*known, *_RESERVED}]
    if len(about) < len(whole):
        unseen.append(left_out(len(whole) - len(about), "about other paths, or entities that are not judged"))
    unseen += departing
    times = _events(about)
    asked = tuple(_asked(one, recording.base, *times[one.id]) for one in about)
    moments = {one.id: recording.began + timedelta(seconds=one.at + one.seconds) for one in about}

    def then(reply: Reply) -> datetime:
        return _date(reply) or moments[reply.exchange]

    told = history(
        asked,
        recording.base,
        contract,
        entities,
        run=recording.run,
        is_late=True,
        is_shared=recording.is_shared,
        told={one.id: one for one in about},
        then=then,
        clock_tolerance=_DATED if all(one.reply is None or _date(one.reply) for one in asked) else _UNDATED,
    )
    return told, tuple(unseen)


def _whole(exchanges: Sequence[Exchange]) -> tuple[list[Exchange], list[str]]:
    """Those with a whole answer as it came, and what is to be said of the others."""
    kept: list[Exchange] = []
    left: Counter[str] = Counter()
    for one in exchanges:
        if one.status is None or one.error is not None:
            left["no whole answer"] += 1
        elif any(_CUT.search(body or "") for body in (one.request_body, one.response_body)):
            left["a body that was cut when it was recorded"] += 1
        elif 300 <= one.status < 400:
            left["a redirect, or from a cache"] += 1
        else:
            kept.append(one)
    return kept, [left_out(number, why) for why, number in left.items()]


def left_out(number: int, why: str) -> str:
    """What is said of exchanges that are not judged; `why` reads well behind one and behind several."""
    return f"{count(number, 'exchange')} left out: {why}"


def _events(exchanges: Sequence[Exchange]) -> dict[str, tuple[int, int]]:
    """The places of each exchange's begin and end. What may have been under way at once, was: times are rounded."""
    points = sorted(
        [(one.at, 0, one.id) for one in exchanges] + [(one.at + one.seconds + 0.0002, 1, one.id) for one in exchanges]
    )
    begins = {id_: place for place, (_, is_end, id_) in enumerate(points) if not is_end}
    ends = {id_: place for place, (_, is_end, id_) in enumerate(points) if is_end}
    return {id_: (begins[id_], ends[id_]) for id_ in begins}


def _asked(one: Exchange, base: str, began: int, ended: int) -> Asked:
    content = None if one.request_body is None else one.request_body.encode("utf-8", "replace")
    request = Outgoing(one.method, one.url, _told_apart(one), content, one.credential)
    return Asked(request, _reply(one), one.check, below(one.url, base), began, ended)


def _told_apart(one: Exchange) -> tuple[tuple[str, str], ...]:
    """The request's headers. A credential that was taken out of them may be anybody's: it is like no other."""
    headers = tuple(
        (name, f"{value} {one.id}")
        if "redacted" in value and name.lower() in {"authorization", "cookie"}
        else (name, value)
        for name, value in one.request_headers
    )
    names = {name.lower() for name, _ in headers}
    is_stripped = one.credential != "none" and not names & {"authorization", "cookie"}
    return (*headers, ("Authorization", f"unknown {one.id}")) if is_stripped else headers


def _reply(one: Exchange) -> Reply:
    return Reply(
        exchange=one.id,
        method=one.method,
        url=one.url,
        credential=one.credential,
        status=one.status or 0,
        headers=Headers(one.response_headers),
        content=(one.response_body or "").encode("utf-8", "replace"),
        seconds=one.seconds,
    )


def _date(reply: Reply) -> datetime | None:
    try:
        date = parsedate_to_datetime(reply.headers.get("Date", ""))
    except ValueError:
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)


def seconds(value: object) -> float:
    """A time that is a number within reason. Raises ValueError."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= LONGEST:
        raise ValueError
    return float(value)


def body(value: object) -> str | None:
    """A body as text, or None. Raises TypeError."""
    if value is not None and not isinstance(value, str):
        raise TypeError
    return value


def in_order(exchanges: Sequence[Exchange]) -> tuple[Exchange, ...]:
    """Exchanges in the order sent, numbered anew."""
    ordered = sorted(exchanges, key=lambda one: one.at)
    return tuple(replace(one, id=f"x{number}") for number, one in enumerate(ordered, start=1))
