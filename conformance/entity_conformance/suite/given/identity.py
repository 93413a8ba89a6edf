"""Who may do what: records made to be refused, and every operation by whoever must not perform it.

What ought to be refused goes at a record that the write-only key made for it. So the positive side is seen as well: a
key with one scope creates, reads in a row, changes and deletes it.

It is long because each credential is tried at each operation, and each record that is tried is made here.
"""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import get_args
from urllib.parse import urlsplit
from zlib import crc32

from entity_contract import Action, Entity, Scope

from entity_conformance.deployment.api import Api, Credential, NearMiss, Record, Reply
from entity_conformance.deployment.credentials import BY_SCOPE, CredentialName, Secret
from entity_conformance.deployment.near_misses import as_key, empty, near, unformed
from entity_conformance.deployment.ownership import below
from entity_conformance.deployment.problems import Blocked, OutOfProfile, Violation
from entity_conformance.deployment.target import LONGEST_PAGE
from entity_conformance.suite import expect, sample
from entity_conformance.suite.given.askers import writer
from entity_conformance.suite.given.changes import sparse_read
from entity_conformance.suite.given.created import made
from entity_conformance.suite.given.descriptions import description
from entity_conformance.suite.given.endings import Removal
from entity_conformance.suite.given.fields import different
from entity_conformance.suite.given.groups import body, creation, filter_json, group, leads_to, taken
from entity_conformance.suite.given.keys import (
    SHOWN,
    UNKNOWN_KEY,
    key,
    secret_of,
)
from entity_conformance.suite.given.moments import moment
from entity_conformance.suite.given.narrowing import is_all, pagination, with_records
from entity_conformance.suite.given.person import directory, person
from entity_conformance.suite.given.rows import is_made, kept, target_read
from entity_conformance.suite.given.subsets import AT_A_RECORD, OPERATIONS, lacked, lacked_by_each, lacking_keys
from entity_conformance.suite.looking import look_again

_SHOWN, _REFUSED, _UNKNOWN_STATUS = 200, 400, 401
_HOUR = timedelta(hours=1)
_CLOCKS_DIFFER = timedelta(seconds=5)
"""How far clocks of one deployment may differ (E8)."""
ACTIONS: tuple[Action, ...] = get_args(Action)
_SCOPES: tuple[Scope, ...] = get_args(Scope)

UNKNOWN = NearMiss("unknown", ("Authorization", UNKNOWN_KEY["Authorization"]))
OVERRIDES = dict.fromkeys(("X-HTTP-Method-Override", "X-Method-Override", "X-HTTP-Method"), "DELETE")
"""Headers by which some servers take one method for another."""

UNKNOWN_SESSION = NearMiss("unknown", ("Cookie", "better-auth.session_token=conformance-no-such-session"))

_SOME: Mapping[str, tuple[Action, ...]] = {
    "cut by one": ("read", "update"),
    "other case": ("list", "delete"),
    "with a tail": ("create", "metadata"),
}
"""The operations at which such a near miss of a session is tried: together they meet each."""


async def target(api: Api, entity: Entity) -> Record:
    """The entity's record at which everything is to be refused: the first that was created, or what took its place.

    Raises Blocked and OutOfProfile where there is none.
    """
    found = made(api, (await creation(api, entity)).reply)
    with suppress(Blocked, OutOfProfile):
        await target_read(api, entity)  # by which it is known to be the run's own
    return await kept(api, entity, found)


async def first_records_seen(api: Api, entity: Entity) -> None:
    """Let a READ show the first two records, before anybody asks for them by an id that may be another's."""
    for look in (target_read, sparse_read):
        with suppress(Violation, Blocked, OutOfProfile):
            await look(api, entity)


async def target_deleted(api: Api, entity: Entity) -> Reply:
    """DELETE of that record by the key with that scope alone, when those of its children have been deleted.

    The last look comes before: what was refused at that record, and done all the same, shows there.
    """
    await look_again(api.context)
    return await api.once(("target deleted", entity.name), lambda: _target_deleted(api, entity))


def attempt(api: Api, entity: Entity, known: Record, credential: Credential) -> dict[str, object]:
    """The body of an UPDATE by which it can be told, afterwards, whose it was."""
    field = sample.title_field(entity)
    if field is None or field.samples:
        return different(api, entity, known)
    who = sample.word(api.run, f"attempt of {_name(credential)}")
    return {field.name: sample.cut(field, f"{who} {sample.mark(api.run)}")}


