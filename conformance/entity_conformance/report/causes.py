"""Root causes: the results of a run that differ in the same way, put together.

Pure: a Run in, causes out; the same run gives the same causes in the same order. What results of one cause have in
common is said in `grouping`, how a cause is called in `titles` and `habits`.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from entity_conformance.deployment.credentials import MADE_KEY_VARIABLE
from entity_conformance.report import habits
from entity_conformance.report.curl import curl, variables
from entity_conformance.report.differences import Seen, abstracted, seen
from entity_conformance.report.grouping import keys_of
from entity_conformance.report.habits import Key
from entity_conformance.report.titles import title
from entity_conformance.report.verdict import Outcome, Result, Run

WRONG = (Outcome.failed, Outcome.warned)
_NO_EVIDENCE = 100_000


@dataclass(frozen=True, slots=True)
class Cause:
    """Results that have one cause, in the run's order. `shown` is the one of the worst with the shortest curl line.

    `hangs_on` is the query parameter without which it does not show, if there is one; `unread` are those that have no
    effect, where that is the cause.
    """

    title: str
    seen: tuple[Seen, ...]
    shown: Seen
    hangs_on: str | None = None
    unread: tuple[str, ...] = ()

    @property
    def outcome(self) -> Outcome:
        """The worst of its results' outcomes."""
        return self.shown.result.outcome

    @property
    def requirements(self) -> tuple[str, ...]:
        """The requirements that it breaks, each once."""
        return tuple(dict.fromkeys(one.result.requirement for one in self.seen))

    @property
    def entities(self) -> tuple[str, ...]:
        """The entities on which it was seen."""
        return tuple(dict.fromkeys(one.result.entity for one in self.seen if one.result.entity is not None))


@dataclass(frozen=True, slots=True)
class Reason:
    """Results that ended so for the same reason, their entities apart."""

    said: str
    results: tuple[Result, ...]

    @property
    def requirements(self) -> tuple[str, ...]:
        """The requirements that it is about, each once."""
        return tuple(dict.fromkeys(result.requirement for result in self.results))


def causes(run: Run) -> tuple[Cause, ...]:
    """The causes of what failed or warned: failures first, and among these those of the most requirements."""
    exchanges = {exchange.id: exchange for exchange in run.exchanges}
    wrong = [one for result in run.results if result.outcome in WRONG for one in seen(result, exchanges, run)]
    if not wrong:
        return ()
    groups: dict[Key, list[Seen]] = defaultdict(list)
    for one, key in zip(wrong, keys_of(run, wrong), strict=True):
        groups[key].append(one)
    found = [_cause(run, key, group) for key, group in groups.items()]
    return tuple(sorted(found, key=lambda cause: (-cause.outcome, -len(cause.requirements), -len(cause.seen))))


def reasons(run: Run, outcome: Outcome) -> tuple[Reason, ...]:
    """Why results ended so (blocked, broken, skipped): the reason of the most requirements first."""
    groups: dict[str, list[Result]] = defaultdict(list)
    for result in run.results:
        if result.outcome is outcome:
            groups[abstracted(_without_entity(run, result.message))].append(result)
    told = [Reason(_without_entity(run, group[0].message), tuple(group)) for group in groups.values()]
    return tuple(sorted(told, key=lambda reason: -len(reason.requirements)))


def _without_entity(run: Run, message: str) -> str:
    """`it stands on create.returns-record [tasks], which failed`, whatever the entity."""
    for name in run.profile.entities:
        message = message.replace(f" [{name}]", "")
    return message


def _cause(run: Run, key: Key, group: Sequence[Seen]) -> Cause:
    worst = max(one.result.outcome for one in group)
    candidates = [one for one in group if one.result.outcome is worst]
    if key.common[0] == habits.PAGING:
        candidates = [one for one in candidates if one.difference.kind == "content"] or candidates
    shown = min(candidates, key=_effort)
    said = habits.title(habits.Group(group, shown, key.common, key.hangs_on)) or title(
        run, group, shown, hangs_on=key.hangs_on, is_uniform=key.common[0] == "uniform"
    )
    return Cause(said, tuple(group), shown, key.hangs_on, habits.unread(key.common, key.hangs_on))


def _effort(one: Seen) -> tuple[bool, int]:
    """How hard it is to ask again: with a key that must be made first, and by how long a curl line."""
    if one.exchange is None:
        return True, _NO_EVIDENCE
    return MADE_KEY_VARIABLE in variables(one.exchange), len(curl(one.exchange))
