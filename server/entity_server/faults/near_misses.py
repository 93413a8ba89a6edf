"""Faults that let somebody in who comes near: by what a request presents, or by how it asks.

The store knows digests, so that what a header held is remembered from the request's arrival to the look-up.
"""

import string
from collections.abc import Callable, Iterable
from contextvars import ContextVar
from dataclasses import replace

from entity_contract import Action, Entity, Operation, Relation

from entity_server.domain.keys import SCOPES, Key, Session, digest
from entity_server.domain.projection import Record
from entity_server.domain.query import Query
from entity_server.faults.auth import Owners, SeenByAll
from entity_server.faults.fault import summary
from entity_server.faults.keys import Revoked
from entity_server.faults.spoiling import AnyAnswer, header
from entity_server.faults.wrapping import KeysWrapper, Page, RecordsWrapper
from entity_server.http.exchange import Received
from entity_server.http.fault import Acts, Compose, Fault
from entity_server.http.services import Caller, Listing, Services

Guesses = Callable[[str], Iterable[str]]
"""What a wrong server takes a presented secret for."""

_CHARACTERS = string.ascii_letters + string.digits + "-_.~%="
_PRESENTED: ContextVar[Received | None] = ContextVar("presented", default=None)


def _presented(name: str) -> str:
    received = _PRESENTED.get()
    return "" if received is None else header(received, name)


class _Remembering(AnyAnswer):
    def on_presented(self, fault_id: str, *, breaks: str, ruling: str | None = None) -> Callable[[Compose], Compose]:
        """A fault in what the handlers work with, which knows the request that it is about."""

        def remember(received: Received) -> None:
            _PRESENTED.set(received)

        def declare(compose: Compose) -> Compose:
            self.add(Fault(fault_id, breaks, summary(compose), ruling, Acts(services=compose, incoming=remember)))
            return compose

        return declare


chapter = _Remembering()


class _GuessedKeys(KeysWrapper):
    def __init__(self, services: Services, guesses: Guesses) -> None:
        super().__init__(services.keys)
        self._guesses = guesses

    async def find(self, digest_: str, /) -> Key | None:
        found = await self.inner.find(digest_)
        secret = _presented("Authorization").rpartition(" ")[2]
        for guess in self._guesses(secret) if found is None and secret.startswith("sk_") else ():
            found = found or await self.inner.find(digest(guess))
        return found


class _GuessedSessions:
    def __init__(self, services: Services, guesses: Guesses) -> None:
        self._inner = services.sessions
        self._guesses = guesses

    async def find(self, digest_: str, /) -> Session | None:
        found = await self._inner.find(digest_)
        token = _presented("Cookie").partition("=")[2]
        for guess in self._guesses(token) if found is None and token else ():
            found = found or await self._inner.find(digest(guess))
        return found

    async def add(self, session: Session, digest_: str, /) -> None:
        await self._inner.add(session, digest_)


def _other_last(secret: str) -> list[str]:
    return [secret[:-1] + one for one in _CHARACTERS]


@chapter.on_presented("auth.last-character-ignored", breaks="auth.near-miss-of-a-key")
def last_character_ignored(services: Services) -> Services:
    """A key is known whatever its last character is."""
    return replace(services, keys=_GuessedKeys(services, _other_last))


@chapter.on_presented("auth.tail-ignored", breaks="auth.near-miss-of-a-key")
def tail_ignored(services: Services) -> Services:
    """A key is known with something behind it."""
    return replace(services, keys=_GuessedKeys(services, lambda secret: [secret[:-1]]))


@chapter.on_presented("auth.cut-key-works", breaks="auth.near-miss-of-a-key")
def cut_key_works(services: Services) -> Services:
    """A key is known without its last character."""
    return replace(services, keys=_GuessedKeys(services, lambda secret: [secret + one for one in _CHARACTERS]))


@chapter.in_services("auth.session-as-bearer", breaks="auth.near-miss-of-a-key")
def session_as_bearer(services: Services) -> Services:
    """A session's token is taken for a key with all scopes."""

    class Sessions(KeysWrapper):
        async def find(self, digest_: str, /) -> Key | None:
            key = await self.inner.find(digest_)
            session = None if key else await services.sessions.find(digest_)
            if session is None:
                return key
            return Key("key_0", session.user_id, "session", SCOPES, "sk_live_...", services.clock())

    return replace(services, keys=Sessions(services.keys))


@chapter.on_presented("auth.case-ignored", breaks="auth.near-miss-of-a-key")
def case_ignored(services: Services) -> Services:
    """A key is known in other case."""

    class CaseIgnored(KeysWrapper):
        async def find(self, digest_: str, /) -> Key | None:
            secret = _presented("Authorization").rpartition(" ")[2]
            return await self.inner.find(digest_) or await self.inner.find(digest(secret.swapcase()))

    return replace(services, keys=CaseIgnored(services.keys))


@chapter.on_presented("auth.near-miss-deletes", breaks="auth.near-miss-of-a-key")
def near_miss_deletes(services: Services) -> Services:
    """A key is known with something behind it, where a record is deleted."""

    def guesses(secret: str) -> list[str]:
        received = _PRESENTED.get()
        return [secret[:-1]] if received is not None and received.method == "DELETE" else []

    return replace(services, keys=_GuessedKeys(services, guesses))


