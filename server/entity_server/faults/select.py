"""Faults of `fields` and `include`."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from entity_contract import Entity, Relation

from entity_server.domain.arguments import comma_list
from entity_server.domain.problems import ValidationFailed
from entity_server.domain.sentences import Sentence
from entity_server.faults.spoiling import AnyAnswer, Record, each, empty_page, is_400, names, with_argument, without
from entity_server.faults.wrapping import RecordsWrapper
from entity_server.http.services import Answer, Call, Handler, Services

chapter = AnyAnswer()

LIST, READ = frozenset({"list"}), frozenset({"read"})
BOTH = LIST | READ
Spoil = Callable[[Record, Relation], Record]


async def _included(call: Call, handler: Handler, spoil: Spoil, *, of: Callable[[Relation], bool]) -> Answer:
    """The answer with every embedded relation of some kind spoiled."""
    answer = await handler(call)
    relations = [relation for relation in call.registered.relations if of(relation)]

    def changed(record: Record) -> Record:
        for relation in relations:
            record = spoil(record, relation) if relation.name in record else record
        return record

    return each(answer, changed)


def _removed(record: Record, relation: Relation) -> Record:
    return {name: value for name, value in record.items() if name != relation.name}


def _parent(relation: Relation) -> bool:
    return relation.type == "belongsTo"


def _children(relation: Relation) -> bool:
    return relation.type == "hasMany"


@chapter.around("select.fields-ignored-on-list", breaks="select.fields-on-list", to=LIST)
async def fields_ignored_on_list(call: Call, handler: Handler) -> Answer:
    """A list shows every field, whatever `fields` says."""
    return await without(call, handler, "fields")


@chapter.around("select.enum-refused-in-fields", breaks="select.fields-on-list", to=LIST)
async def enum_refused_in_fields(call: Call, handler: Handler) -> Answer:
    """A list refuses `fields` that name an enum."""
    fields = [call.registered.field(name) for name in comma_list(call.arguments.get("fields", ()))]
    if any(field is not None and field.type == "enum" for field in fields):
        raise ValidationFailed(details={"fields": Sentence.OTHERWISE()})
    return await handler(call)


@chapter.around("select.fields-ignored-on-read", breaks="select.fields-on-read", to=READ)
async def fields_ignored_on_read(call: Call, handler: Handler) -> Answer:
    """READ shows every field, whatever `fields` says."""
    return await without(call, handler, "fields")


@chapter.around("select.times-unasked", breaks="select.id-unasked", to=BOTH)
async def times_unasked(call: Call, handler: Handler) -> Answer:
    """Where `fields` does not name the id, `createdAt` comes with it."""
    fields = comma_list(call.arguments.get("fields", ()))
    if not fields or "id" in fields:
        return await handler(call)
    return await handler(replace(call, arguments={**call.arguments, "fields": (*fields, "createdAt")}))


@chapter.around("select.last-of-repeated-fields", breaks="select.fields-repeated", to=READ)
async def last_of_repeated_fields(call: Call, handler: Handler) -> Answer:
    """Of repeated `fields` only the last counts where one record is read."""
    given = call.arguments.get("fields", ())
    return await handler(replace(call, arguments={**call.arguments, "fields": given[-1:]}) if given else call)


@chapter.around("select.no-fields-is-none", breaks="select.no-fields-is-all", to=BOTH)
async def no_fields_is_none(call: Call, handler: Handler) -> Answer:
    """An empty `fields` shows the id alone."""
    empty = "fields" in call.arguments and not comma_list(call.arguments.get("fields", ()))
    return await handler(replace(call, arguments={**call.arguments, "fields": ("id",)}) if empty else call)


@chapter.on_any_answer("select.unknown-field-accepted", breaks="select.unknown-field", statuses=is_400)
def unknown_field_accepted(answer: Answer) -> Answer:
    """An unknown field in `fields` answers an empty page."""
    return empty_page(answer) if names(answer, "fields") else answer


@chapter.on_any_answer(
    "select.unknown-field-missing",
    breaks="select.unknown-field-on-read",
    ruling="R18.bad-query-on-read",
    statuses=is_400,
)
def unknown_field_missing(answer: Answer) -> Answer:
    """An unknown field in `fields` makes the server fail."""
    return replace(answer, status=500) if names(answer, "fields") else answer


@chapter.around("select.parent-left-out", breaks="select.include-parent", to=READ)
async def parent_left_out(call: Call, handler: Handler) -> Answer:
    """An included parent is not embedded."""
    return await _included(call, handler, _removed, of=lambda one: _parent(one) and one.entity != "users")


@chapter.around("select.no-parent-left-out", breaks="select.include-no-parent", to=BOTH)
async def no_parent_left_out(call: Call, handler: Handler) -> Answer:
    """An included parent that does not exist is an empty object."""

    def spoil(record: Record, relation: Relation) -> Record:
        return {**record, relation.name: {}} if record[relation.name] is None else record

    return await _included(call, handler, spoil, of=_parent)


@chapter.around("select.children-left-out", breaks="select.include-children", to=BOTH)
async def children_left_out(call: Call, handler: Handler) -> Answer:
    """The included children are an empty array."""

    def spoil(record: Record, relation: Relation) -> Record:
        return {**record, relation.name: []}

    return await _included(call, handler, spoil, of=_children)


@chapter.around("select.first-child-alone", breaks="select.include-children", to=BOTH)
async def first_child_alone(call: Call, handler: Handler) -> Answer:
    """Of the included children only the first is embedded."""

    def spoil(record: Record, relation: Relation) -> Record:
        return {**record, relation.name: record[relation.name][:1]}

    return await _included(call, handler, spoil, of=_children)


class _Adopting(RecordsWrapper):
    """Remembers every new record, and gives it to whoever has children of its kind."""

    def __init__(self, services: Services) -> None:
        super().__init__(services.records)
        self._new: dict[str, list[Record]] = {}

    async def create(self, entity: Entity, record: Record, owner: str, /) -> Record:
        kept = await self.inner.create(entity, record, owner)
        self._new.setdefault(entity.name, []).append(kept)
        return kept

    async def get(
        self, entity: Entity, record_id: str, owner: str, relations: tuple[Relation, ...] = (), /
    ) -> Record | None:
        found = await self.inner.get(entity, record_id, owner, relations)
        adopted = {one.name: self._new.get(one.entity, []) for one in relations if _children(one)}
        return found and {**found, **adopted}


@chapter.in_services("select.everybodys-children", breaks="select.include-children")
def everybodys_children(services: Services) -> Services:
    """The included children are those of every parent."""
    return replace(services, records=_Adopting(services))


@chapter.around("select.no-children-is-null", breaks="select.include-no-children", to=BOTH)
async def no_children_is_null(call: Call, handler: Handler) -> Answer:
    """Without children the relation is null."""

    def spoil(record: Record, relation: Relation) -> Record:
        return {**record, relation.name: record[relation.name] or None}

    return await _included(call, handler, spoil, of=_children)


@chapter.around("select.another-person", breaks="select.include-person", to=BOTH)
async def another_person(call: Call, handler: Handler) -> Answer:
    """The included user is not the one that the foreign key names."""

    def spoil(record: Record, relation: Relation) -> Record:
        person: dict[str, Any] | None = record[relation.name]
        return {**record, relation.name: person and {**person, "id": "usr_somebody_else"}}

    return await _included(call, handler, spoil, of=lambda one: _parent(one) and one.entity == "users")


@chapter.around("select.include-ignored-on-list", breaks="select.include-on-list", to=LIST)
async def include_ignored_on_list(call: Call, handler: Handler) -> Answer:
    """A list embeds nothing."""
    return await without(call, handler, "include")


@chapter.around("select.foreign-key-replaced", breaks="select.include-keeps-foreign-key", to=BOTH)
async def foreign_key_replaced(call: Call, handler: Handler) -> Answer:
    """An embedded parent takes the place of its foreign key."""

    def spoil(record: Record, relation: Relation) -> Record:
        return {name: value for name, value in record.items() if name != relation.foreign_key}

    return await _included(call, handler, spoil, of=_parent)


@chapter.around("select.first-relation-alone", breaks="select.include-several", to=BOTH)
async def first_relation_alone(call: Call, handler: Handler) -> Answer:
    """Of several relations only the first is embedded."""
    first = "".join(comma_list(call.arguments.get("include", ()))[:1])
    return await with_argument(call, handler, "include", lambda _: first)


@chapter.around("select.last-of-repeated-relations", breaks="select.include-repeated", to=BOTH)
async def last_of_repeated_relations(call: Call, handler: Handler) -> Answer:
    """Of repeated `include` only the last counts."""
    given = call.arguments.get("include", ())
    return await handler(replace(call, arguments={**call.arguments, "include": given[-1:]}) if given else call)


@chapter.around("select.fields-hide-relations", breaks="select.include-beside-fields", to=BOTH)
async def fields_hide_relations(call: Call, handler: Handler) -> Answer:
    """With `fields` nothing is embedded."""
    return await (without(call, handler, "include") if "fields" in call.arguments else handler(call))


@chapter.on_any_answer("select.unknown-relation-accepted", breaks="select.unknown-relation", statuses=is_400)
def unknown_relation_accepted(answer: Answer) -> Answer:
    """An unknown relation answers an empty page."""
    return empty_page(answer) if names(answer, "include") else answer


@chapter.around(
    "select.unknown-relation-unread",
    breaks="select.unknown-relation-on-read",
    ruling="R18.bad-query-on-read",
    to=READ,
)
async def unknown_relation_unread(call: Call, handler: Handler) -> Answer:
    """READ passes over a relation that the entity does not have."""
    known = {relation.name for relation in call.registered.relations}
    asked = comma_list(call.arguments.get("include", ()))
    return await (handler(call) if known.issuperset(asked) else without(call, handler, "include"))


@chapter.around("select.dotted-relation-fails", breaks="select.dotted-relation", to=LIST)
async def dotted_relation_fails(call: Call, handler: Handler) -> Answer:
    """A relation of a relation is passed over."""
    dotted = any("." in one for one in call.arguments.get("include", ()))
    return await (without(call, handler, "include") if dotted else handler(call))


@chapter.around("select.foreign-key-emptied", breaks="select.foreign-key-beside-fields", to=BOTH)
async def foreign_key_emptied(call: Call, handler: Handler) -> Answer:
    """With `fields` and `include`, a foreign key that `fields` does not name is shown as null."""
    answer = await handler(call)
    if not {"fields", "include"} <= call.arguments.keys():
        return answer
    named = {name.strip() for value in call.arguments["fields"] for name in value.split(",")}
    keys = {one.foreign_key for one in call.registered.relations} - named
    return each(answer, lambda record: record | dict.fromkeys(keys))


@chapter.around("select.five-children-on-list", breaks="select.include-children", to=LIST)
async def five_children_on_list(call: Call, handler: Handler) -> Answer:
    """A list embeds five children of a record at most."""
    return await _included(
        call, handler, lambda record, relation: {**record, relation.name: record[relation.name][:5]}, of=_children
    )
