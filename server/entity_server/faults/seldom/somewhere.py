"""What is wrong at one entity, and right at all others: one operator on one field, one parameter, one credential."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from http import HTTPStatus

from entity_contract import Entity

from entity_server.domain.arguments import comma_list
from entity_server.domain.filtering import Condition
from entity_server.domain.problems import InternalError, ValidationFailed
from entity_server.domain.projection import Record
from entity_server.domain.query import Query
from entity_server.domain.selection import Selection
from entity_server.faults.fault import with_headers
from entity_server.faults.seldom.when import argument, asked, by_session, rows_of, selecting
from entity_server.faults.spoiling import (
    AnyAnswer,
    Forbidden,
    despite,
    each,
    empty_page,
    with_argument,
    with_body_of,
    with_data,
    without,
)
from entity_server.faults.wrapping import Page, RecordsWrapper
from entity_server.http.services import Answer, Call, Handler, Listing, Services

chapter = AnyAnswer()

_LONGEST_ID = 255
_WIDTH = 27
"""Characters of an id past its prefix."""


class _AskedOtherwise(RecordsWrapper):
    """Lists of one entity are asked something else than the client asked."""

    def __init__(self, services: Services, entity: str, change: Callable[[Query], Query]) -> None:
        super().__init__(services.records)
        self._entity, self._change = entity, change

    async def list(self, entity: Entity, query: Query, owner: str, /) -> Listing:
        return await self.inner.list(entity, self._change(query) if entity.name == self._entity else query, owner)


def _asked_otherwise(services: Services, entity: str, change: Callable[[Query], Query]) -> Services:
    return replace(services, records=_AskedOtherwise(services, entity, change))


def _on(field: str, operator: str, change: Callable[[Condition], Condition | None]) -> Callable[[Query], Query]:
    """A query of which the conditions by that operator on that field are others, or none."""

    def changed(held: tuple[Condition, ...]) -> tuple[Condition, ...]:
        found = (change(one) if (one.field.name, one.operator) == (field, operator) else one for one in held)
        return tuple(one for one in found if one is not None)

    return lambda query: selecting(query, changed)


@chapter.in_services("filter.in-of-categories-takes-one", breaks="filter.in")
def in_of_categories_takes_one(services: Services) -> Services:
    """`$in` on the category of products looks at the first of its values."""
    return _asked_otherwise(services, "products", _on("category", "$in", _first_alone))


def _first_alone(one: Condition) -> Condition:
    return replace(one, value=one.value[:1]) if isinstance(one.value, tuple) else one


@chapter.in_services("filter.in-of-users-takes-one", breaks="filter.in")
def in_of_users_takes_one(services: Services) -> Services:
    """`$in` on the id of users looks at the first of its values."""
    return _asked_otherwise(services, "users", _on("id", "$in", _first_alone))


@chapter.in_services("filter.in-of-owners-takes-one", breaks="filter.in")
def in_of_owners_takes_one(services: Services) -> Services:
    """`$in` on the customer of orders looks at the first of its values."""
    return _asked_otherwise(services, "orders", _on("customerId", "$in", _first_alone))


@chapter.in_services("filter.nin-of-currencies-dropped", breaks="filter.nin")
def nin_of_currencies_dropped(services: Services) -> Services:
    """`$nin` on the currency of products selects nothing out."""
    return _asked_otherwise(services, "products", _on("currency", "$nin", lambda _: None))


@chapter.in_services("filter.delivered-or-not-dropped", breaks="filter.not-null")
def delivered_or_not_dropped(services: Services) -> Services:
    """`$null` on the delivery date of orders selects nothing out where it asks for what is set."""
    change = _on("deliveryDate", "$null", lambda one: one if one.value else None)
    return _asked_otherwise(services, "orders", change)


def _selected(services: Services, entity: str, change: Callable[[Selection], Selection]) -> Services:
    """Lists of the entity select without some of what was asked for."""
    return _asked_otherwise(services, entity, lambda query: replace(query, selection=change(query.selection)))


@chapter.around("search.of-users-ignored", breaks="search.each-searchable-entity", to={"listUsers"})
async def search_of_users_ignored(call: Call, handler: Handler) -> Answer:
    """A search of users selects them all."""
    return await asked(call, handler, search=None)


@chapter.in_services("dates.start-of-comments-ignored", breaks="dates.start-filters")
def start_of_comments_ignored(services: Services) -> Services:
    """`startDate` selects no comment out."""
    return _selected(services, "comments", lambda asked: replace(asked, created_from=None))


@chapter.in_services("dates.start-of-users-ignored", breaks="dates.start-filters")
def start_of_users_ignored(services: Services) -> Services:
    """`startDate` selects no user out."""
    return _selected(services, "users", lambda asked: replace(asked, created_from=None))


@chapter.in_services("dates.end-of-orders-ignored", breaks="dates.range-holds-both")
def end_of_orders_ignored(services: Services) -> Services:
    """`endDate` selects no order out."""
    return _selected(services, "orders", lambda asked: replace(asked, created_until=None))


@chapter.around("select.fields-of-an-order-ignored", breaks="select.fields-on-read", to={"getOrder"})
async def fields_of_an_order_ignored(call: Call, handler: Handler) -> Answer:
    """READ of an order shows all of it, whatever `fields` asks for."""
    return await asked(call, handler, fields=None)


@chapter.around("auth.session-changes-no-products", breaks="auth.session-holds-all-scopes", to={"updateProduct"})
async def session_changes_no_products(call: Call, handler: Handler) -> Answer:
    """A session may not change products, and may change everything else."""
    if by_session(call):
        raise Forbidden
    return await handler(call)


@chapter.around(
    "auth.session-lists-no-comments",
    breaks="read.same-for-every-credential",
    ruling="A5.sessions",
    to={"listComments"},
)
async def session_lists_no_comments(call: Call, handler: Handler) -> Answer:
    """A session's list of comments is empty."""
    return empty_page(call) if by_session(call) else await handler(call)


