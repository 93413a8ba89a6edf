"""Questions of several parameters at once, and pages of a selection."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

from entity_contract import Entity

from entity_conformance.deployment.api import Api, Reply
from entity_conformance.deployment.problems import Blocked, OutOfProfile, Violation
from entity_conformance.oracle import answers
from entity_conformance.oracle.question import Condition, Question
from entity_conformance.oracle.reading import DECIDED
from entity_conformance.suite import expect, given, sample
from entity_conformance.suite.given import Group
from entity_conformance.suite.questions.asking import answer, ask, holds
from entity_conformance.suite.questions.filters import asking

_DAY = timedelta(days=1)
_LINKED = 3
"""The limit of the pages that links are followed on."""


async def page(api: Api, entity: Entity, number: int, *, limit: int) -> Reply:
    """A page of the group's records, which is asked for once."""
    group = await given.group(api, entity)
    if (number, limit) == (2, _LINKED):
        with suppress(Violation):
            first = await page(api, entity, 1, limit=_LINKED)
            if _is_alike(expect.link(first, "next")) and (reply := await behind_link(api, entity)).status == 200:
                return reply
    return await answer(await asking(api, number), entity, **group.alone, limit=limit, page=number)


async def turned_to(api: Api, entity: Entity, number: int, *, limit: int) -> Reply:
    """As `page`, for whoever judges what a page tells of itself.

    Raises Blocked where it is another page than was asked for: that is judged by those of `limit` and `page`.
    """
    reply = await page(api, entity, number, limit=limit)
    if _told(reply, "limit") not in {None, limit}:
        raise Blocked("limit has no effect on this list, which list.limit-caps-page judges")
    if number > 1 and _told(reply, "page") == 1:
        first = await page(api, entity, 1, limit=limit)
        if reply.records and expect.ids(reply.records) == expect.ids(first.records):
            raise Blocked("page has no effect on this list, which list.page-selects-records judges")
    return reply


def _told(reply: Reply, member: str) -> object:
    """What a list tells of its page; None where it tells nothing."""
    with suppress(Blocked):
        return given.pagination(reply, member)
    return None


async def behind_link(api: Api, entity: Entity) -> Reply:
    """The page that the link on the first of three pages leads to. Raises Violation where there is none."""
    link = expect.link(await page(api, entity, 1, limit=_LINKED), "next")
    return await api.once(("behind the link", entity.name), lambda: given.page_behind(api, entity, link))


def _is_alike(link: expect.Link) -> bool:
    """Whether a link asks what would be asked without it."""
    is_second = dict(link.query).get("page") == "2"
    return is_second and not link.is_elsewhere and link.kept == link.asked


def with_odd_texts(of: Group) -> dict[str, object]:
    """The query that selects the group, or some of it by texts with odd characters where ids select it all.

    Raises Blocked where this deployment has none.
    """
    alone = of.alone
    by_id = alone.get("filter", {}).get("id")
    titles = [one for one in of.values(of.title) if len(str(one)) <= sample.SHORT]
    return {"filter": {"id": by_id, of.title: {"$in": titles}}} if by_id and len(titles) > 2 else alone


async def combined(api: Api, entity: Entity) -> None:
    """Every parameter at once: each selects, sorts or cuts what the others leave, and `total` counts the selection."""
    group = await given.group(api, entity)
    full = _full(group)
    asked = [replace(full, page=1), replace(full, page=2), *dict(apart(api, group)).values()]
    for question in asked:
        asker = await asking(api, 1)
        await holds(asker, group, question)
        reply = (await ask(asker, group, question)).reply
        count = len(answers.selected(group.known, question, DECIDED))
        expect.equal(given.pagination(reply, "total"), count, at="pagination.total")
        for record in reply.records:
            expect.fields(record, question.fields or (), entity, at="data[]")


async def beyond_nothing(api: Api, entity: Entity) -> Sequence[Reply]:
    """The second page of what nothing satisfies, of several parameters at once; none where the first is not granted."""
    with suppress(Violation, Blocked, OutOfProfile):
        group, asker = await given.group(api, entity), await asking(api, 1)
        for nothing in [one for name, one in apart(api, group) if name == "end"]:
            await ask(asker, group, nothing)
            if (second := group.narrowed(replace(nothing, page=2))) is not None:
                return [await answer(asker, entity, params=second.parameters())]
    return []


def apart(api: Api, of: Group) -> Iterator[tuple[str, Question]]:
    """Questions with every parameter, of which that one selects nothing; none where not all can be asked at once."""
    if not (sample.title_is_searchable(of.entity) and sample.title_is_sortable(of.entity)):
        return
    full = replace(_full(of), page=1)
    yield "start", replace(full, start=of.later, end=given.moment(of.newest, "createdAt", _DAY))
    yield "end", replace(full, end=of.before, start=given.moment(of.oldest, "createdAt", -_DAY))
    selected = answers.selected(of.known, full, DECIDED)
    if len(answers.selected(of.known, replace(full, search=None), DECIDED)) == len(selected):
        yield "search", replace(full, search=sample.word(api.run, "nobody's"))


def _full(of: Group) -> Question:
    """A question with every parameter, that selects what is not in the order of creation, all but one on a page.

    It asks for a field that it neither sorts nor filters by: whoever watches judges these by themselves.
    """
    plain = Question(of.entity, start=of.before, end=of.later, sort=of.title, order="desc")
    newest = [one["id"] for one in reversed(of.known)]

    def tells(question: Question) -> tuple[bool, int]:
        selected = answers.selected(of.known, question, DECIDED)
        ranked = [one["id"] for group in answers.ranked(selected, question, DECIDED) for one in group]
        return ranked != [id_ for id_ in newest if id_ in ranked], len(ranked)

    full = max((replace(one, order=order) for one in _selecting(of, plain) for order in ("asc", "desc")), key=tells)
    told = {"id", of.title, *(one.field for one in full.conditions)}
    shown = next((name for name in of.entity.always if name not in told), of.title)
    return replace(full, fields=("id", shown), limit=max(len(answers.selected(of.known, full, DECIDED)) - 1, 1))


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
