"""Faults of authentication, scopes and ownership."""

from dataclasses import replace
from datetime import datetime

from entity_contract import Action, Entity, Operation, Relation, Scope

from entity_server.domain.keys import Key, Session
from entity_server.domain.problems import NotFound, ValidationFailed
from entity_server.domain.projection import Record
from entity_server.domain.query import Query
from entity_server.faults.fault import with_body, with_headers
from entity_server.faults.spoiling import AnyAnswer, Forbidden, header
from entity_server.faults.wrapping import KeysWrapper, Page, RecordsWrapper
from entity_server.http.exchange import Received
from entity_server.http.services import Answer, Call, Caller, Handler, Listing, Services

chapter = AnyAnswer()


def _open(services: Services, *actions: Action) -> Services:
    """These actions need no scope."""

    def allows(caller: Caller, operation: Operation) -> bool:
        return operation.action in actions or services.allows(caller, operation)

    return replace(services, allows=allows)


def _wanting(services: Services, scope: Scope, also: Scope) -> Services:
    """What needs one scope needs another as well."""

    def allows(caller: Caller, operation: Operation) -> bool:
        return services.allows(caller, operation) and (operation.scope != scope or also in caller.scopes)

    return replace(services, allows=allows)


@chapter.in_services("scope.not-enforced", breaks="auth.listing-needs-read")
def not_enforced(services: Services) -> Services:
    """Every key may do everything, whatever its scopes."""
    return replace(services, allows=lambda _caller, _operation: True)


@chapter.in_services("scope.any-key-reads", breaks="auth.reading-needs-read")
def any_key_reads(services: Services) -> Services:
    """Every key may read a record."""
    return _open(services, "read")


@chapter.in_services("scope.any-key-creates", breaks="auth.creating-needs-write")
def any_key_creates(services: Services) -> Services:
    """Every key may create records."""
    return _open(services, "create")


@chapter.in_services("scope.any-key-updates", breaks="auth.updating-needs-write")
def any_key_updates(services: Services) -> Services:
    """Every key may change records."""
    return _open(services, "update")


@chapter.in_services("scope.any-key-deletes", breaks="auth.deleting-needs-delete")
def any_key_deletes(services: Services) -> Services:
    """Every key may delete records."""
    return _open(services, "delete")


@chapter.in_services("scope.reading-wants-write", breaks="auth.read-key-reads")
def reading_wants_write(services: Services) -> Services:
    """A key that reads must be able to write."""
    return _wanting(services, "read", "write")


@chapter.in_services("scope.writing-wants-read", breaks="auth.write-key-writes")
def writing_wants_read(services: Services) -> Services:
    """A key that writes must be able to read."""
    return _wanting(services, "write", "read")


@chapter.in_services("scope.deleting-wants-write", breaks="auth.delete-key-deletes")
def deleting_wants_write(services: Services) -> Services:
    """A key that deletes must be able to write."""
    return _wanting(services, "delete", "write")


@chapter.in_services("scope.session-never-deletes", breaks="auth.session-holds-all-scopes")
def session_never_deletes(services: Services) -> Services:
    """A session may not delete."""

    def allows(caller: Caller, operation: Operation) -> bool:
        return services.allows(caller, operation) and not (
            caller.credential == "session" and operation.action == "delete"
        )

    return replace(services, allows=allows)


@chapter.on_any_answer("scope.code-of-another-kind", breaks="auth.missing-scope-code", statuses=lambda s: s == 403)
def code_of_another_kind(answer: Answer) -> Answer:
    """A missing scope has the code of missing credentials."""
    return with_body(answer, code="UNAUTHORIZED")


class _Everybody(KeysWrapper):
    def __init__(self, services: Services) -> None:
        super().__init__(services.keys)
        self._now = services.clock

    async def find(self, digest: str, /) -> Key | None:
        known = await self.inner.find(digest)
        unknown = Key("key_0", "usr_0", "unknown", ("read", "write", "delete"), "sk_live_...", self._now())
        return known or unknown


@chapter.in_services("auth.any-key", breaks="auth.unknown-key")
def any_key(services: Services) -> Services:
    """A key that nobody made opens an account of its own."""
    return replace(services, keys=_Everybody(services))


class _AnySession:
    def __init__(self, services: Services) -> None:
        self._inner = services.sessions

    async def find(self, digest: str, /) -> Session | None:
        return await self._inner.find(digest) or Session("usr_0")

    async def add(self, session: Session, digest: str, /) -> None:
        await self._inner.add(session, digest)