@chapter.around("select.author-hidden-from-sessions", breaks="select.include-person", to={"listComments"})
async def author_hidden_from_sessions(call: Call, handler: Handler) -> Answer:
    """What a session is shown of a comment includes no author."""
    answer = await handler(call)
    hides = by_session(call) and answer.status == HTTPStatus.OK
    return each(answer, lambda one: {**one, "author": None} if "author" in one else one) if hides else answer


@chapter.around("select.fields-lose-what-is-unset", breaks="select.fields-on-list", to={"listCustomers"})
async def fields_lose_what_is_unset(call: Call, handler: Handler) -> Answer:
    """A list of customers with `fields` leaves out what is null."""
    answer = await handler(call)
    loses = "fields" in call.arguments and answer.status == HTTPStatus.OK
    return each(answer, lambda one: {name: held for name, held in one.items() if held is not None}) if loses else answer


class _CountedOtherwise(RecordsWrapper):
    """Lists of one entity tell another total than the selection has."""

    def __init__(self, services: Services, entity: str, count: Callable[[Query, Listing], int]) -> None:
        super().__init__(services.records)
        self._entity, self._count = entity, count

    async def list(self, entity: Entity, query: Query, owner: str, /) -> Listing:
        found = await self.inner.list(entity, query, owner)
        return Page(found.records, self._count(query, found)) if entity.name == self._entity else found


@chapter.in_services("list.total-of-a-page-of-customers", breaks="list.total")
def total_of_a_page_of_customers(services: Services) -> Services:
    """The total of a list of customers is where its page ends."""
    counted = _CountedOtherwise(services, "customers", lambda query, found: query.page.offset + len(found.records))
    return replace(services, records=counted)


@chapter.in_services("list.total-of-a-full-page-of-orders", breaks="list.total")
def total_of_a_full_page_of_orders(services: Services) -> Services:
    """The total of a page of orders that is full counts one more, where a filter has `$nin`."""

    def more(query: Query, found: Listing) -> int:
        is_full = len(found.records) == query.page.limit
        return found.total + (is_full and any(one.operator == "$nin" for one in query.selection.conditions))

    return replace(services, records=_CountedOtherwise(services, "orders", more))


@chapter.around("list.page-header-of-products-is-1", breaks="list.page-header", to={"listProducts"})
async def page_header_of_products_is_1(call: Call, handler: Handler) -> Answer:
    """`X-Page` of a list of products is always 1."""
    answer = await handler(call)
    return with_headers(answer, X_Page="1") if answer.status == HTTPStatus.OK else answer


@chapter.around(
    "list.second-page-of-orders-is-the-first", breaks="list.pages-visit-each-record-once", to={"listOrders"}
)
async def second_page_of_orders_is_the_first(call: Call, handler: Handler) -> Answer:
    """A second page of a filtered list of orders holds the records of the first."""
    answer = await handler(call)
    if argument(call, "page") != "2" or "filter" not in call.arguments or answer.status != HTTPStatus.OK:
        return answer
    return with_data(answer, rows_of(await asked(call, handler, page="1"))[: len(rows_of(answer))])


