"""For faults that take what must be refused: the request is answered as if a good body had been sent."""

from collections.abc import Mapping
from dataclasses import replace

from entity_server.domain.problems import ValidationFailed
from entity_server.http.services import Answer, Call, Handler


async def anyhow(call: Call, handler: Handler, good: Mapping[str, object], name: str, *words: str) -> Answer:
    """The answer to `good` where the member `name` is refused with one of these words; else what the handler says."""
    try:
        return await handler(call)
    except ValidationFailed as problem:
        if name not in problem.details or not any(word in problem.details[name] for word in words or ("",)):
            raise

        async def body() -> Mapping[str, object]:
            return good

        return await handler(replace(call, body=body))
