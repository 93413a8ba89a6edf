"""What shows at the corner of a question alone: an odd value, one parameter beside another, a key used just before."""

import json
import re
import time
from collections.abc import Callable
from dataclasses import replace

from entity_contract import Entity, Relation

from entity_server.domain.arguments import comma_list
from entity_server.domain.filtering import Condition
from entity_server.domain.keys import Key
from entity_server.domain.projection import Record
from entity_server.domain.query import Query
from entity_server.faults.auth import Owners
from entity_server.faults.seldom.when import argument, asked, changed_values, dropping, single
from entity_server.faults.spoiling import AnyAnswer, each, with_argument, with_body_of, without
from entity_server.faults.wrapping import KeysWrapper, Page, RecordsWrapper
from entity_server.http.services import Answer, Call, Handler, Listing, Services

chapter = AnyAnswer()

LISTS = frozenset({"list"})
_A_WHILE = 2.0
_INDEXED = 255
_LONGEST = 1_000
_EQ_BEYOND_ASCII = re.compile(r'("\$eq":\s*"[^"]*?)[^\x00-\x7f]+')
_BARE_INTEGER = re.compile(r'("[A-Za-z]+":\s*)([0-9]{8,})(?![.0-9])')


@chapter.around("filter.null-is-none", breaks="filter.not-an-object", to=LISTS)
async def null_is_none(call: Call, handler: Handler) -> Answer:
    """A filter that is null is no filter."""
    return await (without(call, handler, "filter") if argument(call, "filter") == "null" else handler(call))


@chapter.around("filter.empty-array-is-none", breaks="filter.not-an-object", to=LISTS)
async def empty_array_is_none(call: Call, handler: Handler) -> Answer:
    """A filter that is an empty array is no filter."""
    return await (without(call, handler, "filter") if argument(call, "filter") == "[]" else handler(call))


@chapter.around("filter.unknown-field-beside-a-known", breaks="filter.unknown-field", to=LISTS)
async def unknown_field_beside_a_known(call: Call, handler: Handler) -> Answer:
    """A filter passes over a field that the entity lacks where it names one that it has."""
    known = {field.name for field in call.registered.fields}

    def kept(text: str) -> str:
        try:
            stated = json.loads(text)
        except ValueError:
            return text
        if not isinstance(stated, dict) or known.isdisjoint(stated):
            return text
        return json.dumps({name: of for name, of in stated.items() if name in known or name.startswith("$")})

    return await with_argument(call, handler, "filter", kept)


@chapter.around(
    "select.unknown-relation-beside-a-known",
    breaks="select.unknown-relation-on-read",
    ruling="R18.bad-query-on-read",
    to={"read"},
)
async def unknown_relation_beside_a_known(call: Call, handler: Handler) -> Answer:
    """READ passes over a relation that the entity lacks where it includes one that it has."""
    known = [one.name for one in call.registered.relations]
    names = [one for one in comma_list(call.arguments.get("include", ())) if one in known]
    return await (asked(call, handler, include=",".join(names)) if names else handler(call))


@chapter.in_services("filter.default-of-an-enum-dropped", breaks="filter.enum-equality")
def default_of_an_enum_dropped(services: Services) -> Services:
    """Equality with the default of an enum selects nothing out."""
    return dropping(lambda one: one.operator == "$eq" and one.field.type == "enum" and one.value == one.field.default)(
        services
    )


@chapter.in_services("filter.beyond-the-bmp-lost", breaks="filter.field-equality")
def beyond_the_bmp_lost(services: Services) -> Services:
    """Equality with a text that has a character beyond the BMP finds nothing."""

    def changed(one: Condition) -> object:
        is_text = one.operator == "$eq" and isinstance(one.value, str)
        return re.sub("[\U00010000-\U0010ffff]", "?", str(one.value)) if is_text else one.value

    return changed_values(changed)(services)


@chapter.around("filter.eq-beyond-ascii-lost", breaks="filter.eq", to=LISTS)
async def eq_beyond_ascii_lost(call: Call, handler: Handler) -> Answer:
    """`$eq` with a text that has a character beyond ASCII finds nothing; equality that is not spelled does."""
    return await with_argument(call, handler, "filter", lambda text: _EQ_BEYOND_ASCII.sub(r"\1?", text))


