"""Health and API keys: the operations that belong to no entity."""

from entity_server.domain import envelope
from entity_server.domain.keys import WARNING, KeyRequest, present
from entity_server.domain.problems import NotFound, Problem
from entity_server.domain.times import wire_time
from entity_server.http.failures import SOON
from entity_server.http.issuing import asked_key, issue_key
from entity_server.http.operations import CompiledOperation
from entity_server.http.services import Answer, Call, Handler, Services, log
from entity_server.http.stages import Served, anything, query_alone


class HealthHandlers:
    """GET /health: outside of /v1, for everybody, never limited (E8)."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def get(self, compiled: CompiledOperation) -> Handler:
        """Whether the store can be reached, and in `details` what works less well; both are asked now."""
        return Served(anything, query_alone(compiled), self._get)

    async def _get(self, call: Call, _: None) -> Answer:
        status, word, headers = 200, "healthy", dict[str, str]()
        try:
            await self._services.ping()
        except Problem as problem:
            log.warning("the store cannot be reached: %s", problem.message)
            status, word, headers = 503, "unhealthy", {"Retry-After": SOON}
        version = self._services.contract.version
        body: dict[str, object] = {"status": word, "version": version, "timestamp": wire_time(call.now)}
        if notices := await self._services.notices():
            body["details"] = dict(notices)
        return Answer(status, body, headers)


class KeyHandlers:
    """The dashboard's page of keys: sessions only (A8)."""

    def __init__(self, services: Services) -> None:
        self._keys = services.keys

    def list(self, compiled: CompiledOperation) -> Handler:
        """The user's keys, newest first, masked (A9, A15)."""
        return Served(anything, query_alone(compiled), self._list)

    def create(self, compiled: CompiledOperation) -> Handler:
        """A new key: the only answer that ever holds its secret."""
        body = compiled.named_body()

        async def asked(call: Call) -> KeyRequest:
            compiled.query.read(call.arguments)
            return asked_key(body, await call.body(), now=call.now)

        return Served(anything, asked, self._create)

    def revoke(self, compiled: CompiledOperation) -> Handler:
        """The key is refused from now on (A11)."""
        return Served(anything, query_alone(compiled), self._revoke)

    async def _list(self, call: Call, _: None) -> Answer:
        keys = await self._keys.list(call.owner)
        return Answer(200, envelope.success([present(key) for key in keys]), {})

    async def _create(self, call: Call, asked: KeyRequest) -> Answer:
        key, secret = await issue_key(self._keys, call.owner, asked, now=call.now)
        return Answer(201, envelope.success(present(key, secret), warning=WARNING), {})

    async def _revoke(self, call: Call, _: None) -> Answer:
        if not await self._keys.revoke(call.values["keyId"], call.owner):
            raise NotFound
        return Answer(200, envelope.message("API key revoked successfully"), {})
