"""Which steps of a plan are made where not all fit into what a deployment allows. Pure.

What a client does all day goes first, then the other MUSTs. Of those the cheapest for what it proves goes first, with
all that it stands on and uses; the first of a chapter counts most, each further one half as much until it is one of
many, and a second entity for a requirement less.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from entity_conformance.suite.costs import Costs, Sent, closure
from entity_conformance.suite.ledger import Ledger
from entity_conformance.suite.plan import Step

BASICS: tuple[frozenset[str], ...] = (
    frozenset(
        {
            *("create.returns-record", "update.returns-record", "list.returns-envelope", "list.total"),
            *("search.word-in-title", "sort.descending", "list.page-selects-records", "filter.unknown-field"),
            *("auth.session-cookie", "metadata.needs-authentication", "delete.unknown-id"),
        }
    ),
    frozenset(
        {
            *("list.has-next", "list.link-to-next", "list.total-pages", "list.limit-caps-page"),
            *("sort.datetimes", "select.include-person", "select.fields-on-list"),
        }
    ),
    frozenset(
        {
            *("dates.start-filters", "dates.end-filters", "filter.field-equality", "filter.conditions-are-and"),
            *("delete.confirms", "read.returns-record", "auth.missing-credentials"),
        }
    ),
)
"""What a client does all day, the most important first: without it a verdict by few requests says little."""

_AGAIN = 0.2
"""What a requirement on one more entity is worth, beside 1 for the first."""
_OPENS = 8.0
"""What the first requirement of a chapter is worth."""


@dataclass(frozen=True, slots=True)
class Bound:
    """At most `left` more of the requests that it is about. `reason` says what it is, for what does not fit."""

    counts: Callable[[str, bool], bool]
    left: float
    reason: str

    def of(self, sent: Sent) -> float:
        """How many of these requests it is about."""
        return sum(times for (credential, reads), times in sent.items() if self.counts(credential, reads))


def fitting(
    steps: Sequence[Step], ledger: Ledger, costs: Costs, bounds: Sequence[Bound], paid: Collection[str]
) -> Mapping[int, str]:
    """The places that do not fit, each with the reason of the bound that it would break. `paid` was arranged before."""
    needs = _needs(steps, costs, frozenset(paid))
    chosen = _Chosen(costs, bounds)
    if chosen.takes(frozenset().union(*needs)) is None:
        return {}
    left: dict[int, str] = {}
    told: Counter[str] = Counter()
    waiting = set(range(len(steps)))
    musts = frozenset(name for name, one in ledger.requirements.items() if one.level == "must")
    for names in (*BASICS, musts, frozenset(ledger.requirements)):
        of = {place for place in waiting if steps[place].check.requirement in names}
        left |= _filled(steps, needs, chosen, of, told)
        waiting -= of
    return left


def _needs(steps: Sequence[Step], costs: Costs, paid: frozenset[str]) -> list[frozenset[str]]:
    """What each step takes by name: its own cost, what it uses, and those of the steps that it stands on."""
    needs: list[frozenset[str]] = []
    for step in steps:
        own = closure([step.name], costs) - paid
        needs.append(own.union(*(needs[place] for place in step.after)))
    return needs


def _filled(
    steps: Sequence[Step],
    needs: Sequence[frozenset[str]],
    chosen: "_Chosen",
    places: Collection[int],
    told: Counter[str],
) -> Mapping[int, str]:
    """Choose of the places what fits, the best first; returns the others with the reason.

    `told` counts the requirements of each chapter that were chosen, and 1 for each requirement.
    """
    left: dict[int, str] = {}
    waiting = set(places)
    prices = {place: chosen.price(needs[place]) for place in waiting}
    users: dict[str, set[int]] = defaultdict(set)
    for place in waiting:
        for name in needs[place]:
            users[name].add(place)

    def rank(place: int) -> tuple[float, int]:
        check = steps[place].check
        worth = _AGAIN if told[check.requirement] else max(1.0, _OPENS / 2 ** told[check.chapter])
        return prices[place] / worth, place

    while waiting:
        place = min(waiting, key=rank)
        waiting.remove(place)
        new = needs[place] - chosen.names
        reason = chosen.takes(new)
        if reason is not None:
            left[place] = reason
            continue
        chosen.take(new)
        check = steps[place].check
        if check.unseen is None and not told[check.requirement]:  # what stands in for a check proves nothing
            told.update((check.requirement, check.chapter))
        for name in new:
            for each in users[name]:
                prices[each] -= chosen.price({name})
    return left


class _Chosen:
    """What was chosen so far, and how much of each bound it fills."""

    def __init__(self, costs: Costs, bounds: Sequence[Bound]) -> None:
        self.names: frozenset[str] = frozenset()
        self._costs, self._bounds = costs, bounds
        self._filled = [0.0] * len(bounds)

    def price(self, names: Collection[str]) -> float:
        """All requests that these take."""
        return sum(sum(self._costs[name].sent.values()) for name in names)

    def takes(self, names: Collection[str]) -> str | None:
        """None where these fit besides; else the reason of the bound that they would break."""
        for bound, filled in zip(self._bounds, self._filled, strict=True):
            more = sum(bound.of(self._costs[name].sent) for name in names)
            if more > 0 and filled + more > bound.left:  # what takes nothing of it fits, however little is left
                return bound.reason
        return None

    def take(self, names: frozenset[str]) -> None:
        """Choose these."""
        self.names |= names
        for number, bound in enumerate(self._bounds):
            self._filled[number] += sum(bound.of(self._costs[name].sent) for name in names)
