"""Searches for words in several fields at once: each is asked about alone where the answer is wrong."""

from contextlib import suppress

from entity_contract import Entity

from entity_conformance.deployment.api import Api, Reply
from entity_conformance.deployment.problems import Blocked, OutOfProfile, Violation
from entity_conformance.oracle import answers
from entity_conformance.oracle.question import Question
from entity_conformance.oracle.reading import DECIDED
from entity_conformance.suite import expect, given, sample
from entity_conformance.suite.given import Group
from entity_conformance.suite.questions.asking import Shown, first_page, holds, right, wrong
from entity_conformance.suite.questions.carriers import carried, searched
from entity_conformance.suite.questions.filters import users_searched


async def found(api: Api, of: Group) -> Shown:
    """What a search for a word in titles finds, and one in other fields where that is answered rightly. Raises."""
    with suppress(Violation):
        return await carried(api, of, "search")
    return await right(api, of, Question(of.entity, search=of.word))


async def shown_to_another(api: Api, of: Group) -> Reply:
    """What a search for the records shows another user; where their owner finds them otherwise alone, that.

    Raises Blocked where nothing selects them alone.
    """
    try:
        shown = await found(api, of)
        expect.equal(given.pagination(shown.reply, "total"), len(shown.records), at="pagination.total")
        asked: dict[str, object] = {"search": of.word}
    except (Violation, Blocked):
        asked = of.alone
    return await given.first_page(api, of.entity, credential="other_api_key", **asked)


async def titles_searched(api: Api, entity: Entity) -> None:
    """A search finds the records by a word in their titles, users by one that they have already. Raises Violation."""
    if "create" not in entity.operations:
        await users_searched(api)
        return
    of = await given.group(api, entity)
    if await searched(api, of) is not None:
        await holds(api, of, Question(of.entity, search=of.word))


async def other_fields_searched(api: Api) -> None:
    """Where titles are searched, a search finds the records of every entity by a word in other fields. Raises."""
    for entity in api.entities:
        if "create" not in entity.operations or not sample.mark_is_searchable(entity):
            continue
        with suppress(Blocked, OutOfProfile):
            group = await given.group(api, entity)
            titles = Question(entity, search=group.word)
            if await searched(api, group) is not None and await wrong(api, group, titles) is None:
                await holds(api, group, Question(entity, search=group.mark_word))


async def mixed(api: Api, of: Group) -> bool:
    """Whether one search finds the first record alone: by words in another order than its own.

    One is in capitals and one a part of a word, and where other fields are searched too, one stands there.
    """
    words = [f"{of.half_word}\t{of.word.upper()}", of.words[0][1:8]]
    reply = await first_page(api, of.entity, search=" ".join([*words, *_elsewhere(of)]))
    return [one.get("id") for one in reply.shown] == [of.records[0]["id"]]


async def capitals_found(api: Api, of: Group) -> None:
    """A word in capitals is found. Raises Violation."""
    if not await mixed(api, of):
        reply = await first_page(api, of.entity, search=of.words[2].upper())
        expect.exactly(reply.records, of.records[2:3])


async def parts_found(api: Api, of: Group) -> None:
    """A part of a word is found. Raises Violation."""
    if not await mixed(api, of):
        reply = await first_page(api, of.entity, search=of.words[3][1:8])
        expect.exactly(reply.records, of.records[3:4])


async def any_order_found(api: Api, of: Group) -> None:
    """Words are found in whatever order, and whatever white space parts them. Raises Violation."""
    if not await mixed(api, of):
        reply = await first_page(api, of.entity, search=f"{of.half_word}\t{of.word} {of.words[0]}")
        expect.exactly(reply.records, of.records[:1])


async def nothing_found(api: Api, of: Group) -> Reply:
    """The answer to a search for what no record has, which asks about a wildcard too where none is honoured.

    A deployment may refuse so short a word (L18).
    """
    with suppress(Violation):
        reply = await first_page(api, of.entity, search=f"{of.words[0]} %")
        if not reply.shown:
            return reply
    return await first_page(api, of.entity, search=sample.word(api.run, "nowhere"))


def _elsewhere(of: Group) -> list[str]:
    return [of.mark_word] if sample.mark_is_searchable(of.entity) else []


async def words_searched(api: Api, of: Group) -> None:
    """The words of a search may stand in different fields of a record, of every entity. Raises Violation.

    Of the other entities both words are found where they are searched for alone.
    """
    if not await mixed(api, of):
        await holds(api, of, Question(of.entity, search=f"{of.words[0]} {of.mark_word}"))
    for entity in api.entities:
        if entity == of.entity or "create" not in entity.operations or not sample.mark_is_searchable(entity):
            continue
        with suppress(Blocked, OutOfProfile):
            group = await given.group(api, entity)
            words = (group.word, group.mark_word)
            alone = [Question(entity, search=word) for word in words]
            if await searched(api, group) is not None and not [one for one in alone if await wrong(api, group, one)]:
                together = Question(entity, search=" ".join(words))
                found = await first_page(api, entity, search=together.search)
                expect.includes(found.records, *answers.selected(group.known, together, DECIDED))
