"""What the creation of an API key is answered with, whichever check needed the key."""

from collections import Counter
from collections.abc import Iterator

from entity_contract import Field

from entity_conformance.deployment.account import KEYS
from entity_conformance.deployment.problems import Violation
from entity_conformance.deployment.reply import Record
from entity_conformance.oracle.history import History, Seen
from entity_conformance.oracle.values import agree, date_time
from entity_conformance.suite import expect
from entity_conformance.suite.expect.values import shown
from entity_conformance.suite.watch.judgement import Watch, each, over

_EXPIRY, _SCOPES = "expiresAt", "scopes"
_CREATED = Field("createdAt", "datetime", generated=True)
_BAD = frozenset({400, 422})
_LONGEST = 100


def _is_made(seen: Seen) -> bool:
    return (seen.method, seen.path) == ("POST", (KEYS,)) and seen.is_success and seen.record is not None


def _is_without_expiry(seen: Seen) -> bool:
    """Whether a key was asked for that never expires, and is made or refused for that."""
    is_asked = (seen.method, seen.path, seen.credential) == ("POST", (KEYS,), "session")
    if not (is_asked and isinstance(seen.sent, dict) and seen.sent.get(_EXPIRY) is None):
        return False
    return _is_made(seen) or (seen.status in _BAD and _EXPIRY in expect.named(seen.reply))


@each("keys.created-key-is-shown", _is_made)
def comes_with_a_warning(seen: Seen) -> None:
    """Every new key comes beside a warning to save it."""
    expect.text(seen.reply.body.get("warning"), at="warning")


@each("keys.created-key-is-shown", _is_made)
def can_be_sent(seen: Seen) -> None:
    """Every new key comes whole, and a request can be sent with it."""
    expect.key(seen.reply.record.get("key"), at="data.key")


@each("keys.never-expire-by-default", _is_without_expiry)
def never_expires(seen: Seen) -> None:
    """A key that is made without an expiry, or with null, has none."""
    if not seen.is_success:
        raise Violation(
            "a key that never expires is refused for its expiry",
            expected="a key without an expiry",
            actual=seen.reply.came,
            exchange=seen.exchange,
        )
    expect.is_null(seen.reply.record.get(_EXPIRY), at=f"data.{_EXPIRY}")


def _is_well_named(seen: Seen) -> bool:
    """Whether a key was asked for under a name of at most 100 characters, and is made or refused for that."""
    is_asked = (seen.method, seen.path, seen.credential) == ("POST", (KEYS,), "session")
    name = seen.sent.get("name") if is_asked and isinstance(seen.sent, dict) else None
    if not (isinstance(name, str) and name.strip() and len(name) <= _LONGEST):
        return False
    return _is_made(seen) or (seen.status in _BAD and expect.named(seen.reply) == {"name"})


@each("keys.name-length", _is_well_named)
def takes_a_long_name(seen: Seen) -> None:
    """A key's name has 1 to 100 characters."""
    if not seen.is_success:
        raise Violation(
            "a key is refused for a name that is not too long",
            expected=f"a name of {_LONGEST} characters at most is taken",
            actual=seen.reply.came,
            exchange=seen.exchange,
        )


@over("keys.are-listed", after={"keys.created-key-is-shown"})
def keeps_its_creation(history: History) -> Iterator[tuple[Seen, Violation | None]]:
    """The list holds the user's keys with their names, scopes and times of creation, and no other user's."""
    new = [seen.record for seen in history.seen if _is_made(seen) and seen.record]
    ids = Counter(str(one.get("id")) for one in new)
    made = {one.get("id"): one for one in new if ids[str(one.get("id"))] == 1}
    for seen in history.seen:
        is_list = (seen.method, seen.path) == ("GET", (KEYS,)) and seen.is_success
        for record in (seen.records or ()) if is_list else ():
            if (then := made.get(record.get("id"))) is not None:
                yield from ((seen, problem) for problem in _departures(seen, then, record))


def _departures(seen: Seen, then: Record, now: Record) -> Iterator[Violation | None]:
    """How a list shows a key otherwise than its creation told; None where it does not. Forms are judged elsewhere."""
    created = then.get(_CREATED.name), now.get(_CREATED.name)
    if all(date_time(one) is not None for one in created):
        told = f"data[].{_CREATED.name} is another moment than the creation told"
        is_kept = agree(_CREATED, *created)
        yield None if is_kept else _departure(seen, told, *created)
    scopes = then.get(_SCOPES), now.get(_SCOPES)
    if all(isinstance(one, list) for one in scopes):
        told = f"data[].{_SCOPES} are others than the creation told"
        is_kept = len({tuple(sorted(map(str, one))) for one in scopes if isinstance(one, list)}) == 1
        yield None if is_kept else _departure(seen, told, *scopes)


def _departure(seen: Seen, told: str, then: object, now: object) -> Violation:
    return Violation(told, expected=shown(then), actual=shown(now), exchange=seen.exchange)


@over("keys.masked", after={"keys.are-listed", "keys.created-key-is-shown"})
def never_shown_again(history: History) -> Iterator[tuple[Seen, Violation | None]]:
    """The list shows the beginning of a key and dots, never the whole of it, whichever key it is."""
    whole: dict[object, object] = {}
    for seen in history.seen:
        if _is_made(seen) and seen.record:
            whole[seen.record.get("id")] = seen.record.get("key")
        is_list = (seen.method, seen.path) == ("GET", (KEYS,)) and seen.is_success
        for record in (seen.records or ()) if is_list else ():
            known, display = whole.get(record.get("id")), record.get("key")
            if isinstance(known, str) and isinstance(display, str):
                told = "data[].key is the whole key"
                problem = Violation(told, expected="the beginning of it and ...", actual=known, exchange=seen.exchange)
                yield seen, problem if known and known in display else None


WATCHES: tuple[Watch, ...] = (
    comes_with_a_warning,
    can_be_sent,
    never_expires,
    takes_a_long_name,
    keeps_its_creation,
    never_shown_again,
)
