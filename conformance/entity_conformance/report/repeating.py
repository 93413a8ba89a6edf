"""What failed in a report, tried again: FIXED, FAILED or FLAKY. Pure."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from entity_conformance.report.findings import title
from entity_conformance.report.recorded import Place, Recorded, nearest
from entity_conformance.report.text import excerpt, visible
from entity_conformance.report.verdict import Run

TRIES = 3

Word = Literal["FIXED", "FAILED", "FLAKY", "NOT JUDGED"]

_HOLDS = frozenset({"passed", "observed"})
_BREAKS = frozenset({"failed", "warned", "waived"})
_LONGEST = 200
_NOT_ASKED = "it held, but the tries did not ask all that showed it"
_ONLY_READ = "it held, but this run only read: the report's own run wrote what it was judged on"


@dataclass(frozen=True, slots=True)
class Repeated:
    """What came of one failure: `held` of so many tries in which it was `judged`; `why` is what was seen last.

    `is_weaker` says that the tries had less to judge by than the run in which it failed, and why says what.
    """

    place: Place
    held: int
    judged: int
    why: str
    is_weaker: bool = False

    @property
    def word(self) -> Word:
        """FIXED needs every try, and no less than the run that failed: one that judged nothing leaves it open."""
        if self.held and self.held < self.judged:
            return "FLAKY"
        if self.judged < TRIES or (self.held and self.is_weaker):
            return "FAILED" if self.judged and not self.held else "NOT JUDGED"
        return "FIXED" if self.held else "FAILED"


def repeated(
    places: Sequence[Place],
    tries: Sequence[Sequence[Run]],
    *,
    wrote: bool = False,
    unasked: Mapping[Place, str] = MappingProxyType({}),
) -> tuple[Repeated, ...]:
    """What came of each failure in these tries, each of a run by every command that is needed.

    `wrote` says that the run in which they failed made records of its own; `unasked` are the failures that the tries
    could not show, each with the question that showed it.
    """
    told = [_told(runs) for runs in tries]
    lacks = _ONLY_READ if wrote and any(only_read(run.profile.name) for runs in tries for run in runs) else None
    why = {place: f"{_NOT_ASKED} ({asked})" for place, asked in unasked.items()}
    return tuple(_one(place, told, places, lacks=lacks or why.get(place)) for place in places)


def only_read(profile: str) -> bool:
    """Whether a run with a profile of this name changed nothing."""
    return "read-only" in profile.split(", ")


def notes(before: Recorded, last: Run) -> Iterator[str]:
    """What the tries were about that the report was not."""
    for what, one, other in (
        ("target", before.target, last.target),
        ("contract", before.contract[:12], last.contract_sha256[:12]),
    ):
        if one != other:
            yield f"note: another {what} than the report's: {visible(one)}, now {visible(other)}"


def exit_code(found: Sequence[Repeated]) -> int:
    """0 when all are fixed, 1 where one failed again, 3 where one could not be judged."""
    words = {one.word for one in found}
    if words & {"FAILED", "FLAKY"}:
        return 1
    return 0 if words == {"FIXED"} else 3


def lines(found: Sequence[Repeated]) -> Iterator[str]:
    """A line each, in the order of the report."""
    for one in found:
        why = "" if one.word == "FIXED" else f": {excerpt(one.why, limit=_LONGEST)}"
        yield f"{one.word:<10}  {title(*one.place)} (held {one.held} of {one.judged} times){why}"
    numbers = {word: sum(one.word == word for one in found) for word in ("FIXED", "FAILED", "FLAKY", "NOT JUDGED")}
    told = ", ".join(f"{number:,} {word}" for word, number in numbers.items() if number)
    yield f"{told} (exit {exit_code(found)})"


@dataclass(frozen=True, slots=True)
class _Try:
    """What came of everything in one try, and the entities that it was about."""

    outcomes: Mapping[Place, str]
    messages: Mapping[Place, str]
    entities: frozenset[str]


def _told(runs: Sequence[Run]) -> _Try:
    results = {(one.requirement, one.entity): one for run in runs for one in run.results}
    return _Try(
        {place: one.outcome.name for place, one in results.items()},
        {place: one.message for place, one in results.items()},
        frozenset(entity for run in runs for entity in run.profile.entities),
    )


def _one(place: Place, told: Sequence[_Try], failed: Collection[Place], *, lacks: str | None) -> Repeated:
    seen = [_seen(place, one, failed) for one in told]
    judged = [(outcome, why) for outcome, why in seen if outcome in _HOLDS | _BREAKS]
    held = sum(outcome in _HOLDS for outcome, _ in judged)
    broken = [why for outcome, why in judged if outcome in _BREAKS]
    unjudged = [why or "it was not looked at" for outcome, why in seen if outcome not in _HOLDS | _BREAKS]
    why = next(iter([*unjudged, *broken][::-1]), lacks or "")
    return Repeated(place, held, len(judged), why, is_weaker=lacks is not None)


def _seen(place: Place, told: _Try, failed: Collection[Place]) -> tuple[str | None, str]:
    """What came of one place in a try.

    What is judged on whatever answers come has a result for each entity where it is wrong: on the others it held. Where
    it had not `failed` on the one where it is wrong now, it comes and goes: that is no other failure.
    """
    requirement, entity = place
    outcome, why = nearest(told.outcomes, told.messages, place)
    if outcome is not None or entity not in told.entities:
        return outcome, why
    others = [other for other in told.outcomes if other[0] == requirement]
    if not others or any(told.outcomes[other] not in _BREAKS for other in others):
        return None, ""
    new = next((other for other in others if other not in failed), None)
    return ("passed", "") if new is None else ("failed", f"now on {new[1]}: {told.messages[new]}")
