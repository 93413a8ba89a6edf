"""Verbs over a whole answer: its status, its envelope, its refusal."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar

from entity_contract import Entity

from entity_conformance.deployment.problems import Unjudged, Violation
from entity_conformance.deployment.reply import Reply, unread
from entity_conformance.suite.expect.times import same_instant
from entity_conformance.suite.expect.values import (
    NOTHING,
    contains,
    different,
    equal,
    is_lacking,
    one_of,
    shown,
    text,
    violation,
)

Case = TypeVar("Case")

_FURTHER, _SHORT = 3, 60
"""Further differences that are told, and characters of what was expected and found."""
_CAME = re.compile(r"\d{3}(?=, )")
"""The status at the beginning of what was found."""

BY_FIELDS = "It is so by the status and the fields named: the refusal has no code, which errors.envelope judges."
BY_STATUS = "It is so by the status alone: the refusal has no code, which errors.envelope judges."


def status(reply: Reply, *statuses: int, hinders: bool = True) -> None:
    """The answer has one of these statuses. Unless it `hinders`, another one says nothing of what the answer holds."""
    if reply.status not in statuses:
        wanted = " or ".join(str(number) for number in statuses)
        raise Violation(
            f"the answer is not {wanted}",
            expected=wanted,
            actual=reply.came,
            exchange=reply.exchange,
            hinders=hinders,
        )


def not_status(reply: Reply, unwanted: int) -> None:
    """The answer has any status but this one."""
    if reply.status == unwanted:
        raise Violation(
            f"the answer is {unwanted}", expected=f"not {unwanted}", actual=reply.came, exchange=reply.exchange
        )


def not_granted(reply: Reply) -> None:
    """The answer is no success, whatever it is then."""
    if reply.status < 400:
        raise Violation("the answer is not 4xx", expected="4xx", actual=reply.came, exchange=reply.exchange)


def whole(reply: Reply, entity: Entity) -> None:
    """The record that an answer holds has all that is always there; what it says of the rest can be judged."""
    missing = [name for name in entity.always if name not in reply.record]
    if missing:
        raise Violation(
            f"data lacks {', '.join(missing)}",
            expected="the whole record",
            actual=f"{', '.join(reply.record)} alone",
            exchange=reply.exchange,
            hinders=False,
        )


def own_envelope(reply: Reply) -> None:
    """What the answer holds came in the contract's envelope."""
    if reply.wrapped:
        told = reply.wrapped
        raise Violation(
            told[0], expected="the envelope of the contract", actual="; ".join(told), exchange=reply.exchange
        )


def error(reply: Reply, number: int, *codes: str, names: str | None = None) -> None:
    """The answer has this status, one of these codes, and this field in its details.

    Whether it is an error in the envelope at all is judged once, of every answer that is seen: what has no code is
    judged by its status alone, and a result that holds says so. Raises Unjudged for what names no field either. It was
    refused as it must be, whatever its code is: that hinders nothing.
    """
    status(reply, number)
    try:
        if codes and is_enveloped(reply):
            one_of(reply.code, codes, at="code")
        elif codes and (names is None or names in named(reply)):
            unread(BY_STATUS if names is None else BY_FIELDS)
        if names is not None:
            details(reply, names)
    except Violation as violation:
        violation.hinders = False
        raise


def details(reply: Reply, field: str) -> None:
    """The details of a refusal name this field, or an item of it (`scopes.1`, `scopes[1]`).

    Raises Unjudged for what has no code and does not name it where its own envelope tells such things.
    """
    if field not in named(reply):
        has_code(reply)
    found = {re.split(r"[.\[]", name, maxsplit=1)[0] for name in reply.details}
    if not found and is_lacking(reply.body, "details"):
        missing = f"details lacks {shown(field)}"
        raise violation(missing, expected=shown(field), found=None, of=reply.body, told=NOTHING)
    contains(reply.details if field not in found else found, field, at="details")


def has_code(reply: Reply) -> None:
    """A refusal has a code, be it any. Raises Unjudged where it has none: of every answer that is judged once."""
    if not is_enveloped(reply):
        raise Unjudged("the refusal has no code, which errors.envelope judges")


def in_envelope(reply: Reply) -> None:
    """A refusal has the contract's envelope. Raises Unjudged where it has another, which is judged once."""
    has_code(reply)
    if reply.wrapped:
        raise Unjudged("the refusal has another envelope, which errors.envelope judges")


def named(reply: Reply) -> frozenset[str]:
    """The fields that a refusal names; none where it tells none, which other verbs judge."""
    try:
        return frozenset(re.split(r"[.\[]", name, maxsplit=1)[0] for name in reply.details)
    except Violation:
        return frozenset()


