"""What changed from one report to another. Pure.

A failure is new where the later report has it and the earlier one has not. What one of them did not judge is no change
of the deployment: it is told apart.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from entity_conformance.report.findings import some, title
from entity_conformance.report.recorded import FAILING, JUDGED, Place, Recorded
from entity_conformance.report.text import excerpt, visible

NEW_FAILURES = 1
NOTHING_JUDGED = 2

_LONGEST = 160
_ALIKE = 7
"""More than so many places with one reason are a line together: an entity has few requirements that break alike."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """What changed, place by place, each with a word of explanation. `notes` say what else is not the same."""

    notes: tuple[str, ...]
    new: tuple[tuple[Place, str], ...]
    fixed: tuple[tuple[Place, str], ...]
    still: tuple[tuple[Place, str], ...]
    no_longer_judged: tuple[tuple[Place, str], ...]
    warned: tuple[tuple[Place, str], ...]
    choices: tuple[tuple[Place, str], ...]
    nothing_judged: tuple[str, ...]

    @property
    def exit_code(self) -> int:
        """1 for new failures, 2 where one of the two judged nothing, else 0."""
        if self.nothing_judged:
            return NOTHING_JUDGED
        return NEW_FAILURES if self.new else 0


def compare(before: Recorded, after: Recorded) -> Comparison:
    """What changed between two reports."""
    places = list(dict.fromkeys((*before.outcomes, *after.outcomes)))
    found: dict[str, list[tuple[Place, str]]] = {}
    for place in places:
        kind, why = _change(before, after, place)
        found.setdefault(kind, []).append((place, why))
    same = before.choices.keys() & after.choices.keys()
    choices = [
        ((name, None), f"{before.choices[name]}, now {after.choices[name]}")
        for name in before.choices
        if name in same and before.choices[name] != after.choices[name]
    ]
    return Comparison(
        notes=tuple(_notes(before, after)),
        new=tuple(found.get("new", ())),
        fixed=tuple(found.get("fixed", ())),
        still=tuple(found.get("still", ())),
        no_longer_judged=tuple(found.get("no longer judged", ())),
        warned=tuple(found.get("warned", ())),
        choices=tuple(choices),
        nothing_judged=tuple(one.name for one in (before, after) if not one.has_judged),
    )


def _change(before: Recorded, after: Recorded, place: Place) -> tuple[str, str]:
    (was, was_why), (is_, why) = before.outcome(place), after.outcome(place)
    if place not in after.outcomes and is_ is not None and was not in FAILING:
        return "same", ""  # it is told at the place where the later report has it
    if place not in before.outcomes and was in FAILING:
        return "same", ""  # or where the earlier one has it
    said = f"{is_}: {why}" if is_ else "not in the report"
    found = {
        "new": (is_ == "failed" and was != "failed", f"no longer waived: {why}" if was == "waived" else why),
        "still": (was in FAILING and is_ in FAILING, f"waived: {why}" if is_ == "waived" else why),
        "no longer judged": (
            was in JUDGED and is_ not in JUDGED,
            f"failed before, {said}" if was in FAILING else said,
        ),
        "fixed": (was in FAILING, was_why),
        "warned": (is_ == "warned" and was != "warned", why),
    }
    return next(((kind, told) for kind, (holds, told) in found.items() if holds), ("same", ""))


def _notes(before: Recorded, after: Recorded) -> Iterator[str]:
    for what, one, other in (
        ("command", " and ".join(before.commands), " and ".join(after.commands)),
        ("target", before.target, after.target),
        ("contract", before.contract[:12], after.contract[:12]),
        ("profile", before.profile, after.profile),
        ("suite", before.suite, after.suite),
        ("set of requirements", before.requirement_set, after.requirement_set),
    ):
        if one != other:
            yield f"another {what}: {visible(one)}, now {visible(other)}"


def lines(before: Recorded, after: Recorded, compared: Comparison) -> Iterator[str]:
    """The comparison for a person, the count last."""
    for mark, one in (("before", before), ("after ", after)):
        yield f"{mark}: {visible(one.name)}, {visible(one.target)}, {visible(one.started_at)}, {visible(one.verdict)}"
    yield from (f"note: {note}" for note in compared.notes)
    parts: tuple[tuple[str, Sequence[tuple[Place, str]]], ...] = (
        ("new failures", compared.new),
        ("fixed", compared.fixed),
        ("still failing", compared.still),
        ("no longer judged", compared.no_longer_judged),
        ("new warnings", compared.warned),
        ("other choices", compared.choices),
    )
    for name, changes in parts:
        if changes:
            yield f"\n{name} ({len(changes):,}):"
            yield from _told(changes)
    told = ", ".join(_counted(len(changes), name) for name, changes in parts if changes) or "nothing changed"
    said = f"{' and '.join(map(visible, compared.nothing_judged))} judged nothing; {told}"
    yield f"\n{said if compared.nothing_judged else told} (exit {compared.exit_code})"


def _counted(number: int, name: str) -> str:
    """`1 new failure`, `2 new failures`."""
    return f"1 {name.removesuffix('s')}" if number == 1 else f"{number:,} {name}"


def _told(changes: Sequence[tuple[Place, str]]) -> Iterator[str]:
    """A line each; what many have for the same reason is a line."""
    by_reason: dict[str, list[str]] = {}
    for place, why in changes:
        by_reason.setdefault(why, []).append(title(*place))
    for why, names in by_reason.items():
        said = excerpt(why, limit=_LONGEST)
        if len(names) > _ALIKE:
            yield f"  {len(names):,}: {said}: {some(names)}"
        else:
            yield from (f"  {name}: {said}" for name in names)
