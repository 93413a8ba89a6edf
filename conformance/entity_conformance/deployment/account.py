"""What a run made and may have made, added up from the lines of its journal. Pure.

A line names the user whose credential made something: only that user can see and remove it.
"""

import hashlib
import hmac
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import get_args

from entity_conformance.deployment.credentials import Given, User
from entity_conformance.deployment.mark import mark, words

FORMAT = "v1-conformance-journal/2"
FIRST_FORMAT = "v1-conformance-journal/1"
"""That of release 0.1.0, which named credentials in place of users and held no fingerprints."""

KEYS = "keys"

_LOOKED_THROUGH = 10_000
"""Characters of a text in which invented words are looked for: of a megabyte, the beginning."""

_INVENTED = re.compile(r"\b(?:[b-df-hj-np-tv-z][aeiou]){4}[b-df-hj-np-tv-z]\b")
_USERS: Mapping[object, User] = {"own": "own", "key": "own", "other": "other"}


@dataclass(frozen=True, slots=True)
class Thing:
    """Something that the run made: a record of `entity`, or an API key (`keys`). `user` can see it.

    What was created before `since` cannot be it; None where that is not known.
    """

    entity: str
    id: str
    user: User
    since: datetime | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Fingerprints:
    """Salted hashes of the credentials of a run, by user: whoever has one of these was there when things were made."""

    salt: str = ""
    digests: Mapping[User, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, given: Given, *, salt: str) -> "Fingerprints":
        """Those of what was given. Takes a hundredth of a second for each credential that is new to the process."""
        digests: dict[User, tuple[str, ...]] = {}
        for row, secret in given:
            digests[row.user] = (*digests.get(row.user, ()), _digest(secret.value, salt))
        return cls(salt, digests)

    def has(self, user: User, secret: str) -> bool:
        """Whether this credential was one of that user's."""
        known = self.digests.get(user, ())
        return bool(known) and any(hmac.compare_digest(_digest(secret, self.salt), digest) for digest in known)


@dataclass(slots=True)
class Account:
    """What the lines of a journal add up to.

    `open` are creations that nobody knows the end of; the deployment may be at work still on those that are `late`, by
    entity and user. `texts` are the texts that only this run writes, by entity and by
    the user whose credential it tried to create something with. `changed` is what was shown to be the run's before the
    run wrote to it, by entity and id: it may hold none of these texts any more. `numbers` counts the things by entity
    and user: every request asks how many there are.
    """

    target: str
    run: str
    fingerprints: Fingerprints = Fingerprints()
    things: dict[tuple[str, str], Thing] = field(default_factory=dict)
    open: dict[int, tuple[str, User]] = field(default_factory=dict)
    late: Counter[tuple[str, User]] = field(default_factory=Counter)
    tried: Counter[tuple[str, User]] = field(default_factory=Counter)
    texts: dict[tuple[str, User], set[str]] = field(default_factory=dict)
    changed: set[tuple[str, str]] = field(default_factory=set)
    numbers: Counter[tuple[str, User]] = field(default_factory=Counter)
    began: datetime | None = None
    """What was created before that was there before the run made anything; None where a journal does not tell it."""

    @property
    def is_settled(self) -> bool:
        """Whether nothing is left to be removed or looked for."""
        return not self.things and not self.open

    @property
    def outstanding(self) -> tuple[Thing, ...]:
        """What is still there, the newest first: a child goes before its parent."""
        return tuple(reversed(self.things.values()))

    @property
    def touched(self) -> tuple[tuple[str, User], ...]:
        """The entities (and `keys`) that the run tried to create something of, and as which user."""
        return tuple(each for each in self.texts if self.tried[each])

    def is_ours(self, entity: str, record: Mapping[str, object]) -> bool:
        """Whether a record can only come from this run, by what it holds."""
        known = {words(text) for (of, _), texts in self.texts.items() if of == entity for text in texts}
        return any(mark(self.run) in text or words(text) in known for text in _texts(record))

    def may_be_ours(self, entity: str, record: Mapping[str, object]) -> bool:
        """Whether a record can be what the run made, by what it holds: it is ours, where the run wrote texts of it."""
        has_texts = any(texts for (of, _), texts in self.texts.items() if of == entity)
        return self.is_ours(entity, record) or not has_texts

    def is_users(self, entity: str, user: User, record: Mapping[str, object]) -> bool:
        """Whether a record can only come from this run as that user, so that whoever sees it is that user."""
        id_ = record.get("id")
        thing = self.things.get((entity, id_)) if isinstance(id_, str) else None
        if thing is not None:
            return thing.user == user
        own = {words(text) for text in self.texts.get((entity, user), set())}
        of_others = (texts for (of, whose), texts in self.texts.items() if (of, whose) != (entity, user))
        others = {words(text) for texts in of_others for text in texts}
        return any(text in own and text not in others for text in map(words, _texts(record)))

    def will_create(
        self, ticket: int, entity: str, user: User, texts: Sequence[str], since: datetime | None = None
    ) -> None:
        """A creation begins; what was created before `since` cannot be what it makes."""
        self.began = self.began or since
        self.open[ticket] = (entity, user)
        self.tried[entity, user] += 1
        self.texts.setdefault((entity, user), set()).update(texts)

    def changes(self, entity: str, user: User, texts: Sequence[str], id_: str | None = None) -> None:
        """Something that was made gets these texts; the journals of 0.1.0 do not tell which."""
        self.texts.setdefault((entity, user), set()).update(texts)
        if id_ is not None:
            self.changed.add((entity, id_))

    def made(self, ticket: int, id_: str, since: datetime | None = None) -> None:
        """A creation ended well."""
        entity, user = self.open.pop(ticket)
        self.found(Thing(entity, id_, user, since))

    def made_nothing(self, ticket: int) -> None:
        """A creation was refused."""
        self.open.pop(ticket, None)

    def unsent(self, ticket: int) -> None:
        """A creation was not sent."""
        self.tried[self.open.pop(ticket)] -= 1

    def found(self, thing: Thing) -> None:
        """Something is there that can only come from this run."""
        before = self.things.get((thing.entity, thing.id))
        if before is not None:
            self.numbers[before.entity, before.user] -= 1
        self.things[thing.entity, thing.id] = thing
        self.numbers[thing.entity, thing.user] += 1

    def settled(self, entity: str, user: User) -> None:
        """The creations of an entity by a user were looked for, so that none is open any more."""
        self.open = {ticket: of for ticket, of in self.open.items() if of != (entity, user)}

    def gone(self, entity: str, id_: str) -> None:
        """Something was deleted."""
        thing = self.things.pop((entity, id_), None)
        if thing is not None:
            self.numbers[entity, thing.user] -= 1


