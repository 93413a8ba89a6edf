"""`include` and `fields` that are wrong for some relation, some record or after some write only."""

from dataclasses import replace

from entity_contract import Entity, Relation

from entity_server.domain.arguments import comma_list
from entity_server.domain.projection import Record
from entity_server.faults.seldom.when import argument, rows_of
from entity_server.faults.spoiling import AnyAnswer, data, each, with_data
from entity_server.faults.wrapping import RecordsWrapper
from entity_server.http.fault import Acts
from entity_server.http.services import Answer, Call, Handler, Services

chapter = AnyAnswer()

LIST, READ = frozenset({"list"}), frozenset({"read"})
BOTH = LIST | READ


def _included(call: Call, kind: str) -> list[Relation]:
    wanted = comma_list(call.arguments.get("include", ()))
    return [one for one in call.registered.relations if one.type == kind and one.name in wanted]


@chapter.around("select.five-children", breaks="select.include-children", to=BOTH)
async def five_children(call: Call, handler: Handler) -> Answer:
    """At most five children are included."""
    many = _included(call, "hasMany")
    return each(await handler(call), lambda record: record | {one.name: record[one.name][:5] for one in many})


@chapter.around("select.last-child-lost", breaks="select.include-children", to=BOTH)
async def last_child_lost(call: Call, handler: Handler) -> Answer:
    """Of three children or more the last is not included."""
    many = _included(call, "hasMany")

    def shorter(children: list[Record]) -> list[Record]:
        return children[:-1] if len(children) > 2 else children

    return each(await handler(call), lambda record: record | {one.name: shorter(record[one.name]) for one in many})


@chapter.around("select.first-record-alone", breaks="select.include-on-list", to=LIST)
async def first_record_alone(call: Call, handler: Handler) -> Answer:
    """On a list only the first record shows its parents; the others show null."""
    answer = await handler(call)
    parents = {one.name: None for one in _included(call, "belongsTo")}
    rows = rows_of(answer)
    return with_data(answer, [*rows[:1], *(record | parents for record in rows[1:])])


@chapter.around("select.no-children-on-lists", breaks="select.include-children", to=LIST)
async def no_children_on_lists(call: Call, handler: Handler) -> Answer:
    """On a list included children are empty."""
    empty: Record = {one.name: [] for one in _included(call, "hasMany")}
    return each(await handler(call), lambda record: record | empty)


@chapter.around("select.parents-of-the-first", breaks="select.include-on-list", to=LIST)
async def parents_of_the_first(call: Call, handler: Handler) -> Answer:
    """On a list every record shows the parents of the first."""
    answer = await handler(call)
    rows = rows_of(answer)
    shown = {one.name: rows[0][one.name] for one in _included(call, "belongsTo")} if rows else {}
    return each(answer, lambda record: record | shown)


class _Buried(RecordsWrapper):
    """Keeps what was deleted, by its id."""

    def __init__(self, services: Services) -> None:
        super().__init__(services.records)
        self._gone: dict[str, tuple[Entity, Record]] = {}

    async def delete(self, entity: Entity, record_id: str, owner: str, /) -> bool:
        record = await self.inner.get(entity, record_id, owner)
        is_gone = await self.inner.delete(entity, record_id, owner)
        if is_gone and record is not None:
            self._gone[record_id] = entity, record
        return is_gone


class _Ghosts(_Buried):
    """Still includes a child that was deleted."""

    async def get(
        self, entity: Entity, record_id: str, owner: str, relations: tuple[Relation, ...] = (), /
    ) -> Record | None:
        record = await self.inner.get(entity, record_id, owner, relations)
        for relation in relations if record else ():
            if record and relation.type == "hasMany":
                gone = (one for of, one in self._gone.values() if of.name == relation.entity)
                record[relation.name] += [one for one in gone if one[relation.foreign_key] == record_id]
        return record


