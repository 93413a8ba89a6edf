"""What the creation of an API key is answered with, whichever check needed the key."""

from entity_conformance.deployment.account import KEYS
from entity_conformance.deployment.problems import Violation
from entity_conformance.oracle.history import Seen
from entity_conformance.suite import expect
from entity_conformance.suite.watch.judgement import Watch, each

_EXPIRY = "expiresAt"
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


WATCHES: tuple[Watch, ...] = (comes_with_a_warning, never_expires, takes_a_long_name)
