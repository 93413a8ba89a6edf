"""Which steps of a plan are made where not all fit into what a deployment allows. Pure.

MUSTs go first. Of those the cheapest for what it proves goes first, with all that it stands on and uses; the first of a
chapter counts more, and a second entity for a requirement less.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from entity_conformance.suite.costs import Costs, Sent, closure
from entity_conformance.suite.ledger import Ledger
from entity_conformance.suite.plan import Step

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
    for is_must in (True, False):
        of = {
            place
            for place, step in enumerate(steps)
            if (ledger.requirements[step.check.requirement].level == "must") is is_must
        }
        left |= _filled(steps, needs, chosen, of)
    return left


def _needs(steps: Sequence[Step], costs: Costs, paid: frozenset[str]) -> list[frozenset[str]]:
    """What each step takes by name: its own cost, what it uses, and those of the steps that it stands on."""
    needs: list[frozenset[str]] = []
    for step in steps:
        own = closure([step.name], costs) - paid
        needs.append(own.union(*(needs[place] for place in step.after)))
    return needs


def _filled(
    steps: Sequence[Step], needs: Sequence[frozenset[str]], chosen: "_Chosen", waiting: set[int]
) -> Mapping[int, str]:
    """Choose of the waiting places what fits, the best first; returns the others with the reason."""
    left: dict[int, str] = {}
    proven: set[str] = set()
    prices = {place: chosen.price(needs[place]) for place in waiting}
    users: dict[str, set[int]] = defaultdict(set)
    for place in waiting:
        for name in needs[place]:
            users[name].add(place)

    def rank(place: int) -> tuple[float, int]:
        check = steps[place].check
        worth = _AGAIN if check.requirement in proven else 1.0 if check.chapter in proven else _OPENS
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
        if steps[place].check.unseen is None:  # what stands in for a check proves nothing
            proven |= {steps[place].check.requirement, steps[place].check.chapter}
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
            if filled + sum(bound.of(self._costs[name].sent) for name in names) > bound.left:
                return bound.reason
        return None

    def take(self, names: frozenset[str]) -> None:
        """Choose these."""
        self.names |= names
        for number, bound in enumerate(self._bounds):
            self._filled[number] += sum(bound.of(self._costs[name].sent) for name in names)
