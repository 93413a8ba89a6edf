"""Sends one request of a run: what it may create is in the journal first, and what it did is known afterwards.

Everybody who asks the deployment anything sends through here: a check's `Api`, and a worker's `Blocking`.
"""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Literal
from urllib.parse import quote

from entity_conformance.deployment.account import KEYS, moment, unmistakable
from entity_conformance.deployment.context import RunContext
from entity_conformance.deployment.credentials import CredentialName, User, user_of
from entity_conformance.deployment.envelope import error_of, refused, unwrapped
from entity_conformance.deployment.mark import mark
from entity_conformance.deployment.no_answer import NoAnswer
from entity_conformance.deployment.outgoing import Asked, Outgoing
from entity_conformance.deployment.ownership import SAFE, Claim, below, created_in, records_in, written
from entity_conformance.deployment.problems import Blocked, OutOfProfile, Unshown
from entity_conformance.deployment.reply import Reply, is_id

NEWEST = "?sort=createdAt&order=desc&limit=100"
TAKEN = "it is an id that nobody has, and READ shows a record there"
SPARING: CredentialName = "read_key"
UNSHOWN = "neither READ nor LIST shows what its creation wrote"


async def send(
    context: RunContext, request: Outgoing, *, check: str, evidence: list[str], accepts_limit: bool = False
) -> Reply:
    """The answer to a request.

    Before the first write to what a creation answered, READ or LIST must show what was written; before the first one to
    an id that nobody has, READ must show nothing there.

    Raises NoAnswer and Blocked as the wire does (Unwritable where the journal cannot be written), Unshown where that
    is not shown, OutOfProfile for a write in a run that only reads, and Unsafe for what must not be sent.
    """
    await asyncio.sleep(0)  # who was stopped while the answer before came is stopped here, and announces nothing more
    if request.method not in SAFE:
        await _admit_write(context, request, check=check)
    context.owned.guard(request.method, request.url, context.base)
    created = created_in(request.method, request.url, context.base)
    ticket = None
    if created is not None:
        context.owned.creates(created)
        since = context.wire.now() - context.wire.clock_tolerance
        ticket = context.journal.will_create(created, _json(request.content), user_of(request.credential), since)
    began, path, payer = next(context.events), below(request.url, context.base), context.shared.payer(check)
    if request.method not in {*SAFE, "POST", "DELETE"} and len(path) == 2:
        context.journal.will_change(*path, _json(request.content))
    try:
        came = await _answer(context, request, check=check, evidence=evidence, accepts_limit=accepts_limit)
        reply = refused(error_of(came), context.contract.errors.codes)
    except Blocked:
        if created is not None and ticket is not None:
            context.journal.unsent(ticket)  # or turned away by the rate limit
            context.owned.created(created)
        raise
    except (NoAnswer, asyncio.CancelledError) as problem:
        if created is not None and ticket is not None:
            _note_silence(context, created, ticket, request, problem)
        context.asked.append(Asked(request, None, check, path, began, next(context.events), payer))
        raise
    context.asked.append(Asked(request, reply, check, path, began, next(context.events), payer))
    context.replies.append(reply)
    if reply.method == "DELETE":
        context.deletions.append(reply)
    if created is not None and ticket is not None:
        _note_creation(context, created, ticket, reply, request)
    else:
        _note(context, reply)
    return reply


async def _admit_write(context: RunContext, request: Outgoing, *, check: str) -> None:
    """Raises as `send` does for a write that must not be sent."""
    if context.is_read_only:
        raise OutOfProfile("this run only reads")
    match below(request.url, context.base):
        case (collection, id_) if await shown(context, collection, id_, check=check) != "shown":
            raise Unshown(f"{collection}/{id_} is not written to: {UNSHOWN}")
        case (collection, id_) if not await is_vacant(context, collection, id_, check=check):
            raise Unshown(f"{collection}/{id_} is not written to: {TAKEN}")
        case (name,) if name == KEYS and not context.owned.knows(KEYS):
            if not any((one.method, below(one.url, context.base)) == ("GET", (KEYS,)) for one in context.replies):
                await _look(context, KEYS, f"/{KEYS}", check=check)  # whose keys are there before one is made
            context.owned.begins(KEYS)
        case (name,) if not context.owned.knows(name):
            context.owned.begins(name)
        case _:
            pass


