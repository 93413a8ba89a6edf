"""Faults of `sort` and `order`."""

from dataclasses import replace
from typing import Any, cast

from entity_contract import FieldType

from entity_server.domain.problems import InternalError, InvalidSort
from entity_server.domain.query import Query
from entity_server.domain.sentences import Sentence
from entity_server.faults.fault import with_body
from entity_server.faults.spoiling import AnyAnswer, empty_page, is_400, names, rewriting, without
from entity_server.http.fault import Compose
from entity_server.http.services import Answer, Call, Handler, Services

chapter = AnyAnswer()

LISTS = frozenset({"list"})


def _ignored(*types: FieldType) -> Compose:
    """`sort` by a field of these types is ignored."""

    def unsorted(query: Query) -> Query:
        return replace(query, ordering=None) if query.ordering and query.ordering.field.type in types else query

    return lambda services: rewriting(services, unsorted)


@chapter.in_services("sort.text-ignored", breaks="sort.text")
def text_ignored(services: Services) -> Services:
    """`sort` by a text is ignored."""
    return _ignored("string", "text")(services)


@chapter.in_services("sort.integers-ignored", breaks="sort.integers")
def integers_ignored(services: Services) -> Services:
    """`sort` by an integer is ignored."""
    return _ignored("integer")(services)


@chapter.in_services("sort.numbers-ignored", breaks="sort.numbers")
def numbers_ignored(services: Services) -> Services:
    """`sort` by a number is ignored."""
    return _ignored("number")(services)


@chapter.in_services("sort.dates-ignored", breaks="sort.dates")
def dates_ignored(services: Services) -> Services:
    """`sort` by a date is ignored."""
    return _ignored("date")(services)


@chapter.in_services("sort.datetimes-reversed", breaks="sort.datetimes")
def datetimes_reversed(services: Services) -> Services:
    """`sort` by a date-time goes the wrong way."""

    def turned(query: Query) -> Query:
        ordering = query.ordering
        if ordering is None or ordering.field.type != "datetime":
            return query
        return replace(query, ordering=replace(ordering, descending=not ordering.descending))

    return rewriting(services, turned)


@chapter.in_services("sort.descending-ignored", breaks="sort.descending")
def descending_ignored(services: Services) -> Services:
    """`order=desc` sorts ascending."""

    def ascending(query: Query) -> Query:
        return replace(query, ordering=replace(query.ordering, descending=False)) if query.ordering else query

    return rewriting(services, ascending)


@chapter.around("sort.descending-by-default", breaks="sort.ascending-by-default", to=LISTS)
async def descending_by_default(call: Call, handler: Handler) -> Answer:
    """Without `order` the order is descending."""
    return await handler(replace(call, arguments={"order": ("desc",), **call.arguments}))


@chapter.around("sort.enums-ignored", breaks="sort.enums", to=LISTS)
async def enums_ignored(call: Call, handler: Handler) -> Answer:
    """`sort` by an enum is ignored."""
    field = call.registered.field(next(iter(call.arguments.get("sort", ())), ""))
    return await (without(call, handler, "sort", "order") if field and field.type == "enum" else handler(call))


@chapter.around("sort.nulls-in-the-middle", breaks="sort.nulls", to=LISTS)
async def nulls_in_the_middle(call: Call, handler: Handler) -> Answer:
    """Records without a value stand between the others."""
    answer = await handler(call)
    name = next(iter(call.arguments.get("sort", ())), "")
    records = cast("list[dict[str, Any]]", (answer.body or {})["data"])
    nulls = [record for record in records if record.get(name, "") is None]
    others = [record for record in records if record not in nulls]
    return with_body(answer, data=[*others[:1], *nulls, *others[1:]]) if nulls else answer


@chapter.around("sort.ties-unbroken", breaks="sort.ties-are-broken", to=LISTS)
async def ties_unbroken(call: Call, handler: Handler) -> Answer:
    """Where values are equal, every page repeats its predecessor's last record."""
    answer = await handler(call)
    page = int(next(iter(call.arguments.get("page", ())), "1"))
    if "sort" not in call.arguments or page < 2:
        return answer
    before = await handler(replace(call, arguments={**call.arguments, "page": (str(page - 1),)}))
    shown = cast("list[dict[str, Any]]", (answer.body or {})["data"])
    last = cast("list[dict[str, Any]]", (before.body or {})["data"])[-1:]
    name = call.arguments["sort"][0]
    are_equal = bool(shown and last) and last[0].get(name) == shown[0].get(name)
    return with_body(answer, data=[*last, *shown[1:]]) if are_equal else answer


@chapter.on_any_answer("sort.unknown-field-code", breaks="sort.unknown-field", statuses=is_400)
def unknown_field_code(answer: Answer) -> Answer:
    """An unknown `sort` is refused as any other parameter is."""
    return with_body(answer, code="VALIDATION_FAILED") if names(answer, "sort") else answer


@chapter.around("sort.optional-text-refused", breaks="sort.text", to=LISTS)
async def optional_text_refused(call: Call, handler: Handler) -> Answer:
    """Nothing is sorted by a text that may be empty, though the contract lets sort by it."""
    name = next(iter(call.arguments.get("sort", ())), "")
    field = call.registered.field(name)
    if field is not None and field.type in ("string", "text") and not field.required and not field.generated:
        raise InvalidSort(details={"sort": Sentence.OTHERWISE()})
    return await handler(call)


@chapter.around("sort.empty-accepted", breaks="sort.empty", to=LISTS)
async def empty_accepted(call: Call, handler: Handler) -> Answer:
    """An empty `sort` answers an empty page."""
    return empty_page(call) if "sort" in call.arguments and not any(call.arguments["sort"]) else await handler(call)


@chapter.on_any_answer("sort.unnamed", breaks="sort.details", statuses=is_400)
def unnamed(answer: Answer) -> Answer:
    """The refusal of `sort` does not name it."""
    return with_body(answer, details={"query": "Is wrong"}) if names(answer, "sort") else answer


@chapter.on_any_answer("sort.bad-order-accepted", breaks="sort.bad-order", statuses=is_400)
def bad_order_accepted(answer: Answer) -> Answer:
    """An `order` that is neither asc nor desc answers an empty page."""
    return empty_page(answer) if names(answer, "order") else answer


@chapter.on_any_answer("sort.bad-order-code", breaks="sort.bad-order-code", statuses=is_400)
def bad_order_code(answer: Answer) -> Answer:
    """A bad `order` is refused with the code of a bad filter."""
    return with_body(answer, code="INVALID_FILTER") if names(answer, "order") else answer


@chapter.around("sort.several-fields-fail", breaks="sort.several-fields", to=LISTS)
async def several_fields_fail(call: Call, handler: Handler) -> Answer:
    """A `sort` by several fields makes the server fail."""
    if "," in "".join(call.arguments.get("sort", ())):
        raise InternalError
    return await handler(call)


@chapter.around("sort.order-alone-finds-nothing", breaks="sort.order-alone", to=LISTS)
async def order_alone_finds_nothing(call: Call, handler: Handler) -> Answer:
    """`order` without `sort` selects everything out."""
    alone = "order" in call.arguments and "sort" not in call.arguments
    return empty_page(call) if alone else await handler(call)
