"""The server's one clock, where there is a control port: the machine's time, moved or stopped."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from entity_server.domain.times import to_the_millisecond

EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
LATEST = datetime(9000, 1, 1, tzinfo=UTC)
"""Between these every expiry, window and id can be reckoned."""


class OutOfRange(Exception):  # noqa: N818 - it says what is the matter
    """The clock cannot be set to that moment."""


@dataclass(frozen=True, slots=True)
class Setting:
    """How far the clock is ahead of the machine's, or the moment at which it stands."""

    offset: timedelta = timedelta()
    frozen: datetime | None = None


class Clock:
    """Calling it tells the time, to the millisecond."""

    def __init__(self, machine: Callable[[], datetime]) -> None:
        self._machine = machine
        self.setting = Setting()

    def __call__(self) -> datetime:
        """The moment."""
        frozen = self.setting.frozen
        return self._machine() + self.setting.offset if frozen is None else frozen

    @property
    def ahead(self) -> timedelta:
        """How far it is ahead of the machine's clock."""
        frozen = self.setting.frozen
        return self.setting.offset if frozen is None else frozen - self._machine()

    def set(self, moment: datetime, *, frozen: bool) -> None:
        """Run on from that moment, or stand still at it. Raises OutOfRange."""
        moment = _within_range(to_the_millisecond(moment))
        self.setting = Setting(frozen=moment) if frozen else Setting(offset=moment - self._machine())

    def run(self) -> None:
        """Tell the machine's time again."""
        self.setting = Setting()

    def move(self, by: timedelta) -> None:
        """Go forward or back, and run or stand as before. Raises OutOfRange."""
        try:
            moment = self() + by
        except OverflowError:
            raise OutOfRange from None
        _within_range(moment)
        if self.setting.frozen is None:
            self.setting = Setting(offset=_whole(self.setting.offset + by))
        else:
            self.setting = Setting(frozen=to_the_millisecond(moment))


def _whole(span: timedelta) -> timedelta:
    """The span in whole milliseconds: what is printed is what is meant."""
    return span // timedelta(milliseconds=1) * timedelta(milliseconds=1)


def _within_range(moment: datetime) -> datetime:
    if not EARLIEST <= moment < LATEST:
        raise OutOfRange
    return moment
