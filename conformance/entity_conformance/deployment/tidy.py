"""Removes what a run made: what its journal names, and then whatever else carries the run's texts.

A creation that was refused, or whose answer was lost, may have made something all the same; a deletion may have been
confirmed and not done. So the newest records of every entity touched are looked through, and what can only come from
this run is deleted too. A record that others may have written is never touched.

A parent takes along the records that cannot be without it (R17), so that these are not deleted one by one: that they
went is read of one of them, and seen in the list of all.
It is long because what may be deleted is decided in one place.

A 404 says that something is gone, or that this user cannot see it. A later clean-up believes it only of a credential
that the run had, or that has shown to be of the run's user: by a deletion that was done, or a record that it saw.
"""

import contextlib
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Literal

from entity_conformance.deployment.account import KEYS, Account, Thing, moment
from entity_conformance.deployment.api import Api, Record, Reply, RunContext
from entity_conformance.deployment.context import together
from entity_conformance.deployment.credentials import BY_NAME, CREDENTIALS, CredentialName, User
from entity_conformance.deployment.mark import mark
from entity_conformance.deployment.ownership import Claim, below, records_in
from entity_conformance.deployment.problems import Blocked, Leftover, OutOfProfile, Violation
from entity_conformance.deployment.reply import is_id
from entity_conformance.deployment.sending import SPARING, UNSHOWN, readers, shown

PAGES = 3
"""Pages of 100 records, newest first, that are looked through for each entity."""

LOOKS_FOR_KEYS = 2
"""Lists of keys, which have no pages: one may show what was claimed, and one what else is the run's."""

AGAIN = 1.0
"""Seconds after which what an unanswered creation may have made is looked for again: it can take its time."""

CHANGED = "POST answered this id, and what stands there is not what the run wrote: look at it before it is deleted"

OLDER = "it holds what this run wrote, and was there before the run: look at it; it was not deleted"

UNFOUND = "a list shows it, and by the id that it shows nothing is found"

_AT_ONCE = 4
_ANY_KEY: frozenset[CredentialName] = frozenset(row.name for row in CREDENTIALS)


@dataclass(frozen=True, slots=True)
class Tidied:
    """What cleaning up came to: how many things it removed, how many were gone before, and what is left."""

    removed: int
    gone: int
    leftovers: tuple[Leftover, ...]


def cost(
    account: Account,
    credential: str | None = None,
    *,
    able: Collection[str] = ("api_key",),
    carried: Collection[str] = (),
) -> int:
    """Requests that cleaning up will take at least, to be kept back from the budget.

    With a `credential`, only those that it will send. `able` are the run's own user's that can delete: without a key
    the session sends what the key would. `carried` are the entities whose records go with their parents: of those one
    is looked for.
    """
    able = {*able, "session", "other_api_key"}
    senders: Counter[str] = Counter()
    for each, times in account.numbers.items():
        if times:
            senders[next(name for name in _removers(*each) if name in able)] += 1 if each[0] in carried else times
    for each in account.touched:
        senders[next(name for name in readers(*each) if name in able)] += LOOKS_FOR_KEYS if each[0] == KEYS else PAGES
    return senders.total() if credential is None else senders[credential]


def going_along(context: RunContext, made: Collection[str]) -> frozenset[str]:
    """The entities whose records go with a parent of these; none where nobody told the relations."""
    required = {(entity.name, field.name) for entity in context.entities for field in entity.fields if field.required}
    return frozenset(
        entity.name
        for entity in context.entities
        for relation in entity.relations
        if relation.type == "belongsTo" and relation.entity in {*made} - {entity.name}
        if (entity.name, relation.foreign_key) in required
    )


def kept_back(context: RunContext, account: Account, able: Collection[str], credential: str | None) -> int:
    """As `cost`, of a run that knows how its entities belong together: all is counted where a parent was kept (R17)."""
    is_kept = any(_keeps_parents(reply, context.base) for reply in context.deletions)
    made = [entity for (entity, _), times in account.numbers.items() if times]
    return cost(account, credential, able=able, carried=() if is_kept else going_along(context, made))


