"""POST /v1/ai/generate: text from a generator, paid with credits (E10).

The local generator is paid when it has generated. One that is somewhere else costs money whether its text can be paid
or not, so that it is paid in advance: as many tokens as the caller has credits for, of which the unused come back.
"""

from collections.abc import Callable
from typing import Any

from entity_server.domain import envelope
from entity_server.domain.generation import Generate, Generated, Generation, generated
from entity_server.domain.problems import InsufficientCredits
from entity_server.http.operations import CompiledOperation, UnservedContract
from entity_server.http.services import Answer, Call, Credits, Handler, Services
from entity_server.http.stages import Served, anything

OPERATION = "generateText"


def generate_text(services: Services) -> Callable[[CompiledOperation], Handler]:
    """What makes the handler; one token costs one credit."""

    def handler(compiled: CompiledOperation) -> Handler:
        body = compiled.named_body()
        schema = f"{compiled.operation.body}/properties"
        defaults = {
            name: services.contract.target(f"{schema}/{name}").get("default") for name in ("maxTokens", "temperature")
        }
        for name, value in defaults.items():
            if value is None:
                raise UnservedContract(f"{schema}/{name}: has no default, and needs one")

        async def asked(call: Call) -> Generation:
            compiled.query.read(call.arguments)
            given: dict[str, Any] = {**defaults, **body.read(await call.body())}  # by the contract's schema
            return Generation(given["prompt"], given["maxTokens"], given["temperature"])

        return Served(anything, asked, perform)

    async def perform(call: Call, asked: Generation) -> Answer:
        if services.generate is None:
            made = generated(asked)
            if not await services.credits.spend(call.owner, made.tokens):
                raise InsufficientCredits
        else:
            made = await _paid_in_advance(services.generate, services.credits, call.owner, asked)
        data = {"text": made.text, "tokensUsed": made.tokens, "model": made.model}
        return Answer(200, envelope.success(data), {})

    return handler


async def _paid_in_advance(generate: Generate, credits_: Credits, user_id: str, asked: Generation) -> Generated:
    """What is generated for as many tokens as are asked for and can be paid. What fails costs nothing."""
    paid = await _taken(credits_, user_id, asked.most_tokens)
    used = 0
    try:
        made = await generate(Generation(asked.prompt, paid, asked.temperature))
        used = made.tokens
        return made
    finally:
        if used < paid:
            await credits_.grant(user_id, paid - used)


async def _taken(credits_: Credits, user_id: str, most: int) -> int:
    """What was taken off the balance: `most`, or all that is left. Raises InsufficientCredits for nothing."""
    while True:
        amount = min(most, await credits_.balance(user_id))
        if amount < 1:
            raise InsufficientCredits
        if await credits_.spend(user_id, amount):  # else another request of this user was faster
            return amount
