"""What is right by itself and wrong beside something else: an order, a date, white space, a letter that few have."""

import re

from entity_server.domain.filtering import Condition
from entity_server.faults.fault import with_headers
from entity_server.faults.seldom.when import argument, asked, changed_values
from entity_server.faults.spoiling import AnyAnswer, data, with_argument, with_data, without
from entity_server.http.services import Answer, Call, Handler, Services

chapter = AnyAnswer()

LIST, READ = frozenset({"list"}), frozenset({"read"})
_JOINER = "\u2060"
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")


def _is_unshown(call: Call) -> bool:
    """Whether a list is sorted by a field that it does not show."""
    fields, sort = argument(call, "fields"), argument(call, "sort")
    return bool(fields and sort) and sort not in fields.split(",")


@chapter.around("sort.lost-where-unshown", breaks="list.all-parameters-combine", to=LIST)
async def lost_where_unshown(call: Call, handler: Handler) -> Answer:
    """A list is not sorted by a field that `fields` leaves out."""
    return await (without(call, handler, "sort", "order") if _is_unshown(call) else handler(call))


@chapter.around("select.sorted-field-added", breaks="select.fields-on-list", to=LIST)
async def sorted_field_added(call: Call, handler: Handler) -> Answer:
    """A list shows the field that it is sorted by, though `fields` leaves it out."""
    if not _is_unshown(call):
        return await handler(call)
    return await with_argument(call, handler, "fields", lambda names: f"{names},{argument(call, 'sort')}")


@chapter.around("search.tabs-part-no-words", breaks="search.every-word", to=LIST)
async def tabs_part_no_words(call: Call, handler: Handler) -> Answer:
    """A search is split at blanks alone, not at tabs."""
    return await with_argument(call, handler, "search", lambda words: words.replace("\t", _JOINER))


def _is_accented(condition: Condition) -> bool:
    text = str(condition.value)
    return condition.operator == "$contains" and any(one.isupper() and not one.isascii() for one in text)


@chapter.in_services("filter.contains-folds-ascii", breaks="filter.contains-any-case")
def contains_folds_ascii(services: Services) -> Services:
    """$contains tells capitals from small letters beyond ASCII."""
    return changed_values(lambda one: f"{one.value}{_JOINER}" if _is_accented(one) else one.value)(services)


def _has_wildcard(condition: Condition) -> bool:
    return condition.operator == "$contains" and condition.field.type == "text" and "%" in str(condition.value)


@chapter.in_services("filter.contains-wild-in-long-text", breaks="filter.contains-literally")
def contains_wild_in_long_text(services: Services) -> Services:
    """In fields of type text a percent sign in $contains stands for anything, with what is before it."""
    return changed_values(lambda one: str(one.value).split("%")[-1] if _has_wildcard(one) else one.value)(services)


@chapter.around("dates.one-day-is-empty", breaks="dates.date-alone-ends-the-day", to=LIST)
async def one_day_is_empty(call: Call, handler: Handler) -> Answer:
    """Where `startDate` and `endDate` are the same day, only what was created at its beginning is selected."""
    day = argument(call, "endDate")
    if not _DAY.match(day) or argument(call, "startDate") != day:
        return await handler(call)
    return await asked(call, handler, endDate=f"{day}T00:00:00Z")


@chapter.around("select.nobody-is-an-object", breaks="select.include-no-parent", to=READ)
async def nobody_is_an_object(call: Call, handler: Handler) -> Answer:
    """READ includes an empty object where the foreign key holds nothing."""
    answer = await handler(call)
    parents = {one.name for one in call.registered.relations if one.type == "belongsTo"}
    record = data(answer)
    return with_data(answer, record | {name: {} for name in parents & record.keys() if record[name] is None})


def _is_sorted_search(call: Call) -> bool:
    return bool(argument(call, "search").strip() and argument(call, "sort"))


@chapter.around("search.one-word-beside-an-order", breaks="list.all-parameters-combine", to={"listOrders"})
async def one_word_beside_an_order(call: Call, handler: Handler) -> Answer:
    """Beside an order a search of orders finds what has all its words joined to one."""
    if not _is_sorted_search(call):
        return await handler(call)
    return await with_argument(call, handler, "search", lambda words: _JOINER.join(words.split()))


@chapter.around("filter.nothing-beside-dates", breaks="list.all-parameters-combine", to={"listProducts"})
async def nothing_beside_dates(call: Call, handler: Handler) -> Answer:
    """Beside a filter that ends with a date, `endDate` of products is the moment at which the day begins."""
    if not (argument(call, "filter") and argument(call, "endDate") and argument(call, "sort")):
        return await handler(call)
    return await with_argument(
        call, handler, "endDate", lambda text: text if len(text) == 10 else f"{text[:10]}T00:00:00Z"
    )


@chapter.around("select.first-relation-beside-an-order", breaks="select.include-several", to={"listComments"})
async def first_relation_beside_an_order(call: Call, handler: Handler) -> Answer:
    """Beside an order the first of several relations is included alone."""
    if not argument(call, "sort"):
        return await handler(call)
    return await with_argument(call, handler, "include", lambda names: names.partition(",")[0])


@chapter.around("select.unknown-beside-known", breaks="select.unknown-relation", to={"listCustomers"})
async def unknown_beside_known(call: Call, handler: Handler) -> Answer:
    """A relation of customers that is not known is passed over where a known one stands before it."""
    known = {one.name for one in call.registered.relations}

    def kept(names: str) -> str:
        first = names.partition(",")[0]
        return first if first in known else names

    return await with_argument(call, handler, "include", kept)


@chapter.around("list.links-lose-dates-beside-a-filter", breaks="list.link-keeps-parameters", to={"listCustomers"})
async def links_lose_dates_beside_a_filter(call: Call, handler: Handler) -> Answer:
    """Beside a filter the links to other pages of customers lack `endDate`."""
    answer = await handler(call)
    link = answer.headers.get("Link")
    if link is None or not argument(call, "filter"):
        return answer
    return with_headers(answer, Link=re.sub(r"endDate=[^&>]*&?", "", link))
