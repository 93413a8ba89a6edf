"""Records of other users that can be had in one way: by an entity, a parameter, an operation."""

from dataclasses import replace
from datetime import datetime

from entity_contract import Entity, Relation

from entity_server.domain.projection import Record
from entity_server.faults.spoiling import AnyAnswer
from entity_server.faults.wrapping import RecordsWrapper
from entity_server.http.services import Services

chapter = AnyAnswer()


class _Owners(RecordsWrapper):
    """Remembers whose each new record is."""

    def __init__(self, services: Services) -> None:
        super().__init__(services.records)
        self.owners: dict[str, str] = {}

    async def create(self, entity: Entity, record: Record, owner: str, /) -> Record:
        kept = await self.inner.create(entity, record, owner)
        self.owners[str(kept["id"])] = owner
        return kept

    def owner_of(self, record_id: str, asking: str) -> str:
        """Whose it is, as far as that is known."""
        return self.owners.get(record_id, asking)


def _for_all(services: Services, *, entity: str, reads: bool = False, deletes: bool = False) -> Services:
    """The records of one entity are everybody's, for one operation."""

    class ForAll(_Owners):
        async def get(
            self, of: Entity, record_id: str, owner: str, relations: tuple[Relation, ...] = (), /
        ) -> Record | None:
            asking = self.owner_of(record_id, owner) if reads and of.name == entity else owner
            return await self.inner.get(of, record_id, asking, relations)

        async def delete(self, of: Entity, record_id: str, owner: str, /) -> bool:
            asking = self.owner_of(record_id, owner) if deletes and of.name == entity else owner
            return await self.inner.delete(of, record_id, asking)

    return replace(services, records=ForAll(services))


@chapter.in_services("auth.customers-of-others-read", breaks="auth.hidden-records-stay-untouched")
def customers_of_others_read(services: Services) -> Services:
    """Another user's customer can be read by its id."""
    return _for_all(services, entity="customers", reads=True)


@chapter.in_services("auth.orders-of-others-deleted", breaks="auth.hidden-records-stay-untouched")
def orders_of_others_deleted(services: Services) -> Services:
    """Another user's order can be deleted by its id."""
    return _for_all(services, entity="orders", deletes=True)


class _ChangedByAll(_Owners):
    def __init__(self, services: Services, entity: str) -> None:
        super().__init__(services)
        self._entity = entity

    async def exists(self, entity: Entity, record_id: str, owner: str, /) -> bool:
        asking = self.owner_of(record_id, owner) if entity.name == self._entity else owner
        return await self.inner.exists(entity, record_id, asking)

    async def update(
        self, entity: Entity, record_id: str, changes: Record, owner: str, now: datetime, /
    ) -> Record | None:
        asking = self.owner_of(record_id, owner) if entity.name == self._entity else owner
        return await self.inner.update(entity, record_id, changes, asking, now)


@chapter.in_services("auth.comments-of-others-changed", breaks="auth.hidden-records-stay-untouched")
def comments_of_others_changed(services: Services) -> Services:
    """Another user's comment can be changed by its id."""
    return replace(services, records=_ChangedByAll(services, "comments"))


class _ChangedUnseen(_Owners):
    async def exists(self, entity: Entity, record_id: str, owner: str, /) -> bool:
        return await self.inner.exists(entity, record_id, self.owner_of(record_id, owner))

    async def update(
        self, entity: Entity, record_id: str, changes: Record, owner: str, now: datetime, /
    ) -> Record | None:
        theirs = self.owner_of(record_id, owner)
        changed = await self.inner.update(entity, record_id, changes, theirs, now)
        return changed if theirs == owner else None


@chapter.in_services("auth.not-found-and-changed", breaks="auth.hidden-records-stay-untouched")
def not_found_and_changed(services: Services) -> Services:
    """An UPDATE of another user's record is answered by 404, and made."""
    return replace(services, records=_ChangedUnseen(services))


class _DeletedUnseen(_Owners):
    async def exists(self, entity: Entity, record_id: str, owner: str, /) -> bool:
        return await self.inner.exists(entity, record_id, self._asking(entity, record_id, owner))

    async def delete(self, entity: Entity, record_id: str, owner: str, /) -> bool:
        theirs = self._asking(entity, record_id, owner)
        return await self.inner.delete(entity, record_id, theirs) and theirs == owner

    def _asking(self, entity: Entity, record_id: str, owner: str) -> str:
        return self.owner_of(record_id, owner) if entity.name == "orders" else owner


@chapter.in_services("auth.not-found-and-deleted", breaks="auth.hidden-records-stay-untouched")
def not_found_and_deleted(services: Services) -> Services:
    """A DELETE of another user's order is answered by 404, and made."""
    return replace(services, records=_DeletedUnseen(services))


def _naming_others(services: Services, entity: str, foreign_key: str) -> Services:
    """That foreign key of one entity may name anybody's record."""

    class NamingOthers(_Owners):
        async def missing_references(self, of: Entity, values: Record, owner: str, /) -> tuple[str, ...]:
            missing = await self.inner.missing_references(of, values, owner)
            is_somebodys = of.name == entity and str(values.get(foreign_key)) in self.owners
            return tuple(name for name in missing if name != foreign_key or not is_somebodys)

    return replace(services, records=NamingOthers(services))


@chapter.in_services("auth.order-for-anothers-customer", breaks="auth.foreign-keys-of-others")
def order_for_anothers_customer(services: Services) -> Services:
    """An order may name another user's customer."""
    return _naming_others(services, "orders", "customerId")


@chapter.in_services("auth.order-of-anothers-product", breaks="auth.foreign-keys-of-others")
def order_of_anothers_product(services: Services) -> Services:
    """An order may name another user's product."""
    return _naming_others(services, "orders", "productId")
