"""`updatedAt` moves with each change, by the deployment's own clock: what it stamped on other records meanwhile."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from entity_conformance.deployment.problems import Violation
from entity_conformance.oracle.history import History
from entity_conformance.oracle.own import Own, Write
from entity_conformance.oracle.times import moment, printed_unit
from entity_conformance.oracle.values import agree, is_taken
from entity_conformance.suite.watch.judgement import Judgement, Watch

MOVES = "update.moves-updated-at"


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
    for own in history.own:
        for write in own.writes[1:]:
            earlier = [one for one in own.writes if one.ended < write.began and "updatedAt" in one.values]
            is_there = not own.at(write.asked.began, write.asked.ended).is_gone  # others judge what is done to it else
            if write.seen is None or write.seen.method != "PATCH" or not is_there:
                continue
            if earlier and _is_change(own, write):
                last = _told(max(earlier, key=lambda one: one.began))
                since = min((one for one in earlier if _told(one) == last), key=lambda one: one.began)
                problem = _problem(write, since, stamps)
                if problem is not None:
                    yield Judgement(MOVES, own.entity.name, write.seen.exchange, problem)


def _problem(write: Write, before: Write, stamps: list[_Stamp]) -> Violation | None:
    old, new = _told(before), _told(write)
    (shown,) = write.values["updatedAt"] if new is not None else (None,)
    if old is None or new is None or new > old:
        return None
    unit = printed_unit(str(shown))
    passed = [one for one in stamps if before.ended < one.began and one.ended < write.began]
    if new < old - unit or any(one.moment > old + 2 * unit for one in passed):
        return Violation(
            "data.updatedAt did not move on with a change, though others were given later times meanwhile",
            expected=f"> {old.isoformat()}",
            actual=str(shown),
            exchange=write.seen.exchange if write.seen else None,
        )
    return None


def _is_change(own: Own, write: Write) -> bool:
    """Whether it gave a field another value than any that it may have held."""
    sent = write.asked.sent if isinstance(write.asked.sent, dict) else {}
    for name, value in sent.items():
        of = own.entity.field(name)
        if of is not None and is_taken(of, value) and name in write.values:
            held = own.possible(name, write.began, write.began)
            if held and not any(agree(of, one, value) or not isinstance(one, type(value)) for one in held):
                return True
    return False


def _told(write: Write) -> datetime | None:
    """The one `updatedAt` that a write was answered with."""
    values = write.values.get("updatedAt", ())
    return moment(values[0]) if write.is_certain and len(values) == 1 and isinstance(values[0], str) else None


WATCHES = (Watch(_judge, {MOVES: "`updatedAt` moves with each change."}),)
