"""In which order the steps of a plan are started: what others stand on first, the longest chain before all.

No IO: it is told what has ended, and says what comes next.
"""

import asyncio
import heapq

from entity_conformance.suite.plan import Plan


class Order:
    """The steps of a plan that are still to be started, by place."""

    def __init__(self, plan: Plan) -> None:
        self._steps = plan.steps
        self._left = len(plan.steps)
        self._standing_on: list[list[int]] = [[] for _ in plan.steps]
        self._missing = [0] * len(plan.steps)
        early = [place for place, step in enumerate(plan.steps) if not step.check.last]
        for place, step in enumerate(plan.steps):
            for earlier in {*step.after, *(early if step.check.last else ())}:
                self._standing_on[earlier].append(place)
                self._missing[place] += 1
        self._weight = self._chains()
        self._ready: list[tuple[tuple[int, int], int]] = []
        self._is_something_ready = asyncio.Event()
        for place, missing in enumerate(self._missing):
            if not missing:
                self._add(place)

    def _chains(self) -> list[int]:
        """Of each step, how many requests the longest chain has that begins with it. What looks back is in none."""
        weights = [0] * len(self._steps)
        for place in reversed(range(len(self._steps))):
            behind = [weights[each] for each in self._standing_on[place] if not self._steps[each].check.last]
            weights[place] = self._steps[place].check.requests + max(behind, default=0)
        return weights

    def _add(self, place: int) -> None:
        group = self._steps[place].check.group
        heapq.heappush(self._ready, ((group, -self._weight[place]), place))
        self._is_something_ready.set()

    @property
    def is_under_way(self) -> bool:
        """Whether something is still to be started."""
        return self._left > 0

    async def something_to_start(self) -> None:
        """Wait until a step can be started."""
        await self._is_something_ready.wait()

    def next(self) -> int:
        """The step to be started now."""
        _, place = heapq.heappop(self._ready)
        self._left -= 1
        if not self._ready:
            self._is_something_ready.clear()
        return place

    def ended(self, place: int) -> None:
        """What stood on this step stands on one less."""
        for each in self._standing_on[place]:
            self._missing[each] -= 1
            if not self._missing[each]:
                self._add(each)