async def _answer(
    context: RunContext, request: Outgoing, *, check: str, evidence: list[str], accepts_limit: bool
) -> Reply:
    """The answer in the contract's words; what concerns keys is sent in the deployment's."""
    spelling, dialect = context.spelling, context.dialect
    match below(request.url, context.base):
        case (collection, *_) if collection == KEYS:
            pass
        case (collection, *_):
            told = dialect.spelled(collection, request)
            came = await context.wire.send(told, check=check, evidence=evidence, accepts_limit=accepts_limit)
            for plain, other in dialect.plainer(collection, request) if request.method == "GET" else ():
                if came.status != _BAD:
                    break
                again = await context.wire.send(plain, check=check, evidence=evidence, accepts_limit=accepts_limit)
                # a name that nobody knows may be ignored, and then selects nothing
                is_taken = other.takes_its_names or records_in(unwrapped(again, below(request.url, context.base)))
                if again.status < _BAD and is_taken:
                    dialect.takes_its_times, dialect.takes_its_names = other.takes_its_times, other.takes_its_names
                    told, came = plain, again
            reply = unwrapped(came, below(request.url, context.base))
            dialect.is_wrapped |= reply is not came
            entity = next((one for one in context.entities if one.name == collection), None)
            if entity is not None and request.method == "POST" and reply.is_granted:
                dialect.learn(entity, reply)
            read = dialect.read(collection, dialect.relinked(collection, reply))
            return read if told is request else replace(read, url=request.url)
        case _:
            return await context.wire.send(request, check=check, evidence=evidence, accepts_limit=accepts_limit)
    spelled = replace(request, url=spelling.url(request.url, context.base), content=spelling.content(request.content))
    reply = await context.wire.send(spelled, check=check, evidence=evidence, accepts_limit=accepts_limit)
    return replace(dialect.of_keys(spelling.reply(reply)), url=request.url)


_BAD = 400

Shown = Literal["shown", "absent", "another's", "changed", "unshown"]


async def shown(context: RunContext, collection: str, id_: str, *, check: str) -> Shown:
    """Whether what the run claims to have made is there, as it wrote it; what nobody claims is as good as shown.

    It is read, and looked for in a list where that does not show it. What stands there instead was there before
    (`another's`), or may be what the deployment made of the creation (`changed`). Raises as `send` does where nobody
    can see it.
    """
    claim, owned = context.owned.claim(collection, id_), context.owned
    if claim is None:
        return _unclaimed(context, collection, id_)
    record, newest = f"/{collection}/{quote(id_, safe='')}", f"/{collection}{NEWEST}"
    replies: list[Reply] = []
    names = readers(collection, claim.user)
    for path in (f"/{KEYS}",) if collection == KEYS else (record, newest):
        for name in _sparing(context, names):
            if (secret := context.wallet.get(name)) is not None:
                request = Outgoing("GET", context.base + path, (secret.header,), credential=name, kind=secret.kind)
                replies.append(await send(context, request, check=check, evidence=[]))
            if context.owned.claim(collection, id_) is None:  # shown now, or disproved by whoever else looked
                return _unclaimed(context, collection, id_)
            if name != SPARING and replies[-1].status != 403:
                break
    there = [one for reply in reversed(replies) if reply.is_granted for one in records_in(reply) if one["id"] == id_]
    if there:
        owned.disproved(collection, there[0])
        return "another's" if owned.is_anothers(collection, id_) else "changed"
    if collection == KEYS:
        return "absent" if replies[0].status == 200 and not _is_hidden_key(context, id_) else "unshown"
    read = [reply.status for reply in replies if below(reply.url, context.base) == (collection, id_)]
    is_served = any(reply.status != 404 for reply in replies if below(reply.url, context.base) == (collection,))
    return "absent" if read[-1] == 404 and is_served else "unshown"


def _is_hidden_key(context: RunContext, id_: str) -> bool:
    """Whether a list leaves out a key that must be there: made by this run, valid still, never shown or revoked."""
    made: Reply | None = None
    for reply in context.replies:
        match reply.method, below(reply.url, context.base):
            case "POST", (collection,) if collection == KEYS and any(one["id"] == id_ for one in records_in(reply)):
                made = reply
            case "GET", (collection,) if collection == KEYS and any(one["id"] == id_ for one in records_in(reply)):
                return False
            case "DELETE", (collection, named) if (collection, named) == (KEYS, id_):
                return False
            case _:
                pass
    expires = None if made is None else moment(str(records_in(made)[0].get("expiresAt")))
    return made is not None and (expires is None or expires > context.wire.now())