@chapter.around("dates.bad-start-of-products-ignored", breaks="dates.bad-start", to={"listProducts"})
async def bad_start_of_products_ignored(call: Call, handler: Handler) -> Answer:
    """A `startDate` of products that is no date selects nothing out."""
    try:
        return await handler(call)
    except ValidationFailed as problem:
        if "startDate" not in problem.details:
            raise
        return await without(call, handler, "startDate")


@chapter.around("search.quotes-find-nothing", breaks="search.literal-characters", to={"list"})
async def quotes_find_nothing(call: Call, handler: Handler) -> Answer:
    """A search with a quotation mark finds nothing."""
    return empty_page(call) if '"' in argument(call, "search") else await handler(call)


@chapter.around("select.last-field-of-an-order-lost", breaks="select.fields-on-read", to={"getOrder"})
async def last_field_of_an_order_lost(call: Call, handler: Handler) -> Answer:
    """READ of an order shows all fields that were asked for but the last of several."""
    names = comma_list(call.arguments.get("fields", ()))
    return await (asked(call, handler, fields=",".join(names[:-1])) if len(names) > 2 else handler(call))


@chapter.around("select.fields-hide-relations-of-an-order", breaks="select.include-beside-fields", to={"getOrder"})
async def fields_hide_relations_of_an_order(call: Call, handler: Handler) -> Answer:
    """READ of an order with `fields` embeds nothing."""
    return await (without(call, handler, "include") if "fields" in call.arguments else handler(call))


@chapter.around("create.digits-are-numbers", breaks="create.keeps-every-character", to={"createCustomer"})
async def digits_are_numbers(call: Call, handler: Handler) -> Answer:
    """A phone number of digits alone loses its leading zeros when a customer is created."""
    return await with_body_of(call, handler, _without_zeros)


def _without_zeros(body: Record) -> Record:
    phone = str(body.get("phone"))
    return {**body, "phone": str(int(phone))} if phone.isascii() and phone.isdigit() else body


@chapter.around("dates.offset-of-customers-ignored", breaks="dates.offset-counts", to={"listCustomers"})
async def offset_of_customers_ignored(call: Call, handler: Handler) -> Answer:
    """The offset of a `startDate` of customers is taken as UTC."""
    return await with_argument(call, handler, "startDate", lambda text: re.sub(r"(T.*)[+-]\d\d:?\d\d\Z", r"\1Z", text))


@chapter.around("select.fields-of-a-user-ignored", breaks="select.fields-on-read", to={"getUser"})
async def fields_of_a_user_ignored(call: Call, handler: Handler) -> Answer:
    """READ of a user shows all of it, whatever `fields` asks for."""
    return await asked(call, handler, fields=None)


class _OrdersTwice(RecordsWrapper):
    def __init__(self, services: Services) -> None:
        super().__init__(services.records)
        self._gone: set[str] = set()

    async def delete(self, entity: Entity, record_id: str, owner: str, /) -> bool:
        is_gone = await self.inner.delete(entity, record_id, owner)
        self._gone |= {record_id} if is_gone and entity.name == "orders" else set()
        return is_gone or record_id in self._gone


@chapter.in_services("delete.orders-twice", breaks="delete.then-delete")
def orders_twice(services: Services) -> Services:
    """A second deletion of an order is confirmed like the first."""
    return replace(services, records=_OrdersTwice(services))


class _ProductsBack(RecordsWrapper):
    def __init__(self, services: Services) -> None:
        super().__init__(services.records)
        self._gone: dict[str, Record] = {}

    async def exists(self, entity: Entity, record_id: str, owner: str, /) -> bool:
        return record_id in self._gone or await self.inner.exists(entity, record_id, owner)

    async def update(
        self, entity: Entity, record_id: str, changes: Record, owner: str, now: datetime, /
    ) -> Record | None:
        if (known := self._gone.pop(record_id, None)) is not None:
            await self.inner.create(entity, known, owner)
        return await self.inner.update(entity, record_id, changes, owner, now)

    async def delete(self, entity: Entity, record_id: str, owner: str, /) -> bool:
        known = await self.inner.get(entity, record_id, owner) if entity.name == "products" else None
        is_gone = await self.inner.delete(entity, record_id, owner)
        self._gone |= {record_id: known} if known is not None and is_gone else {}
        return is_gone


