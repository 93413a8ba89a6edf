"""The state of the whole server: what it goes back to, and how."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count

from entity_contract import Credential

from entity_server.control.clock import Clock, Setting
from entity_server.control.controlled import Answerers
from entity_server.control.recording import Requests
from entity_server.control.rules import Kept, Rules
from entity_server.control.traffic import Traffic
from entity_server.domain.limits import RateLimiter
from entity_server.store import Snapshot, Store

MOST_SNAPSHOTS = 100


@dataclass(frozen=True, slots=True)
class Remembered:
    """Everything that a reset puts back, but the recorded requests."""

    content: Snapshot
    limits: Mapping[Credential, Mapping[str, tuple[float, int]]]
    clock: Setting
    rules: Kept


@dataclass(frozen=True, slots=True)
class Labelled:
    """A snapshot under its id."""

    id: str
    created_at: datetime
    remembered: Remembered


class TooManySnapshots(Exception):  # noqa: N818 - it says what is the matter
    """Snapshots are kept in memory, and there are as many as may be."""


@dataclass(slots=True)
class State:
    """The parts of a running server that a test may change, and the seed that they go back to."""

    store: Store
    limiters: Mapping[Credential, RateLimiter]
    clock: Clock
    rules: Rules
    requests: Requests
    answerers: Answerers
    traffic: Traffic
    snapshots: dict[str, Labelled] = field(default_factory=dict)
    _seed: Remembered | None = None
    _numbers: "count[int]" = field(default_factory=lambda: count(1))

    async def settle(self) -> None:
        """Let the state as it is be the seed."""
        async with self.traffic.held():
            self._seed = await self.remembered()

    async def reset(self) -> None:
        """Go back to the seed, and forget the recorded requests."""
        assert self._seed is not None, "a state is settled before it is used"
        self.traffic.let_go()
        async with self.traffic.held():
            await self._go_back(self._seed)
            self.requests.clear()

    def end(self) -> None:
        """Let go of those who wait: a server that ends waits for its connections."""
        self.traffic.let_go()
        self.requests.end()

    async def remember(self) -> Labelled:
        """A new snapshot. Raises TooManySnapshots."""
        if len(self.snapshots) >= MOST_SNAPSHOTS:
            raise TooManySnapshots
        async with self.traffic.held():
            label = Labelled(f"snapshot_{next(self._numbers)}", self.clock(), await self.remembered())
        self.snapshots[label.id] = label
        return label

    async def restore(self, label: Labelled) -> None:
        """Go back to a snapshot."""
        async with self.traffic.held():
            await self._go_back(label.remembered)

    async def remembered(self) -> Remembered:
        """The state as it is, while the traffic is held."""
        return Remembered(
            content=await self.store.snapshot(),
            limits={credential: limiter.windows for credential, limiter in self.limiters.items()},
            clock=self.clock.setting,
            rules=self.rules.kept(),
        )

    async def _go_back(self, remembered: Remembered) -> None:
        await self.store.restore(remembered.content)
        for credential, limiter in self.limiters.items():
            limiter.put_back(remembered.limits[credential])
        self.clock.setting = remembered.clock
        self.rules.put_back(remembered.rules)
        self.answerers.forget()
