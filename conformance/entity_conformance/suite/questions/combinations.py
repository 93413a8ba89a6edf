"""Questions of several parameters at once, and pages of a selection."""

from collections.abc import Iterator
from dataclasses import replace

from entity_contract import Entity

from entity_conformance.deployment.api import Api, Record, Reply
from entity_conformance.oracle import answers
from entity_conformance.oracle.question import Condition, Question
from entity_conformance.oracle.reading import DECIDED
from entity_conformance.suite import expect, given, sample
from entity_conformance.suite.given import Group
from entity_conformance.suite.questions.asking import answer, ask, holds
from entity_conformance.suite.questions.filters import asker


async def page(api: Api, entity: Entity, number: int, *, limit: int) -> Reply:
    """A page of the group's records, which is asked for once."""
    group = await given.group(api, entity)
    return await answer(api, entity, **group.alone, limit=limit, page=number, credential=await asker(api, number))


def found(of: Group, search: str) -> tuple[Record, ...]:
    """The records of a group that a search finds."""
    return answers.selected(of.known, Question(of.entity, search=search), DECIDED)


async def combined(api: Api, entity: Entity) -> None:
    """Every parameter at once: each selects, sorts or cuts what the others leave, and `total` counts the selection."""
    group = await given.searchable(api, entity)
    for place, question in enumerate(_together(api, group)):
        await holds(api, group, question, await asker(api, place))
        reply = (await ask(api, group, question, await asker(api, place))).reply
        count = len(answers.selected(group.known, question, DECIDED))
        expect.equal(given.pagination(reply, "total"), count, at="pagination.total")
        for record in reply.records:
            expect.fields(record, question.fields or (), entity, at="data[]")


def _together(api: Api, of: Group) -> Iterator[Question]:
    """Two pages of a question with every parameter, and others in which one of them selects nothing."""
    fields = ("id", of.title)
    plain = Question(of.entity, start=of.before, end=of.later, sort=of.title, order="desc", fields=fields)
    newest = [one["id"] for one in reversed(of.known)]

    def tells(question: Question) -> tuple[bool, int]:
        selected = answers.selected(of.known, question, DECIDED)
        ranked = [one["id"] for group in answers.ranked(selected, question, DECIDED) for one in group]
        return ranked != [id_ for id_ in newest if id_ in ranked], len(ranked)

    full = max((replace(one, order=order) for one in _selecting(of, plain) for order in ("asc", "desc")), key=tells)
    full = replace(full, limit=max(len(answers.selected(of.known, full, DECIDED)) - 1, 1))
    yield replace(full, page=1)
    yield replace(full, page=2)
    yield replace(full, page=1, start=of.later, end=None)
    yield replace(full, page=1, end=of.before, start=None)
    yield replace(full, page=1, search=sample.word(api.run, "nobody's"))


def _selecting(of: Group, plain: Question) -> Iterator[Question]:
    """The question with a search and a filter that both leave out what the other leaves, where there are such."""
    yield replace(
        plain, search=of.words[0], conditions=(Condition(of.title, "$eq", of.values(of.title)[0], bare=True),)
    )
    searched = replace(plain, search=of.half_word)
    found = len(answers.selected(of.known, searched, DECIDED))
    for field in sample.writable(of.entity):
        for value in {one[field.name] for one in of.known if field.type in ("enum", "boolean")}:
            both = replace(searched, conditions=(Condition(field.name, "$eq", value, bare=True),))
            alone = len(answers.selected(of.known, replace(both, search=None), DECIDED))
            if len(answers.selected(of.known, both, DECIDED)) < min(found, alone):
                yield both
