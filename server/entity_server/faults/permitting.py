"""For faults that take what must be refused: the request is answered as if a good value had been sent."""

from collections.abc import Mapping
from dataclasses import replace

from entity_server.domain.problems import ValidationFailed
from entity_server.domain.sentences import Sentence
from entity_server.http.services import Answer, Call, Handler


async def anyhow(call: Call, handler: Handler, good: Mapping[str, object], name: str, *sentences: Sentence) -> Answer:
    """The answer to the body with `name` as in `good` where that is refused with one of these sentences, or any.

    Else what the handler says.
    """
    try:
        return await handler(call)
    except ValidationFailed as problem:
        reason = problem.details.get(name)
        if reason is None or (sentences and reason.sentence not in sentences):
            raise

        sent = {field: value for field, value in (await call.body()).items() if field != name}
        mended = sent | {field: value for field, value in good.items() if field == name}

        async def body() -> Mapping[str, object]:
            return mended

        return await handler(replace(call, body=body))
