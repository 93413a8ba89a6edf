"""A last look at everything that a run made, when its checks have ended: what they did to others shows there.

It is booked on cleaning up, which has to be shown that a record is the run's, and need not ask then.
"""

from contextlib import suppress
from functools import partial

from entity_contract import Entity

from entity_conformance.deployment.api import Api
from entity_conformance.deployment.context import RunContext, together
from entity_conformance.deployment.credentials import CredentialName
from entity_conformance.deployment.ownership import below
from entity_conformance.deployment.problems import Blocked, OutOfProfile, Violation
from entity_conformance.deployment.target import LONGEST_PAGE
from entity_conformance.suite import sample, standing
from entity_conformance.suite.costs import CLEANING

_PAGES = 4
"""Pages of an entity that are looked at for records of the run: more is for who has written them."""
_WAYS = 4
"""Entities of which one is looked at in ascending order: every second is by a boolean."""


async def look_again(context: RunContext) -> None:
    """List what was written last of each entity that has some of the run's, with parents, as another credential does.

    A run that makes none asks about what is there. Nothing is judged here. It is done once, whoever asks for it first:
    whoever deletes what was to stay as it is does.
    """
    await Api(context, CLEANING).once("last look", partial(_look_at_all, context))


async def _look_at_all(context: RunContext) -> None:
    if context.is_read_only or context.wallet.only_reads:
        await standing.ask(context)
        return
    api = Api(context, CLEANING)
    there = [one for one in context.entities if "list" in one.operations and context.owned.own(one.name)]
    # A session may ask little: of the first entity it was shown a list before, of another one it is shown one now.
    others = there[1:] if api.has("session") else []
    turn = context.seed % len(others) if others else 0
    sessions = others if context.is_thorough else others[turn:][:1]
    reader: CredentialName = "read_key" if api.has("read_key") else api.context.wallet.main
    looks = [partial(_look, api, one, "session" if one in sessions else reader) for one in there]
    await together(context.concurrency, looks)


async def _look(api: Api, entity: Entity, credential: CredentialName) -> None:
    """List what was written last, on further pages too where others write so much that it is not all on the first.

    Where one page holds all there is, it is in another order instead, of which a list of so many records tells much.
    """
    include = ",".join(_parents(api, entity)) or None
    newest = "updatedAt" if "updatedAt" in entity.sortable else "createdAt"
    sort, order = _telling(api, entity) or (newest, "desc")
    own = {*api.context.owned.own(entity.name)}
    with suppress(Violation, Blocked, OutOfProfile):
        for page in (None, *range(2, _PAGES + 1)):
            reply = await api.list(
                entity, sort=sort, order=order, limit=LONGEST_PAGE, page=page, include=include, credential=credential
            )
            own -= {str(one.get("id")) for one in reply.shown}
            if not own or len(reply.shown) < LONGEST_PAGE:
                break


def _telling(api: Api, entity: Entity) -> tuple[str, str] | None:
    """A boolean, or a text that some records do not have, and an order: entities take turns, booleans both ways.

    None for the first entity, for one that the contract does not declare, whose lists need not be sorted by it (L9),
    and where a page may not hold all records.
    """
    place = [one.name for one in api.entities].index(entity.name)
    if not place or api.contract.entity(entity.name) is None or not _is_on_a_page(api, entity):
        return None
    fields = [one for one in sample.writable(entity) if one.name in entity.sortable]
    booleans = [one.name for one in fields if one.type == "boolean"]
    texts = [one for one in (sample.optional(entity),) if one in entity.sortable]
    found = [*texts, *booleans] if place % 2 else [*booleans, *texts]
    return (found[0], "desc" if place % _WAYS else "asc") if found else None


def _is_on_a_page(api: Api, entity: Entity) -> bool:
    """Whether the totals that were told of the entity, and what the run has made since, are less than a page holds."""
    totals = [0]
    for reply in api.context.replies:
        if reply.is_granted and reply.method == "GET" and below(reply.url, api.base) == (entity.name,):
            with suppress(Violation):
                totals += [one for one in [reply.pagination.get("total")] if isinstance(one, int)]
    return 0 < max(totals) + len(api.context.owned.own(entity.name)) < LONGEST_PAGE


def _parents(api: Api, entity: Entity) -> list[str]:
    return [one.name for one in entity.includable if one.type == "belongsTo" and api.entity(one.entity)]
