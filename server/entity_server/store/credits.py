"""What users may spend on plugins.

A balance for each user. Spending is one statement: two at a time cannot spend the same credits.
"""

from typing import cast

from tortoise.exceptions import IntegrityError
from tortoise.expressions import F

from entity_server.store.database import Database
from entity_server.store.tables import CREDITS


class Credits:
    """What users may spend on plugins."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._model = database.table(CREDITS.name).model

    async def balance(self, user_id: str) -> int:
        """What the user has left; 0 for a user who never had any."""
        with self._database.working():
            found = await self._model.filter(c_user_id=user_id).values_list("c_balance", flat=True)
        return int(cast("int", found[0])) if found else 0

    async def grant(self, user_id: str, amount: int) -> None:
        """Add to the user's balance."""
        with self._database.working():
            if await self._add(user_id, amount):
                return
            try:
                await self._model.create(c_user_id=user_id, c_balance=amount)
            except IntegrityError:  # somebody else was first
                await self._add(user_id, amount)

    async def spend(self, user_id: str, amount: int) -> bool:
        """Take an amount off the user's balance, whole or not at all; False when the balance is too small."""
        with self._database.working():
            paid = await self._model.filter(c_user_id=user_id, c_balance__gte=amount).update(
                c_balance=F("c_balance") - amount
            )
        return paid > 0

    async def _add(self, user_id: str, amount: int) -> bool:
        return await self._model.filter(c_user_id=user_id).update(c_balance=F("c_balance") + amount) > 0
