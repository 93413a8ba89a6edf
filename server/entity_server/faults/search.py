"""Faults of `search`."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast

from entity_server.domain.query import Query
from entity_server.faults.fault import Chapter, with_headers
from entity_server.faults.spoiling import data, narrowed, rewriting, with_argument, with_pagination, without
from entity_server.http.services import Answer, Call, Handler, Services

chapter = Chapter()

LISTS = frozenset({"list"})


async def _found_only(call: Call, handler: Handler, found: Callable[[str, dict[str, Any]], bool]) -> Answer:
    """A search that finds fewer records: those for which `found` holds for every word, whichever fields are shown."""
    answer = await handler(call)
    words = " ".join(call.arguments.get("search", ())).split()
    if not words:
        return answer
    whole = await without(call, handler, "fields") if "fields" in call.arguments else answer
    kept = iter([all(found(word, record) for word in words) for record in data(whole)])
    return narrowed(answer, lambda _: next(kept))


def _texts(call: Call, record: dict[str, Any]) -> list[str]:
    return [str(record.get(name) or "") for name in call.registered.searchable]


@chapter.in_services("search.ignored", breaks="search.no-match")
def ignored(services: Services) -> Services:
    """`search` selects nothing out."""
    return rewriting(services, lambda query: replace(query, selection=replace(query.selection, words=())))


@chapter.around("search.finds-nothing", breaks="search.word-in-title", to=LISTS)
async def finds_nothing(call: Call, handler: Handler) -> Answer:
    """No record has any word."""
    return await _found_only(call, handler, lambda _word, _record: False)


@chapter.around("search.by-case", breaks="search.any-case", to=LISTS)
async def by_case(call: Call, handler: Handler) -> Answer:
    """Capital letters are told from small ones."""
    return await _found_only(call, handler, lambda word, record: any(word in text for text in _texts(call, record)))


@chapter.in_services("search.any-word", breaks="search.every-word")
def any_word(services: Services) -> Services:
    """One of several words is enough: the first."""

    def first(query: Query) -> Query:
        return replace(query, selection=replace(query.selection, words=query.selection.words[:1]))

    return rewriting(services, first)


@chapter.around("search.total-of-everything", breaks="search.total", to=LISTS)
async def total_of_everything(call: Call, handler: Handler) -> Answer:
    """`total` counts the records that `search` leaves out."""
    answer = await handler(call)
    if "search" not in call.arguments:
        return answer
    everything: Any = (await without(call, handler, "search")).body
    return with_pagination(answer, total=everything["pagination"]["total"])


@chapter.around("search.whole-words", breaks="search.part-of-word", to=LISTS)
async def whole_words(call: Call, handler: Handler) -> Answer:
    """A word is found as a whole only."""

    def found(word: str, record: dict[str, Any]) -> bool:
        return any(word.lower() in text.lower().split() for text in _texts(call, record))

    return await _found_only(call, handler, found)


@chapter.around("search.first-field-alone", breaks="search.other-fields", to=LISTS)
async def first_field_alone(call: Call, handler: Handler) -> Answer:
    """Only the first searchable field is searched."""

    def found(word: str, record: dict[str, Any]) -> bool:
        return word.lower() in _texts(call, record)[0].lower()

    return await _found_only(call, handler, found)


@chapter.around("search.words-in-one-field", breaks="search.words-across-fields", to=LISTS)
async def words_in_one_field(call: Call, handler: Handler) -> Answer:
    """All words must stand in the same field."""
    words = " ".join(call.arguments.get("search", ())).lower().split()

    def found(_: str, record: dict[str, Any]) -> bool:
        return any(all(word in text.lower() for word in words) for text in _texts(call, record))

    return await _found_only(call, handler, found)


@chapter.around("search.tasks-alone", breaks="search.each-searchable-entity", to=LISTS)
async def tasks_alone(call: Call, handler: Handler) -> Answer:
    """Nothing but tasks can be searched."""
    return await (handler(call) if call.registered.name == "tasks" else _found_only(call, handler, lambda *_: False))


@chapter.around("search.with-wildcards", breaks="search.literal-characters", to=LISTS)
async def with_wildcards(call: Call, handler: Handler) -> Answer:
    """`%`, `_` and `*` stand for any text."""
    return await with_argument(
        call, handler, "search", lambda text: text.replace("%", " ").replace("_", " ").replace("*", " ")
    )


@chapter.around("search.blank-finds-nothing", breaks="search.blank", to=LISTS)
async def blank_finds_nothing(call: Call, handler: Handler) -> Answer:
    """A blank search finds nothing."""
    answer = await handler(call)
    given = call.arguments.get("search", ())
    return narrowed(answer, lambda _: False) if given and not given[0].strip() else answer


@chapter.around("search.counted-by-field", breaks="search.total", to=LISTS)
async def counted_by_field(call: Call, handler: Handler) -> Answer:
    """A record counts once for each field that the first word stands in."""
    words = " ".join(call.arguments.get("search", ())).lower().split()
    answer = await handler(call)
    if not words:
        return answer
    found = [sum(words[0] in text.lower() for text in _texts(call, record)) for record in data(answer)]
    more = sum(one - 1 for one in found if one > 1)
    total = cast("Any", answer.body)["pagination"]["total"] + more
    return with_headers(with_pagination(answer, total=total), X_Total_Count=str(total))


@chapter.around("search.of-products-at-single-blanks", breaks="list.all-parameters-combine", to={"listProducts"})
async def of_products_at_single_blanks(call: Call, handler: Handler) -> Answer:
    """A search of products is split at each blank: other white space between words is part of one, as nothing is."""
    text = " ".join(call.arguments.get("search", ())).strip()
    if not text or text.split(" ") == text.split():
        return await handler(call)
    return await with_argument(call, handler, "search", lambda _: "nowhere0at1all")
