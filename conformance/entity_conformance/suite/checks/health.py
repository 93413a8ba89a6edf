"""Health: public, outside of /v1."""

from entity_conformance.deployment.api import Api
from entity_conformance.suite import expect, given
from entity_conformance.suite.registry import Chapter

chapter = Chapter("health")


@chapter.proves("health.healthy", after={"health.is-public"}, entities="none")
async def healthy(api: Api) -> None:
    """A deployment that serves is healthy, in the words that the contract documents."""
    reply = await given.health(api)

    expect.status(reply, 200)
    expect.equal(reply.body.get("status"), "healthy", at="status")
    expect.schema(reply, api.contract)


@chapter.proves("health.version", after={"health.is-public"}, entities="none")
async def version(api: Api) -> None:
    """Health tells the version."""
    reply = await given.health(api)

    expect.text(reply.body.get("version"), at="version")


@chapter.proves("health.timestamp", after={"health.is-public"}, entities="none", last=True)
async def timestamp(api: Api) -> None:
    """Health tells the time, which is now by the answer's own date, and goes on."""
    reply = await given.health_later(api)

    moment = expect.timestamp(reply.body.get("timestamp"), at="timestamp")
    expect.near(moment, api.then(reply), within=api.clock_tolerance, at="timestamp")


@chapter.proves("health.is-public", entities="none")
async def is_public(api: Api) -> None:
    """Health asks for no authentication, and takes no offence at a bad one."""
    replies = (await given.health(api), await api.health(headers=given.UNKNOWN_KEY))

    expect.each(replies, lambda reply: expect.status(reply, 200))


@chapter.proves("health.request-id", entities="none")
async def request_id(api: Api) -> None:
    """Health too carries X-Request-ID."""
    reply = await given.health(api)

    expect.header(reply, "X-Request-ID")
