"""Filter a list by parts of a text, and by null."""

from entity_contract import Entity

from entity_conformance.deployment.api import Api
from entity_conformance.suite import expect, given
from entity_conformance.suite.registry import Chapter

chapter = Chapter("filter")

OWN = {"filter.field-equality", "filter.conditions-are-and"}


@chapter.proves("filter.contains", operators={"$contains"}, scopes={"read", "write"}, entities="primary", after=OWN)
async def contains(api: Api, entity: Entity) -> None:
    """$contains selects the records whose text has the part anywhere."""
    group = await given.group(api, entity)

    found = await given.listed(api, group, filter={group.title: {"$contains": group.words[3][2:8]}})

    expect.exactly(found, group.records[3:4])


@chapter.proves(
    "filter.starts-with", operators={"$startsWith"}, scopes={"read", "write"}, entities="primary", after=OWN
)
async def starts_with(api: Api, entity: Entity) -> None:
    """$startsWith selects the records whose text begins with the part, not those that have it further on."""
    group = await given.group(api, entity)

    first = await given.listed(api, group, filter={group.title: {"$startsWith": group.words[1][:6]}})
    inner = await given.listed(api, group, filter={group.title: {"$startsWith": group.word}})

    expect.exactly(first, group.records[1:2])
    expect.length(inner, 0, at="data")


@chapter.proves("filter.ends-with", operators={"$endsWith"}, scopes={"read", "write"}, entities="primary", after=OWN)
async def ends_with(api: Api, entity: Entity) -> None:
    """$endsWith selects the records whose text ends with the part, not those that have it further ahead."""
    group = await given.group(api, entity)
    ending = group.values(group.title)[4][-6:]

    last = await given.listed(api, group, filter={group.title: {"$endsWith": ending}})
    inner = await given.listed(api, group, filter={group.title: {"$endsWith": group.word}})

    expect.exactly(last, group.having(group.title, lambda other: other.endswith(ending)))
    expect.length(inner, 0, at="data")


@chapter.proves(
    "filter.contains-any-case", operators={"$contains"}, scopes={"read", "write"}, entities="primary", after=OWN
)
async def contains_any_case(api: Api, entity: Entity) -> None:
    """$contains does not tell upper from lower case."""
    group = await given.group(api, entity)

    found = await given.listed(api, group, filter={group.title: {"$contains": group.words[2].upper()}})

    expect.exactly(found, group.records[2:3])


@chapter.proves(
    "filter.contains-literally",
    operators={"$contains"},
    scopes={"read", "write"},
    entities="primary",
    after={*OWN, "filter.contains"},
)
async def contains_literally(api: Api, entity: Entity) -> None:
    """The characters `%`, `_` and `*` stand for themselves in $contains."""
    group = await given.group(api, entity)

    for character in "%_*":
        found = await given.listed(api, group, filter={group.title: {"$contains": character}})

        expect.exactly(found, group.containing(group.title, character))


@chapter.proves(
    "filter.starts-with-case",
    operators={"$startsWith"},
    scopes={"read", "write"},
    entities="primary",
    after={"filter.starts-with"},
)
async def starts_with_case(api: Api, entity: Entity) -> str:
    """$startsWith either tells upper from lower case or does not."""
    group = await given.group(api, entity)

    found = await given.listed(api, group, filter={group.title: {"$startsWith": group.words[1].upper()}})

    return expect.choice(
        case_insensitive=lambda: expect.exactly(found, group.records[1:2]),
        case_sensitive=lambda: expect.exactly(found, []),
    )


@chapter.proves(
    "filter.ends-with-case",
    operators={"$endsWith"},
    scopes={"read", "write"},
    entities="primary",
    after={"filter.ends-with"},
)
async def ends_with_case(api: Api, entity: Entity) -> str:
    """$endsWith either tells upper from lower case or does not."""
    group = await given.group(api, entity)
    ending = group.values(group.title)[0][-4:]
    alike = group.having(group.title, lambda other: other.endswith(ending))

    found = await given.listed(api, group, filter={group.title: {"$endsWith": ending.upper()}})

    return expect.choice(
        case_insensitive=lambda: expect.exactly(found, alike),
        case_sensitive=lambda: expect.exactly(found, []),
    )


@chapter.proves("filter.null", operators={"$null"}, scopes={"read", "write"}, entities="primary", after=OWN)
async def null(api: Api, entity: Entity) -> None:
    """`{"$null": true}` selects the records that hold nothing in the field."""
    twins = await given.twins(api, entity)

    found = await given.listed(api, twins, filter={twins.nullable: {"$null": True}})

    expect.exactly(found, twins.records[:1])


@chapter.proves("filter.not-null", operators={"$null"}, scopes={"read", "write"}, entities="primary", after=OWN)
async def not_null(api: Api, entity: Entity) -> None:
    """`{"$null": false}` selects the records that hold something in the field."""
    twins = await given.twins(api, entity)

    found = await given.listed(api, twins, filter={twins.nullable: {"$null": False}})

    expect.exactly(found, twins.records[1:])


@chapter.proves(
    "filter.ne-beside-null", operators={"$ne"}, scopes={"read", "write"}, entities="primary", after={"filter.ne"}
)
async def ne_beside_null(api: Api, entity: Entity) -> str:
    """$ne either selects the records that hold nothing in the field or leaves them out."""
    twins = await given.twins(api, entity)
    value = twins.values(twins.nullable)[1]

    found = await given.listed(api, twins, filter={twins.nullable: {"$ne": value}})

    return expect.choice(
        match=lambda: expect.exactly(found, [twins.records[0], twins.records[2]]),
        no_match=lambda: expect.exactly(found, [twins.records[2]]),
    )


@chapter.proves(
    "filter.nin-beside-null", operators={"$nin"}, scopes={"read", "write"}, entities="primary", after={"filter.nin"}
)
async def nin_beside_null(api: Api, entity: Entity) -> str:
    """$nin either selects the records that hold nothing in the field or leaves them out."""
    twins = await given.twins(api, entity)
    value = twins.values(twins.nullable)[1]

    found = await given.listed(api, twins, filter={twins.nullable: {"$nin": [value]}})

    return expect.choice(
        match=lambda: expect.exactly(found, [twins.records[0], twins.records[2]]),
        no_match=lambda: expect.exactly(found, [twins.records[2]]),
    )
