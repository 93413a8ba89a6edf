"""Filter a list by values: equality, comparison, lists."""

from entity_contract import Entity

from entity_conformance.deployment.api import Api
from entity_conformance.suite import expect, given, sample
from entity_conformance.suite.registry import Chapter

chapter = Chapter("filter")

OWN = {"filter.field-equality", "filter.conditions-are-and"}


@chapter.proves("filter.field-equality", scopes={"read", "write"})
async def field_equality(api: Api, entity: Entity) -> None:
    """A filter of one field selects exactly the records with that value."""
    group = await given.group(api, entity)
    field = group.marked or group.title
    value = group.values(field)[0]

    reply = await given.first_page(api, entity, filter={field: value})

    expect.exactly(reply.records, group.having(field, lambda other: other == value))


@chapter.proves(
    "filter.conditions-are-and", scopes={"read", "write"}, entities="primary", after={"filter.field-equality"}
)
async def conditions_are_and(api: Api, entity: Entity) -> None:
    """Several conditions select the records that meet all of them."""
    group = await given.group(api, entity)
    one, other = group.records[:2]

    both = await given.first_page(api, entity, filter={group.title: one[group.title], "id": one["id"]})
    none = await given.first_page(api, entity, filter={group.title: one[group.title], "id": other["id"]})

    expect.exactly(none.records, [])
    expect.exactly(both.records, [one])


async def _equality(api: Api, entity: Entity, field: str) -> None:
    """Filter by the value that the group's first record has in a field, and expect its equals."""
    group = await given.group(api, entity)
    value = group.values(field)[0]

    found = await given.listed(api, group, filter={field: value})

    expect.exactly(found, group.having(field, lambda other: other == value))


@chapter.proves("filter.enum-equality", scopes={"read", "write"}, after=OWN, applies=sample.has("enum"))
async def enum_equality(api: Api, entity: Entity) -> None:
    """An enum is filtered by its value."""
    await _equality(api, entity, sample.first(entity, "enum"))


@chapter.proves("filter.integer-equality", scopes={"read", "write"}, after=OWN, applies=sample.has("integer"))
async def integer_equality(api: Api, entity: Entity) -> None:
    """An integer is filtered by its value."""
    await _equality(api, entity, sample.first(entity, "integer"))


@chapter.proves("filter.number-equality", scopes={"read", "write"}, after=OWN, applies=sample.has("number"))
async def number_equality(api: Api, entity: Entity) -> None:
    """A number is filtered by its value."""
    await _equality(api, entity, sample.first(entity, "number"))


@chapter.proves("filter.boolean-equality", scopes={"read", "write"}, after=OWN, applies=sample.has("boolean"))
async def boolean_equality(api: Api, entity: Entity) -> None:
    """A boolean is filtered by true or false."""
    await _equality(api, entity, sample.first(entity, "boolean"))


@chapter.proves("filter.date-equality", scopes={"read", "write"}, after=OWN, applies=sample.has("date"))
async def date_equality(api: Api, entity: Entity) -> None:
    """A date is filtered by its value."""
    await _equality(api, entity, sample.first(entity, "date"))


@chapter.proves("filter.datetime-equality", scopes={"read", "write"}, after=OWN, applies=sample.has("datetime"))
async def datetime_equality(api: Api, entity: Entity) -> None:
    """A moment is filtered by the value that was written."""
    group = await given.group(api, entity)
    field = sample.first(entity, "datetime")

    found = await given.listed(api, group, filter={field: group.bodies[0][field]})

    expect.exactly(found, group.having(field, lambda other: other == group.values(field)[0]))


@chapter.proves("filter.exact-text", scopes={"read", "write"}, entities="primary", after=OWN)
async def exact_text(api: Api, entity: Entity) -> None:
    """Equality on text tells capitals, accents and a space at the end."""
    group = await given.group(api, entity)
    title = group.values(group.title)[0]

    for other in (title.upper(), title.replace("p", "p\u0301"), f"{title} "):
        found = await given.listed(api, group, filter={group.title: other})

        expect.exactly(found, [])


@chapter.proves("filter.printed-datetime", scopes={"read", "write"}, entities="primary", after=OWN)
async def printed_datetime(api: Api, entity: Entity) -> None:
    """A moment is filtered by the very text that the deployment prints."""
    group = await given.group(api, entity)
    known = group.records[0]

    found = await given.listed(api, group, filter={"createdAt": known["createdAt"]})

    expect.includes(found, known)


@chapter.proves(
    "filter.datetime-without-offset",
    operators={"$gt", "$lt"},
    scopes={"read", "write"},
    entities="primary",
    after={*OWN, "filter.gt", "filter.lt"},
)
async def datetime_without_offset(api: Api, entity: Entity) -> str:
    """A moment without an offset is in UTC, or refused."""
    group = await given.group(api, entity)
    before, later = group.before.removesuffix("Z"), group.later.removesuffix("Z")

    reply = await api.list(entity, **group.also(filter={"createdAt": {"$gt": before, "$lt": later}}))

    return expect.choice(
        utc=[lambda: expect.status(reply, 200), lambda: expect.exactly(reply.records, group.records)],
        refused=lambda: expect.error(reply, 400, "INVALID_FILTER"),
    )


