"""Searches for words in several fields at once: each is asked about alone where the answer is wrong."""

from contextlib import suppress

from entity_conformance.deployment.api import Api
from entity_conformance.deployment.problems import Blocked, OutOfProfile, Violation
from entity_conformance.oracle.question import Question
from entity_conformance.suite import given, sample
from entity_conformance.suite.given import Group
from entity_conformance.suite.questions.asking import Shown, holds, right, wrong
from entity_conformance.suite.questions.carriers import carried, searched


async def found(api: Api, of: Group) -> Shown:
    """What a search for a word in titles finds, and one in other fields where that is answered rightly. Raises."""
    with suppress(Violation):
        return await carried(api, of, "search")
    return await right(api, of, Question(of.entity, search=of.word))


async def titles_searched(api: Api, of: Group) -> None:
    """A search finds the records by a word in their titles. Raises Violation."""
    if await searched(api, of) is not None:
        await holds(api, of, Question(of.entity, search=of.word))


async def other_fields_searched(api: Api) -> None:
    """Where titles are searched, a search finds the records of every entity by a word in other fields. Raises."""
    for entity in api.entities:
        if "create" not in entity.operations or not sample.mark_is_searchable(entity):
            continue
        with suppress(Blocked, OutOfProfile):
            group = await given.searchable(api, entity)
            titles = Question(entity, search=group.word)
            if await searched(api, group) is not None and await wrong(api, group, titles) is None:
                await holds(api, group, Question(entity, search=group.mark_word))


async def words_searched(api: Api, of: Group) -> None:
    """The words of a search may stand in different fields of a record. Raises Violation."""
    await holds(api, of, Question(of.entity, search=f"{of.words[0]} {of.mark_word}"))
