"""Sends one request of a run: what it may create is in the journal first, and what it did is known afterwards.

Everybody who asks the deployment anything sends through here: a check's `Api`, and a worker's `Blocking`.
"""

import json
from dataclasses import replace

from entity_conformance.deployment.account import KEYS
from entity_conformance.deployment.context import RunContext
from entity_conformance.deployment.credentials import user_of
from entity_conformance.deployment.ownership import SAFE, below, created_in, ids_in
from entity_conformance.deployment.problems import Blocked, OutOfProfile, Violation
from entity_conformance.deployment.reply import Reply
from entity_conformance.deployment.wire import Outgoing


async def send(
    context: RunContext, request: Outgoing, *, check: str, evidence: list[str], accepts_limit: bool = False
) -> Reply:
    """The answer to a request.

    Raises NoAnswer and Blocked as the wire does (Unwritable where the journal cannot be written), OutOfProfile for a
    write in a run that only reads, and Unsafe for a request that must not be sent.
    """
    if request.method not in SAFE and context.is_read_only:
        raise OutOfProfile("this run only reads")
    context.owned.guard(request.method, request.url, context.base)
    created = created_in(request.method, request.url, context.base)
    ticket = None
    if created is not None:
        context.owned.creates(created)
        ticket = context.journal.will_create(created, _json(request.content), user_of(request.credential))
    try:
        reply = await _answer(context, request, check=check, evidence=evidence, accepts_limit=accepts_limit)
    except Blocked:
        if created is not None and ticket is not None:
            _made_nothing(context, created, ticket)  # it was not sent, or turned away by the rate limit
        raise
    context.replies.append(reply)
    if created is not None and ticket is not None:
        _note_creation(context, created, ticket, reply)
    else:
        _note(context, reply)
    return reply


async def _answer(
    context: RunContext, request: Outgoing, *, check: str, evidence: list[str], accepts_limit: bool
) -> Reply:
    """The answer in the contract's words; what concerns keys is sent in the deployment's."""
    spelling = context.spelling
    if below(request.url, context.base)[:1] != (KEYS,):
        return await context.wire.send(request, check=check, evidence=evidence, accepts_limit=accepts_limit)
    spelled = replace(request, url=spelling.url(request.url, context.base), content=spelling.content(request.content))
    reply = await context.wire.send(spelled, check=check, evidence=evidence, accepts_limit=accepts_limit)
    return replace(spelling.reply(reply), url=request.url)


def _note_creation(context: RunContext, created: str, ticket: int, reply: Reply) -> None:
    """What the answer says about a creation; one that says nothing stays open, and is looked for at the end."""
    try:
        id_ = reply.id
    except Violation:
        if 400 <= reply.status < 500:
            _made_nothing(context, created, ticket)
        return
    if context.owned.is_anothers(created, id_):
        _made_nothing(context, created, ticket)
        return
    context.journal.made(ticket, id_)
    context.owned.made(created, id_)
    context.owned.created(created)


def _made_nothing(context: RunContext, collection: str, ticket: int) -> None:
    context.journal.made_nothing(ticket)
    context.owned.created(collection)


def _note(context: RunContext, reply: Reply) -> None:
    """What an answer shows of records that are there, or are no longer."""
    match reply.method, below(reply.url, context.base):
        case "DELETE", (collection, id_) if 200 <= reply.status < 300:
            context.journal.gone(collection, id_)
            context.owned.gone(collection, id_)
        case "DELETE", (collection, id_) if reply.status == 404 and context.owned.may_change(collection, id_):
            context.owned.gone(collection, id_)
        case "GET", (collection, *_) if reply.status == 200:
            context.owned.saw(collection, ids_in(reply))
        case _:
            pass


def _json(content: bytes | None) -> object:
    try:
        return None if content is None else json.loads(content)
    except (ValueError, RecursionError):
        return None
