"""Filter a list by parts of a text, and by null."""

from entity_contract import Entity

from entity_conformance.deployment.api import Api
from entity_conformance.suite import given, questions, sample
from entity_conformance.suite.registry import Chapter

chapter = Chapter("filter", asked=questions.by_a_reader)

OWN = {"filter.field-equality", "filter.conditions-are-and"}


@chapter.proves("filter.contains", operators={"$contains"}, scopes={"read", "write"}, entities="primary", after=OWN)
async def contains(api: Api, _: Entity) -> None:
    """$contains selects the records whose text has the part anywhere."""
    await questions.filtered(api, "filter.contains")


@chapter.proves(
    "filter.starts-with", operators={"$startsWith"}, scopes={"read", "write"}, entities="primary", after=OWN
)
async def starts_with(api: Api, _: Entity) -> None:
    """$startsWith selects the records whose text begins with the part, not those that have it further on."""
    await questions.filtered(api, "filter.starts-with")


@chapter.proves("filter.ends-with", operators={"$endsWith"}, scopes={"read", "write"}, entities="primary", after=OWN)
async def ends_with(api: Api, _: Entity) -> None:
    """$endsWith selects the records whose text ends with the part, not those that have it further ahead."""
    await questions.filtered(api, "filter.ends-with")


@chapter.proves(
    "filter.contains-any-case", operators={"$contains"}, scopes={"read", "write"}, entities="primary", after=OWN
)
async def contains_any_case(api: Api, _: Entity) -> None:
    """$contains does not tell upper from lower case."""
    await questions.filtered(api, "filter.contains-any-case")


@chapter.proves(
    "filter.contains-literally",
    operators={"$contains"},
    scopes={"read", "write"},
    entities="primary",
    after={*OWN, "filter.contains"},
)
async def contains_literally(api: Api, _: Entity) -> None:
    """The characters `%`, `_`, `*` and the backslash stand for themselves in $contains."""
    await questions.filtered(api, "filter.contains-literally")


@chapter.proves(
    "filter.starts-with-case",
    operators={"$startsWith"},
    scopes={"read", "write"},
    entities="first",
    after={"filter.starts-with"},
)
async def starts_with_case(api: Api, entity: Entity) -> str:
    """$startsWith either tells upper from lower case or does not."""
    group = await given.group(api, entity)

    return await questions.case_of_ends(api, group, "$startsWith", group.words[1], group.records[1:2])


@chapter.proves(
    "filter.ends-with-case",
    operators={"$endsWith"},
    scopes={"read", "write"},
    entities="first",
    after={"filter.ends-with"},
)
async def ends_with_case(api: Api, entity: Entity) -> str:
    """$endsWith either tells upper from lower case or does not."""
    group = await given.group(api, entity)
    ending = group.values(group.title)[0][-4:]
    alike = group.having(group.title, lambda other: other.endswith(ending))

    return await questions.case_of_ends(api, group, "$endsWith", ending, alike)


@chapter.proves(
    "filter.null",
    operators={"$null"},
    scopes={"read", "write"},
    entities="primary",
    after=OWN,
    applies=sample.has_nullable,
)
async def null(api: Api, _: Entity) -> None:
    """`{"$null": true}` selects the records that hold nothing in the field."""
    await questions.filtered(api, "filter.null")


@chapter.proves(
    "filter.not-null",
    operators={"$null"},
    scopes={"read", "write"},
    entities="primary",
    after=OWN,
    applies=sample.has_nullable,
)
async def not_null(api: Api, _: Entity) -> None:
    """`{"$null": false}` selects the records that hold something in the field."""
    await questions.filtered(api, "filter.not-null")


@chapter.proves(
    "filter.ne-beside-null",
    operators={"$ne"},
    scopes={"read", "write"},
    entities="primary",
    after={"filter.ne"},
    applies=sample.has_optional,
)
async def ne_beside_null(api: Api, entity: Entity) -> str:
    """$ne either selects the records that hold nothing in the field or leaves them out."""
    return await questions.beside_null(api, entity, "$ne")


@chapter.proves(
    "filter.nin-beside-null",
    operators={"$nin"},
    scopes={"read", "write"},
    entities="primary",
    after={"filter.nin"},
    applies=sample.has_optional,
)
async def nin_beside_null(api: Api, entity: Entity) -> str:
    """$nin either selects the records that hold nothing in the field or leaves them out."""
    return await questions.beside_null(api, entity, "$nin")
