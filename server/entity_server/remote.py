"""What a server uses outside of its process beside the database: Redis, and an endpoint that generates text.

Each is opened where the settings name it, and loaded only then; both are closed with the server.
"""

import importlib.util
import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from entity_server.app import sharing
from entity_server.http.services import Services
from entity_server.settings import Settings, UnusableSetting

if TYPE_CHECKING:
    from entity_server.metrics import Meters


@asynccontextmanager
async def connected(
    services: Services, settings: Settings, *, must_answer: bool = True, meters: "Meters | None" = None
) -> AsyncIterator[Services]:
    """The services with what is remote. Raises UnusableSetting, also for a Redis that does not answer but `must`."""
    async with AsyncExitStack() as opened:
        if settings.redis is not None:
            if importlib.util.find_spec("redis") is None:
                raise UnusableSetting("--redis needs a package; run: pip install 'v1-entity-contract[server,redis]'")
            from entity_server.shared import SharedLimiter, open_redis  # noqa: PLC0415 - see the module's docstring

            connection = await open_redis(settings.redis, must_answer=must_answer)
            opened.push_async_callback(connection.close)
            if meters is not None:
                meters.gauge("redis_reachable", "Processes that can reach Redis.", lambda: not connection.gone)
            services = sharing(services, partial(SharedLimiter, connection), connection.notices)
        if settings.ai_url is not None:
            from entity_server.http.plugins.endpoint import Endpoint  # noqa: PLC0415 - likewise

            logging.getLogger("httpx").setLevel(logging.WARNING)  # it would tell of each request, with its URL
            endpoint = Endpoint(settings.ai_url, settings.ai_model, settings.ai_key, seconds=settings.ai_timeout)
            opened.push_async_callback(endpoint.close)
            services = replace(services, generate=endpoint.generate)
        yield services
