"""Filter a list by values: equality, comparison, lists. Each check is a claim on questions that are asked once."""

from entity_contract import Entity

from entity_conformance.deployment.api import Api
from entity_conformance.suite import expect, given, questions, sample
from entity_conformance.suite.registry import Chapter

chapter = Chapter("filter", asked=questions.by_a_reader)

OWN = {"filter.field-equality", "filter.conditions-are-and"}
COMPARED = {"filter.gt", "filter.gte", "filter.lt", "filter.lte"}


@chapter.proves("filter.field-equality", scopes={"read", "write"}, entities="first")
async def field_equality(api: Api, entity: Entity) -> None:
    """A filter of one field selects exactly the records with that value, not those with more than that."""
    group = await given.group(api, entity)
    title = group.values(group.title)[0]

    reply = await questions.first_page(api, entity, filter={group.title: group.farthest[group.title]})

    expect.exactly(reply.records, [group.farthest])
    none = await questions.first_page(api, entity, filter={group.title: title[:-1]})

    expect.exactly(none.records, [])


@chapter.proves(
    "filter.conditions-are-and", scopes={"read", "write"}, entities="primary", after={"filter.field-equality"}
)
async def conditions_are_and(api: Api, entity: Entity) -> None:
    """Several conditions select the records that meet all of them."""
    group = await given.group(api, entity)
    one, other = group.records[:2]

    none = await questions.first_page(api, entity, filter={group.title: one[group.title], "id": other["id"]})

    expect.exactly(none.records, [])


@chapter.proves(
    "filter.empty-text", scopes={"read", "write"}, entities="primary", after=OWN, applies=sample.has_optional_text
)
async def empty_text(api: Api, _: Entity) -> None:
    """The empty text is a value to filter by, as any other is."""
    await questions.filtered(api, "filter.empty-text")


@chapter.proves(
    "filter.enum-equality", scopes={"read", "write"}, entities="primary", after=OWN, applies=sample.has("enum")
)
async def enum_equality(api: Api, _: Entity) -> None:
    """An enum is filtered by its value."""
    await questions.filtered(api, "filter.enum-equality")


@chapter.proves(
    "filter.integer-equality", scopes={"read", "write"}, entities="primary", after=OWN, applies=sample.has("integer")
)
async def integer_equality(api: Api, _: Entity) -> None:
    """An integer is filtered by its value, 0 included."""
    await questions.filtered(api, "filter.integer-equality")


@chapter.proves(
    "filter.number-equality", scopes={"read", "write"}, entities="primary", after=OWN, applies=sample.has("number")
)
async def number_equality(api: Api, _: Entity) -> None:
    """A number is filtered by its value, 0 included."""
    await questions.filtered(api, "filter.number-equality")


@chapter.proves(
    "filter.boolean-equality", scopes={"read", "write"}, entities="primary", after=OWN, applies=sample.has("boolean")
)
async def boolean_equality(api: Api, _: Entity) -> None:
    """A boolean is filtered by true or false."""
    await questions.filtered(api, "filter.boolean-equality")


@chapter.proves(
    "filter.date-equality", scopes={"read", "write"}, entities="primary", after=OWN, applies=sample.has("date")
)
async def date_equality(api: Api, _: Entity) -> None:
    """A date is filtered by its value."""
    await questions.filtered(api, "filter.date-equality")


@chapter.proves(
    "filter.datetime-equality", scopes={"read", "write"}, entities="primary", after=OWN, applies=sample.has("datetime")
)
async def datetime_equality(api: Api, _: Entity) -> None:
    """A moment is filtered by its value."""
    await questions.filtered(api, "filter.datetime-equality")


@chapter.proves("filter.foreign-key-equality", scopes={"read", "write"}, after=OWN, applies=sample.has_parent)
async def foreign_key_equality(api: Api, entity: Entity) -> None:
    """The children of one record are found by their foreign key."""
    await questions.filtered(api, "filter.foreign-key-equality", entity)


@chapter.proves("filter.exact-text", scopes={"read", "write"}, entities="first", after=OWN)
async def exact_text(api: Api, entity: Entity) -> None:
    """Equality on text tells capitals, accents and a space at the end."""
    group = await given.group(api, entity)
    title = group.values(group.title)[0]

    for other in (title.upper(), title.replace("p", "p\u0301"), f"{title} "):
        found = await questions.first_page(api, entity, filter={group.title: other})

        expect.exactly(found.records, [])


@chapter.proves("filter.printed-datetime", scopes={"read", "write"}, entities="primary", after=OWN)
async def printed_datetime(api: Api, entity: Entity) -> None:
    """A moment is filtered by the very text that the deployment prints."""
    group = await given.group(api, entity)

    await questions.printed_moment(api, group)


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

    return await questions.moments_without_offset(api, group, "$gt", "$lt")


