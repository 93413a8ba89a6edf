"""Sort a list: by each type of field, both ways, with ties and nulls."""

from entity_contract import Entity

from entity_conformance.deployment.api import Api
from entity_conformance.suite import expect, given, questions, sample
from entity_conformance.suite.registry import Chapter

chapter = Chapter("sort", asked=questions.by_a_reader)

PAGED = {"list.page-selects-records", "list.pages-visit-each-record-once"}


@chapter.proves("sort.text", scopes={"read", "write"}, entities="primary", applies=sample.title_is_sortable)
async def text(api: Api, entity: Entity) -> None:
    """Text sorts from a to z, ids too."""
    group = await given.group(api, entity)

    await questions.sorted_by(api, group, group.title, "asc")
    await questions.keys_ordered(api)


@chapter.proves("sort.integers", scopes={"read", "write"}, entities="primary", applies=sample.has("integer"))
async def integers(api: Api, _: Entity) -> None:
    """Integers sort as numbers, not as text."""
    await questions.ordered(api, "integer")


@chapter.proves("sort.numbers", scopes={"read", "write"}, entities="primary", applies=sample.has("number"))
async def numbers(api: Api, _: Entity) -> None:
    """Numbers sort by their value."""
    await questions.ordered(api, "number")


@chapter.proves("sort.dates", scopes={"read", "write"}, entities="primary", applies=sample.has("date"))
async def dates(api: Api, _: Entity) -> None:
    """Dates sort from the earliest to the latest."""
    await questions.ordered(api, "date")


@chapter.proves("sort.datetimes", scopes={"read", "write"}, entities="primary", applies=sample.has_date_time)
async def datetimes(api: Api, entity: Entity) -> None:
    """Records sort by moments: that of their creation, and others."""
    await questions.sorted_by(api, await given.group(api, entity), "createdAt", "asc")
    await questions.moments_ordered(api)


@chapter.proves(
    "sort.descending",
    scopes={"read", "write"},
    after={"sort.text"},
    entities="primary",
    applies=sample.title_is_sortable,
)
async def descending(api: Api, entity: Entity) -> None:
    """`order=desc` gives the reverse of `order=asc`."""
    group = await given.group(api, entity)

    await questions.sorted_by(api, group, group.title, "desc")


@chapter.proves(
    "sort.ascending-by-default",
    scopes={"read", "write"},
    after={"sort.text"},
    entities="primary",
    applies=sample.title_is_sortable,
)
async def ascending_by_default(api: Api, entity: Entity) -> None:
    """Without `order` a sort ascends."""
    group = await given.group(api, entity)

    await questions.sorted_by(api, group, group.title, None)


@chapter.proves("sort.enums", scopes={"read", "write"}, entities="primary", applies=sample.has("enum"))
async def enums(api: Api, _: Entity) -> str:
    """An enum sorts in declared order or alphabetically, and every enum alike."""
    return await questions.enums_ordered(api)


@chapter.proves("sort.nulls", scopes={"read", "write"}, entities="primary", applies=sample.optional_is_sortable)
async def nulls(api: Api, entity: Entity) -> str:
    """A record that holds nothing in the field comes first or last, and at the other end of the reverse order."""
    return await questions.nulls_placed(api, entity)


@chapter.proves(
    "sort.ties-are-broken", scopes={"read", "write"}, after=PAGED, entities="first", applies=sample.has("enum")
)
async def ties_are_broken(api: Api, entity: Entity) -> None:
    """Walking the pages of a list sorted by a field with ties gives every record once, in the same order each time."""
    group = await given.group(api, entity)
    field = sample.first(entity, "enum")
    await questions.demand_sorted(api, entity, field)

    asked = {**group.alone, "sort": field, "order": "desc", "limit": 4}
    first = await questions.answer(api, entity, **asked, page=1)
    again = api.asking_as("api_key", again=True)
    later = await questions.answer(again, entity, **asked, page=1)  # at once: every other answer may be another one
    second = await questions.answer(api, entity, **asked, page=2)

    expect.exactly([*first.records, *second.records], group.records)
    expect.in_order(later.records, first.records)


@chapter.proves("sort.unknown-field", entities="primary", scopes={"read"})
async def unknown_field(api: Api, entity: Entity) -> None:
    """Sorting by a field that the entity does not have is refused."""
    replies = [await questions.bad_sort(api, entity)]
    replies += await questions.refused_elsewhere(api, entity, "sort")

    expect.each(replies, lambda reply: expect.error(reply, 400, "INVALID_SORT"))


@chapter.proves("sort.empty", scopes={"read"}, entities="first")
async def empty(api: Api, entity: Entity) -> None:
    """An empty `sort` is refused, as an unknown one is."""
    await questions.nothing_to_sort_by(api, questions.in_turn(api, entity, 3))


@chapter.proves("sort.details", scopes={"read"}, entities="primary")
async def details(api: Api, entity: Entity) -> None:
    """The refusal of a bad sort names `sort` in `details`."""
    reply = await questions.bad_sort(api, entity)

    expect.details(given.refusal(reply), "sort")


@chapter.proves(
    "sort.several-fields",
    scopes={"read", "write"},
    after={"sort.text"},
    entities="primary",
    applies=sample.title_is_sortable,
)
async def several_fields(api: Api, entity: Entity) -> str:
    """A comma list of fields is refused, as an unknown field is, or honoured."""
    group = await given.group(api, entity)

    return await questions.sorted_by_several(api, group)


@chapter.proves("sort.bad-order", scopes={"read"}, entities="primary")
async def bad_order(api: Api, entity: Entity) -> None:
    """An order that is neither `asc` nor `desc` is refused."""
    replies = [await questions.bad_order(api, entity), *await questions.refused_elsewhere(api, entity, "order")]

    expect.each(replies, lambda reply: expect.error(reply, 400))


@chapter.proves("sort.bad-order-code", scopes={"read"}, after={"sort.bad-order"}, entities="primary")
async def bad_order_code(api: Api, entity: Entity) -> str:
    """A bad order is refused as a bad sort or as a bad request."""
    reply = await questions.bad_order(api, entity)

    return expect.one_of(given.code(reply), ("INVALID_SORT", "VALIDATION_FAILED"), at="code")


@chapter.proves("sort.order-alone", scopes={"read", "write"}, after={"list.default-order"}, entities="primary")
async def order_alone(api: Api, entity: Entity) -> str:
    """Without `sort`, `order` is ignored or applied to the default order."""
    group = await given.group(api, entity)

    return await questions.ordered_alone(api, group)
