"""`updatedAt` moves with each change, by the deployment's own clock: what it stamped on other records meanwhile.

Where it stamped none, by the time that passed between a change and the one before, which any clock shows.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from entity_conformance.deployment.problems import Violation
from entity_conformance.oracle.history import History
from entity_conformance.oracle.own import Own, Write
from entity_conformance.oracle.times import moment, printed_unit, shifted
from entity_conformance.oracle.values import agree, is_taken
from entity_conformance.suite.watch.judgement import Judgement, Watch

MOVES = "update.moves-updated-at"

_SHOWN = timedelta(milliseconds=50)
"""What each clock shows that prints milliseconds: some go on by sixteen of them at a time."""


@dataclass(frozen=True, slots=True)
class _Stamp:
    """A time that a write was given, and when it was under way."""

    began: float
    ended: float
    moment: datetime


def _judge(history: History) -> Iterator[Judgement]:
    stamps = [
        _Stamp(write.began, write.ended, told)
        for own in history.own
        for write in own.writes
        if (told := _told(write)) is not None
    ]
    is_in_seconds = not any(one.moment.microsecond for one in stamps)
    for own in history.own:
        for write in own.writes[1:]:
            earlier = [one for one in own.writes if one.ended < write.began and "updatedAt" in one.values]
            # what is done to a record that was deleted, others judge
            is_there = not any(one.removes and one.is_before(write.asked.began) for one in own.writes)
            if write.seen is None or write.seen.method != "PATCH" or not is_there:
                continue
            if earlier and _is_change(own, write):
                last = _told(max(earlier, key=lambda one: one.began))
                since = min((one for one in earlier if _told(one) == last), key=lambda one: one.began)
                shown = timedelta(0) if is_in_seconds else _passed(history, since, write)
                problem = _problem(write, since, stamps, shown)
                if problem is not None:
                    yield Judgement(MOVES, own.entity.name, write.seen.exchange, problem)


def _passed(history: History, before: Write, write: Write) -> timedelta:
    """How long after the answer to a write another one was sent; no time where that is not known."""
    pair = [None if one.seen is None else history.told.get(one.seen.exchange) for one in (before, write)]
    if pair[0] is None or pair[1] is None:
        return timedelta(0)
    return timedelta(seconds=pair[1].at - pair[0].at - pair[0].seconds)


def _problem(write: Write, before: Write, stamps: list[_Stamp], waited: timedelta) -> Violation | None:
    old, new = _told(before), _told(write)
    (shown,) = write.values["updatedAt"] if new is not None else (None,)
    if old is None or new is None or new > old:
        return None
    unit = printed_unit(str(shown))
    passed = [one for one in stamps if before.ended < one.began and one.ended < write.began]
    meanwhile = "others were given later times meanwhile"
    if waited > max(_SHOWN, 3 * unit):
        meanwhile = f"it was sent {waited.total_seconds():.2f} s after the one before"
    elif new >= shifted(old, -unit) and not any(one.moment > shifted(old, 2 * unit) for one in passed):
        return None
    return Violation(
        f"data.updatedAt did not move on with a change, though {meanwhile}",
        expected=f"> {old.isoformat()}",
        actual=str(shown),
        exchange=write.seen.exchange if write.seen else None,
    )


def _is_change(own: Own, write: Write) -> bool:
    """Whether it gave a field another value than any that it may have held, and the answer shows none of these.

    What an update leaves as it was, though it names it, others judge.
    """
    shown = None if write.seen is None else write.seen.record
    sent = write.asked.sent if isinstance(write.asked.sent, dict) else {}
    for name, value in sent.items():
        of = own.entity.field(name)
        if of is not None and is_taken(of, value) and name in write.values:
            held = own.possible(name, write.began, write.began)
            is_left = shown is not None and name in shown and any(agree(of, one, shown[name]) for one in held)
            is_other = not any(agree(of, one, value) or not isinstance(one, type(value)) for one in held)
            if held and is_other and not is_left:
                return True
    return False


def _told(write: Write) -> datetime | None:
    """The one `updatedAt` that a write was answered with."""
    values = write.values.get("updatedAt", ())
    return moment(values[0]) if write.is_certain and len(values) == 1 and isinstance(values[0], str) else None


WATCHES = (Watch(_judge, {MOVES: "`updatedAt` moves with each change."}),)