def added_up(lines: Iterable[str]) -> Account | None:
    """A journal's lines as an account, without those that were not written whole. None when it is no journal."""
    parsed = map(_parsed, lines)
    head = next(parsed, {})
    if head.get("format") not in {FORMAT, FIRST_FORMAT}:
        return None
    account = Account(str(head.get("target")), str(head.get("run")), _fingerprints(head))
    for line in parsed:
        match line:
            case {"will": int(ticket), "entity": str(entity), "texts": list(texts)}:
                user = _USERS.get(line.get("user", line.get("credential")), "own")
                account.will_create(ticket, entity, user, tuple(map(str, texts)), moment(line.get("since")))
            case {"made": int(ticket), "id": str(id_)} if ticket in account.open:
                account.made(ticket, id_, moment(line.get("since")))
            case {"wrote": list(texts), "entity": str(entity)}:
                of = line.get("id")
                user = _USERS.get(line.get("user"), "own")
                account.changes(entity, user, tuple(map(str, texts)), of if isinstance(of, str) else None)
            case {"nothing": int(ticket)}:
                account.made_nothing(ticket)
            case {"gone": str(id_), "entity": str(entity)}:
                account.gone(entity, id_)
            case _:
                pass
    return account


def unmistakable(body: object, marked: str) -> tuple[str, ...]:
    """The texts of a body that nobody else would write: with the run's mark, or two of its invented words."""
    values = body.values() if isinstance(body, Mapping) else ()
    texts = (value for value in values if isinstance(value, str))
    return tuple(text for text in texts if marked in text or len(_INVENTED.findall(text, 0, _LOOKED_THROUGH)) > 1)


def moment(value: object) -> datetime | None:
    """A point in time as a record or a line of a journal states it; None where it is none."""
    try:
        stated = datetime.fromisoformat(value.upper()) if isinstance(value, str) else None  # RFC 3339 takes t and z too
    except ValueError:
        return None
    return stated if stated is not None and stated.tzinfo is not None else None


def _texts(record: Mapping[str, object]) -> list[str]:
    return [value for value in record.values() if isinstance(value, str)]


@lru_cache(maxsize=64)
def _digest(secret: str, salt: str) -> str:
    """Slow on purpose: a session's token may be a word."""
    return hashlib.scrypt(secret.encode(), salt=salt.encode(), n=2**12, r=8, p=1, dklen=16).hex()


def _fingerprints(head: Mapping[str, object]) -> Fingerprints:
    match head:
        case {"salt": str(salt), "fingerprints": dict(stated)}:
            digests: dict[User, tuple[str, ...]] = {
                user: tuple(map(str, stated[user])) for user in get_args(User) if user in stated
            }
            return Fingerprints(salt, digests)
        case _:
            return Fingerprints()


def _parsed(line: str) -> dict[str, object]:
    try:
        value = json.loads(line)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
