"""POST /v1/ai/generate: text from a local, deterministic generator, paid with credits (E10).

The generator has no model behind it: it answers the words of the prompt, in order and again from the first, more of
them the higher the temperature and never more than `maxTokens`. The same request gives the same text.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from entity_server.domain import envelope
from entity_server.domain.problems import InsufficientCredits
from entity_server.http.operations import CompiledOperation, UnservedContract
from entity_server.http.services import Answer, Call, Handler, Services
from entity_server.http.stages import Served, anything

MODEL = "local-echo-1"
OPERATION = "generateText"


@dataclass(frozen=True, slots=True)
class Generation:
    """What is to be generated. The temperature is from 0 to 1."""

    prompt: str
    most_tokens: int
    temperature: float


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
        tokens = generated(asked)
        if not await services.credits.spend(call.owner, len(tokens)):
            raise InsufficientCredits
        return Answer(200, envelope.success({"text": " ".join(tokens), "tokensUsed": len(tokens), "model": MODEL}), {})

    return handler


def generated(asked: Generation) -> tuple[str, ...]:
    """The words of an answer, at least one and at most as many as asked for; a higher temperature is more talkative."""
    words = asked.prompt.split() or ["..."]
    count = min(asked.most_tokens, max(1, round(len(words) * (1 + asked.temperature))))
    return tuple(words[index % len(words)] for index in range(count))