def _sparing(context: RunContext, names: Sequence[CredentialName]) -> Sequence[CredentialName]:
    """Those that the run has, the key that only reads first: what it shows is shown, what it does not says nothing."""
    held = [name for name in names if context.wallet.has(name)]
    return sorted(held, key=lambda name: name != SPARING) or names[:1]


async def is_vacant(context: RunContext, collection: str, id_: str, *, check: str) -> bool:
    """Whether nobody has an id that the run made up: READ is asked once. Keys are listed, and not read."""
    if context.owned.is_taken(collection, id_):
        return False
    if collection == KEYS or not context.owned.is_invented(collection, id_):
        return True
    reply = await _look(context, collection, f"/{collection}/{quote(id_, safe='')}", check=check)
    there = records_in(reply) if reply is not None and reply.is_granted else ()
    if there:
        return any(one["id"] == id_ for one in there) and context.owned.is_back(collection, id_)
    context.owned.vacant(collection, id_)
    return True


async def _look(context: RunContext, collection: str, path: str, *, check: str) -> Reply | None:
    """What who made the run's things sees there; None where the run has no such credential."""
    for name in readers(collection, "own"):
        if (secret := context.wallet.get(name)) is not None:
            request = Outgoing("GET", context.base + path, (secret.header,), credential=name, kind=secret.kind)
            return await send(context, request, check=check, evidence=[])
    return None


def _unclaimed(context: RunContext, collection: str, id_: str) -> Shown:
    if not context.owned.is_doubtful(collection, id_):
        return "shown"
    return "another's" if context.owned.is_anothers(collection, id_) else "unshown"


def readers(collection: str, user: User) -> tuple[CredentialName, ...]:
    """The credentials that can see what a user made, the first choice first."""
    if collection == KEYS:
        return ("session",)
    return ("other_api_key",) if user == "other" else ("api_key", "session", "read_key")


def _note_creation(context: RunContext, created: str, ticket: int, reply: Reply, request: Outgoing) -> None:
    """What the answer says about a creation; one that says nothing stays open, and is looked for at the end."""
    made = reply.shown if reply.is_granted else ()
    id_ = made[0]["id"] if len(made) == 1 else None
    if id_ is not None:
        context.owned.answered(created, str(id_))
    if not is_id(id_):
        if 400 <= reply.status < 500:
            _made_nothing(context, created, ticket)
        return
    if context.owned.is_anothers(created, id_):  # what was made, if anything, stands under an id that nobody told
        context.owned.created(created)
        return
    since = context.wire.now() - timedelta(seconds=reply.seconds) - context.wire.clock_tolerance
    context.journal.made(ticket, id_, since)
    shows = written(_json(request.content), mark(context.run), since)
    context.owned.made(created, id_, Claim(user_of(request.credential), shows, since))
    context.owned.created(created)


def _note_silence(context: RunContext, created: str, ticket: int, request: Outgoing, problem: BaseException) -> None:
    """A creation without an answer: it was never sent, or the deployment may still be at it, and it will be seen."""
    if isinstance(problem, NoAnswer) and problem.failure in {"dns", "connect", "certificate", "tls", "handshake"}:
        context.journal.unsent(ticket)
        context.owned.created(created)
    elif unmistakable(_json(request.content), mark(context.run)) and (
        not isinstance(problem, NoAnswer) or problem.failure == "timeout"
    ):
        context.journal.is_late(created, user_of(request.credential))


def _made_nothing(context: RunContext, collection: str, ticket: int) -> None:
    context.journal.made_nothing(ticket)
    context.owned.created(collection)


def _note(context: RunContext, reply: Reply) -> None:
    """What an answer shows of records that are there, or are no longer."""
    match reply.method, below(reply.url, context.base):
        case "DELETE", (collection, id_) if reply.is_granted:
            if reply.credential != "none":  # who is nobody may be told so by whoever asks for no credential
                context.journal.gone(collection, id_)
            context.owned.deleted(collection, id_)
        case "DELETE", (collection, id_) if reply.status == 404 and context.owned.may_change(collection, id_):
            if user_of(reply.credential) == "own":  # to another user it may be hidden
                context.owned.gone(collection, id_)
        case "GET", (collection, id_) if reply.status == 404 and reply.credential in {"api_key", "session"}:
            context.owned.vacant(collection, id_)
        case "GET", (collection, *_) if reply.is_granted:
            context.owned.saw(collection, records_in(reply))
        case _:
            pass


def _json(content: bytes | None) -> object:
    try:
        return None if content is None else json.loads(content)
    except (ValueError, RecursionError):
        return None
