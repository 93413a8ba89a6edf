"""X-Request-ID: on every answer once, another each time, and the client's own where it sent one (E7)."""

import re
from collections.abc import Iterator
from uuid import UUID

from entity_conformance.deployment.problems import Violation
from entity_conformance.oracle.history import History, Seen
from entity_conformance.suite import expect
from entity_conformance.suite.expect.values import shown
from entity_conformance.suite.watch.judgement import Watch, each, over
from entity_conformance.suite.watch.wire import is_granted, is_refused

NAME = "X-Request-ID"
_VISIBLE = re.compile(r"[\x21-\x7e]{1,128}")


def _is_there_once(seen: Seen) -> None:
    value = expect.header(seen.reply, NAME)
    if ", " in value:
        raise Violation(
            f"the header {NAME} is there more than once",
            expected=f"{NAME} once",
            actual=shown(value),
            exchange=seen.exchange,
        )


@each("errors.request-id", is_granted, aspect="identifier")
def request_id(seen: Seen) -> None:
    """Every answer below /v1 carries X-Request-ID, once."""
    _is_there_once(seen)


@each("errors.request-id-of-a-refusal", is_refused, aspect="identifier")
def request_id_of_a_refusal(seen: Seen) -> None:
    """Errors carry X-Request-ID too."""
    _is_there_once(seen)


@over("errors.request-id-differs", aspect="identifier")
def request_id_differs(history: History) -> Iterator[tuple[Seen, Violation | None]]:
    """Each answer's X-Request-ID is new."""
    known: dict[str, str] = {seen.sent_headers[NAME.lower()]: seen.exchange for seen in history.seen if _sent(seen)}
    for seen in history.seen:
        value = seen.reply.headers.get(NAME)
        if value and seen.is_served and not _sent(seen) and NAME.lower() not in history.always_sent:
            before = known.setdefault(value, seen.exchange)
            yield (
                seen,
                None
                if before == seen.exchange
                else Violation(
                    f"{NAME} is that of another exchange ({before})",
                    expected="an id that no other exchange has",
                    actual=shown(value),
                    exchange=seen.exchange,
                ),
            )


def _sent(seen: Seen) -> str:
    return seen.sent_headers.get(NAME.lower(), "")


def _sent_a_uuid(seen: Seen) -> bool:
    try:
        return bool(UUID(_sent(seen))) and _is_answered(seen)
    except ValueError:
        return False


def _sent_text(seen: Seen) -> bool:
    return _VISIBLE.fullmatch(_sent(seen)) is not None and not _sent_a_uuid(seen) and _is_answered(seen)


def _is_answered(seen: Seen) -> bool:
    """Whether an answer has the id that another requirement judges to be there."""
    return seen.is_served and bool(seen.reply.headers.get(NAME))


def _is_echoed(seen: Seen) -> None:
    expect.equal(seen.reply.header(NAME), _sent(seen), at=NAME)


@each("errors.request-id-echoes-uuid", _sent_a_uuid, aspect="identifier")
def request_id_echoes_uuid(seen: Seen) -> None:
    """A UUID that the client sends as X-Request-ID comes back."""
    _is_echoed(seen)


@each("errors.request-id-echoes-text", _sent_text, after={"errors.request-id-echoes-uuid"}, aspect="identifier")
def request_id_echoes_text(seen: Seen) -> None:
    """Any other short visible text that the client sends as X-Request-ID comes back."""
    _is_echoed(seen)


WATCHES: tuple[Watch, ...] = (
    request_id,
    request_id_of_a_refusal,
    request_id_differs,
    request_id_echoes_uuid,
    request_id_echoes_text,
)
