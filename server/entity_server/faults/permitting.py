"""For faults that take what must be refused: the request is answered as if a good body had been sent."""

from collections.abc import Mapping
from dataclasses import replace

from entity_server.domain.problems import ValidationFailed
from entity_server.domain.sentences import Sentence
from entity_server.http.services import Answer, Call, Handler


async def anyhow(call: Call, handler: Handler, good: Mapping[str, object], name: str, *sentences: Sentence) -> Answer:
    """The answer to `good` where `name` is refused with one of these sentences, or any; else what the handler says."""
    try:
        return await handler(call)
    except ValidationFailed as problem:
        reason = problem.details.get(name)
        if reason is None or (sentences and reason.sentence not in sentences):
            raise

        async def body() -> Mapping[str, object]:
            return good

        return await handler(replace(call, body=body))
