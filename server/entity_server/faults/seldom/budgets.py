"""Rate limit headers that are wrong on some answers or after some requests only."""

from dataclasses import replace
from datetime import datetime

from entity_server.domain.keys import Key
from entity_server.domain.limits import Allowance, RateLimiter
from entity_server.faults.fault import with_headers
from entity_server.faults.seldom.when import by_session, every, of
from entity_server.faults.spoiling import AnyAnswer
from entity_server.faults.wrapping import KeysWrapper
from entity_server.http.fault import Acts
from entity_server.http.services import Answer, Call, Caller, Limiter, Services

chapter = AnyAnswer()

REMAINING, LIMIT = "X-RateLimit-Remaining", "X-RateLimit-Limit"


def _without(answer: Answer) -> Answer:
    return with_headers(answer, X_RateLimit_Limit=None, X_RateLimit_Remaining=None, X_RateLimit_Reset=None)


@chapter.anew("limits.remaining-rises", breaks="limits.remaining-only-falls")
def remaining_rises() -> Acts:
    """One answer in ten tells five more than the answer before."""
    now = every(10)

    def outgoing(_: Call | None, answer: Answer) -> Answer:
        left = answer.headers.get(REMAINING)
        if left is None or not now():
            return answer
        most = int(answer.headers[LIMIT])
        return with_headers(answer, X_RateLimit_Remaining=str(min(most, int(left) + 6)))

    return Acts(outgoing=outgoing)


@chapter.anew("limits.remaining-falls-by-two", breaks="limits.requests-count")
def remaining_falls_by_two() -> Acts:
    """Each request counts twice."""

    class Double(RateLimiter):
        def take(self, identity: str, now: datetime) -> Allowance:
            super().take(identity, now)
            return super().take(identity, now)

    def composed(services: Services) -> Services:
        limiters = {
            kind: Double(replace(one.limit, limit=one.limit.limit * 2)) for kind, one in services.limiters.items()
        }
        return replace(services, limiters=limiters)

    return Acts(services=composed)


@chapter.on_any_answer(
    "limits.none-on-404", breaks="limits.headers-on-refusals", ruling="E4.limit", statuses=lambda s: s == 404
)
def none_on_404(answer: Answer) -> Answer:
    """404 lacks the rate limit headers."""
    return _without(answer)


@chapter.on_any_answer(
    "limits.none-on-405", breaks="limits.headers-on-refusals", ruling="E4.limit", statuses=lambda s: s == 405
)
def none_on_405(answer: Answer) -> Answer:
    """405 lacks the rate limit headers."""
    return _without(answer)


@chapter.on_any_answer(
    "limits.none-on-400", breaks="limits.headers-on-refusals", ruling="E4.limit", statuses=lambda s: s == 400
)
def none_on_400(answer: Answer) -> Answer:
    """400 lacks the rate limit headers."""
    return _without(answer)


@chapter.on_any_answer(
    "limits.none-on-403", breaks="limits.headers-on-refusals", ruling="E4.limit", statuses=lambda s: s == 403
)
def none_on_403(answer: Answer) -> Answer:
    """403 lacks the rate limit headers."""
    return _without(answer)


@chapter.on_answer("limits.none-on-options", breaks="limits.limit-header", to={"metadata"})
def none_on_options(answer: Answer) -> Answer:
    """OPTIONS lacks the rate limit headers."""
    return _without(answer)


@chapter.on_answer("limits.none-on-creations", breaks="limits.limit-header", to={"create"})
def none_on_creations(answer: Answer) -> Answer:
    """The answer to a CREATE lacks the rate limit headers."""
    return _without(answer)


@chapter.anew("limits.none-for-session-lists", breaks="limits.limit-header")
def none_for_session_lists() -> Acts:
    """A session's lists lack the rate limit headers."""

    def outgoing(call: Call | None, answer: Answer) -> Answer:
        return _without(answer) if of(call, "list") and by_session(call) else answer

    return Acts(outgoing=outgoing)


@chapter.on_answer("limits.remaining-with-decimals", breaks="limits.remaining-header", to={"update", "delete"})
def remaining_with_decimals(answer: Answer) -> Answer:
    """PATCH and DELETE tell what remains with a decimal."""
    return with_headers(answer, X_RateLimit_Remaining=f"{answer.headers.get(REMAINING, '0')}.0")


@chapter.on_answer("limits.remaining-negative", breaks="limits.remaining-header", to={"update"})
def remaining_negative(answer: Answer) -> Answer:
    """PATCH tells that less than nothing remains."""
    return with_headers(answer, X_RateLimit_Remaining=f"-{answer.headers.get(REMAINING, '1')}")


@chapter.anew("limits.one-limit-in-twenty", breaks="limits.limit-header")
def one_limit_in_twenty() -> Acts:
    """One limit in twenty is one more than the others."""
    now = every(20)

    def outgoing(_: Call | None, answer: Answer) -> Answer:
        limit = answer.headers.get(LIMIT)
        return with_headers(answer, X_RateLimit_Limit=str(int(limit) + 1)) if limit and now() else answer

    return Acts(outgoing=outgoing)


class _OfAUser(RateLimiter):
    """Counts the keys of one user against one limit."""

    def __init__(self, limiter: Limiter, users: dict[str, str]) -> None:
        super().__init__(limiter.limit)
        self._users = users

    def take(self, identity: str, now: datetime) -> Allowance:
        return super().take(self._users.get(identity, identity), now)


@chapter.anew("limits.shared-by-a-users-keys", breaks="limits.per-key")
def shared_by_a_users_keys() -> Acts:
    """The keys of one user count against one limit."""
    users: dict[str, str] = {}

    def composed(services: Services) -> Services:
        class Known(KeysWrapper):
            async def find(self, digest: str, /) -> Key | None:
                key = await self.inner.find(digest)
                if key is not None:
                    users[f"key:{key.id}"] = key.user_id
                return key

        limiters = {kind: _OfAUser(one, users) for kind, one in services.limiters.items()}
        return replace(services, limiters=limiters, keys=Known(services.keys))

    return Acts(services=composed)


@chapter.on_answer("limits.reset-in-seconds-from-now", breaks="limits.reset-header", to={"read"})
def reset_in_seconds_from_now(answer: Answer) -> Answer:
    """READ tells Reset in seconds from now."""
    return with_headers(answer, X_RateLimit_Reset="3600")


@chapter.anew("limits.session-told-as-key", breaks="limits.limit-header")
def session_told_as_key() -> Acts:
    """A session is told ten times its limit by READ."""

    def outgoing(call: Call | None, answer: Answer) -> Answer:
        limit = answer.headers.get(LIMIT)
        if limit is None or not (of(call, "read") and by_session(call)):
            return answer
        return with_headers(answer, X_RateLimit_Limit=f"{limit}0")

    return Acts(outgoing=outgoing)


@chapter.anew("limits.writes-uncounted", breaks="limits.requests-count")
def writes_uncounted() -> Acts:
    """CREATE and UPDATE do not count."""
    uncounted: dict[str, int] = {}

    def outgoing(call: Call | None, answer: Answer) -> Answer:
        left = answer.headers.get(REMAINING)
        if call is None or left is None or not isinstance(call.caller, Caller):
            return answer
        identity = call.caller.identity
        uncounted[identity] = uncounted.get(identity, 0) + of(call, "create", "update")
        return with_headers(answer, X_RateLimit_Remaining=str(int(left) + uncounted[identity]))

    return Acts(outgoing=outgoing)
