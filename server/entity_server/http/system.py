"""Health and API keys: the operations that belong to no entity."""

from entity_server.domain import envelope
from entity_server.domain.keys import WARNING, key_request, present
from entity_server.domain.problems import NotFound, Problem
from entity_server.domain.times import wire_time
from entity_server.http.issuing import issue_key
from entity_server.http.services import Answer, Call, Services, log


class Health:
    """GET /health: outside of /v1, for everybody, never limited (E8)."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def get(self, call: Call) -> Answer:
        """Whether the store can be reached."""
        status, word = 200, "healthy"
        try:
            await self._services.ping()
        except Problem as problem:
            log.warning("the store cannot be reached: %s", problem.message)
            status, word = 503, "unhealthy"
        body = {"status": word, "version": self._services.contract.version, "timestamp": wire_time(call.now)}
        return Answer(status, body, {})


class ApiKeys:
    """The dashboard's page of keys: sessions only (A8)."""

    def __init__(self, services: Services) -> None:
        self._keys = services.keys

    async def list(self, call: Call) -> Answer:
        """The user's keys, newest first, masked (A9, A15)."""
        keys = await self._keys.list(call.owner)
        return Answer(200, envelope.success([present(key) for key in keys]), {})

    async def create(self, call: Call) -> Answer:
        """A new key: the only answer that ever holds its secret."""
        asked = key_request(await call.body(), now=call.now)
        key, secret = await issue_key(self._keys, call.owner, asked, now=call.now)
        return Answer(201, envelope.success(present(key, secret), warning=WARNING), {})

    async def revoke(self, call: Call) -> Answer:
        """The key is refused from now on (A11)."""
        if not await self._keys.revoke(call.values["keyId"], call.owner):
            raise NotFound
        return Answer(200, envelope.message("API key revoked successfully"), {})
