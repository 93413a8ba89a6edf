"""Counting requests, and saying so in every authenticated answer (E4, E5)."""

from datetime import datetime

from entity_server.domain.limits import Allowance, RateLimit
from entity_server.http.services import Caller, Services


async def take(services: Services, caller: Caller, now: datetime) -> Allowance:
    """Count one request of the caller."""
    taken = services.limiters[caller.credential].take(caller.identity, now)
    return taken if isinstance(taken, Allowance) else await taken


def limit_of(services: Services, caller: Caller) -> RateLimit:
    """The limit that applies to the caller."""
    return services.limiters[caller.credential].limit


def headers(allowance: Allowance) -> dict[str, str]:
    """The three headers that tell a caller where it stands."""
    return {
        "X-RateLimit-Limit": str(allowance.limit),
        "X-RateLimit-Remaining": str(allowance.remaining),
        "X-RateLimit-Reset": str(allowance.reset),
    }
