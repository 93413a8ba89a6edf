"""Whose records, keys, sessions and credits: a user by id or email; an email that nobody has makes a new user."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from entity_server.domain.problems import ValidationFailed
from entity_server.domain.projection import Record
from entity_server.domain.sentences import Reason, Sentence
from entity_server.domain.text import storable
from entity_server.http.operations import CompiledContract
from entity_server.store import Store

_NO_USER = "Is no user that the contract describes"


@dataclass(frozen=True, slots=True)
class Owners:
    """Finds users, and makes them. `first` is who is meant where nobody is named: the first user of the demo."""

    store: Store
    compiled: CompiledContract
    clock: Callable[[], datetime]
    first: str | None

    async def id_of(self, named: str | None) -> str:
        """The id of the user. Raises ValidationFailed."""
        owner = named or self.first
        if owner is None:
            raise _refused("Is required, since the server runs without --demo: the id or the email of a user")
        found = await self.store.users.find(owner) if storable(owner) else None
        if found is None and "@" not in owner:
            raise _refused("Nobody has this id; an email that nobody has makes a new user")
        if found is None:
            await self.made(place="owner", name=owner.partition("@")[0], email=owner)
            found = await self.store.users.find(owner)
        assert found is not None
        return str(found["id"])

    async def made(self, *, place: str, now: datetime | None = None, **members: Any) -> Record:  # noqa: ANN401
        """A new user, if the contract allows such a one: one that it does not would spoil every list of users.

        Raises ValidationFailed.
        """
        texts = [members.get("name"), members.get("email"), *filter(lambda one: isinstance(one, str), members.values())]
        if not all(isinstance(text, str) and storable(text) for text in texts):
            raise _refused(_NO_USER, place)
        record: Record = await self.store.users.add(now=now or self.clock(), **members)
        if not self._fits(record):
            await self.store.records.delete(self.store.users.entity, str(record["id"]), owner="")
            raise _refused(_NO_USER, place)
        return record

    def _fits(self, record: Record) -> bool:
        entity = self.store.users.entity.name
        reads = (one for one in self.compiled.operations.values() if one.operation.entity == entity)
        answer = next((one.answers.get(200) for one in reads if one.operation.action == "read"), None)
        return answer is None or answer.whole.is_valid({"success": True, "data": record})


def _refused(reason: str, place: str = "owner") -> ValidationFailed:
    return ValidationFailed(details={place: Reason.of(Sentence.OTHERWISE, reason)})
