"""Lists: filters, search, dates, fields and relations (L14-L21)."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import orjson
from entity_contract import Entity

from entity_server.domain.arguments import comma_list
from entity_server.domain.filtering import Condition, OperatorName
from entity_server.domain.problems import InvalidFilter, ValidationFailed
from entity_server.domain.query import Query
from entity_server.domain.sentences import Sentence
from entity_server.faults.spoiling import Record, each, empty_page, rewriting, says, with_argument
from entity_server.faults.wrapping import RecordsWrapper
from entity_server.http.fault import Acts, Compose
from entity_server.http.services import Answer, Around, Call, Handler, Listing, Services
from entity_server.variants.rearranged import narrowed_to
from entity_server.variants.variant import Chapter

chapter = Chapter()

LISTS = frozenset({"list"})
BOTH = frozenset({"list", "read"})

_FAMILIES = {
    "comparison": ("$gt", "$gte", "$lt", "$lte"),
    "equality": ("$eq", "$ne"),
    "list": ("$in", "$nin"),
    "text": ("$contains", "$startsWith", "$endsWith"),
    "null": ("$null",),
}
"""Families of operators that a deployment may lack (L14)."""


def _refusing(operators: tuple[str, ...]) -> Around:
    async def refusing(call: Call, handler: Handler) -> Answer:
        asked = "".join(call.arguments.get("filter", ()))
        if any(f'"{operator}":' in asked for operator in operators):
            known = Sentence.UNKNOWN_OPERATOR(field="filter", operator=", ".join(operators), operators="others")
            raise InvalidFilter(known)
        return await handler(call)

    return refusing


for _family, _operators in _FAMILIES.items():
    _lacking = _refusing(_operators)
    _lacking.__doc__ = f"There are no {_family} operators."
    _broken = ("L14.operators", "L16.contains-any-case") if _family == "text" else "L14.operators"
    chapter.around(f"no-{_family}-operators", against=_broken, to=LISTS)(_lacking)


@chapter.around("dates-have-no-order", against="L14.operators", to=LISTS)
async def dates_have_no_order(call: Call, handler: Handler) -> Answer:
    """No date is before or after another one."""
    dates = {field.name for field in call.registered.fields if field.type == "date"}
    return empty_page(call) if dates & set(_compared(call)) else await handler(call)


def _compared(call: Call) -> Iterator[str]:
    """The fields that a filter asks to be before or after something; of one that cannot be read, none."""
    try:
        asked = orjson.loads("".join(call.arguments.get("filter", ())))
    except orjson.JSONDecodeError:
        return
    for name, condition in asked.items() if isinstance(asked, dict) else ():
        if isinstance(condition, dict) and condition.keys() & _FAMILIES["comparison"]:
            yield name


def _as_nothing(sentences: tuple[Sentence, ...]) -> Around:
    """A filter that is refused with one of these sentences selects nothing instead."""

    async def lenient(call: Call, handler: Handler) -> Answer:
        try:
            return await handler(call)
        except InvalidFilter as problem:
            if says(problem, *sentences):
                return empty_page(call)
            raise

    return lenient


for _variant, _sentences, _clauses in (
    (
        "value-of-wrong-type",
        (Sentence.TYPE, Sentence.DATE, Sentence.INSTANT, Sentence.LIST_OPERAND),
        ("L15.wrong-type", "L15.list-operand"),
    ),
    ("value-outside-enum", (Sentence.ONE_OF,), ("L15.outside-enum",)),
    ("empty-list", (Sentence.LIST_OPERAND,), ("L15.list-operand",)),
):
    _nothing = _as_nothing(_sentences)
    _nothing.__doc__ = f"A filter that is refused for a {_variant.replace('-', ' ')} selects nothing instead."
    chapter.around(f"filter-by-{_variant}-selects-nothing", against=_clauses, to=LISTS)(_nothing)


def _by_case(services: Services, operator: OperatorName, holds: Callable[[str, str], bool]) -> Services:
    """A text operator that tells capitals from small letters."""

    def concerned(query: Query) -> list[Condition]:
        return [one for one in query.selection.conditions if one.operator == operator]

    return narrowed_to(
        services,
        lambda _, query, record: all(holds(str(record[one.field.name]), str(one.value)) for one in concerned(query)),
        asking=lambda query: replace(query) if concerned(query) else query,
    )


@chapter.in_services("starts-with-by-case", "L16.case-of-ends=case-sensitive")
def starts_with_by_case(services: Services) -> Services:
    """`$startsWith` tells capitals from small letters."""
    return _by_case(services, "$startsWith", str.startswith)


@chapter.in_services("ends-with-by-case", "L16.case-of-ends=case-sensitive")
def ends_with_by_case(services: Services) -> Services:
    """`$endsWith` tells capitals from small letters."""
    return _by_case(services, "$endsWith", str.endswith)


def _never_null(operator: str) -> Compose:
    """An operator whose conditions hold of no null."""

    def query(asked: Query) -> Query:
        held = asked.selection.conditions
        present = tuple(Condition(one.field, "$null", value=False) for one in held if one.operator == operator)
        return replace(asked, selection=replace(asked.selection, conditions=(*held, *present)))

    return lambda services: rewriting(services, query)


@chapter.in_services("ne-leaves-nulls-out", "L17.null-differs=no-match")
def ne_leaves_nulls_out(services: Services) -> Services:
    """`$ne` selects no record that holds nothing."""
    return _never_null("$ne")(services)


@chapter.in_services("nin-leaves-nulls-out", "L17.null-differs=no-match")
def nin_leaves_nulls_out(services: Services) -> Services:
    """`$nin` selects no record that holds nothing."""
    return _never_null("$nin")(services)


@chapter.in_services(
    "search-by-full-text",
    against=("L18.part-of-word", "L18.other-fields"),
)  # fmt: skip
def search_by_full_text(services: Services) -> Services:
    """Search is a full-text engine's over titles: whole words, without punctuation and short words."""

    def found(_: Entity, query: Query, record: Record) -> bool:
        title = [_plain(word) for word in str(record.get("title", "")).split()]
        return all(word in title for word in map(_plain, query.selection.words) if len(word) > 3)

    def widened(query: Query) -> Query:
        words = query.selection.words
        return replace(query, selection=replace(query.selection, words=())) if words else query

    return narrowed_to(services, found, asking=widened)


