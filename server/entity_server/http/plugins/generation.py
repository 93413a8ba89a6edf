"""POST /v1/ai/generate: text from a local, deterministic generator, paid with credits (E10).

The generator has no model behind it: it answers the words of the prompt, in order and again from the first, more of
them the higher the temperature and never more than `maxTokens`. The same request gives the same text.
"""

from entity_server.domain import envelope
from entity_server.domain.problems import InsufficientCredits, ValidationFailed
from entity_server.domain.text import unstorable
from entity_server.http.services import Answer, Call, Handler, Services

MODEL = "local-echo-1"
OPERATION = "generateText"


def generate_text(services: Services) -> Handler:
    """The handler; one token costs one credit."""
    schema = services.contract.operation(OPERATION).body
    default_tokens, default_temperature = (
        _number(services.contract.target(f"{schema}/properties/{name}").get("default"))
        for name in ("maxTokens", "temperature")
    )

    async def handle(call: Call) -> Answer:
        body = await call.body()
        if reason := unstorable(str(body["prompt"])):
            raise ValidationFailed(details={"prompt": reason})
        tokens = generated(
            str(body["prompt"]),
            most=_number(body.get("maxTokens", default_tokens)),
            temperature=_number(body.get("temperature", default_temperature)),
        )
        if not await services.credits.spend(call.owner, len(tokens)):
            raise InsufficientCredits
        return Answer(200, envelope.success({"text": " ".join(tokens), "tokensUsed": len(tokens), "model": MODEL}), {})

    return handle


def generated(prompt: str, *, most: float, temperature: float) -> tuple[str, ...]:
    """The words of an answer, at least one and at most `most`; a higher temperature is more talkative."""
    words = prompt.split() or ["..."]
    count = min(int(most), max(1, round(len(words) * (1 + temperature))))
    return tuple(words[index % len(words)] for index in range(count))


def _number(value: object) -> float:
    assert isinstance(value, int | float)
    return float(value)