@chapter.proves("filter.foreign-key-equality", scopes={"read", "write"}, after=OWN, applies=sample.has_parent)
async def foreign_key_equality(api: Api, entity: Entity) -> None:
    """The children of one record are found by their foreign key."""
    child = await given.child(api, entity)

    reply = await given.first_page(api, entity, filter={child.foreign_key: child.parent["id"]})

    expect.exactly(reply.records, [child.record])


@chapter.proves("filter.eq", operators={"$eq"}, scopes={"read", "write"}, entities="primary", after=OWN)
async def eq(api: Api, entity: Entity) -> None:
    """$eq selects the records that have the value."""
    group = await given.group(api, entity)
    title = group.values(group.title)[2]

    found = await given.listed(api, group, filter={group.title: {"$eq": title}})

    expect.exactly(found, group.records[2:3])


@chapter.proves("filter.ne", operators={"$ne"}, scopes={"read", "write"}, entities="primary", after=OWN)
async def ne(api: Api, entity: Entity) -> None:
    """$ne selects the records that have another value."""
    group = await given.group(api, entity)
    title = group.values(group.title)[2]

    found = await given.listed(api, group, filter={group.title: {"$ne": title}})

    expect.exactly(found, group.having(group.title, lambda other: other != title))


@chapter.proves("filter.gt", operators={"$gt"}, scopes={"read", "write"}, entities="primary", after=OWN)
async def gt(api: Api, entity: Entity) -> None:
    """$gt selects what is greater, without the value itself."""
    group = await given.group(api, entity)
    title = group.middle(group.title)

    found = await given.listed(api, group, filter={group.title: {"$gt": title}})

    expect.exactly(found, group.having(group.title, lambda other: other > title))


@chapter.proves(
    "filter.gte", operators={"$gte"}, scopes={"read", "write"}, entities="primary", after={*OWN, "filter.gt"}
)
async def gte(api: Api, entity: Entity) -> None:
    """$gte selects the value itself and what is greater."""
    group = await given.group(api, entity)
    title = group.middle(group.title)

    found = await given.listed(api, group, filter={group.title: {"$gte": title}})

    expect.exactly(found, group.having(group.title, lambda other: other >= title))


@chapter.proves("filter.lt", operators={"$lt"}, scopes={"read", "write"}, entities="primary", after={*OWN, "filter.gt"})
async def lt(api: Api, entity: Entity) -> None:
    """$lt selects what is less, without the value itself."""
    group = await given.group(api, entity)
    title = group.middle(group.title)

    found = await given.listed(api, group, filter={group.title: {"$lt": title}})

    expect.exactly(found, group.having(group.title, lambda other: other < title))


@chapter.proves(
    "filter.lte", operators={"$lte"}, scopes={"read", "write"}, entities="primary", after={*OWN, "filter.gt"}
)
async def lte(api: Api, entity: Entity) -> None:
    """$lte selects the value itself and what is less."""
    group = await given.group(api, entity)
    title = group.middle(group.title)

    found = await given.listed(api, group, filter={group.title: {"$lte": title}})

    expect.exactly(found, group.having(group.title, lambda other: other <= title))


@chapter.proves("filter.in", operators={"$in"}, scopes={"read", "write"}, entities="primary", after=OWN)
async def in_(api: Api, entity: Entity) -> None:
    """$in selects the records that have one of the values."""
    group = await given.group(api, entity)
    titles = group.values(group.title)[:2]

    found = await given.listed(api, group, filter={group.title: {"$in": titles}})

    expect.exactly(found, group.records[:2])


@chapter.proves("filter.nin", operators={"$nin"}, scopes={"read", "write"}, entities="primary", after=OWN)
async def nin(api: Api, entity: Entity) -> None:
    """$nin selects the records that have none of the values."""
    group = await given.group(api, entity)
    titles = group.values(group.title)[:2]

    found = await given.listed(api, group, filter={group.title: {"$nin": titles}})

    expect.exactly(found, group.records[2:])


@chapter.proves(
    "filter.range",
    operators={"$gt", "$lt"},
    scopes={"read", "write"},
    entities="primary",
    after={"filter.gt", "filter.lt"},
)
async def range_(api: Api, entity: Entity) -> None:
    """Several operators on one field must all hold."""
    group = await given.group(api, entity)
    low, *_, high = sorted(group.values(group.title))

    found = await given.listed(api, group, filter={group.title: {"$gt": low, "$lt": high}})

    expect.exactly(found, group.having(group.title, lambda other: low < other < high))


@chapter.proves(
    "filter.integers-by-value",
    operators={"$gt"},
    scopes={"read", "write"},
    after={"filter.gt"},
    applies=sample.has("integer"),
)
async def integers_by_value(api: Api, entity: Entity) -> None:
    """Integers are compared as numbers, not as text."""
    group = await given.group(api, entity)
    field = sample.first(entity, "integer")
    pivot = group.middle(field)

    found = await given.listed(api, group, filter={field: {"$gt": pivot}})

    expect.exactly(found, group.having(field, lambda other: other > pivot))


@chapter.proves(
    "filter.dates-by-value",
    operators={"$lte"},
    scopes={"read", "write"},
    after={"filter.lte"},
    applies=sample.has("date"),
)
async def dates_by_value(api: Api, entity: Entity) -> None:
    """Dates are compared as dates."""
    group = await given.group(api, entity)
    field = sample.first(entity, "date")
    pivot = group.middle(field)

    found = await given.listed(api, group, filter={field: {"$lte": pivot}})

    expect.exactly(found, group.having(field, lambda other: other <= pivot))
