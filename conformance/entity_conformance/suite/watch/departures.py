"""What a deployment has another way than the contract in every answer: ids as numbers, `items` in place of `data`.

It is told once, and nothing else of these answers is hidden by it: everything else is judged as it is meant.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from entity_conformance.deployment.dialect import Departure
from entity_conformance.deployment.problems import Violation
from entity_conformance.oracle.history import History, Seen
from entity_conformance.suite import expect
from entity_conformance.suite.watch import described, statuses, writes
from entity_conformance.suite.watch.judgement import Aspect, Judgement, Watch, judged

PAGES = "list.page-defaults-to-1"


def _departed(of: Watch, aspect: Aspect, *, is_of_times: bool) -> Watch:
    """A watch that finds such values for the requirement of another one."""
    (requirement,) = of.sentences

    def judge(history: History) -> Iterator[Judgement]:
        seen = {one.exchange for one in history.seen}
        found = [one for one in history.departures if one.is_time is is_of_times and one.exchange in seen]
        if found:
            yield Judgement(requirement, found[0].entity, found[0].exchange, _told(found), aspect)

    return Watch(judge, of.sentences)


def _told(departures: Sequence[Departure]) -> Violation:
    """All of them in one finding, each member once."""
    members: dict[str, Departure] = {}
    for one in departures:
        members.setdefault(one.member, one)
    return Violation(
        f"{', '.join(members)}: written another way in every record",
        expected="; ".join(f"{one.member}: {one.expected}" for one in members.values()),
        actual="; ".join(f"{one.member}: {one.actual}" for one in members.values()),
        exchange=departures[0].exchange,
    )


def _counted_from_zero(history: History) -> Iterator[Judgement]:
    """The first page is page 1."""
    for seen in history.seen:
        if seen.exchange == history.from_zero and (entity := history.entity(seen)) is not None:
            problem = Violation(
                "pages are counted from 0",
                expected="the first page is page 1",
                actual="page=0 gives the records of a list without page",
                exchange=seen.exchange,
            )
            yield Judgement(PAGES, entity.name, seen.exchange, problem, "values")


def _wrapped(history: History) -> Iterator[Judgement]:
    """An operation has the contract's envelope. Of several ways to break it, each entity tells another first."""
    found: dict[tuple[str, str], list[Seen]] = {}
    for seen in history.seen:
        requirement, entity = statuses.granted_by(seen), history.entity(seen)
        if requirement is not None and entity is not None and seen.is_success and seen.reply.wrapped:
            found.setdefault((requirement, entity.name), []).append(seen)
    for (requirement, name), first in _by_turns(found):
        for seen in (first, *(one for one in found[requirement, name] if one is not first)):
            yield judged(requirement, name, seen, _own_envelope, aspect="envelope")


def _by_turns(found: Mapping[tuple[str, str], Sequence[Seen]]) -> Iterator[tuple[tuple[str, str], Seen]]:
    """Of each requirement and entity the answer that is told first: the ways of which there are fewest come first."""
    ways = Counter(
        way for (requirement, _), wrapped in found.items() for way in {_way(requirement, one) for one in wrapped}
    )
    told: set[tuple[str, str]] = set()
    for (requirement, name), wrapped in found.items():
        left = [one for one in wrapped if _way(requirement, one) not in told] or wrapped
        first = min(left, key=lambda one: ways[_way(requirement, one)])
        told.add(_way(requirement, first))
        yield (requirement, name), first


def _way(requirement: str, seen: Seen) -> tuple[str, str]:
    """How an answer breaks the envelope of its operation."""
    return requirement, seen.reply.wrapped[0]


def _own_envelope(seen: Seen) -> None:
    expect.own_envelope(seen.reply)


WATCHES = (
    Watch(_counted_from_zero, {PAGES: ""}),
    Watch(_wrapped, dict.fromkeys(statuses.WITH_DATA, "")),
    _departed(described.agrees_with_behaviour, "values", is_of_times=False),
    _departed(writes.times_are_rfc3339, "times", is_of_times=True),
)
