"""The open store: one value with everything that is kept.

Composition, and closing in the right order.
"""

from entity_contract import Contract

from entity_server.domain.problems import DatabaseError, ServiceUnavailable
from entity_server.store.credits import Credits
from entity_server.store.database import Database
from entity_server.store.keys import Keys, Sessions
from entity_server.store.records import Records
from entity_server.store.tables import CREDITS
from entity_server.store.users import Users


class Store:
    """Records, keys, sessions, users and credits of one database."""

    def __init__(self, database: Database, contract: Contract) -> None:
        self._database = database
        self.records = Records(database, contract)
        self.keys = Keys(database)
        self.sessions = Sessions(database)
        self.users = Users(self.records, contract)
        self.credits = Credits(database)

    async def ping(self) -> None:
        """Nothing, when the database answers; raises ServiceUnavailable when it does not."""
        try:
            with self._database.working():
                await self._database.table(CREDITS.name).model.exists()
        except DatabaseError as error:
            raise ServiceUnavailable from error

    async def close(self) -> None:
        """Write what is still in memory and let go of the database; closing twice is closing once."""
        if self._database.opened:
            await self.keys.close()
            await self._database.close()