@chapter.proves("filter.eq", operators={"$eq"}, scopes={"read", "write"}, entities="primary", after=OWN)
async def eq(api: Api, _: Entity) -> None:
    """$eq selects the records that have the value, whatever its type."""
    await questions.filtered(api, "filter.eq")


@chapter.proves("filter.ne", operators={"$ne"}, scopes={"read", "write"}, entities="primary", after=OWN)
async def ne(api: Api, _: Entity) -> None:
    """$ne selects the records that have another value, whatever its type."""
    await questions.filtered(api, "filter.ne")


@chapter.proves("filter.gt", operators={"$gt"}, scopes={"read", "write"}, entities="primary", after=OWN)
async def gt(api: Api, _: Entity) -> None:
    """$gt selects the texts that are greater, without the text itself."""
    await questions.filtered(api, "filter.gt")


@chapter.proves(
    "filter.gte", operators={"$gte"}, scopes={"read", "write"}, entities="primary", after={*OWN, "filter.gt"}
)
async def gte(api: Api, _: Entity) -> None:
    """$gte selects the text itself and what is greater."""
    await questions.filtered(api, "filter.gte")


@chapter.proves("filter.lt", operators={"$lt"}, scopes={"read", "write"}, entities="primary", after={*OWN, "filter.gt"})
async def lt(api: Api, _: Entity) -> None:
    """$lt selects the texts that are less, without the text itself."""
    await questions.filtered(api, "filter.lt")


@chapter.proves(
    "filter.lte", operators={"$lte"}, scopes={"read", "write"}, entities="primary", after={*OWN, "filter.gt"}
)
async def lte(api: Api, _: Entity) -> None:
    """$lte selects the text itself and what is less."""
    await questions.filtered(api, "filter.lte")


@chapter.proves("filter.in", operators={"$in"}, scopes={"read", "write"}, entities="primary", after=OWN)
async def in_(api: Api, _: Entity) -> None:
    """$in selects the records that have one of the values, whatever their type."""
    await questions.filtered(api, "filter.in")


@chapter.proves("filter.in-of-many", operators={"$in"}, scopes={"read", "write"}, entities="first", after={"filter.in"})
async def in_of_many(api: Api, entity: Entity) -> None:
    """$in looks at each of its values, be they ten, eleven or fifty."""
    group = await given.group(api, entity)

    await questions.one_of_many(api, group, "$in")


@chapter.proves("filter.nin", operators={"$nin"}, scopes={"read", "write"}, entities="primary", after=OWN)
async def nin(api: Api, _: Entity) -> None:
    """$nin selects the records that have none of the values, whatever their type."""
    await questions.filtered(api, "filter.nin")


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

    await questions.between(api, group, "$gt", "$lt")
    await questions.several(api, on_one_field=True)


@chapter.proves("filter.several-conditions", scopes={"read", "write"}, after=OWN)
async def several_conditions(api: Api, entity: Entity) -> None:
    """Of two, three, four and five conditions all must hold."""
    await questions.several(api, entity, on_one_field=False)


@chapter.proves(
    "filter.integers-by-value",
    scopes={"read", "write"},
    entities="primary",
    after=COMPARED,
    applies=sample.has("integer"),
)
async def integers_by_value(api: Api, _: Entity) -> None:
    """Integers are compared as numbers, however large, not as text."""
    await questions.filtered(api, "filter.integers-by-value")
    await questions.beyond_64_bits(api)


@chapter.proves(
    "filter.numbers-by-value",
    scopes={"read", "write"},
    entities="primary",
    after=COMPARED,
    applies=sample.has("number"),
)
async def numbers_by_value(api: Api, _: Entity) -> None:
    """Numbers are compared to their last digit."""
    await questions.filtered(api, "filter.numbers-by-value")


@chapter.proves(
    "filter.dates-by-value", scopes={"read", "write"}, entities="primary", after=COMPARED, applies=sample.has("date")
)
async def dates_by_value(api: Api, _: Entity) -> None:
    """Dates are compared as dates."""
    await questions.filtered(api, "filter.dates-by-value")


@chapter.proves(
    "filter.datetimes-by-value",
    scopes={"read", "write"},
    entities="primary",
    after=COMPARED,
    applies=sample.has("datetime"),
)
async def datetimes_by_value(api: Api, _: Entity) -> None:
    """Moments are compared as moments, whatever offset they are written with."""
    await questions.filtered(api, "filter.datetimes-by-value")
