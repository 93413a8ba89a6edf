"""Rate limits: the headers, what they count, and what happens when nothing is left."""

from entity_contract import Entity

from entity_conformance.deployment.api import Api
from entity_conformance.suite import expect, given
from entity_conformance.suite.registry import Chapter

chapter = Chapter("limits")


@chapter.proves(
    "limits.requests-count", scopes={"read"}, after={"limits.per-key"}, entities="first", last=True, requests=11
)
async def requests_count(api: Api, entity: Entity) -> None:
    """Ten requests on a key that nobody else uses lower what remains by 8 to 10, less what refills meanwhile."""
    spending = await given.requests_in_a_row(api, entity)

    expect.at_least(spending.spent + spending.refill, spending.least, at="what the requests lowered Remaining by")
    expect.at_most(spending.spent, spending.most, at="what the requests lowered Remaining by")
    expect.at_most(spending.highest_rise, spending.refill, at="what X-RateLimit-Remaining rose by within a window")


@chapter.proves("limits.per-key", scopes={"read"}, after={"limits.remaining-header"}, entities="first", last=True)
async def per_key(api: Api, entity: Entity) -> None:
    """What one key spends, another key does not."""
    spent, most = await given.spent_meanwhile(api, entity)

    expect.at_most(spent, most, at="what fell of X-RateLimit-Remaining, while other keys sent requests")


@chapter.proves("limits.default-of-keys", scopes={"read"}, entities="none")
async def default_of_keys(api: Api) -> str:
    """A key may send 1,000 requests an hour, or what the deployment allows instead."""
    limit = given.limit(given.told_limits(api, "api_key")[-1])
    return expect.choice(
        _1000=lambda: expect.equal(limit, 1000, at="X-RateLimit-Limit"),
        another=lambda: expect.at_least(limit, 1, at="X-RateLimit-Limit"),
    )


@chapter.proves(
    "limits.default-of-sessions",
    scopes={"read"},
    needs={"session"},
    after={"limits.default-of-keys", "auth.session-cookie"},
    entities="none",
)
async def default_of_sessions(api: Api) -> str:
    """A session's user may send 100 requests an hour, or what the deployment allows instead."""
    limit = given.limit(given.told_limits(api, "session")[-1])
    return expect.choice(
        _100=lambda: expect.equal(limit, 100, at="X-RateLimit-Limit"),
        another=lambda: expect.at_least(limit, 1, at="X-RateLimit-Limit"),
    )


@chapter.proves("limits.unauthenticated", entities="none", last=True)
async def unauthenticated(api: Api) -> str:
    """A request without credentials is told limits or is not."""
    await given.asked_by_strangers(api)

    reply = await given.unauthenticated(api)

    return expect.choice(
        absent=lambda: expect.no_rate_limit(reply),
        present=lambda: expect.rate_limit(reply),
    )


@chapter.proves("limits.health", entities="none")
async def health(api: Api) -> str:
    """Health tells limits or does not."""
    reply = await given.health(api)

    return expect.choice(
        absent=lambda: expect.no_rate_limit(reply),
        present=lambda: expect.rate_limit(reply),
    )


@chapter.proves("limits.refused-when-spent", entities="none", last=True)
async def refused_when_spent(api: Api) -> None:
    """A request is refused with 429 when nothing remains, and not before."""
    expect.none_of(given.early_refusals(api), said="a request was refused while others remain", expected="not 429")


@chapter.proves(
    "limits.exceeded",
    scopes={"read"},
    needs={"session", "keys"},
    entities="first",
    opt_in="rate-limit",
    requests=1100,
)
async def exceeded(api: Api, entity: Entity) -> None:
    """When nothing remains, a request is refused with 429 and told that nothing does."""
    reply = await given.exhausted(api, entity)

    expect.error(reply, 429, "RATE_LIMIT_EXCEEDED")
    expect.equal(expect.rate_limit(reply).remaining, 0, at="X-RateLimit-Remaining")


@chapter.proves(
    "limits.retry-after",
    scopes={"read"},
    needs={"session"},
    after={"limits.exceeded"},
    entities="first",
    opt_in="rate-limit",
)
async def retry_after(api: Api, entity: Entity) -> None:
    """A refusal with 429 says in whole seconds when to come again."""
    reply = await given.exhausted(api, entity)

    expect.at_least(expect.integer_header(reply, "Retry-After"), 1, at="Retry-After")
