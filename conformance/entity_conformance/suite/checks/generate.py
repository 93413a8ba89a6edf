"""AI text generation, the reference's example of a plugin.

It costs the deployment's owner money: one generation of at most 8 tokens is made, and judged by all checks.
"""

from entity_conformance.deployment.api import Api
from entity_conformance.suite import expect, given
from entity_conformance.suite.registry import Chapter

chapter = Chapter("generate")


@chapter.proves(
    "generate.returns-text", scopes={"write"}, needs={"ai"}, after={"generate.needs-authentication"}, entities="none"
)
async def returns_text(api: Api) -> None:
    """A prompt gives a text, the tokens that it used and the model that wrote it."""
    reply = await given.generation(api)

    expect.status(reply, 200)
    expect.has(reply.record, ("text",))  # few tokens may give none
    expect.at_least(expect.integer(reply.record.get("tokensUsed"), at="data.tokensUsed"), 0, at="data.tokensUsed")
    expect.text(reply.record.get("model"), at="data.model")
    expect.schema(reply, api.contract)


@chapter.proves(
    "generate.tokens-within-maximum", scopes={"write"}, needs={"ai"}, after={"generate.returns-text"}, entities="none"
)
async def tokens_within_maximum(api: Api) -> str:
    """No more tokens are used than `maxTokens`, unless those of the prompt count too."""
    reply = await given.generation(api)

    used = reply.record.get("tokensUsed")
    return expect.choice(
        text_alone=lambda: expect.at_most(used, given.MAX_TOKENS, at="data.tokensUsed"),
        prompt_counts=lambda: expect.at_most(used, given.MAX_TOKENS + len(given.PROMPT), at="data.tokensUsed"),
    )


@chapter.proves("generate.needs-authentication", needs={"ai"}, after={"auth.near-miss-of-a-key"}, entities="none")
async def needs_authentication(api: Api) -> None:
    """Generation is not public, nor for what comes near to a key."""
    replies = [
        await api.generate({"prompt": given.PROMPT, "maxTokens": 1}, credential=one)
        for one in ("none", given.nearest(api, "api_key"))
    ]

    stranger = await given.unauthenticated(api)
    expect.each(replies, lambda reply: expect.refused_as(reply, stranger, 401, "UNAUTHORIZED"))


async def _refused(api: Api, name: str, *values: object) -> None:
    """Each of these values is refused."""
    replies = [await given.refused_generation(api, name, value) for value in values]

    expect.each(replies, lambda reply: expect.error(reply, 400, "VALIDATION_FAILED"))


@chapter.proves("generate.prompt-is-required", scopes={"write"}, needs={"ai"}, entities="none")
async def prompt_is_required(api: Api) -> None:
    """A prompt must be there."""
    reply = await given.promptless(api)

    expect.error(reply, 400, "VALIDATION_FAILED")


@chapter.proves("generate.prompt-is-text", scopes={"write"}, needs={"ai"}, entities="none")
async def prompt_is_text(api: Api) -> str:
    """A prompt is text: a value of another JSON type is refused."""
    replies = [await given.refused_generation(api, "prompt", prompt) for prompt in (5, {"text": "x"})]

    return expect.alike(expect.refused(reply, 400, 422) for reply in replies)


@chapter.proves("generate.temperature-range", scopes={"write"}, needs={"ai"}, entities="none")
async def temperature_range(api: Api) -> None:
    """The temperature is between 0, which is taken, and 1."""
    await _refused(api, "temperature", -0.1, 1.1)
    coldest = await given.coldest(api)

    expect.lacks(coldest.details, "temperature", at="the refusal of a temperature of 0")


@chapter.proves("generate.max-tokens-range", scopes={"write"}, needs={"ai"}, entities="none")
async def max_tokens_range(api: Api) -> None:
    """A text has at least one token."""
    await _refused(api, "maxTokens", 0)


@chapter.proves("generate.credits", scopes={"write"}, needs={"ai"}, entities="none", opt_in="credits")
async def credits(api: Api) -> None:  # noqa: A001  # the requirement's name
    """When the credits are spent, generation answers 402."""
    reply = await given.generations_until_refused(api)

    expect.error(reply, 402)
