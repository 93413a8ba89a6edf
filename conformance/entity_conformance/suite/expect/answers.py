"""Verbs over a whole answer: its status, its envelope, its refusal."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from entity_conformance.deployment.problems import Violation
from entity_conformance.deployment.reply import Reply
from entity_conformance.suite.expect.values import contains, different, equal, one_of, text


def status(reply: Reply, *statuses: int) -> None:
    """The answer has one of these statuses."""
    if reply.status not in statuses:
        wanted = " or ".join(str(number) for number in statuses)
        raise Violation(
            f"the answer is not {wanted}",
            expected=wanted,
            actual=reply.came,
            exchange=reply.exchange,
        )


def error(reply: Reply, number: int, *codes: str, details: str | None = None) -> None:
    """The answer is an error in the envelope, with this status, one of these codes, and this field in its details.

    An item of the field (`scopes.1`, `scopes[1]`) names the field too.
    """
    status(reply, number)
    envelope(reply)
    if codes:
        one_of(reply.code, codes, at="code")
    if details is not None:
        named = {re.split(r"[.\[]", name, maxsplit=1)[0] for name in reply.details}
        contains(reply.details if details not in named else named, details, at="details")


def envelope(reply: Reply) -> None:
    """The answer is the reference's error envelope: success false, a text for people, a code for programs."""
    equal(reply.body.get("success"), expected=False, at="success")
    for member in ("error", "code"):
        text(reply.body.get(member), at=member)


def success(reply: Reply) -> None:
    """The answer's `success` is true."""
    equal(reply.body.get("success"), expected=True, at="success")


def no_server_error(*replies: Reply) -> None:
    """Whatever the answers, none is a failure of the server. All that are, are listed with their requests."""
    none_of([reply for reply in replies if reply.status >= 500], said="the server failed", expected="below 500")


def none_of(replies: Sequence[Reply], *, said: str, expected: str) -> None:
    """There is no such answer; else all are listed, and the first is shown."""
    if replies:
        raise Violation(
            f"{said}: {listed(replies)}",
            expected=expected,
            actual=replies[0].came,
            exchange=replies[0].exchange,
        )


def listed(replies: Sequence[Reply]) -> str:
    """Each request with the status that it was answered by, and how often: `GET /tasks?page=x → 500 (2 times)`."""
    told = Counter(f"{reply.method} {reply.url.partition('/v1')[2] or reply.url} → {reply.status}" for reply in replies)
    return ", ".join(each if times == 1 else f"{each} ({times} times)" for each, times in told.items())


def refused(reply: Reply, *statuses: int) -> str:
    """A refusal in the envelope with one of these statuses; returns the status as the name of the choice."""
    status(reply, *statuses)
    envelope(reply)
    return str(reply.status)


def by_status(reply: Reply, names: Mapping[int, str]) -> str:
    """The answer has one of these statuses; returns the name of the choice that goes with it."""
    status(reply, *names)
    return names[reply.status]


def not_taken_over(reply: Reply, name: str, value: object) -> None:
    """A body that named a generated field was refused, or the record holds another value than it sent."""
    if reply.status >= 400:
        error(reply, 400, "VALIDATION_FAILED")
    else:
        status(reply, 200, 201)
        different(reply.record.get(name), value, at=f"data.{name}")
