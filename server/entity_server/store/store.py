"""The open store: one value with everything that is kept.

Composition, and closing in the right order.
"""

from entity_contract import Contract

from entity_server.domain.problems import DatabaseError, ServiceUnavailable
from entity_server.store.contents import Contents, told
from entity_server.store.credits import Credits
from entity_server.store.database import Database
from entity_server.store.keys import Keys, Sessions
from entity_server.store.records import Records
from entity_server.store.snapshots import Snapshot, put_back, taken
from entity_server.store.tables import CREDITS, quoted, registry
from entity_server.store.users import Users

_ANY_CREDITS = f"SELECT 1 FROM {quoted(CREDITS.name)} LIMIT 1"  # noqa: S608 - a name


class Store:
    """Records, keys, sessions, users and credits of one database."""

    def __init__(self, database: Database, contract: Contract, *, no_text_index: str | None = None) -> None:
        self.no_text_index = no_text_index
        self._database = database
        self._entities = registry(contract)
        self.records = Records(database, contract)
        self.keys = Keys(database)
        self.sessions = Sessions(database)
        self.users = Users(self.records, contract)
        self.credits = Credits(database)
        self._latest: Snapshot | None = None

    async def ping(self) -> None:
        """Nothing, when the database answers; raises ServiceUnavailable when it does not."""
        try:
            with self._database.working():
                self._database.reading.refuse_if_gone()
                await self._database.reading.access(_ANY_CREDITS, ())
        except DatabaseError as error:
            raise ServiceUnavailable from error

    async def snapshot(self) -> Snapshot:
        """Everything that is kept, as it is now."""
        await self.keys.write_uses()
        self._latest = await taken(self._database, self._latest)
        return self._latest

    async def restore(self, snapshot: Snapshot) -> None:
        """Go back to a snapshot of this store."""
        await self.keys.forget_uses()
        await put_back(self._database, snapshot)

    async def contents(self) -> Contents:
        """Everything that is kept, to be read."""
        return told(self._database, self._entities, await self.snapshot())

    @property
    def pool(self) -> tuple[int, int]:
        """How many connections to the database are in use, and how many may be; zeros before the first, or SQLite."""
        return self._database.pool

    async def close(self) -> None:
        """Write what is still in memory and let go of the database; closing twice is closing once."""
        if self._database.opened:
            await self.keys.close()
            await self._database.close()