def _keeps_parents(reply: Reply, base: str) -> bool:
    """Whether a deletion was refused as that of a parent may be (R17)."""
    return reply.status in {400, 409} and below(reply.url, base)[:1] != (KEYS,)


async def tidy(context: RunContext, account: Account) -> tuple[Leftover, ...]:
    """Remove everything that this run made, and tell what could not be removed."""
    return (await cleared(context, account, proven=_ANY_KEY)).leftovers


async def cleared(context: RunContext, account: Account, *, proven: Iterable[CredentialName]) -> Tidied:
    """Remove everything that a run made. `proven` are the credentials known to be of the user that they stand for."""
    return await _Clearing(context, account, proven).perform()


def left_over(account: Account) -> tuple[Leftover, ...]:
    """What is still there when cleaning up came to no end."""
    things = tuple(_leftover(thing, "cleaning up came to no end") for thing in account.outstanding)
    sought = tuple(_unknown(entity, "cleaning up came to no end") for entity, _ in account.open.values())
    return (*things, *sought)


class _Clearing:
    """One clean-up under way."""

    def __init__(self, context: RunContext, account: Account, proven: Iterable[CredentialName]) -> None:
        context.wire.is_closing = True
        self._api = Api(context, "clean-up")
        self._at_once = max(context.concurrency, _AT_ONCE)
        self._account = account
        self._proven = set(proven)
        self._absent: dict[Thing, CredentialName] = {}
        self._carried: set[Thing] = set()
        self._strangers: set[Thing] = set()
        self._looked: dict[tuple[str, User], CredentialName] = {}
        self._found: Counter[tuple[str, User]] = Counter()
        self._removed: list[Thing] = []
        self._seer = _seers(context, account)
        self._since = _since(context, account)
        self._changed: set[Thing] = set()

    async def perform(self) -> Tidied:
        account, reasons = self._account, dict[Thing, str]()
        await self._look()
        for each in account.late:
            await self._seek(*each, reasons)  # before its parent takes it along
        reasons |= await self._remove_records()
        unanswered = set(account.open.values())
        sought = await self._sought(account.touched, reasons)
        if again := [each for each in self._looked if each in unanswered]:
            await self._api.context.wire.lets_finish(AGAIN)
            sought |= await self._sought(again, reasons)
        unseen = [leftover for leftovers in sought.values() for leftover in leftovers]
        reasons |= await self._readable()
        reasons |= await self._remove([thing for thing in account.outstanding if thing.entity == KEYS])
        gone, doubtful = self._judge_absences()
        reasons |= doubtful
        unseen += self._settle(nameless={(left.entity or KEYS) for left in unseen})
        removed = len({*self._removed, *self._carried})
        return Tidied(removed, gone, (*(_leftover(thing, why) for thing, why in reasons.items()), *unseen))

    async def _look(self) -> None:
        """Look at the newest records of each entity: one answer shows of many that they are the run's."""
        owned, account = self._api.context.owned, self._account
        for thing in account.outstanding:
            if not owned.may_change(thing.entity, thing.id) and is_id(thing.id):
                shows = partial(account.may_be_ours, thing.entity)
                is_known = (thing.entity, thing.id) in account.changed
                owned.made(thing.entity, thing.id, None if is_known else Claim(thing.user, shows, thing.since))
        carried = self._carried_entities()

        async def look(entity: str, user: User) -> None:
            with contextlib.suppress(Violation, Blocked, OutOfProfile):
                await self._newest(entity, self._having(readers(entity, user))[0])

        claimed = [each for each in account.touched if owned.claims(each[0]) and each[0] not in carried]
        await together(self._at_once, [partial(look, *each) for each in claimed])

    async def _sought(
        self, touched: Sequence[tuple[str, User]], reasons: dict[Thing, str]
    ) -> dict[tuple[str, User], Sequence[Leftover]]:
        """What `_seek` returns for each of these."""
        found = await together(self._at_once, [partial(self._seek, *each, reasons) for each in touched])
        return dict(zip(touched, found, strict=True))

    async def _seek(self, entity: str, user: User, reasons: dict[Thing, str]) -> Sequence[Leftover]:
        """Remove what the run made of an entity without its journal knowing.

        Adds to `reasons` why a thing is left, and returns what could not be seen or has no id.
        """
        try:
            strays, nameless = await self._strays(entity, user)
        except (Violation, Blocked, OutOfProfile) as problem:
            return self._unseen(entity, user, f"looking for it failed: {problem}")
        reasons |= await self._remove(strays)
        reasons |= {stray: why for stray in strays if (why := await self._still_there(stray)) is not None}
        return [*nameless, *await self._unfound(entity, user, strays)]

    async def _unfound(self, entity: str, user: User, strays: Sequence[Thing]) -> Sequence[Leftover]:
        """What a list still shows of the run, under ids by which nobody found it: it is there all the same."""
        if not any(self._is_unfound(stray) for stray in strays):
            return ()
        with contextlib.suppress(Violation, Blocked, OutOfProfile):
            shown = await self._newest(entity, self._having(readers(entity, user))[0])
            ours = [
                Thing(entity, str(one.get("id")), user)
                for one in shown
                if self._account.is_ours(entity, one) and not self._is_older(entity, one)
            ]
            is_own = self._api.context.owned.is_own
            return [_leftover(one, UNFOUND) for one in ours if not is_own(entity, one.id) or self._is_unfound(one)]
        return ()

    def _is_unfound(self, thing: Thing) -> bool:
        """Whether nobody knows a record by its id; one whose deletion was confirmed may be in a list for a while."""
        if thing not in self._absent or thing in self._carried:
            return False
        deletions = (
            reply.status
            for reply in self._api.context.replies
            if reply.method == "DELETE" and below(reply.url, self._api.base) == (thing.entity, thing.id)
        )
        return thing in self._strangers or all(status == 404 for status in deletions)

    def _carried_entities(self) -> frozenset[str]:
        """The entities whose records go with a parent that this run made; none where nobody told the relations."""
        return going_along(self._api.context, {thing.entity for thing in self._account.outstanding})

    async def _remove_records(self) -> dict[Thing, str]:
        """Delete the records, parents first. Returns why what is left could not be deleted.

        Where a parent is refused, or a child is still there, children are deleted one by one, and then their parents.
        """
        names = self._carried_entities()
        records = [thing for thing in self._account.outstanding if thing.entity != KEYS]
        children = [thing for thing in records if thing.entity in names]
        left = await self._remove([thing for thing in records if thing.entity not in names])
        if left or not children:
            return await self._remove(children) | (await self._remove(left) if children else left)
        reasons: dict[Thing, str] = {}
        for of in dict.fromkeys((thing.entity, thing.user) for thing in children):
            alike = [thing for thing in children if (thing.entity, thing.user) == of]
            if await self._went_along(alike[0]):
                self._absent |= dict.fromkeys(alike, self._absent[alike[0]])
                self._carried |= set(alike)
            else:
                reasons |= await self._remove(alike)
        return reasons

    async def _remove(self, things: Iterable[Thing]) -> dict[Thing, str]:
        """Delete things, several at once. Returns why what is left could not be deleted.

        What was refused is tried once more, one by one: a parent may wait for its children, or take them with it.
        """
        wanted = tuple(things)
        first = await together(self._at_once, [partial(self._delete, thing) for thing in wanted])
        refused = [thing for thing, reason in zip(wanted, first, strict=True) if reason is not None]
        again = [(thing, await self._delete(thing)) for thing in refused]
        return {thing: why for thing, why in again if why is not None and not await self._went_along(thing)}

    async def _delete(self, thing: Thing) -> str | None:
        """Delete one thing. Returns why that was not possible, None when it is gone, or not there to be seen."""
        try:
            match await shown(self._api.context, thing.entity, thing.id, check=self._api.check):
                case "shown":
                    return await self._deleted(thing)
                case "another's":  # a finding about its creation, and nothing that the run left
                    self._gone(thing)
                case "absent":
                    self._absent[thing] = self._having(readers(thing.entity, thing.user))[0]
                case "changed":
                    self._changed.add(thing)
                    return CHANGED
                case "unshown":
                    return CHANGED if thing in self._changed else UNSHOWN
        except (Violation, Blocked, OutOfProfile) as problem:
            return str(problem)
        return None

    async def _deleted(self, thing: Thing) -> str | None:
        """As `_delete`. Raises as an Api does."""
        reason = None
        for name in self._having(_removers(thing.entity, thing.user)):
            if name == "api_key" and self._api.context.wallet.main == "session":
                continue  # the budget keeps back one request for each deletion
            reply = await self._deletion(thing, name)
            if reply.is_granted:
                self._proven.add(name)
                self._gone(thing)
                self._absent.pop(thing, None)
                self._removed.append(thing)
                return None
            if reply.says_missing:
                self._absent[thing] = name
            else:
                self._absent.pop(thing, None)
                in_words = ", and refused by its body" if reply.status < 300 else ""
                reason = f"DELETE answered {reply.status}{in_words}"
            if reply.status not in {401, 403} and name != "delete_key":
                break
        return None if thing in self._absent else reason

    async def _went_along(self, thing: Thing) -> bool:
        """Whether what cannot be deleted by itself is there no longer, since its parent went."""
        if thing.entity == KEYS:
            return False
        name = self._having(readers(thing.entity, thing.user))[0]
        with contextlib.suppress(Violation, Blocked, OutOfProfile):
            if (await self._api.read(thing.entity, thing.id, credential=name)).says_missing:
                self._absent[thing] = name
                return True
        return False

    async def _deletion(self, thing: Thing, name: CredentialName) -> Reply:
        if thing.entity == KEYS:
            return await self._api.revoke_key(thing.id, credential=name)
        return await self._api.delete(thing.entity, thing.id, credential=name)

    def _having(self, names: Sequence[CredentialName]) -> Sequence[CredentialName]:
        """Those that this run has; the first where it has none, whose lack says why nothing can be done."""
        return [name for name in names if self._api.has(name)] or names[:1]

    def _gone(self, thing: Thing) -> None:
        self._api.context.journal.gone(thing.entity, thing.id)
        self._account.gone(thing.entity, thing.id)

    async def _readable(self) -> dict[Thing, str]:
        """The records whose deletion was confirmed and that can be read: the last one is looked at, and then all."""
        deleted = [thing for thing in reversed(self._removed) if thing.entity != KEYS]
        if not deleted or (why := await self._still_there(deleted[0])) is None:
            return {}
        others = {thing: await self._still_there(thing) for thing in deleted[1:]}
        return {deleted[0]: why} | {thing: reason for thing, reason in others.items() if reason is not None}

    async def _still_there(self, stray: Thing) -> str | None:
        """Why a record is left whose deletion was confirmed; None when it is gone."""
        if stray.entity == KEYS:
            return None
        try:
            name = self._having(readers(stray.entity, stray.user))[0]
            reply = await self._api.read(stray.entity, stray.id, credential=name)
        except (Violation, Blocked, OutOfProfile):
            return None
        there = records_in(reply)
        if not reply.is_granted or (there and all(one["id"] != stray.id for one in there)) or _is_null(reply):
            return None
        was_missing = self._absent.pop(stray, None) is not None
        self._account.found(stray)
        return f"its deletion was {'answered by 404' if was_missing else 'confirmed'}, and it is still there"

    def _was_made(self, entity: str, record: Record) -> bool:
        """Whether this run was shown that it made it, whatever it holds by now, and though it was told to be gone."""
        owned, id_ = self._api.context.owned, record.get("id")
        return isinstance(id_, str) and owned.is_own(entity, id_) and owned.claim(entity, id_) is None

    async def _strays(self, entity: str, user: User) -> tuple[Sequence[Thing], Sequence[Leftover]]:
        """What the run made of an entity without its journal knowing; apart, what lacks an id to be removed by.

        Raises as an Api does when that cannot be seen.
        """
        name = self._seer.get((entity, user)) or self._having(readers(entity, user))[0]
        shown = await self._newest(entity, name)
        ours = [record for record in shown if self._account.is_ours(entity, record) or self._was_made(entity, record)]
        older = [record for record in ours if self._is_older(entity, record)]
        ours = [record for record in ours if record not in older]
        if any(self._account.is_users(entity, user, record) for record in shown if record not in older):
            self._proven.add(name)
        self._looked[entity, user] = name
        known = {thing.id for thing in self._account.outstanding if thing.entity == entity} - {
            thing.id for thing in self._absent if thing.entity == entity
        }
        found = [(record.get("id"), await self._segment(entity, record, shown, name)) for record in ours]
        strays = [Thing(entity, segment, user) for _, segment in found if segment is not None and segment not in known]
        self._found[entity, user] += len(strays)
        for stray in strays:
            if not self._api.context.owned.is_own(entity, stray.id):
                self._strangers.add(stray)
            self._account.found(stray)
            self._api.context.owned.made(entity, stray.id)
        nameless = [_nameless(entity, id_) for id_, segment in found if segment is None]
        return strays, [*(_leftover(Thing(entity, one["id"], user), OLDER) for one in older), *nameless]

    def _is_older(self, entity: str, record: Record) -> bool:
        """Whether a record that holds the run's texts was there before: whoever wrote them there, it is another's."""
        if self._was_made(entity, record) or not is_id(record.get("id")):
            return False
        created = moment(record.get("createdAt"))
        is_before = created is not None and self._since is not None and created < self._since
        return is_before or self._api.context.owned.was_there(entity, record["id"])

    async def _segment(self, entity: str, record: Record, shown: Sequence[Record], name: CredentialName) -> str | None:
        """The segment of a path at which a record of the run is removed; None where it has none.

        An id that is a whole number is written in decimal, where that shows to name this record and no other.
        """
        id_ = record.get("id")
        if is_id(id_):
            return id_
        if isinstance(id_, bool) or not isinstance(id_, int | float) or id_ != id_ // 1:
            return None
        segment = f"{id_:.0f}" if isinstance(id_, float) else str(id_)
        if entity == KEYS:  # which are listed, and not read
            is_it = sum(str(one.get("id")) in {segment, str(id_)} for one in shown) == 1
        else:
            reply = await self._api.read(entity, segment, credential=name)
            is_it = reply.is_granted and any(self._account.is_ours(entity, one) for one in reply.shown)
        return segment if is_it and is_id(segment) else None

    async def _newest(self, entity: str, name: CredentialName) -> tuple[Record, ...]:
        """The newest records of an entity; where there are very many, those besides that a search finds."""
        if entity == KEYS:
            listed = await self._api.list_keys(credential=name)
            return () if listed.status == 404 else _records(listed)
        found: tuple[Record, ...] = ()
        if self._is_in_vain(entity):
            return found
        for page in range(1, PAGES + 1):
            reply = await self._api.list(entity, sort="createdAt", order="desc", limit=100, page=page, credential=name)
            shown = () if reply.status == 404 else _records(reply)  # where no such entity is, there is nothing of it
            found += shown
            if len(shown) < 100:
                return found
        marked = await self._api.list(entity, search=mark(self._account.run), limit=100, credential=name)
        return found + _records(marked)

    def _is_in_vain(self, entity: str) -> bool:
        """Whether a list can show nothing of the run: it wrote no text that tells, or there is no such entity.

        That is known where every list was answered by 404, one of them after the last creation that was tried.
        """
        if not any(texts for (of, _), texts in self._account.texts.items() if of == entity):
            return True
        asked = [reply for reply in self._api.context.replies if below(reply.url, self._api.base) == (entity,)]
        told = [(one.method, one.status) for one in asked if one.credential != "none"]
        return told[-1:] == [("GET", 404)] and all(status == 404 for method, status in told if method == "GET")

    def _judge_absences(self) -> tuple[int, dict[Thing, str]]:
        """How many of the things that were answered by 404 are gone, and why the others may be there."""
        gone, doubtful = 0, dict[Thing, str]()
        for thing, name in self._absent.items():
            if self._is_unserved(thing.entity):
                doubtful[thing] = "404 was answered, as it is to its list"
            elif name in self._proven:
                self._gone(thing)
                gone += thing not in self._carried
            else:
                doubtful[thing] = f"404 was answered, and {_stranger(name)}"
        return gone, doubtful

    def _is_unserved(self, entity: str) -> bool:
        """Whether the last list was answered by 404 too: that nothing is found there says nothing of any record."""
        lists = (
            reply.status
            for reply in reversed(self._api.context.replies)
            if reply.method == "GET" and below(reply.url, self._api.base) == (entity,)
        )
        return next(lists, 200) == 404

    def _settle(self, nameless: Iterable[str]) -> list[Leftover]:
        """Close the creations that were looked for by somebody who could see them. Returns the others."""
        unseen: list[Leftover] = []
        for (entity, user), name in self._looked.items():
            if name not in self._proven:
                unseen += self._unseen(entity, user, _stranger(name))
            elif self._account.late[entity, user] > self._found[entity, user]:
                unseen += self._unseen(entity, user, "nothing of it was seen yet")
            elif entity not in nameless:
                self._account.settled(entity, user)
        return unseen

    def _unseen(self, entity: str, user: User, why: str) -> list[Leftover]:
        return [_unknown(entity, why) for of in self._account.open.values() if of == (entity, user)]


