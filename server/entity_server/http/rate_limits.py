"""Saying in every authenticated answer how many requests are left (E4, E5)."""

from entity_server.domain.limits import Allowance, RateLimit
from entity_server.http.services import Caller, Services


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
