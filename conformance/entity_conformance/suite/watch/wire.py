"""What every answer must be, whoever asked: its headers."""

from entity_conformance.oracle.history import Seen
from entity_conformance.suite import expect
from entity_conformance.suite.watch.judgement import Watch, each


def _is_granted(seen: Seen) -> bool:
    return seen.is_below_v1 and seen.is_success


def _is_refused(seen: Seen) -> bool:
    return seen.is_below_v1 and 400 <= seen.status < 500


@each("errors.request-id", _is_granted)
def request_id(seen: Seen) -> None:
    """Every answer below /v1 carries X-Request-ID."""
    expect.header(seen.reply, "X-Request-ID")


@each("errors.request-id-of-a-refusal", _is_refused)
def request_id_of_a_refusal(seen: Seen) -> None:
    """Errors carry X-Request-ID too."""
    expect.header(seen.reply, "X-Request-ID")


WATCHES: tuple[Watch, ...] = (request_id, request_id_of_a_refusal)
