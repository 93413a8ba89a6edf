"""Faults of DELETE."""

from dataclasses import replace
from datetime import datetime

from entity_contract import Entity, Relation

from entity_server.domain.filtering import Condition
from entity_server.domain.paging import Page as Asked
from entity_server.domain.problems import InternalError, ValidationFailed
from entity_server.domain.projection import Projection, Record
from entity_server.domain.query import Query
from entity_server.domain.selection import Selection
from entity_server.faults.fault import with_body, with_headers
from entity_server.faults.spoiling import AnyAnswer
from entity_server.faults.wrapping import RecordsWrapper
from entity_server.http.services import Answer, Records, Services

chapter = AnyAnswer()

DELETE = frozenset({"delete"})


@chapter.on_answer("delete.says-nothing", breaks="delete.confirms", to=DELETE)
def says_nothing(answer: Answer) -> Answer:
    """A deletion is answered without a message."""
    return with_body(answer, message=None)


class _Listed(RecordsWrapper):
    """Deletes nothing, and remembers what it should have."""

    def __init__(self, inner: Records) -> None:
        super().__init__(inner)
        self._gone: set[str] = set()

    async def get(
        self, entity: Entity, record_id: str, owner: str, relations: tuple[Relation, ...] = (), /
    ) -> Record | None:
        return None if record_id in self._gone else await self.inner.get(entity, record_id, owner, relations)

    async def exists(self, entity: Entity, record_id: str, owner: str, /) -> bool:
        return record_id not in self._gone and await self.inner.exists(entity, record_id, owner)

    async def delete(self, entity: Entity, record_id: str, owner: str, /) -> bool:
        many = tuple(relation for relation in entity.relations if relation.type == "hasMany")
        record = await self.inner.get(entity, record_id, owner, many)
        if record_id in self._gone or record is None:
            return False
        if any(record[relation.name] for relation in many):
            return await self.inner.delete(entity, record_id, owner)
        self._gone.add(record_id)
        return True


class _Remembering(RecordsWrapper):
    """Remembers what was deleted; a subclass answers for it."""

    def __init__(self, inner: Records) -> None:
        super().__init__(inner)
        self._gone: dict[tuple[str, str], Record] = {}

    async def delete(self, entity: Entity, record_id: str, owner: str, /) -> bool:
        record = await self.inner.get(entity, record_id, owner)
        is_deleted = await self.inner.delete(entity, record_id, owner)
        if record is not None and is_deleted:
            self._gone[record_id, owner] = record
        return is_deleted


class _Readable(_Remembering):
    async def get(
        self, entity: Entity, record_id: str, owner: str, relations: tuple[Relation, ...] = (), /
    ) -> Record | None:
        found = await self.inner.get(entity, record_id, owner, relations)
        gone = self._gone.get((record_id, owner))
        if found is not None or gone is None:
            return found
        return {**gone, **{relation.name: [] if relation.type == "hasMany" else None for relation in relations}}


class _Writable(_Remembering):
    async def exists(self, entity: Entity, record_id: str, owner: str, /) -> bool:
        return (record_id, owner) in self._gone or await self.inner.exists(entity, record_id, owner)

    async def update(
        self, entity: Entity, record_id: str, changes: Record, owner: str, now: datetime, /
    ) -> Record | None:
        gone = self._gone.get((record_id, owner))
        return await self.inner.update(entity, record_id, changes, owner, now) if gone is None else {**gone, **changes}


class _AgainAndAgain(RecordsWrapper):
    def __init__(self, inner: Records) -> None:
        super().__init__(inner)
        self._gone: set[str] = set()

    async def delete(self, entity: Entity, record_id: str, owner: str, /) -> bool:
        gone = await self.inner.delete(entity, record_id, owner)
        again = record_id in self._gone
        self._gone.add(record_id)
        return gone or again


class _Anything(RecordsWrapper):
    async def delete(self, entity: Entity, record_id: str, owner: str, /) -> bool:
        await self.inner.delete(entity, record_id, owner)
        return True


class _WithNeighbour(RecordsWrapper):
    def __init__(self, inner: Records) -> None:
        super().__init__(inner)
        self._titles: dict[str, object] = {}

    async def create(self, entity: Entity, record: Record, owner: str, /) -> Record:
        kept = await self.inner.create(entity, record, owner)
        self._titles[str(kept["id"])] = kept.get("title", kept["id"])
        return kept

    async def delete(self, entity: Entity, record_id: str, owner: str, /) -> bool:
        title = self._titles.get(record_id, record_id)
        for one, known in tuple(self._titles.items()):
            if known == title and one != record_id:
                await self.inner.delete(entity, one, owner)
        return await self.inner.delete(entity, record_id, owner)


@chapter.in_services("delete.still-readable", breaks="delete.then-read")
def still_readable(services: Services) -> Services:
    """A deleted record can still be read."""
    return replace(services, records=_Readable(services.records))


@chapter.in_services("delete.still-writable", breaks="delete.then-update")
def still_writable(services: Services) -> Services:
    """A deleted record can still be changed."""
    return replace(services, records=_Writable(services.records))


@chapter.in_services("delete.still-listed", breaks="delete.then-list")
def still_listed(services: Services) -> Services:
    """A deleted record still shows in lists."""
    return replace(services, records=_Listed(services.records))


