"""Faults of text generation."""

from collections.abc import Mapping
from dataclasses import replace

from entity_server.domain.problems import ValidationFailed
from entity_server.domain.sentences import Sentence
from entity_server.faults.permitting import anyhow
from entity_server.faults.spoiling import AnyAnswer, Forbidden, data, with_data
from entity_server.http.services import Answer, Call, Handler, Services

chapter = AnyAnswer()

GENERATE = frozenset({"generateText"})


@chapter.on_answer("generate.no-text", breaks="generate.returns-text", to=GENERATE)
def no_text(answer: Answer) -> Answer:
    """The answer has no text."""
    return with_data(answer, {name: value for name, value in data(answer).items() if name != "text"})


@chapter.on_answer("generate.more-tokens", breaks="generate.tokens-within-maximum", to=GENERATE)
def more_tokens(answer: Answer) -> Answer:
    """More tokens are used than were allowed."""
    return with_data(answer, {**data(answer), "tokensUsed": 100_000})


GOOD: Mapping[str, object] = {"prompt": "anything", "maxTokens": 1, "temperature": 0.5}


@chapter.around("generate.without-a-prompt", breaks="generate.prompt-is-required", to=GENERATE)
async def without_a_prompt(call: Call, handler: Handler) -> Answer:
    """No prompt is needed."""
    return await anyhow(call, handler, GOOD, "prompt", Sentence.REQUIRED)


@chapter.around("generate.any-prompt", breaks="generate.prompt-is-text", to=GENERATE)
async def any_prompt(call: Call, handler: Handler) -> Answer:
    """A prompt may be a number."""
    return await anyhow(call, handler, GOOD, "prompt", Sentence.TYPE)


@chapter.around("generate.any-temperature", breaks="generate.temperature-range", to=GENERATE)
async def any_temperature(call: Call, handler: Handler) -> Answer:
    """A temperature may be above 1."""
    return await anyhow(call, handler, GOOD, "temperature")


@chapter.around("generate.no-zero-temperature", breaks="generate.temperature-range", to=GENERATE)
async def no_zero_temperature(call: Call, handler: Handler) -> Answer:
    """A temperature of 0 is refused."""
    if (await call.body()).get("temperature") == 0:
        raise ValidationFailed(details={"temperature": Sentence.OTHERWISE()})
    return await handler(call)


@chapter.around("generate.no-tokens", breaks="generate.max-tokens-range", to=GENERATE)
async def no_tokens(call: Call, handler: Handler) -> Answer:
    """`maxTokens` may be 0."""
    return await anyhow(call, handler, GOOD, "maxTokens")


@chapter.in_services("generate.nobody-fails", breaks="generate.needs-authentication")
def nobody_fails(services: Services) -> Services:
    """Generation asks for no credentials, and fails where there are none."""
    operations = tuple(
        replace(one, credentials=frozenset()) if one.id == "generateText" else one
        for one in services.contract.operations
    )
    return replace(services, contract=replace(services.contract, operations=operations))


class _SmallPurse:
    """Credits of the fault's own, so that nobody's are spent."""

    def __init__(self) -> None:
        self._left = 10_000

    async def balance(self, _user_id: str, /) -> int:
        return self._left

    async def grant(self, _user_id: str, amount: int, /) -> None:
        self._left += amount

    async def spend(self, _user_id: str, amount: int, /) -> bool:
        if amount > self._left:
            raise Forbidden
        self._left -= amount
        return True


@chapter.in_services("generate.broke-is-forbidden", breaks="generate.credits")
def broke_is_forbidden(services: Services) -> Services:
    """Who has spent the credits is forbidden to generate."""
    return replace(services, credits=_SmallPurse())
