"""Waits for a deployment that is still starting: until its health check answers, whatever it says but 5xx."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

from entity_contract import Contract

from entity_conformance.deployment.api import Api
from entity_conformance.deployment.opening import opened
from entity_conformance.deployment.problems import Blocked, Violation
from entity_conformance.deployment.reply import Reply
from entity_conformance.deployment.settings import Settings
from entity_conformance.deployment.wire import Transport

_EACH = 1.0
"""Seconds between two requests."""
_LONGEST = 5.0
"""Seconds that an answer may take."""


async def started(  # noqa: PLR0913  # the last three are what tests replace
    settings: Settings,
    *,
    journals: Path,
    contract: Contract,
    stop: asyncio.Event | None = None,
    transport: Transport | None = None,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> bool:
    """Whether the deployment answered within the seconds that the settings allow; False too when `stop` is set.

    Only GETs of the health check are sent, without credentials. Raises Misuse as `opened` does.
    """
    stop, ends_at = stop or asyncio.Event(), clock() + settings.wait
    patient = replace(settings, timeout=min(settings.timeout, _LONGEST), max_requests=None)
    context, journal = opened(patient, journals, contract, transport=transport, sleep=sleep)
    try:
        async with context.wire:
            while not stop.is_set():
                if await _answers(Api(context, "is it there?")):
                    return True
                if clock() + _EACH > ends_at:
                    break
                await sleep(_EACH)
    finally:
        journal.close()
    return False


async def _answers(api: Api) -> bool:
    try:
        return _is_at_work(await api.health())
    except (Violation, Blocked):
        return False


def _is_at_work(reply: Reply) -> bool:
    """Whether it is the deployment that answers, and not a gateway in front of it."""
    is_json = "json" in reply.headers.get("content-type", "").lower()
    return reply.status < 500 and is_json