@chapter.in_services("delete.twice-is-fine", breaks="delete.then-delete")
def twice_is_fine(services: Services) -> Services:
    """A second deletion succeeds like the first."""
    return replace(services, records=_AgainAndAgain(services.records))


@chapter.in_services("delete.anything-is-fine", breaks="delete.unknown-id")
def anything_is_fine(services: Services) -> Services:
    """The deletion of a record that does not exist succeeds."""
    return replace(services, records=_Anything(services.records))


@chapter.in_services("delete.takes-a-neighbour", breaks="delete.spares-others")
def takes_a_neighbour(services: Services) -> Services:
    """A deletion takes the records with the same title along."""
    return replace(services, records=_WithNeighbour(services.records))


@chapter.on_answer("delete.reset-in-words", breaks="limits.reset-header", to=DELETE)
def reset_in_words(answer: Answer) -> Answer:
    """X-RateLimit-Reset of a deletion's answer is no number."""
    return with_headers(answer, X_RateLimit_Reset="soon")


class _WithChildren(RecordsWrapper):
    """Knows the records that name a parent; a subclass does something wrong with them."""

    def __init__(self, services: Services) -> None:
        super().__init__(services.records)
        self._entities = services.contract.entities

    async def children(self, parent: Entity, record_id: str, owner: str) -> list[tuple[Entity, str]]:
        found: list[tuple[Entity, str]] = []
        for entity in self._entities:
            for relation in entity.relations:
                key = entity.field(relation.foreign_key)
                if relation.type == "belongsTo" and relation.entity == parent.name and key is not None:
                    naming = Selection(conditions=(Condition(key, "$eq", record_id),))
                    listing = await self.inner.list(entity, Query(Asked(1, 100), naming, None, Projection()), owner)
                    found += [(entity, str(record["id"])) for record in listing.records]
        return found


class _AllChildrenToo(_WithChildren):
    async def delete(self, entity: Entity, record_id: str, owner: str, /) -> bool:
        for child, child_id in await self.children(entity, record_id, owner):
            await self.inner.delete(child, child_id, owner)
        return await self.inner.delete(entity, record_id, owner)


class _NoParents(_WithChildren):
    async def delete(self, entity: Entity, record_id: str, owner: str, /) -> bool:
        if await self.children(entity, record_id, owner):
            raise InternalError
        return await self.inner.delete(entity, record_id, owner)


class _ChildrenAlone(_WithChildren):
    async def delete(self, entity: Entity, record_id: str, owner: str, /) -> bool:
        children = await self.children(entity, record_id, owner)
        for child, child_id in children:
            await self.inner.delete(child, child_id, owner)
        if children:
            raise ValidationFailed
        return await self.inner.delete(entity, record_id, owner)


@chapter.in_services("delete.refused-takes-children", breaks="delete.refused-changes-nothing")
def refused_takes_children(services: Services) -> Services:
    """The deletion of a parent is refused, and its children are gone."""
    return replace(services, records=_ChildrenAlone(services))


@chapter.in_services("delete.all-children-too", breaks="delete.parent-of-optional")
def all_children_too(services: Services) -> Services:
    """A parent takes along the children that could be without it."""
    return replace(services, records=_AllChildrenToo(services))


@chapter.in_services("delete.parent-fails", breaks="delete.parent-with-children")
def parent_fails(services: Services) -> Services:
    """The deletion of a parent makes the server fail."""
    return replace(services, records=_NoParents(services))


class _FirstChildAlone(RecordsWrapper):
    """A deletion is done for one child alone of those that must have their parent, or of those that need not."""

    def __init__(self, services: Services, *, required: bool) -> None:
        super().__init__(services.records)
        self._entities = services.contract.entities
        self._required = required
        self._kept: dict[str, Record] = {}

    async def get(
        self, entity: Entity, record_id: str, owner: str, relations: tuple[Relation, ...] = (), /
    ) -> Record | None:
        found, kept = await self.inner.get(entity, record_id, owner, relations), self._kept.get(record_id)
        return found if kept is None or (found is None and not self._required) else dict(kept)

    async def delete(self, entity: Entity, record_id: str, owner: str, /) -> bool:
        kept: dict[str, Record] = {}
        for child in self._entities:
            for relation in child.relations:
                key = child.field(relation.foreign_key)
                if relation.type != "belongsTo" or relation.entity != entity.name or key is None:
                    continue
                naming = Selection(conditions=(Condition(key, "$eq", record_id),))
                listing = await self.inner.list(child, Query(Asked(1, 100), naming, None, Projection()), owner)
                if key.required is self._required:
                    kept |= {str(one["id"]): dict(one) for one in listing.records[1:]}
        is_gone = await self.inner.delete(entity, record_id, owner)
        self._kept |= kept if is_gone else {}
        return self._kept.pop(record_id, None) is not None or is_gone


@chapter.in_services("delete.first-child-goes", breaks="delete.parent-with-children")
def first_child_goes(services: Services) -> Services:
    """Of several children that cannot be without it a deleted parent takes one along."""
    return replace(services, records=_FirstChildAlone(services, required=True))


@chapter.in_services("delete.first-child-freed", breaks="delete.parent-of-optional")
def first_child_freed(services: Services) -> Services:
    """Of several children that can be without it one alone no longer names a deleted parent."""
    return replace(services, records=_FirstChildAlone(services, required=False))