def _seers(context: RunContext, account: Account) -> dict[tuple[str, User], CredentialName]:
    """The key that only reads, for the entities of which its last list showed all that is to be removed."""
    ids: dict[str, set[str]] = {}
    for thing in account.outstanding:
        if thing.user == "own" and thing.entity != KEYS:
            ids.setdefault(thing.entity, set()).add(thing.id)
    listed: dict[str, set[str]] = {}
    for reply in context.replies:
        match below(reply.url, context.base):
            case (entity,) if (reply.method, reply.credential, reply.status) == ("GET", SPARING, 200):
                listed[entity] = {one["id"] for one in records_in(reply)}
            case _:
                pass
    return {(entity, "own"): SPARING for entity, wanted in ids.items() if wanted <= listed.get(entity, set())}


def _since(context: RunContext, account: Account) -> datetime | None:
    """What was created before was there before the run, by the deployment's clock as far as its answers tell it."""
    made = (one for reply in context.replies if reply.method == "POST" and reply.is_granted for one in reply.shown)
    times = (account.began, *(moment(one.get("createdAt")) for one in made))
    return min(filter(None, times), default=None)


def _records(reply: Reply) -> tuple[Record, ...]:
    """The records of a list, under whatever name. Raises Violation where it is none."""
    return reply.shown if 200 <= reply.status < 300 and reply.shown else reply.records