@chapter.on_presented("auth.last-character-of-a-session-ignored", breaks="auth.near-miss-of-a-session")
def last_character_of_a_session_ignored(services: Services) -> Services:
    """A session's token is known whatever its last character is."""
    return replace(services, sessions=_GuessedSessions(services, _other_last))


@chapter.on_presented("auth.expired-key-reads", breaks="auth.expired-key")
def expired_key_reads(services: Services) -> Services:
    """A key that has expired reads records still."""

    class Reading(KeysWrapper):
        async def find(self, digest_: str, /) -> Key | None:
            key, received = await self.inner.find(digest_), _PRESENTED.get()
            is_read = received is not None and received.method == "GET" and received.path.count("/") == 4
            return replace(key, expires_at=None) if key is not None and is_read else key

    return replace(services, keys=Reading(services.keys))


@chapter.on_presented("keys.revoked-changes", breaks="keys.revoked-key-is-refused", ruling="A11.at-once")
def revoked_changes(services: Services) -> Services:
    """A revoked key changes records still, and does nothing else."""

    class Changing(Revoked):
        async def find(self, digest_: str, /) -> Key | None:
            key_id, received = self.digests.get(digest_, ""), _PRESENTED.get()
            if key_id in self.revoked and received is not None and received.method == "PATCH":
                return self.keys[key_id][0]
            return await self.inner.find(digest_)

    return replace(services, keys=Changing(services))


def _asks_elsewhere(services: Services, entity: str, *actions: Action) -> Services:
    """Scopes are asked for by this entity alone, where it is about these actions."""

    def allows(caller: Caller, operation: Operation) -> bool:
        is_elsewhere = operation.entity not in {None, entity} and operation.action in actions
        return is_elsewhere or services.allows(caller, operation)

    return replace(services, allows=allows)


@chapter.in_services("scope.of-tasks-alone", breaks="auth.scopes-of-each-entity")
def of_tasks_alone(services: Services) -> Services:
    """Scopes are asked for by tasks alone."""
    return _asks_elsewhere(services, "tasks", "list", "read", "create", "update", "delete")


@chapter.in_services("scope.deleting-of-tasks-alone", breaks="auth.scopes-of-each-entity")
def deleting_of_tasks_alone(services: Services) -> Services:
    """Whoever may do anything may delete what is no task."""
    return _asks_elsewhere(services, "tasks", "delete")


@chapter.in_services("scope.deleting-alone-creates", breaks="auth.scopes-of-each-entity")
def deleting_alone_creates(services: Services) -> Services:
    """Who may do nothing but delete may create records too, as no other key without that scope may."""

    def allows(caller: Caller, operation: Operation) -> bool:
        is_let = operation.action == "create" and caller.scopes == {"delete"}
        return is_let or services.allows(caller, operation)

    return replace(services, allows=allows)


class _FilteredByAll(SeenByAll):
    async def list(self, entity: Entity, query: Query, owner: str, /) -> Listing:
        names = {condition.field.name for condition in query.selection.conditions if condition.operator == "$eq"}
        if not any(name == "id" or name.endswith("Id") for name in names):
            return await self.inner.list(entity, query, owner)
        found = await self.listed(entity, query, owner)
        return Page([record for one in found for record in one.records], sum(one.total for one in found))


@chapter.in_services("auth.others-are-filtered", breaks="auth.filters-hide-others")
def others_are_filtered(services: Services) -> Services:
    """A filter on an id or a foreign key finds everybody's records."""
    return replace(services, records=_FilteredByAll(services))


class _ProductsFoundByAll(SeenByAll):
    async def list(self, entity: Entity, query: Query, owner: str, /) -> Listing:
        if entity.name != "products" or not query.selection.words:
            return await self.inner.list(entity, query, owner)
        found = await self.listed(entity, query, owner)
        return Page([record for one in found for record in one.records], sum(one.total for one in found))


@chapter.in_services("auth.others-products-are-found", breaks="auth.filters-hide-others")
def others_products_are_found(services: Services) -> Services:
    """A search of products finds everybody's."""
    return replace(services, records=_ProductsFoundByAll(services))


class _OrdersOfAll(Owners):
    async def exists(self, entity: Entity, record_id: str, owner: str, /) -> bool:
        return await self.inner.exists(entity, record_id, self._owner(entity, record_id, owner))

    async def delete(self, entity: Entity, record_id: str, owner: str, /) -> bool:
        return await self.inner.delete(entity, record_id, self._owner(entity, record_id, owner))

    def _owner(self, entity: Entity, record_id: str, owner: str) -> str:
        return self.owners.get(record_id, owner) if entity.name == "orders" else owner


@chapter.in_services("auth.others-can-delete-orders", breaks="auth.hidden-records-stay-untouched")
def others_can_delete_orders(services: Services) -> Services:
    """Another user's order can be deleted by who cannot see it."""
    return replace(services, records=_OrdersOfAll(services))


@chapter.on_presented("auth.method-overridden", breaks="auth.method-override")
def method_overridden(services: Services) -> Services:
    """A GET that names DELETE in a header deletes the record, whatever the scopes are."""

    class Overridden(RecordsWrapper):
        async def get(
            self, entity: Entity, record_id: str, owner: str, relations: tuple[Relation, ...] = (), /
        ) -> Record | None:
            found = await self.inner.get(entity, record_id, owner, relations)
            if _presented("X-HTTP-Method-Override") == "DELETE":
                await self.inner.delete(entity, record_id, owner)
            return found

    return replace(services, records=Overridden(services.records))