@chapter.in_services("select.deleted-child", breaks="select.include-is-current", ruling="L21.has-many")
def deleted_child(services: Services) -> Services:
    """A deleted child is still included."""
    return replace(services, records=_Ghosts(services))


class _Haunted(_Buried):
    """Still includes a parent that a record names no more since it was deleted."""

    def __init__(self, services: Services) -> None:
        super().__init__(services)
        self._parents: dict[tuple[str, str], str] = {}

    async def get(
        self, entity: Entity, record_id: str, owner: str, relations: tuple[Relation, ...] = (), /
    ) -> Record | None:
        record = await self.inner.get(entity, record_id, owner, relations)
        for relation in relations if record else ():
            if record and relation.type == "belongsTo":
                parent = self._parents.setdefault((record_id, relation.name), str(record.get(relation.foreign_key)))
                _, gone = self._gone.get(parent, (None, None))
                record[relation.name] = record[relation.name] or gone
        return record


@chapter.in_services("select.deleted-parent", breaks="select.include-is-current", ruling="L21.belongs-to")
def deleted_parent(services: Services) -> Services:
    """READ still includes a parent that was deleted, for a record that can be without."""
    return replace(services, records=_Haunted(services))


@chapter.around("select.included-times-are-local", breaks="read.times-are-rfc3339", to=BOTH)
async def included_times_are_local(call: Call, handler: Handler) -> Answer:
    """The creation of an included parent is told without an offset."""
    parents = [one.name for one in _included(call, "belongsTo")]

    def local(record: Record) -> Record:
        held = {name: record[name] for name in parents if isinstance(record.get(name), dict)}
        return record | {name: one | {"createdAt": str(one["createdAt"])[:-1]} for name, one in held.items()}

    return each(await handler(call), local)


@chapter.around("select.children-without-search", breaks="select.include-children", to=LIST)
async def children_without_search(call: Call, handler: Handler) -> Answer:
    """Beside a search the children that are included are those alone that have its words."""
    words = argument(call, "search").lower().split()
    many = _included(call, "hasMany") if words else []

    def found(children: list[Record]) -> list[Record]:
        return [child for child in children if all(word in str(child).lower() for word in words)]

    return each(await handler(call), lambda record: record | {one.name: found(record[one.name]) for one in many})


@chapter.around("select.users-without-records", breaks="select.include-children", to={"getUser"})
async def users_without_records(call: Call, handler: Handler) -> Answer:
    """A user includes no records."""
    empty: Record = {one.name: [] for one in _included(call, "hasMany")}
    return each(await handler(call), lambda record: record | empty)


@chapter.anew("select.first-author-kept", breaks="select.include-person")
def first_author_kept() -> Acts:
    """Every comment embeds the author that was embedded first."""
    kept: list[Record] = []

    def outgoing(call: Call | None, answer: Answer) -> Answer:
        if call is None or answer.status != 200 or call.operation.id not in {"listComments", "getComment"}:
            return answer
        kept.extend(
            one["author"] for one in [*rows_of(answer), data(answer)] if isinstance(one, dict) and one.get("author")
        )
        return each(answer, lambda one: {**one, "author": kept[0]} if one.get("author") else one)

    return Acts(outgoing=outgoing)


@chapter.anew("select.moved-child-left-out", breaks="select.include-children")
def moved_child_left_out() -> Acts:
    """A comment that was given another task is not included there."""
    moved: set[object] = set()

    async def around(call: Call, handler: Handler) -> Answer:
        answer = await handler(call)
        if call.operation.id == "updateComment" and "taskId" in await call.body():
            moved.add(call.values["id"])
        if call.operation.id not in {"listTasks", "getTask"}:
            return answer
        return each(
            answer,
            lambda one: (
                {**one, "comments": [of for of in one["comments"] if of["id"] not in moved]}
                if "comments" in one
                else one
            ),
        )

    return Acts(around=around)