def _is_null(reply: Reply) -> bool:
    """Whether a success says that there is no such record, as some deployments do in place of 404."""
    try:
        return reply.body.get("data", reply) is None
    except Violation:
        return False


def _removers(entity: str, user: User) -> tuple[CredentialName, ...]:
    """The credentials that can delete what a user made, the first choice first."""
    if entity == KEYS:
        return ("session",)
    return ("other_api_key",) if user == "other" else ("delete_key", "api_key", "session")


def _stranger(name: CredentialName) -> str:
    return f"nothing shows that {BY_NAME[name].option} is of the user who made it"


def _kind(entity: str) -> Literal["record", "key"]:
    return "key" if entity == KEYS else "record"


def _of(entity: str) -> str | None:
    return None if entity == KEYS else entity


def _unknown(entity: str, why: str) -> Leftover:
    return Leftover(_kind(entity), _of(entity), "(unknown)", f"its creation told no id of its own, and {why}")


def _nameless(entity: str, id_: object) -> Leftover:
    is_number = isinstance(id_, int | float) and not isinstance(id_, bool)
    why = "its id is a number at which it does not show" if is_number else "its id is no plain segment of a path"
    return Leftover(_kind(entity), _of(entity), str(id_)[:80], why)


def _leftover(thing: Thing, reason: str) -> Leftover:
    return Leftover(_kind(thing.entity), _of(thing.entity), thing.id, reason)