@chapter.in_services("auth.any-session", breaks="auth.unknown-session")
def any_session(services: Services) -> Services:
    """A session that nobody began opens an account of its own."""
    return replace(services, sessions=_AnySession(services))


@chapter.on_any_answer("auth.forbidden", breaks="auth.missing-credentials", statuses=lambda s: s == 401)
def forbidden(answer: Answer) -> Answer:
    """Who is not known answers 403."""
    return replace(answer, status=403, body={**(answer.body or {}), "code": "FORBIDDEN"})


@chapter.on_request("auth.malformed-fails", breaks="auth.malformed-credentials")
def malformed_fails(received: Received) -> None:
    """An Authorization header that holds no key answers 400."""
    authorization = header(received, "Authorization")
    if authorization and not authorization.startswith("Bearer sk_"):
        raise ValidationFailed


@chapter.on_any_answer("auth.no-challenge", breaks="auth.challenge", statuses=lambda s: s == 401)
def no_challenge(answer: Answer) -> Answer:
    """401 does not say which scheme is asked for."""
    return with_headers(answer, WWW_Authenticate=None)


class _Immortal(KeysWrapper):
    async def find(self, digest: str, /) -> Key | None:
        key = await self.inner.find(digest)
        return key and replace(key, expires_at=None)


@chapter.in_services("auth.expired-key-works", breaks="auth.expired-key")
def expired_key_works(services: Services) -> Services:
    """An expired key is still good."""
    return replace(services, keys=_Immortal(services.keys))


@chapter.on_any_answer("auth.expired-key-unnamed", breaks="auth.expired-key", statuses=lambda s: s == 401)
def expired_key_unnamed(answer: Answer) -> Answer:
    """An expired key is refused as an unknown one is."""
    return with_body(answer, code="UNAUTHORIZED")


class Owners(RecordsWrapper):
    """Remembers whose each new record is; a subclass lets others at it."""

    def __init__(self, services: Services) -> None:
        super().__init__(services.records)
        self.owners: dict[str, str] = {}

    async def create(self, entity: Entity, record: Record, owner: str, /) -> Record:
        """Keep a record, and whose it is."""
        kept = await self.inner.create(entity, record, owner)
        self.owners[str(kept["id"])] = owner
        return kept


class _ReadableByAll(Owners):
    async def get(
        self, entity: Entity, record_id: str, owner: str, relations: tuple[Relation, ...] = (), /
    ) -> Record | None:
        return await self.inner.get(entity, record_id, self.owners.get(record_id, owner), relations)


class _WritableByAll(Owners):
    async def exists(self, entity: Entity, record_id: str, owner: str, /) -> bool:
        return await self.inner.exists(entity, record_id, self.owners.get(record_id, owner))

    async def update(
        self, entity: Entity, record_id: str, changes: Record, owner: str, now: datetime, /
    ) -> Record | None:
        return await self.inner.update(entity, record_id, changes, self.owners.get(record_id, owner), now)

    async def delete(self, entity: Entity, record_id: str, owner: str, /) -> bool:
        return await self.inner.delete(entity, record_id, self.owners.get(record_id, owner))


@chapter.in_services("auth.others-can-read", breaks="auth.list-and-read-agree")
def others_can_read(services: Services) -> Services:
    """Another user's record is readable by its id, and in no list."""
    return replace(services, records=_ReadableByAll(services))


@chapter.in_services("auth.others-can-write", breaks="auth.hidden-records-stay-untouched")
def others_can_write(services: Services) -> Services:
    """Another user's record can be changed and deleted by who cannot see it."""
    return replace(services, records=_WritableByAll(services))


@chapter.around("auth.sessions-see-nothing", breaks="auth.session-cookie", to={"list"})
async def sessions_see_nothing(call: Call, handler: Handler) -> Answer:
    """A session lists nothing."""
    if call.known_caller.credential == "session" and call.registered.name == "tasks":
        raise NotFound
    return await handler(call)


@chapter.on_request("auth.two-credentials-forbidden", breaks="auth.key-beside-cookie")
def two_credentials_forbidden(received: Received) -> None:
    """Who comes with a key and a cookie is forbidden."""
    if header(received, "Cookie") and header(received, "Authorization") and not received.path.endswith("/keys"):
        raise Forbidden


