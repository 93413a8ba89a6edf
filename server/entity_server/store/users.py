"""The users that keys, sessions and records belong to.

Users are records of the contract's directory; nothing about them is kept elsewhere.
"""

from datetime import datetime

from entity_contract import Contract, Field, FieldType, Scalar

from entity_server.domain.identifiers import new_id
from entity_server.domain.projection import Record
from entity_server.domain.times import to_the_millisecond, wire_time
from entity_server.store.records import Records
from entity_server.store.tables import directory

_PLAIN: dict[FieldType, Scalar] = {
    "string": "", "text": "", "integer": 0, "number": 0.0, "boolean": True, "date": "1970-01-01",
    "datetime": "1970-01-01T00:00:00.000Z",
}  # fmt: skip


class Users:
    """The directory: records that belong to nobody and that everybody reads (R19)."""

    def __init__(self, records: Records, contract: Contract) -> None:
        self._records = records
        self.entity = directory(contract)

    async def find(self, id_or_email: str) -> Record | None:
        """The user with that id or, failing that, that email; None when there is neither."""
        by_id = await self._records.get(self.entity, id_or_email, owner="")
        return by_id if by_id is not None else await self._records.first(self.entity, "email", id_or_email)

    async def add(
        self,
        name: str,
        email: str,
        *,
        now: datetime,
        id: str | None = None,  # noqa: A002 - the field's name
        **fields: Scalar,
    ) -> Record:
        """A new user's record. The contract's other fields are given by name, or get their default or a plain value."""
        record: Record = {
            field.name: _plain(field) if field.default is None else field.default for field in self.entity.fields
        }
        instant = wire_time(to_the_millisecond(now))
        record |= {"name": name, "email": email, "createdAt": instant, "updatedAt": instant, **fields}
        record["id"] = new_id(self.entity.id_prefix, now) if id is None else id
        return await self._records.create(self.entity, record, owner="")


def _plain(field: Field) -> Scalar:
    if field.nullable:
        return None
    return field.values[0] if field.type == "enum" else _PLAIN[field.type]