def refused_as(reply: Reply, known: Reply, number: int, *codes: str) -> None:
    """The answer is refused as the known one was, or as the contract says, with this status and one of these codes.

    As the contract says alone where the known one was granted, failed, or says that there is no such operation: that is
    no word on the record.
    """
    if not 400 <= known.status < 500 or known.status == 405:
        error(reply, number, *codes)
    elif not is_enveloped(known):
        status(reply, known.status if reply.status != number else number)
        unread(BY_STATUS)
    elif reply.status == number:
        error(reply, number, *dict.fromkeys([*codes, *([known.code] if known.status == number else [])]))
    else:
        error(reply, known.status, known.code)


def refused_or_another(reply: Reply, record: Mapping[str, object], known: Reply, number: int, *codes: str) -> None:
    """The answer is refused as the known one was, or shows another record: each entity may count its own from 1."""
    if reply.status != 200 or reply.record.get("createdAt") == record.get("createdAt"):
        refused_as(reply, known, number, *codes)


def each(cases: Iterable[Case], judgement: Callable[[Case], object], *, hinders: bool = True) -> None:
    """The judgement holds in all cases, and all are looked at: of several failures the gravest is told first.

    The other kinds of failures are told with it, one of each.
    Unless it `hinders`, a failure says nothing of what stands on it. Raises Unjudged where none fails, and one could
    not be judged.
    """
    found: list[Violation] = []
    asked: list[str] = []
    unjudged: Unjudged | None = None
    for case in cases:
        try:
            judgement(case)
        except Violation as violation:
            found.append(violation)
            asked.append(_asked(case))
        except Unjudged as problem:
            unjudged = problem
    if found:
        gravest = min(found, key=_gravity)
        gravest.hinders &= hinders
        gravest.further = _further(gravest, [*zip(asked, found, strict=True)])
        raise gravest
    if unjudged is not None:
        raise unjudged


def _further(gravest: Violation, found: Sequence[tuple[str, Violation]]) -> tuple[str, ...]:
    """What else is different, in short: of each kind of failure but the gravest one's the first."""
    kinds: dict[tuple[str, str], str] = {}
    for asked, one in found:
        told = f"{one.message} (expected {_short(one.expected)}, actual {_short(one.actual)})"
        kinds.setdefault(_kind(one), f"{asked}: {told}" if asked else told)
    others = [told for kind, told in kinds.items() if kind != _kind(gravest)]
    more = [f"and {len(others) - _FURTHER} more"] if len(others) > _FURTHER else []
    return (*others[:_FURTHER], *more)


def _asked(case: object) -> str:
    """`GET /tasks?page=0`, of an answer or of what has one; nothing of anything else."""
    reply = case if isinstance(case, Reply) else getattr(case, "reply", None)
    return f"{reply.method} {_below(reply)}" if isinstance(reply, Reply) else ""


def _below(reply: Reply) -> str:
    return reply.url.partition("/v1")[2] or reply.url


def _kind(violation: Violation) -> tuple[str, str]:
    came = _CAME.match(violation.actual or "")
    return violation.message, came[0] if came else ""


def _short(text: str | None) -> str:
    return "nothing said" if text is None else text if len(text) <= _SHORT else f"{text[:_SHORT]}…"


def _gravity(violation: Violation) -> int:
    """A failure of the server comes first, then what was granted, other answers, what an answer holds.

    A 503 comes last, since it says nothing of what was asked.
    """
    came = re.match(r"503(?=, )|\d(?=\d\d, )", violation.actual or "")
    return {"503": 4, "5": 0, "2": 1}.get(came[0], 2) if came else 3


def is_enveloped(reply: Reply) -> bool:
    """Whether an error has a code."""
    try:
        return isinstance(reply.body.get("code"), str)
    except Violation:
        return False


def envelope(reply: Reply) -> None:
    """The answer is the reference's error envelope: success false, a text for people, a code for programs."""
    equal(reply.body.get("success"), expected=False, at="success", of=reply.body)
    for member in ("error", "code"):
        text(reply.body.get(member), at=member, of=reply.body)


def success(reply: Reply) -> None:
    """The answer's `success` is true."""
    equal(reply.body.get("success"), expected=True, at="success", of=reply.body)


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
    told = Counter(f"{reply.method} {_below(reply)} → {reply.status}" for reply in replies)
    return ", ".join(each if times == 1 else f"{each} ({times} times)" for each, times in told.items())


def succeeded(reply: Reply, *, wanted: str = "2xx") -> None:
    """Whatever the answer says, it is a success by its status; `wanted` tells which one is due."""
    if not 200 <= reply.status < 300:
        raise Violation("the answer is no success", expected=wanted, actual=reply.came, exchange=reply.exchange)


def refused(reply: Reply, *statuses: int) -> str:
    """A refusal with one of these statuses; returns the status as the name of the choice."""
    status(reply, *statuses)
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
        held = reply.record.get(name)
        different(value if _is_same_moment(held, value) else held, value, at=f"data.{name}")


def _is_same_moment(held: object, sent: object) -> bool:
    """Whether both are date-times that name the same moment, however they are written."""
    try:
        same_instant(held, sent, at="it")
    except Violation:
        return False
    return True
