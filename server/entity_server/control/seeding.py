"""Records for a test: those that it describes, whole or in part, or so many of them.

What a description leaves out is made up from the contract: a required field gets a plain value, a required reference a
record of the same owner. Nothing is kept here when something is wrong: who calls goes back to the state before.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from entity_contract import Contract, Entity, Field

from entity_server.control.owners import Owners
from entity_server.domain.changes import creation
from entity_server.domain.identifiers import new_id
from entity_server.domain.paging import Page
from entity_server.domain.problems import DatabaseError, ValidationFailed
from entity_server.domain.projection import Projection, Record
from entity_server.domain.query import Query
from entity_server.domain.selection import Selection
from entity_server.domain.sentences import Reason, Sentence
from entity_server.domain.text import storable
from entity_server.domain.times import read_instant, wire_time
from entity_server.http.operations import CompiledContract
from entity_server.http.operations.bodies import CompiledBody
from entity_server.http.simulation.examples import made
from entity_server.store import Store

Description = Mapping[str, object]
"""The members of a CREATE body, any of which may lack, and where wanted `id`, `createdAt` and `updatedAt`."""

Asked = Mapping[str, Sequence[Description] | int]
"""By entity, the records as they are described, or their number."""

_OWN = ("id", "createdAt", "updatedAt")
_TICK = timedelta(milliseconds=1)
_NEWEST = Query(Page(1, 1), Selection(), None, Projection())


@dataclass(slots=True)
class Seeding:
    """One request for records of one owner."""

    contract: Contract
    compiled: CompiledContract
    store: Store
    owners: Owners
    owner: str
    now: datetime
    _made: dict[str, list[Record]] = field(default_factory=dict)

    async def add(self, asked: Asked) -> dict[str, list[Record]]:
        """The records, whole, in the order in which they were asked for. Raises ValidationFailed."""
        entities = {name: self._entity(name) for name in asked}
        records: dict[str, list[Record]] = {name: [] for name in asked}
        for entity in _parents_first(tuple(entities.values())):
            wanted = asked[entity.name]
            descriptions: Sequence[Description] = [{}] * wanted if isinstance(wanted, int) else wanted
            for number, description in enumerate(descriptions):
                # A millisecond between two, so that the last one is the newest, as a list without `sort` shows them.
                now = self.now - (len(descriptions) - 1 - number) * _TICK
                place = f"records.{entity.name}.{number}"
                records[entity.name].append(await self._record(entity, description, now, place))
        return records

    def _entity(self, name: str) -> Entity:
        entity = self.contract.entity(name)
        if entity is None:
            known = ", ".join(one.name for one in self.contract.entities)
            raise _refused(f"records.{name}", f"The contract has no such entity; it has {known}")
        return entity

    async def _record(self, entity: Entity, description: Description, now: datetime, place: str) -> Record:
        wanted = _wanted(entity, description, now, place)
        body = self._body(entity)
        try:
            record = await (self._user(entity, wanted) if body is None else self._created(entity, body, wanted))
        except DatabaseError:
            if "id" not in description:
                raise
            raise _refused(f"{place}.id", "There is a record with this id already") from None
        self._made.setdefault(entity.name, []).append(record)
        return record

    async def _created(self, entity: Entity, body: CompiledBody, wanted: "_Wanted") -> Record:
        try:
            values = body.read({**await self._filled(entity, wanted.members), **wanted.members})
        except ValidationFailed as problem:
            details = {f"{wanted.place}.{name}": reason for name, reason in problem.details.items()}
            raise ValidationFailed(details=details) from None
        record = creation(entity, values, id=wanted.id, now=wanted.created)
        record["updatedAt"] = wire_time(wanted.updated)
        for name in await self.store.records.missing_references(entity, record, self.owner):
            raise _refused(f"{wanted.place}.{name}", "Names no record of this owner")
        return await self.store.records.create(entity, record, self.owner)

    async def _user(self, entity: Entity, wanted: "_Wanted") -> Record:
        """A record of the directory, which has no CREATE."""
        if entity != self.store.users.entity:
            raise _refused(f"records.{entity.name}", f"{entity.name} have no CREATE in the contract")
        number = len(self._made.get(entity.name, ())) + 1
        plain: Description = {"name": f"{entity.title} {number}", "email": f"{wanted.id.lower()}@example.com"}
        known = {one.name for one in entity.fields}
        for name in wanted.members:
            if name not in known:
                raise _refused(f"{wanted.place}.{name}", f"{entity.name} have no such field")
        members = {**plain, **wanted.members}
        return await self.owners.made(place=wanted.place, id=wanted.id, now=wanted.created, **members)

    def _body(self, entity: Entity) -> CompiledBody | None:
        operations = (one for one in self.compiled.operations.values() if one.operation.entity == entity.name)
        return next((one.body for one in operations if one.operation.action == "create"), None)

    async def _filled(self, entity: Entity, members: Description) -> Description:
        """The required fields that a description leaves out."""
        number = len(self._made.get(entity.name, ())) + 1
        parents = {one.foreign_key: one.entity for one in entity.relations if one.type == "belongsTo"}
        filled: dict[str, object] = {}
        for one in entity.fields:
            if one.required and not one.generated and one.name not in members:
                parent = self.contract.entity(parents.get(one.name, ""))
                filled[one.name] = await self._parent(parent) if parent else self._plain(entity, one, number)
        return filled

    async def _parent(self, entity: Entity) -> object:
        """The id of a record that another one may belong to: one that was made just now, the newest, or a new one."""
        if not entity.owned:
            return self.owner
        known = self._made.get(entity.name) or (await self.store.records.list(entity, _NEWEST, self.owner)).records
        record = known[-1] if known else await self._record(entity, {}, self.now, f"records.{entity.name}")
        return record["id"]

    def _plain(self, entity: Entity, one: Field, number: int) -> object:
        text = one.type in ("string", "text") and one.format in (None, "email")
        if not text or entity.create_schema is None:
            return made(self.contract, f"{entity.create_schema}/properties/{one.name}")
        value = f"{entity.title} {number}" if one.format is None else f"{entity.title.lower()}{number}@example.com"
        return value[-(one.max_length or len(value)) :]


def _parents_first(entities: Sequence[Entity]) -> Iterator[Entity]:
    """The entities, each behind those that it belongs to, as far as they do not belong to each other in a circle."""
    waiting = list(entities)
    while waiting:
        names = {entity.name for entity in waiting}
        ready = (one for one in waiting if not _parents(one) & (names - {one.name}))
        chosen = next(ready, waiting[0])
        waiting.remove(chosen)
        yield chosen


def _parents(entity: Entity) -> set[str]:
    return {relation.entity for relation in entity.relations if relation.type == "belongsTo"}


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A record as it is described, and its place in what was asked."""

    id: str
    created: datetime
    updated: datetime
    members: Description
    place: str


def _wanted(entity: Entity, description: Description, now: datetime, place: str) -> _Wanted:
    created = _moment(description, "createdAt", place) or now
    id_ = description["id"] if "id" in description else new_id(entity.id_prefix, created)
    if not (isinstance(id_, str) and id_ and storable(id_)):
        raise _refused(f"{place}.id", "Must be a text that is not empty")
    updated = _moment(description, "updatedAt", place) or created
    return _Wanted(id_, created, updated, {name: one for name, one in description.items() if name not in _OWN}, place)


def _moment(description: Description, name: str, place: str) -> datetime | None:
    value = description.get(name)
    if value is None:
        return None
    moment = read_instant(value) if isinstance(value, str) else None
    if moment is None:
        raise _refused(f"{place}.{name}", str(Sentence.INSTANT()))
    return moment


def _refused(place: str, reason: str) -> ValidationFailed:
    return ValidationFailed(details={place: Reason.of(Sentence.OTHERWISE, reason)})