class _Forbidden(Owners):
    async def get(
        self, entity: Entity, record_id: str, owner: str, relations: tuple[Relation, ...] = (), /
    ) -> Record | None:
        if self.owners.get(record_id, owner) != owner:
            raise Forbidden
        return await self.inner.get(entity, record_id, owner, relations)


@chapter.in_services("auth.others-forbidden", breaks="auth.hidden-records-are-not-found")
def others_forbidden(services: Services) -> Services:
    """Another user's record is forbidden, so that its existence is told."""
    return replace(services, records=_Forbidden(services))


class _Malformed(Owners):
    async def get(
        self, entity: Entity, record_id: str, owner: str, relations: tuple[Relation, ...] = (), /
    ) -> Record | None:
        if self.owners.get(record_id, owner) != owner:
            raise ValidationFailed
        return await self.inner.get(entity, record_id, owner, relations)


@chapter.in_services("auth.others-are-malformed", breaks="auth.records-of-others")
def others_are_malformed(services: Services) -> Services:
    """The id of another user's record is refused as malformed."""
    return replace(services, records=_Malformed(services))


class SeenByAll(Owners):
    """What is listed or included is everybody's; a subclass says where."""

    async def listed(self, entity: Entity, query: Query, owner: str) -> list[Listing]:
        """What each owner would be shown."""
        return [await self.inner.list(entity, query, one) for one in {owner, *self.owners.values()}]


class _FoundByAll(SeenByAll):
    async def list(self, entity: Entity, query: Query, owner: str, /) -> Listing:
        if not query.selection.words:
            return await self.inner.list(entity, query, owner)
        found = await self.listed(entity, query, owner)
        return Page([record for one in found for record in one.records], sum(one.total for one in found))


class _CountedForAll(SeenByAll):
    async def list(self, entity: Entity, query: Query, owner: str, /) -> Listing:
        own = await self.inner.list(entity, query, owner)
        return Page(own.records, sum(one.total for one in await self.listed(entity, query, owner)))


class _IncludedForAll(Owners):
    async def get(
        self, entity: Entity, record_id: str, owner: str, relations: tuple[Relation, ...] = (), /
    ) -> Record | None:
        record = await self.inner.get(entity, record_id, owner, relations)
        for one in {*self.owners.values()} - {owner}:
            others = await self.inner.get(entity, record_id, one, relations)
            for relation in relations:
                if record and others and relation.type == "hasMany":
                    record[relation.name] = [*record[relation.name], *others[relation.name]]
        return record


class _ReferencedByAll(RecordsWrapper):
    async def missing_references(self, _entity: Entity, _values: Record, _owner: str, /) -> tuple[str, ...]:
        return ()


@chapter.in_services("auth.others-are-found", breaks="auth.lists-hide-others")
def others_are_found(services: Services) -> Services:
    """A search finds everybody's records."""
    return replace(services, records=_FoundByAll(services))


@chapter.in_services("auth.others-are-counted", breaks="list.total")
def others_are_counted(services: Services) -> Services:
    """The total of a list counts everybody's records."""
    return replace(services, records=_CountedForAll(services))


@chapter.in_services("auth.others-are-included", breaks="auth.includes-hide-others")
def others_are_included(services: Services) -> Services:
    """The children of a record are included whoever they belong to."""
    return replace(services, records=_IncludedForAll(services))


@chapter.in_services("auth.others-are-referenced", breaks="auth.foreign-keys-of-others")
def others_are_referenced(services: Services) -> Services:
    """A foreign key may name anybody's record."""
    return replace(services, records=_ReferencedByAll(services.records))


class _DirectoryOfOne(RecordsWrapper):
    """The directory belongs to the user who looks into it first."""

    def __init__(self, services: Services) -> None:
        super().__init__(services.records)
        self._owner = ""

    async def list(self, entity: Entity, query: Query, owner: str, /) -> Listing:
        self._owner = self._owner or owner
        return await self.inner.list(entity, query, owner)

    async def get(
        self, entity: Entity, record_id: str, owner: str, relations: tuple[Relation, ...] = (), /
    ) -> Record | None:
        hidden = entity.name == "users" and owner != self._owner
        return None if hidden else await self.inner.get(entity, record_id, owner, relations)


@chapter.in_services("auth.directory-of-one", breaks="auth.directory-is-everybodys")
def directory_of_one(services: Services) -> Services:
    """Only one user finds anybody in the directory."""
    return replace(services, records=_DirectoryOfOne(services))