def _name(credential: Credential) -> str:
    """What a credential is called in a reply, and in a plan."""
    return credential if isinstance(credential, str) else getattr(credential, "placeholder", "made key")


def sent(api: Api, reply: Reply) -> Record:
    """The body of the request that was answered so."""
    content = next(one.request.content for one in api.context.asked if one.reply is reply)
    body: Record = json.loads(content or b"{}")
    return body


async def seen_again(api: Api, entity: Entity, refused: Reply) -> Reply:
    """READ, by its owner, of the target that a write was refused at. Raises Blocked where another one took it since."""
    known = await target(api, entity)
    if below(refused.url, api.base) != (entity.name, known["id"]):
        raise Blocked("a DELETE that had to be refused took this record away, which others judge")
    return await api.read(entity, known["id"])


async def turned_away(
    api: Api, credential: Credential, *, place: int, actions: Sequence[Action] = ACTIONS
) -> Sequence[Reply]:
    """Operations by a credential that is none, each of another entity: `place` differs from one to the next.

    So each credential meets each operation and each entity. What is let in is asked for by nobody as well: where nobody
    is let in too, that operation says nothing of a credential, and is left out. Raises Blocked where nothing is left.
    """
    open_: list[str] = []

    async def tried(number: int, action: Action) -> Reply | None:
        answered = await _tried(api, action, number + place, credential)
        if answered is not None and answered[1].status < 300 and await _is_open(api, answered[0], action):
            open_.append(f"{action} of {answered[0].name} is open to everybody")
            return None
        return None if answered is None else answered[1]

    each = [partial(tried, number, action) for number, action in enumerate(actions)]
    replies = [reply for reply in await api.context.shared.places.abreast(each) if reply is not None]
    if open_ and not replies:
        raise Blocked(open_[0])
    return replies


async def expired_turned_away(api: Api) -> Sequence[Reply]:
    """Every operation by a key that has expired; once more, later, where one of them was let in.

    By then its expiry is past on every clock of the deployment: they may differ by as much (E8).
    """
    replies = await turned_away(api, "expired_key", place=5)
    if api.context.expires_at is None or all(reply.status >= _REFUSED for reply in replies):
        return replies
    await api.sleep((api.context.expires_at + _CLOCKS_DIFFER - api.now()).total_seconds())
    return await turned_away(api, "expired_key", place=5)


async def revoked_turned_away(api: Api, of: Removal) -> Sequence[Reply]:
    """Every operation by a revoked key, LIST first, which was asked for when it was revoked."""
    others = tuple(one for one in ACTIONS if one != "list")
    replies = await turned_away(api, Secret(str(of.record["key"])), place=6, actions=others)
    return replies if of.gone is None else [of.gone, *replies]


async def all_turned_away(api: Api, misses: Sequence[NearMiss], *, place: int) -> Sequence[Reply]:
    """As `turned_away` by each of these, at the operations that each is tried at."""
    each = [
        partial(turned_away, api, miss, place=place + number, actions=actions_of(miss))
        for number, miss in enumerate(misses)
    ]
    return [reply for replies in await api.context.shared.places.abreast(each) for reply in replies]