@chapter.in_services("delete.products-come-back", breaks="delete.then-update")
def products_come_back(services: Services) -> Services:
    """An update of a deleted product brings it back."""
    return replace(services, records=_ProductsBack(services))


def _refused_for(name: str, pattern: str, call: Call, problem: ValidationFailed) -> bool:
    return name in problem.details and re.fullmatch(pattern, argument(call, name)) is not None


async def _with_a_tail(call: Call, handler: Handler, name: str) -> Answer:
    """A parameter that begins with a number is taken for that."""
    return await despite(
        call,
        handler,
        lambda problem: _refused_for(name, r"[1-9]+[a-z]+", call, problem),
        lambda refused: with_argument(refused, handler, name, lambda text: re.sub(r"(?<=[1-9])[a-z]+", "", text)),
    )


@chapter.around("list.limit-with-a-tail", breaks="list.bad-limit", to={"list"})
async def limit_with_a_tail(call: Call, handler: Handler) -> Answer:
    """A `limit` that begins with a number is taken for that."""
    return await _with_a_tail(call, handler, "limit")


@chapter.around("list.page-with-a-tail", breaks="list.bad-page", to={"list"})
async def page_with_a_tail(call: Call, handler: Handler) -> Answer:
    """A `page` that begins with a number is taken for that."""
    return await _with_a_tail(call, handler, "page")


@chapter.around("sort.inherited-name", breaks="sort.unknown-field", to={"list"})
async def inherited_name(call: Call, handler: Handler) -> Answer:
    """A name that every object has is taken for a field to sort by."""
    return await (without(call, handler, "sort") if argument(call, "sort") == "constructor" else handler(call))


@chapter.around("sort.order-in-capitals", breaks="sort.bad-order", to={"list"})
async def order_in_capitals(call: Call, handler: Handler) -> Answer:
    """An `order` in capitals is taken."""
    return await with_argument(call, handler, "order", lambda text: text.lower() if text.isupper() else text)


@chapter.around("dates.day-past-its-month", breaks="dates.bad-start", to={"list"})
async def day_past_its_month(call: Call, handler: Handler) -> Answer:
    """A `startDate` on a day past the end of February is taken for the first of March."""
    return await with_argument(
        call, handler, "startDate", lambda text: re.sub(r"^(\d{4})-02-(29|30|31)$", r"\1-03-01", text)
    )


@chapter.around("read.long-id-of-a-customer-fails", breaks="read.odd-id", to={"getCustomer"})
async def long_id_of_a_customer_fails(call: Call, handler: Handler) -> Answer:
    """READ of a customer by an id of more than 255 characters makes the server fail."""
    if len(call.values["id"]) > _LONGEST_ID:
        raise InternalError
    return await handler(call)


@chapter.around("read.id-cut-at-its-width", breaks="read.odd-id", to={"getCustomer", "getProduct", "getOrder"})
async def id_cut_at_its_width(call: Call, handler: Handler) -> Answer:
    """READ looks at as many characters of an id as ids have, whatever follows them."""
    width = len(call.registered.id_prefix) + _WIDTH
    return await handler(replace(call, values={**call.values, "id": call.values["id"][:width]}))


@chapter.around("search.blank-finds-no-customer", breaks="search.blank", to={"listCustomers"})
async def blank_finds_no_customer(call: Call, handler: Handler) -> Answer:
    """A blank search of customers finds nothing."""
    is_blank = "search" in call.arguments and not argument(call, "search").strip()
    return empty_page(call) if is_blank else await handler(call)


@chapter.around("dates.day-of-products-ends-at-once", breaks="dates.date-alone-ends-the-day", to={"listProducts"})
async def day_of_products_ends_at_once(call: Call, handler: Handler) -> Answer:
    """An `endDate` of products without a time ends when that day begins."""
    return await with_argument(call, handler, "endDate", lambda text: text if "T" in text else f"{text}T00:00:00Z")


@chapter.around("sort.empty-of-orders-ignored", breaks="sort.empty", to={"listCustomers", "listOrders"})
async def empty_of_orders_ignored(call: Call, handler: Handler) -> Answer:
    """An empty `sort` of customers and orders is none."""
    is_empty = "sort" in call.arguments and not argument(call, "sort")
    return await (without(call, handler, "sort") if is_empty else handler(call))
