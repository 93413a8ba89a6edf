"""Operators that were answered wrongly by themselves.

One fault may spoil a hundred questions. What else stands in one of them is fine where the rest of the question is
answered rightly, so that one request takes the place of one for each condition.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from entity_conformance.deployment.api import Api
from entity_conformance.oracle.question import Condition


@dataclass(slots=True)
class Suspects:
    """Operators, and whether their operand stood bare; they grow while the run asks."""

    found: set[tuple[str, bool]] = field(default_factory=set)

    def add(self, condition: Condition) -> None:
        """A condition was answered wrongly, though it stood alone."""
        self.found.add((condition.operator, condition.bare))

    def hold(self, condition: Condition) -> bool:
        """Whether one like it was."""
        return (condition.operator, condition.bare) in self.found

    def first(self, conditions: Iterable[Condition]) -> list[Condition]:
        """The conditions, those that are like such ones before the others."""
        return sorted(conditions, key=lambda one: not self.hold(one))


async def suspects(api: Api) -> Suspects:
    """Those of the run."""
    return await api.once("suspects", _none)


async def _none() -> Suspects:
    return Suspects()
