"""What the health check says, at first and later in the run."""

from datetime import timedelta

from entity_conformance.deployment.api import Api, Reply
from entity_conformance.deployment.problems import Violation

_TICK = 1.1
"""Seconds after which a clock that is printed in seconds tells another time."""
_WORTH_WAITING = timedelta(seconds=10)
"""How far a clock may be off at most for it to be waited for: without a `Date` it may be minutes."""


async def health(api: Api) -> Reply:
    """What the health check says, once for all that judge it."""
    return await api.once("health", api.health)


async def health_later(api: Api) -> Reply:
    """What the health check says later in the run; where it tells the time of the first one, once more, later still.

    Such a time may be printed in seconds, or kept for a while: it is past when clocks cannot be off so far (E8).
    """
    first, reply = await health(api), await api.health()
    for seconds in (_TICK, _TICK + api.clock_tolerance.total_seconds()):
        if api.clock_tolerance > _WORTH_WAITING or _told_time(reply) is None or _told_time(reply) != _told_time(first):
            break
        await api.sleep(seconds)
        reply = await api.health()
    return reply


def _told_time(reply: Reply) -> object:
    try:
        return reply.body.get("timestamp")
    except Violation:
        return None