@chapter.around("filter.large-integers-rounded", breaks="filter.integer-equality", to=LISTS)
async def large_integers_rounded(call: Call, handler: Handler) -> Answer:
    """Equality with an integer, where it is not spelled, is with the one that a number of 32 bits has in its place."""

    def rounded(found: re.Match[str]) -> str:
        return f"{found[1]}{single(int(found[2]))}"

    return await with_argument(call, handler, "filter", lambda text: _BARE_INTEGER.sub(rounded, text))


class _Searched(RecordsWrapper):
    """Lists of one entity that are searched show only what has every word where somebody looks for it."""

    def __init__(self, services: Services, entity: str, is_found: Callable[[Record, tuple[str, ...]], bool]) -> None:
        super().__init__(services.records)
        self._entity, self._is_found = entity, is_found

    async def list(self, entity: Entity, query: Query, owner: str, /) -> Listing:
        words = query.selection.words
        if entity.name != self._entity or not words:
            return await self.inner.list(entity, query, owner)
        whole = replace(query.page, number=1, limit=_LONGEST)
        found = await self.inner.list(entity, replace(query, page=whole), owner)
        kept = [one for one in found.records if self._is_found(one, tuple(word.lower() for word in words))]
        return Page(kept[query.page.offset : query.page.offset + query.page.limit], len(kept))


@chapter.in_services("search.words-of-products-in-one-field", breaks="search.words-across-fields")
def words_of_products_in_one_field(services: Services) -> Services:
    """A search of products wants all its words in one field."""

    def is_found(record: Record, words: tuple[str, ...]) -> bool:
        texts = [str(record.get(name)).lower() for name in ("name", "sku", "description")]
        return any(all(word in text for word in words) for text in texts)

    return replace(services, records=_Searched(services, "products", is_found))


@chapter.in_services("search.beginning-of-comments", breaks="search.each-searchable-entity")
def beginning_of_comments(services: Services) -> Services:
    """A search of comments looks at the beginning of each."""

    def is_found(record: Record, words: tuple[str, ...]) -> bool:
        return all(word in str(record.get("text")).lower()[:_INDEXED] for word in words)

    return replace(services, records=_Searched(services, "comments", is_found))


class _IncludedToAll(Owners):
    async def get(
        self, entity: Entity, record_id: str, owner: str, relations: tuple[Relation, ...] = (), /
    ) -> Record | None:
        whose = self.owners.get(record_id, owner) if relations else owner
        return await self.inner.get(entity, record_id, whose, relations)


@chapter.in_services("auth.others-are-read-with-relations", breaks="auth.records-of-others")
def others_are_read_with_relations(services: Services) -> Services:
    """READ with `include` shows another user's record."""
    return replace(services, records=_IncludedToAll(services))


class _Kept(KeysWrapper):
    """Knows a key for a while after it was used."""

    def __init__(self, services: Services) -> None:
        super().__init__(services.keys)
        self._kept: dict[str, tuple[Key, float]] = {}

    async def find(self, digest: str, /) -> Key | None:
        key, now = await self.inner.find(digest), time.monotonic()
        if key is not None:
            self._kept[digest] = key, now
            return key
        kept, at = self._kept.get(digest, (None, now))
        return kept if now - at < _A_WHILE else None


@chapter.in_services("keys.revoked-lives-on", breaks="keys.revoked-key-is-refused", ruling="A11.at-once")
def revoked_lives_on(services: Services) -> Services:
    """A key that was used just before it is revoked works for two seconds more."""
    return replace(services, keys=_Kept(services))


@chapter.around("update.below-the-least", breaks="update.outside-bounds", to={"update"})
async def below_the_least(call: Call, handler: Handler) -> Answer:
    """A PATCH takes a number below the least, and stores the least."""
    least = {field.name: field.minimum for field in call.registered.fields if field.minimum is not None}

    def raised(body: Record) -> Record:
        return {
            name: max(value, least[name]) if name in least and type(value) in (int, float) else value
            for name, value in body.items()
        }

    return await with_body_of(call, handler, raised)


@chapter.around("update.blank-comment", breaks="update.blank-required-text", to={"updateComment"})
async def blank_comment(call: Call, handler: Handler) -> Answer:
    """A PATCH makes a comment blank."""
    text = (await call.body()).get("text")
    if not isinstance(text, str) or text.strip():
        return await handler(call)
    answer = await with_body_of(call, handler, lambda body: {**body, "text": "was blank"})
    return each(answer, lambda record: {**record, "text": text})
