"""Rules: which requests are answered otherwise, and how.

Pure, but for the counters. A request is looked at once, when it arrives, by every rule that is about its operation.
"""

import random
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from typing import assert_never

from entity_server.http.exchange import AT_ONCE, Delivery


@dataclass(frozen=True, slots=True)
class Nth:
    """One of the requests to come, counted from 1."""

    number: int


@dataclass(frozen=True, slots=True)
class Next:
    """The next so many requests."""

    times: int


@dataclass(frozen=True, slots=True)
class Share:
    """A part of the requests; equal seeds choose the same ones."""

    share: float
    seed: int


@dataclass(frozen=True, slots=True)
class Always:
    """Every request."""


When = Nth | Next | Share | Always


@dataclass(frozen=True, slots=True)
class Rule:
    """What is done to some requests of one operation, or (None) of any. `status` comes with `headers` of its own."""

    id: str
    operation_id: str | None
    when: When
    fault: str | None = None
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    delivery: Delivery = AT_ONCE


@dataclass(frozen=True, slots=True)
class Counted:
    """A rule, the requests that it has been about, and those on which it has acted."""

    rule: Rule
    seen: int
    acted: int


@dataclass(frozen=True, slots=True)
class Kept:
    """The rules at one moment, with all that decides what they do next."""

    rules: tuple[tuple[Counted, object], ...] = ()


@dataclass(frozen=True, slots=True)
class Decision:
    """What happens to one request: the rules that act on it, and what they do together."""

    rules: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()
    answer: Rule | None = None
    delivery: Delivery = AT_ONCE


NOTHING = Decision()


@dataclass(slots=True, eq=False)
class _Counting:
    rule: Rule
    seen: int = 0
    acted: int = 0
    chance: random.Random | None = None

    def acts(self) -> bool:
        """Whether it acts on the request that is before it."""
        self.seen += 1
        acts = self._chosen()
        self.acted += acts
        return acts

    def _chosen(self) -> bool:
        match self.rule.when:
            case Always():
                return True
            case Nth(number=number):
                return self.seen == number
            case Next(times=times):
                return self.seen <= times
            case Share(share=share):
                assert self.chance is not None
                return self.chance.random() < share
            case _:
                assert_never(self.rule.when)


class Rules:
    """The rules that are in force, oldest first."""

    def __init__(self) -> None:
        self._counting: dict[str, _Counting] = {}

    def __len__(self) -> int:
        return len(self._counting)

    def add(self, rule: Rule) -> Counted:
        """A new rule, which acts from now on."""
        chance = random.Random(rule.when.seed) if isinstance(rule.when, Share) else None  # noqa: S311 - no secret
        counting = self._counting[rule.id] = _Counting(rule, chance=chance)
        return _counted(counting)

    def all(self) -> tuple[Counted, ...]:
        """Every rule."""
        return tuple(map(_counted, self._counting.values()))

    def find(self, rule_id: str) -> Counted | None:
        """The rule of that id."""
        counting = self._counting.get(rule_id)
        return None if counting is None else _counted(counting)

    def remove(self, rule_id: str) -> bool:
        """Forget a rule; False when there is none of that id."""
        return self._counting.pop(rule_id, None) is not None

    def clear(self) -> None:
        """Forget every rule."""
        self._counting.clear()

    def kept(self) -> Kept:
        """The rules as they are now."""
        return Kept(tuple((_counted(one), one.chance and one.chance.getstate()) for one in self._counting.values()))

    def put_back(self, kept: Kept) -> None:
        """Go on from there."""
        self.clear()
        for counted, state in kept.rules:
            self.add(counted.rule)
            counting = self._counting[counted.rule.id]
            counting.seen, counting.acted = counted.seen, counted.acted
            if counting.chance is not None:
                counting.chance.setstate(state)  # type: ignore[arg-type] # what getstate() has given

    def decide(self, operation_id: str | None, documented: Collection[int]) -> Decision:
        """What happens to a request of that operation, for which these statuses are documented.

        A rule about every operation leaves alone those that do not document its status. One status answers: the younger
        rules with another, and the faults, which the API would have, do not meet the request, and do not count it.
        """
        if not self._counting:
            return NOTHING
        concerned = [one for one in self._counting.values() if _concerns(one.rule, operation_id, documented)]
        answering = next((one for one in concerned if one.rule.status is not None and one.acts()), None)
        beside = [
            one
            for one in concerned
            if one.rule.status is None and not (answering and one.rule.fault is not None) and one.acts()
        ]
        return _together([one.rule for one in concerned if one is answering or one in beside])


def _concerns(rule: Rule, operation_id: str | None, documented: Collection[int]) -> bool:
    if rule.operation_id is not None:
        return rule.operation_id == operation_id
    return rule.status is None or rule.status in documented


def _together(rules: Sequence[Rule]) -> Decision:
    return Decision(
        rules=tuple(rule.id for rule in rules),
        faults=tuple(sorted({rule.fault for rule in rules if rule.fault is not None})),
        answer=next((rule for rule in rules if rule.status is not None), None),
        delivery=reduce(Delivery.besides, (rule.delivery for rule in rules), AT_ONCE),
    )


def _counted(counting: _Counting) -> Counted:
    return Counted(counting.rule, counting.seen, counting.acted)
