"""Faults of the rate limit headers."""

from dataclasses import replace
from datetime import datetime

from entity_server.domain.limits import Allowance, RateLimit, RateLimiter
from entity_server.faults.fault import with_body, with_headers
from entity_server.faults.spoiling import AnyAnswer, accepted, refused
from entity_server.http.services import Answer, Limiter, Services

chapter = AnyAnswer()


@chapter.on_any_answer("limits.no-limit-header", breaks="limits.limit-header", statuses=accepted)
def no_limit_header(answer: Answer) -> Answer:
    """X-RateLimit-Limit is left out."""
    return with_headers(answer, X_RateLimit_Limit=None)


@chapter.on_any_answer("limits.remaining-above-limit", breaks="limits.remaining-header", statuses=accepted)
def remaining_above_limit(answer: Answer) -> Answer:
    """X-RateLimit-Remaining is more than the limit."""
    limit = answer.headers.get("X-RateLimit-Limit")
    return answer if limit is None else with_headers(answer, X_RateLimit_Remaining=str(int(limit) + 1))


@chapter.on_any_answer("limits.reset-is-past", breaks="limits.reset-header", statuses=accepted)
def reset_is_past(answer: Answer) -> Answer:
    """X-RateLimit-Reset lies in the past."""
    return with_headers(answer, X_RateLimit_Reset="1000000000") if "X-RateLimit-Reset" in answer.headers else answer


@chapter.on_any_answer("limits.reset-in-milliseconds", breaks="limits.reset-header", statuses=accepted)
def reset_in_milliseconds(answer: Answer) -> Answer:
    """X-RateLimit-Reset is in milliseconds since the epoch."""
    reset = answer.headers.get("X-RateLimit-Reset")
    return answer if reset is None else with_headers(answer, X_RateLimit_Reset=f"{reset}000")


@chapter.on_any_answer(
    "limits.no-headers-on-refusals", breaks="limits.headers-on-refusals", ruling="E4.limit", statuses=refused
)
def no_headers_on_refusals(answer: Answer) -> Answer:
    """An error has no rate limit headers."""
    return with_headers(answer, X_RateLimit_Limit=None, X_RateLimit_Remaining=None, X_RateLimit_Reset=None)


class _Uncounted(RateLimiter):
    def take(self, identity: str, now: datetime) -> Allowance:
        return replace(super().take(identity, now), remaining=self.limit.limit - 1, retry_after=None)


class _Shared(RateLimiter):
    def take(self, identity: str, now: datetime) -> Allowance:
        return super().take(identity[:0], now)


class _Early(RateLimiter):
    def __init__(self, limiter: Limiter) -> None:
        super().__init__(limiter.limit)
        self._taken = 0
        self._last: dict[str, Allowance] = {}

    def take(self, identity: str, now: datetime) -> Allowance:
        self._taken += 1
        if self._taken % 20 == 0 and identity in self._last:
            return replace(self._last[identity], retry_after=1)
        self._last[identity] = super().take(identity, now)
        return self._last[identity]


@chapter.in_services("limits.refuses-early", breaks="limits.refused-when-spent")
def refuses_early(services: Services) -> Services:
    """Every twentieth request is refused, however many remain."""
    return replace(services, limiters={kind: _Early(limiter) for kind, limiter in services.limiters.items()})


@chapter.in_services("limits.remaining-never-falls", breaks="limits.requests-count")
def remaining_never_falls(services: Services) -> Services:
    """However many requests are sent, the same number remains."""
    limiters = {kind: _Uncounted(limiter.limit) for kind, limiter in services.limiters.items()}
    return replace(services, limiters=limiters)


@chapter.in_services("limits.shared-by-all-keys", breaks="limits.per-key")
def shared_by_all_keys(services: Services) -> Services:
    """All keys count against one limit."""
    return replace(services, limiters={kind: _Shared(limiter.limit) for kind, limiter in services.limiters.items()})


@chapter.on_any_answer("limits.told-to-nobody", breaks="limits.unauthenticated", statuses=lambda s: s == 401)
def told_to_nobody(answer: Answer) -> Answer:
    """Who is not known is told a limit in words."""
    return with_headers(answer, X_RateLimit_Limit="many")


@chapter.on_answer("limits.health-in-words", breaks="limits.health", to={"getHealth"})
def health_in_words(answer: Answer) -> Answer:
    """The health check tells a limit in words."""
    return with_headers(answer, X_RateLimit_Limit="many")


@chapter.on_any_answer("limits.none-for-keys", breaks="limits.default-of-keys", statuses=accepted)
def none_for_keys(answer: Answer) -> Answer:
    """The limit is 0, however many remain."""
    return with_headers(answer, X_RateLimit_Limit="0") if "X-RateLimit-Limit" in answer.headers else answer


class _Nothing(RateLimiter):
    def take(self, identity: str, now: datetime) -> Allowance:
        return replace(super().take(identity, now), limit=0, remaining=0)


@chapter.in_services("limits.none-for-sessions", breaks="limits.default-of-sessions")
def none_for_sessions(services: Services) -> Services:
    """A session's limit is 0, and its requests are served."""
    limiters = {**services.limiters, "session": _Nothing(services.limiters["session"].limit)}
    return replace(services, limiters=limiters)


@chapter.on_any_answer("limits.exceeded-is-forbidden", breaks="limits.exceeded", statuses=lambda s: s == 429)
def exceeded_is_forbidden(answer: Answer) -> Answer:
    """Who has spent the limit is refused with the code of what is forbidden."""
    return with_body(answer, code="FORBIDDEN")


@chapter.on_any_answer("limits.retry-some-time", breaks="limits.retry-after", statuses=lambda s: s == 429)
def retry_some_time(answer: Answer) -> Answer:
    """429 does not say when to come again."""
    return with_headers(answer, Retry_After=None)


class _Rising(RateLimiter):
    def __init__(self, limit: RateLimit) -> None:
        super().__init__(limit)
        self._number = 0

    def take(self, identity: str, now: datetime) -> Allowance:
        taken = super().take(identity, now)
        self._number += 1
        rises = self._number % 40 == 0 and taken.remaining + 15 <= taken.limit
        return replace(taken, remaining=taken.remaining + 15) if rises else taken


@chapter.in_services("limits.remaining-rises-now-and-then", breaks="limits.remaining-only-falls")
def remaining_rises_now_and_then(services: Services) -> Services:
    """One answer in forty tells more than was left before it."""
    return replace(services, limiters={kind: _Rising(one.limit) for kind, one in services.limiters.items()})