@chapter.in_services("search-in-one-field", against="L18.other-fields")
def search_in_one_field(services: Services) -> Services:
    """All words of a search must stand in one field."""

    def found(entity: Entity, query: Query, record: Record) -> bool:
        texts = [str(record.get(name) or "").casefold() for name in entity.searchable]
        return any(all(word in text for word in query.selection.words) for text in texts)

    return narrowed_to(
        services, found, asking=lambda query: replace(query) if len(query.selection.words) > 1 else query
    )


def _plain(word: str) -> str:
    return "".join(letter for letter in word.casefold() if letter.isalnum())


class _IndexedLate(RecordsWrapper):
    async def list(self, entity: Entity, query: Query, owner: str, /) -> Listing:
        if query.selection.words:
            until = datetime.now(UTC) - timedelta(seconds=0.5)
            known = query.selection.created_until
            query = replace(query, selection=replace(query.selection, created_until=min(known or until, until)))
        return await self.inner.list(entity, query, owner)


@chapter.in_services("search-indexes-late", "L18.settle")
def search_indexes_late(services: Services) -> Services:
    """A search finds a record half a second after it was made, which the runner is told (`--settle`)."""
    return replace(services, records=_IndexedLate(services.records))


@chapter.in_services("search-in-every-field", "L18.other-fields")
def search_in_every_field(services: Services) -> Services:
    """A search looks at whatever a record holds, its id, its enums and its numbers too."""

    def found(_: Entity, query: Query, record: Record) -> bool:
        texts = [str(value).casefold() for value in record.values() if value is not None]
        return all(any(word in text for text in texts) for word in query.selection.words)

    def widened(query: Query) -> Query:
        return replace(query, selection=replace(query.selection, words=())) if query.selection.words else query

    return narrowed_to(services, found, asking=widened)


