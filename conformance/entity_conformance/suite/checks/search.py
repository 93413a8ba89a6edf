"""Search a list: words, any case, all of them."""

from entity_contract import Entity

from entity_conformance.deployment.api import Api
from entity_conformance.suite import expect, given, questions, sample
from entity_conformance.suite.registry import Chapter

chapter = Chapter("search", asked=questions.by_a_reader)


@chapter.proves(
    "search.word-in-title", scopes={"read", "write"}, entities="primary", applies=sample.title_is_searchable
)
async def word_in_title(api: Api, entity: Entity) -> None:
    """A search for a word finds the record that has it in its title, and no other."""
    group = await given.group(api, entity)

    reply = await questions.first_page(api, entity, search=group.words[1])

    expect.exactly(reply.records, group.records[1:2])


@chapter.proves(
    "search.any-case",
    scopes={"read", "write"},
    after={"search.word-in-title"},
    entities="primary",
    applies=sample.title_is_searchable,
)
async def any_case(api: Api, entity: Entity) -> None:
    """A search does not tell upper from lower case."""
    group = await given.group(api, entity)

    await questions.capitals_found(api, group)


@chapter.proves(
    "search.every-word",
    scopes={"read", "write"},
    after={"search.word-in-title"},
    entities="primary",
    applies=sample.title_is_searchable,
)
async def every_word(api: Api, entity: Entity) -> None:
    """A record must have every word of the search, be it the first, the second or the third."""
    group = await given.group(api, entity)

    none = await questions.first_page(api, entity, search=f"{group.half_word} {group.words[1]} {group.word}")
    await questions.any_order_found(api, group)

    expect.exactly(none.records, [])


@chapter.proves("search.no-match", scopes={"read", "write"}, entities="primary", applies=sample.title_is_searchable)
async def no_match(api: Api, entity: Entity) -> None:
    """A search for a word that no record has finds nothing."""
    reply = await questions.nothing_found(api, await given.group(api, entity))

    expect.length(reply.records, 0, at="data")


@chapter.proves(
    "search.total",
    scopes={"read", "write"},
    after={"search.word-in-title", "search.no-match", "list.total"},
    entities="primary",
    applies=sample.title_is_searchable,
)
async def total(api: Api, entity: Entity) -> None:
    """`total` counts what the search found."""
    group = await given.group(api, entity)

    shown = await questions.found(api, group)
    none = await questions.nothing_found(api, group)

    counted = [expect.integer(given.pagination(reply, "total"), at="pagination.total") for reply in (shown.reply, none)]
    found = counted[0] - counted[1]
    expect.equal(found, len(shown.records), at="what `total` counts more than where nothing is found")


@chapter.proves(
    "search.part-of-word",
    scopes={"read", "write"},
    after={"search.word-in-title"},
    entities="primary",
    applies=sample.title_is_searchable,
)
async def part_of_word(api: Api, entity: Entity) -> None:
    """A part of a word is found too."""
    group = await given.group(api, entity)

    await questions.parts_found(api, group)


@chapter.proves(
    "search.other-fields",
    scopes={"read", "write"},
    after={"search.word-in-title"},
    entities="primary",
    applies=sample.mark_is_searchable,
)
async def other_fields(api: Api, _: Entity) -> None:
    """A word is found in every searchable field, not in the title alone."""
    await questions.other_fields_searched(api)


@chapter.proves(
    "search.words-across-fields",
    scopes={"read", "write"},
    after={"search.other-fields"},
    entities="primary",
    applies=sample.mark_is_searchable,
)
async def words_across_fields(api: Api, entity: Entity) -> None:
    """The words of a search may stand in different fields of a record."""
    group = await given.group(api, entity)

    await questions.words_searched(api, group)


@chapter.proves(
    "search.each-searchable-entity",
    scopes={"read", "write"},
    after={"search.word-in-title"},
    operations={"list"},
    applies=sample.is_searched,
)
async def each_searchable_entity(api: Api, entity: Entity) -> None:
    """Every entity is searched in the fields that the contract names."""
    await questions.titles_searched(api, entity)


@chapter.proves(
    "search.literal-characters",
    scopes={"read", "write"},
    after={"search.every-word", "search.part-of-word"},
    entities="primary",
    applies=sample.title_is_searchable,
)
async def literal_characters(api: Api, entity: Entity) -> None:
    """The characters `%`, `_` and `*` stand for themselves in a search, and so do quotes and a backslash."""
    group = await given.group(api, entity)

    one = await questions.first_page(api, entity, search=f"{group.words[4]} % _ *")
    wild = (f"{group.words[0]} %", f"{group.words[0]}_{group.word}")  # `_` alone stands in ids, which may be searched
    none = [await questions.first_page(api, entity, search=one) for one in wild]

    expect.exactly(one.records, group.records[4:5])
    expect.each(none, lambda reply: expect.exactly(reply.records, []))
    await questions.holds(api, group, questions.Question(entity, search=f'{group.words[1]} "it\'s" a\\b'))


@chapter.proves("search.blank", scopes={"read", "write"}, entities="first")
async def blank(api: Api, entity: Entity) -> None:
    """A blank search selects as if it were not there."""
    group = await given.group(api, entity)

    await questions.carried(api, group, "blank")
    await questions.carried(api, group, "blanks")
