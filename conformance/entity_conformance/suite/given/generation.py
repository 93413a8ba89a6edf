"""Text generation, which costs money: one short text for all checks."""

from entity_conformance.deployment.api import Api, Reply
from entity_conformance.deployment.problems import Blocked, OutOfProfile

PROMPT = "Say one word."
MAX_TOKENS = 8
_SPENDING_TOKENS = 4096
_MOST_TO_SPEND = 500


async def generation(api: Api) -> Reply:
    """One generation of at most 8 tokens, not judged. Raises OutOfProfile where the credits are spent."""
    return await api.once("generation", lambda: _generation(api))


async def without_prompt(api: Api) -> Reply:
    """The answer to a body without a prompt, which costs nothing."""
    return await api.once("without prompt", lambda: api.generate({}))


async def generations_until_refused(api: Api) -> Reply:
    """The first refusal when the credits are spent. Costs all of them."""
    for _ in range(_MOST_TO_SPEND):
        reply = await _generate(api, prompt=f"{PROMPT} " * 500, tokens=_SPENDING_TOKENS)
        if reply.status != 200:
            return reply
    raise Blocked(f"{_MOST_TO_SPEND} generations did not spend the credits")


async def _generation(api: Api) -> Reply:
    reply = await _generate(api)
    if reply.status == 402:
        raise OutOfProfile("the credits for text generation are spent")
    return reply


async def _generate(api: Api, *, prompt: str = PROMPT, tokens: int = MAX_TOKENS) -> Reply:
    return await api.generate({"prompt": prompt, "maxTokens": tokens})
