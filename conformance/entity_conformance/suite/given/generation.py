"""Text generation, which costs money: one short text for all checks."""

from functools import partial

from entity_conformance.deployment.api import Api, Reply
from entity_conformance.deployment.problems import Blocked, OutOfProfile
from entity_conformance.suite import expect

PROMPT = "Say one word."
MAX_TOKENS = 8
_SPENDING_TOKENS = 4096
_MOST_TO_SPEND = 500
_REFUSED = 400
_WRONG: tuple[dict[str, object], ...] = (
    {"prompt": 5, "temperature": -0.1, "maxTokens": 0},
    {"temperature": 1.1, "maxTokens": 1},
)


async def generation(api: Api) -> Reply:
    """One generation of at most 8 tokens, not judged. Raises OutOfProfile where the credits are spent."""
    return await api.once("generation", lambda: _generation(api))


async def coldest(api: Api) -> Reply:
    """The generation at the least temperature that there is, not judged: the first that is asked for."""
    return await api.once("coldest generation", lambda: _generate(api, temperature=0))


async def promptless(api: Api) -> Reply:
    """The refusal of a body without a prompt, whatever else is wrong with it, where it names the prompt.

    Else the answer to a body that has nothing.
    """
    shared = await without_prompt(api)
    return shared if shared.status == 400 and "prompt" in expect.named(shared) else await api.generate({})


async def without_prompt(api: Api) -> Reply:
    """The answer to a body without a prompt and with a wrong temperature, which costs nothing."""
    return await api.once(("wrong generation", 1), lambda: api.generate(_WRONG[1]))


async def refused_generation(api: Api, name: str, value: object) -> Reply:
    """The answer that tells of a wrong value: to a body that is wrong by others too, where it names this one.

    Else to a body that is right but for it.
    """
    for number, row in enumerate(_WRONG):
        if row.get(name) == value:
            shared = await api.once(("wrong generation", number), partial(api.generate, row))
            is_own = shared.status == 400 or (shared.status == 422 and name == "prompt")  # 422 tells of its type
            if is_own and name in expect.named(shared):
                return shared
    return await api.generate({"prompt": PROMPT, "maxTokens": 1, name: value})


async def generations_until_refused(api: Api) -> Reply:
    """The first refusal when the credits are spent. Costs all of them."""
    for _ in range(_MOST_TO_SPEND):
        reply = await _generate(api, prompt=f"{PROMPT} " * 500, tokens=_SPENDING_TOKENS)
        if reply.status != 200:
            return reply
    raise Blocked(f"{_MOST_TO_SPEND} generations did not spend the credits")


async def _generation(api: Api) -> Reply:
    reply = await coldest(api)
    if reply.status == _REFUSED and "temperature" in expect.named(reply):  # which is judged by itself
        reply = await _generate(api)
    if reply.status == 402:
        raise OutOfProfile("the credits for text generation are spent")
    return reply


async def _generate(api: Api, *, prompt: str = PROMPT, tokens: int = MAX_TOKENS, **more: object) -> Reply:
    return await api.generate({"prompt": prompt, "maxTokens": tokens, **more})
