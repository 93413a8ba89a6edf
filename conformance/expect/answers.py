"""Verbs over a whole answer: its status, its envelope, its refusal.

An answer is described by a Protocol, so that a verb needs no HTTP library.
"""

from collections.abc import Mapping
from typing import Protocol

from conformance.expect.values import Record, contains, equal, one_of, shown, text
from conformance.verdict import Violation


class Answer(Protocol):
    """What the verbs need of an answer. `body`, `code` and `details` raise Violation when the answer lacks them."""

    @property
    def status(self) -> int:
        """The HTTP status."""

    @property
    def text(self) -> str:
        """The body as text."""

    @property
    def body(self) -> Record:
        """The body as a JSON object."""

    @property
    def code(self) -> str:
        """The error code."""

    @property
    def details(self) -> Mapping[str, object]:
        """The `details` of an error; an empty object when there are none."""


def status(reply: Answer, *statuses: int) -> None:
    """The answer has one of these statuses."""
    if reply.status not in statuses:
        wanted = " or ".join(str(number) for number in statuses)
        raise Violation(f"the answer is not {wanted}", expected=wanted, actual=f"{reply.status} {shown(reply.text)}")


def error(reply: Answer, number: int, *codes: str, details: str | None = None) -> None:
    """The answer is an error in the envelope, with this status, one of these codes, and this field in its details."""
    status(reply, number)
    envelope(reply)
    if codes:
        one_of(reply.code, codes, at="code")
    if details is not None:
        contains(reply.details, details, at="details")


def envelope(reply: Answer) -> None:
    """The answer is the reference's error envelope: success false, a text for people, a code for programs."""
    equal(reply.body.get("success"), expected=False, at="success")
    for member in ("error", "code"):
        text(reply.body.get(member), at=member)


def success(reply: Answer) -> None:
    """The answer's `success` is true."""
    equal(reply.body.get("success"), expected=True, at="success")


def no_server_error(reply: Answer) -> None:
    """Whatever the answer, it is no failure of the server."""
    if reply.status >= 500:
        raise Violation("the server failed", expected="below 500", actual=f"{reply.status} {shown(reply.text)}")


def refused(reply: Answer, *statuses: int) -> str:
    """A refusal in the envelope with one of these statuses; returns the status as the name of the choice."""
    status(reply, *statuses)
    envelope(reply)
    return str(reply.status)