async def strangers(api: Api, entity: Entity) -> Sequence[Reply]:
    """Two operations of an entity by nobody, each with nothing wrong but that; more where the run has few entities.

    The next entity goes on with the next two, so that all of them are asked for twice. An OPTIONS by which nothing is
    described to a key either is left out: it is no operation of the API, which others judge.
    """
    able = [one for one in ACTIONS if one in entity.operations and (one not in AT_A_RECORD or is_made(entity))]
    share = min(len(able), -(-2 * len(ACTIONS) // len(api.entities)))
    first = share * _place(api, entity)
    found: list[Reply] = []
    for number in range(share):
        with suppress(Blocked, OutOfProfile):
            action = able[(first + number) % len(able)]
            reply = await stranger(api, entity, action)
            if action != "metadata" or not reply.is_granted or (await description(api, entity)).content:
                found.append(reply)
    return found


async def stranger(api: Api, entity: Entity, action: Action) -> Reply:
    """One operation of an entity by nobody, once for all that judge it.

    OPTIONS of all but the first entity says where a page is from: that alone makes it no preflight (O6).
    """
    return await api.once(("stranger", entity.name, action), lambda: _stranger(api, entity, action))


async def lacking(api: Api, entity: Entity) -> Sequence[Reply]:
    """An operation of an entity for each scope, by the key with both others where there is one; operations take turns.

    Of the first entity it is every operation, and one more by each key with one scope alone; of each in a thorough run
    all but LIST, by the key with both other scopes and by one with one of them.
    """
    tried = lacked(api, entity, _place(api, entity))
    replies = [await without(api, entity, scope, action) for scope, action in tried]
    if entity == api.entities[0] and not api.context.is_thorough:
        replies += await _lacking_alone(api, entity, tried)
    if api.context.is_thorough:
        asked = {(action, reply.credential) for (_, action), reply in zip(tried, replies, strict=True)}
        for number, (scope, action) in enumerate(lacked_by_each(api, entity), _place(api, entity)):
            keys = await lacking_keys(api, scope)
            for each in (*keys[:1], *keys[1:][number % 2 :][:1]):
                if (action, _name(each)) not in asked:
                    with suppress(Blocked, OutOfProfile):  # who ought to be refused may have deleted the record
                        reply = await perform(api, entity, action, each)
                        replies += [reply] if isinstance(each, str) or reply.status != _UNKNOWN_STATUS else []
    return replies


async def without(api: Api, entity: Entity, scope: Scope, action: Action) -> Reply:
    """An operation by a key that lacks the scope for it, once for all that judge it."""
    return await api.once(("without", entity.name, action), lambda: _without(api, entity, scope, action))


async def target_to_read(api: Api, entity: Entity) -> Record:
    """The entity's target when it is asked for first; another record where there is none. It stays the same one."""
    return await api.once(("target to read", entity.name), lambda: _target_to_read(api, entity))


async def _target_to_read(api: Api, entity: Entity) -> Record:
    try:
        return await target(api, entity)
    except Blocked:
        return (await group(api, entity)).records[0]


async def read_by_another(api: Api, entity: Entity) -> Reply:
    """READ of the entity's target with its relations by the other user, once for all that judge who sees what."""
    known = await target_to_read(api, entity)
    return await api.once(("read by another", entity.name), lambda: _read_by_another(api, entity, known["id"]))


async def _read_by_another(api: Api, entity: Entity, id_: str) -> Reply:
    names = [one.name for one in entity.includable] or None
    fields = sorted(entity.always) if _place(api, entity) % 2 else None
    reply = await api.read(entity, id_, include=names, fields=fields, credential="other_api_key")
    return reply if reply.status != _REFUSED else await api.read(entity, id_, credential="other_api_key")


async def somebody_read_by_another(api: Api) -> Reply:
    """READ of somebody of the directory by the other user: of some fields, of all where that is not granted."""
    somebody, entity = await person(api), directory(api)
    names = ["id", *(one.name for one in entity.fields if one.name != "id")][::2]
    reply = await api.read(entity, somebody["id"], fields=names, credential="other_api_key")
    return reply if reply.status == _SHOWN else await api.read(entity, somebody["id"], credential="other_api_key")


async def filtered_by_another(api: Api, entity: Entity) -> Reply:
    """LIST by the other user of the target's foreign key, or id, beside all else that selects it; alone if refused."""
    known = await target(api, entity)
    keys = sorted(one for one in sample.foreign_keys(entity) if known.get(one))
    name = keys[0] if keys and _place(api, entity) % 2 else "id"
    alone = {"filter": filter_json({name: known[name]})}
    besides = {**alone, **_selecting(entity, known), "page": "1"}
    reply = await api.list(entity, params=besides, credential="other_api_key")
    return reply if reply.status != _REFUSED else await api.list(entity, params=alone, credential="other_api_key")


def _selecting(entity: Entity, known: Record) -> dict[str, str]:
    """A search, a range of dates and an order of the list: each selects the record, if it may be seen."""
    found: dict[str, str] = {}
    title = sample.title_field(entity)
    if title is not None and sample.title_is_searchable(entity):
        found["search"] = " ".join(str(known[title.name]).split()[:1])
    with suppress(Blocked, OutOfProfile):
        around = {"startDate": moment(known, "createdAt", -_HOUR), "endDate": moment(known, "createdAt", _HOUR)}
        by = ("createdAt", "updatedAt")[len(entity.name) % 2]  # some look at who owns a record in one order alone
        found |= around | ({"sort": by, "order": "desc"} if by in entity.sortable else {})
    return found


async def foreign(api: Api, entity: Entity) -> Record:
    """A record that the other user makes."""
    return await api.once(("foreign", entity.name), lambda: _foreign(api, entity))


async def foreign_reads(api: Api, entity: Entity) -> Sequence[Reply]:
    """READs of a record of the other user, by a key and by the session; none where such a record needs a parent."""
    if any(sample.parents(entity, "required")):
        return []
    known = await foreign(api, entity)
    names: tuple[CredentialName, ...] = ("api_key", "session")
    return [await api.read(entity, known["id"], credential=name) for name in names if api.has(name)]


async def naming_others(api: Api, entity: Entity) -> Sequence[Reply]:
    """Writes whose foreign keys name what somebody else has.

    The other user names this one's in a CREATE. This user names the other's in an UPDATE, where a parent is of the
    entity whose records the other user makes for all checks alike. There are none where that user sees this one's
    records, nor of parents that are seen so: they are everybody's, and would have children.
    """
    if (await read_by_another(api, entity)).status == _SHOWN:
        return ()
    makeable = [one for one in api.entities if is_made(one)]
    relations = [one for need in ("required", "optional") for one in sample.parents(entity, need)]
    parents = {one.foreign_key: parent for one in relations for parent in makeable if parent.name == one.entity}
    if not parents:
        raise OutOfProfile(f"{entity.name} has no parent that this run can create")
    common_ones = {one.name for one in parents.values() if (await read_by_another(api, one)).status == _SHOWN}
    parents = {name: one for name, one in parents.items() if one.name not in common_ones}
    if not parents:
        return ()
    common = None if any(sample.parents(makeable[0], "required")) else makeable[0]
    replies: list[Reply] = []
    for name in [name for name, parent in parents.items() if parent == common and "update" in entity.operations]:
        known, others = await target(api, entity), await foreign(api, parents[name])
        replies.append(await api.update(entity, known["id"], {name: others["id"]}, credential=writer(api)))
        if replies[-1].is_granted:  # else whatever shows the record would be wrong for that alone
            await api.update(entity, known["id"], {name: known.get(name)}, credential=writer(api))
    return [*replies, *await _named_by_another(api, entity, parents)]


async def _named_by_another(api: Api, entity: Entity, parents: Mapping[str, Entity]) -> Sequence[Reply]:
    """CREATE by the other user that names the targets of these parents.

    One that the refusal does not name is tried alone, beside what a record needs besides of that user's own.
    """
    named = {name: str((await target(api, parent))["id"]) for name, parent in parents.items()}
    replies = [await api.create(entity, await body(api, entity, **named), credential="other_api_key")]
    told = named.keys() if replies[0].is_granted or len(named) == 1 else expect.named(replies[0])
    for alone in [name for name in named if name not in told]:
        with suppress(Violation, Blocked, OutOfProfile):
            needed = [one.foreign_key for one in sample.parents(entity, "required") if one.foreign_key in parents]
            own = {name: (await foreign(api, parents[name]))["id"] for name in needed if name != alone}
            sent = await body(api, entity, **own, **{alone: named[alone]})
            replies.append(await api.create(entity, sent, credential="other_api_key"))
    return replies


async def listed_by_another(api: Api, entity: Entity) -> tuple[Reply, bool]:
    """LIST by the other user, of up to a hundred, and whether that is all; once more where its total is another one.

    That user's own records of this run are there before. Raises Blocked where nothing is listed.
    """
    with suppress(Blocked, OutOfProfile):
        await foreign(api, entity)
    for _ in range(2):
        reply = with_records(await api.list(entity, page=1, limit=LONGEST_PAGE, credential="other_api_key"))
        if pagination(reply, "total") == len(reply.records):
            break
    return reply, is_all(reply, LONGEST_PAGE)


async def tried_by_another(api: Api, entity: Entity) -> Sequence[Reply]:
    """READ and UPDATE of the entity's target by the other user, and DELETE where that user cannot read it."""
    return await api.once(("tried by another", entity.name), lambda: _tried_by_another(api, entity))


async def perform(api: Api, entity: Entity, action: Action, credential: Credential) -> Reply:
    """One operation of an entity, on its target and with a body that would be accepted; of users on one of them."""
    match action:
        case "list":
            beside = _beside(entity, action, credential)
            return await api.list(entity, limit=1, params=beside, credential=credential)
        case "metadata":
            return await api.metadata(entity, credential=credential)
        case "create":
            return (await taken(api, entity, await body(api, entity), credential)).reply
        case "read" | "update" | "delete":
            known = await (target(api, entity) if is_made(entity) else _person_read(api, entity))
            acts: Mapping[Action, Callable[[], Awaitable[Reply]]] = {
                "read": lambda: api.read(
                    entity, known["id"], params=_beside(entity, action, credential), credential=credential
                ),
                "update": lambda: _updated(api, entity, known, credential),
                "delete": lambda: api.delete(entity, known["id"], credential=credential),
            }
            return await acts[action]()


def _beside(entity: Entity, action: Action, credential: Credential) -> Mapping[str, object]:
    """Parameters of a list or READ, others for each who asks: some forget to ask who it is where there are some."""
    relations = [one.name for one in entity.includable]
    besides: list[Mapping[str, object]] = [{}, {"fields": "id"}, *([{"include": relations[0]}] if relations else [])]
    if action == "list":
        besides += [{"sort": "createdAt", "order": "desc"}] if "createdAt" in entity.sortable else []
        besides += [{"search": sample.UNKNOWN}] if entity.searchable else []
        besides.append({"filter": filter_json({"id": sample.UNKNOWN})})
    return besides[crc32(f"{entity.name} {action} {_name(credential)}".encode()) % len(besides)]


async def _person_read(api: Api, entity: Entity) -> Record:
    """Somebody of the directory whom READ shows. Raises Blocked where it does not."""
    known = await person(api)
    reply = await api.once("person read", lambda: api.read(entity, known["id"]))
    if reply.status != _SHOWN:
        raise Blocked(f"READ of {entity.name} answered {reply.status}")
    return known


async def _updated(api: Api, entity: Entity, known: Record, credential: Credential) -> Reply:
    return await api.update(entity, known["id"], attempt(api, entity, known, credential), credential=credential)


def forms(api: Api) -> Sequence[NearMiss]:
    """Headers that do not hold the API key as the reference has it."""
    return unformed(secret_of(api, "api_key"))


async def key_in_query(api: Api) -> Sequence[Reply]:
    """LIST by a key that stands in the URL under usual names; none where the run makes no keys.

    It is one that the run made, and revokes: servers log what they are asked for.
    """
    if not api.has("session") or api.context.is_read_only:
        return []
    with suppress(Blocked):
        made_key = await key(api, SHOWN)
        params = dict.fromkeys(("api_key", "apiKey", "access_token", "token"), made_key.value)
        return [await api.list(api.entities[0], limit=1, params=params, credential="none")]
    return []


def near_keys(api: Api) -> Sequence[NearMiss]:
    """What comes near to the API key, and a session's token in its place."""
    found = near(secret_of(api, "api_key"))
    return [*found, as_key(secret_of(api, "session"))] if api.has("session") else found


def near_sessions(api: Api) -> Sequence[NearMiss]:
    """What comes near to the session."""
    session = secret_of(api, "session")
    return [*(one for one in near(session) if one.how != "the first half"), empty(session)]


def actions_of(miss: NearMiss) -> Sequence[Action]:
    """The operations at which a near miss is tried: all, but few for what holds no secret.

    Those of a session that are cut, longer or in other case share them: each is a request for which nobody is known.
    """
    if not miss.hides:
        return ("read", "update")
    return _SOME.get(miss.how, ACTIONS) if miss.header[0] == "Cookie" else ACTIONS


def _place(api: Api, entity: Entity) -> int:
    names = [one.name for one in api.entities]
    return api.context.seed + (names.index(entity.name) if entity.name in names else 0)


async def _stranger(api: Api, entity: Entity, action: Action) -> Reply:
    if action == "metadata" and entity != api.entities[0]:
        parts = urlsplit(api.base)
        reply = await api.metadata(entity, credential="none", headers={"Origin": f"{parts.scheme}://{parts.netloc}"})
        if reply.status == _UNKNOWN_STATUS or (reply.is_granted and reply.content):
            return reply  # what else a page is answered is nobody's affair here (E17)
    return await perform(api, entity, action, "none")


async def _foreign(api: Api, entity: Entity) -> Record:
    return made(api, (await taken(api, entity, await body(api, entity), "other_api_key")).reply)


async def _is_open(api: Api, entity: Entity, action: Action) -> bool:
    """Whether nobody is asked who he is."""
    with suppress(Blocked, OutOfProfile):
        return (await stranger(api, entity, action)).status < 300
    return False


async def _without(api: Api, entity: Entity, scope: Scope, action: Action) -> Reply:
    others = await lacking_keys(api, scope)
    if not others:
        raise OutOfProfile(f"this run has no key without the scope {scope}")
    named = [one for one in others if isinstance(one, str)]
    tried = [one for one in api.entities if (scope, action) in lacked(api, one, _place(api, one))]
    turn = tried.index(entity) if entity in tried else 0
    has_pair = len(named) < len(others)
    if has_pair and turn % 2 and named:  # some look at the number of scopes, or take one scope for another
        return await perform(api, entity, action, named[(turn // 2 + _further(scope, action)) % len(named)])
    if has_pair:  # the key with both other scopes tells of either
        reply = await perform(api, entity, action, others[0])
        if reply.status != _UNKNOWN_STATUS or not named:
            return reply
    return await perform(api, entity, action, named[(api.context.seed + turn) % len(named)])


def _further(scope: Scope, action: Action) -> int:
    """The place of a key for another operation than that which the first entity is asked with it (`_lacking_alone`)."""
    return OPERATIONS[scope].index(action) + 1


async def _lacking_alone(api: Api, entity: Entity, tried: Sequence[tuple[Scope, Action]]) -> Sequence[Reply]:
    """One of those operations by each key with one scope alone, where keys with two have been refused them."""
    replies: list[Reply] = []
    for number, scope in enumerate(_SCOPES):
        actions = [action for of, action in tried if of == scope]
        name = BY_SCOPE[_SCOPES[(number + 1) % len(_SCOPES)]]
        keys = await lacking_keys(api, scope)
        if actions and name in keys and not isinstance(keys[0], str):
            replies.append(await perform(api, entity, actions[-1], name))
    return replies


async def _tried(api: Api, action: Action, place: int, credential: Credential) -> tuple[Entity, Reply] | None:
    """An operation of the entity whose turn it is, of those that have it and can have what it asks for."""
    at_records = action in {"read", "update", "delete"}
    able = [one for one in api.entities if action in one.operations and (is_made(one) or not at_records)]
    for number in range(len(able)):
        entity = able[(api.context.seed + place + number) % len(able)]
        with suppress(Blocked, OutOfProfile):
            return entity, await perform(api, entity, action, credential)
    return None


async def _tried_by_another(api: Api, entity: Entity) -> Sequence[Reply]:
    read = await read_by_another(api, entity)
    acts: tuple[Action, ...] = ("update",) if read.status == 200 else ("update", "delete")
    return [read, *[await perform(api, entity, action, "other_api_key") for action in acts]]


async def _deleter(api: Api, entity: Entity) -> Credential:
    """The key that only deletes; for the last entity one that writes too, where the run has made such a key."""
    last = [one for one in api.entities if is_made(one) and "delete" in one.operations][-1:]
    if entity == api.entities[0] or [entity] != last:
        return "delete_key"
    return next((one for one in await lacking_keys(api, "read") if isinstance(one, Secret)), "delete_key")


async def _target_deleted(api: Api, entity: Entity) -> Reply:
    for child in api.entities:
        keys = [one.foreign_key for one in child.relations if one.type == "belongsTo" and one.entity == entity.name]
        goes_along = child != entity and any(field.required for field in child.fields if field.name in keys)
        is_first = goes_along or (keys and not leads_to(api, entity, child))  # no loop has required keys alone
        if is_first and {"create", "delete"} <= set(child.operations):
            with suppress(Violation, Blocked, OutOfProfile):
                await target_deleted(api, child)
    reply = await perform(api, entity, "delete", await _deleter(api, entity))
    if reply.is_granted and api.context.is_thorough:
        with suppress(Violation, Blocked, OutOfProfile):  # whoever watches sees which deletion was not done
            await api.read(entity, made(api, (await creation(api, entity)).reply)["id"])
    return reply