@chapter.around("search-needs-longer-words", against="L18.literal", to=LISTS)
async def search_needs_longer_words(call: Call, handler: Handler) -> Answer:
    """A search for a word of fewer than three characters is refused."""
    words = " ".join(call.arguments.get("search", ())).split()
    if any(len(word) < 3 for word in words):
        raise ValidationFailed(details={"search": Sentence.OTHERWISE()})
    return await handler(call)


@chapter.around("no-range-is-empty", "L19.start-after-end=empty", to=LISTS)
async def no_range_is_empty(call: Call, handler: Handler) -> Answer:
    """A range that ends before it starts selects nothing."""
    try:
        return await handler(call)
    except ValidationFailed as problem:
        if "after" not in problem.details.get("startDate", ""):
            raise
        others = {name: reason for name, reason in problem.details.items() if name != "startDate"}
        if not others:
            return empty_page(call)
        raise ValidationFailed(details=others) from problem


@chapter.anew("no-id-unasked", "L20.id-unasked=without-id")
def no_id_unasked() -> Acts:
    """`fields` without `id` gives records without it."""

    def outgoing(call: Call | None, answer: Answer) -> Answer:
        fields = comma_list(call.arguments.get("fields", ())) if call and call.operation.action in BOTH else ()
        if not fields or "id" in fields or answer.status != 200:
            return answer
        return each(answer, lambda record: {name: value for name, value in record.items() if name != "id"})

    return Acts(outgoing=outgoing)


def _embedded(answer: Answer, call: Call, change: Callable[[Record], Record]) -> Answer:
    names = [relation.name for relation in call.registered.relations]

    def changed(record: Record) -> Record:
        held = {name: record[name] for name in names if record.get(name) is not None}
        return record | {
            name: [change(one) for one in value] if isinstance(value, list) else change(value)
            for name, value in held.items()
        }

    return each(answer, changed)


@chapter.around(
    "included-records-are-partial",
    "L21.belongs-to",
    to=BOTH,
)
async def included_records_are_partial(call: Call, handler: Handler) -> Answer:
    """An included record has its id and at most its name or title."""
    kept = {"id", "name", "title", "text"}
    return _embedded(
        await handler(call), call, lambda one: {name: value for name, value in one.items() if name in kept}
    )


@chapter.around(
    "included-children-in-another-order",
    "L21.has-many",
    to=BOTH,
)
async def included_children_in_another_order(call: Call, handler: Handler) -> Answer:
    """Included children stand in descending order of their ids."""
    answer = await handler(call)

    def turned(record: Record) -> Record:
        many = {one.name for one in call.registered.relations if one.type == "hasMany"}
        return record | {name: list(reversed(record[name])) for name in many if record.get(name)}

    return each(answer, turned)


@chapter.around("datetimes-need-an-offset", "L14.datetime-without-offset=refused", to=LISTS)
async def datetimes_need_an_offset(call: Call, handler: Handler) -> Answer:
    """A moment without an offset in a filter is refused."""
    if re.search(r'T\d\d:\d\d:\d\d(\.\d+)?"', "".join(call.arguments.get("filter", ()))):
        raise InvalidFilter(Sentence.INSTANT())
    return await handler(call)


@chapter.around("foreign-keys-are-kept", "L21.foreign-key-beside-fields=kept", to=BOTH)
async def foreign_keys_are_kept(call: Call, handler: Handler) -> Answer:
    """With `fields` and `include`, the foreign keys of what is included are shown too."""
    if not {"fields", "include"} <= call.arguments.keys():
        return await handler(call)
    included = comma_list(call.arguments.get("include", ()))
    keys = [one.foreign_key for one in call.registered.relations if one.type == "belongsTo" and one.name in included]
    return await with_argument(call, handler, "fields", lambda named: ",".join((named, *keys)))


for _other in ("search-by-full-text", "search-in-one-field", "search-indexes-late"):
    chapter.keep_apart("search-in-every-field", _other)
