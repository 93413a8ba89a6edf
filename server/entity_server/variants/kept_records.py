"""Records as they are kept and shown: times, ids, what is unset, what a deletion takes (R8, R11, R13-R17)."""

import itertools
import re
import string
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from entity_contract import Entity

from entity_server.domain.times import wire_time
from entity_server.faults.fault import with_body
from entity_server.faults.spoiling import Forbidden, Record, data, each, with_data
from entity_server.faults.wrapping import RecordsWrapper
from entity_server.http.fault import Acts
from entity_server.http.services import Answer, Call, Handler, Services
from entity_server.variants.variant import Chapter

chapter = Chapter()

RECORDS = frozenset({"list", "read", "create", "update"})
_STAMPS = ("createdAt", "updatedAt")


def _retimed(answer: Answer, printed: Callable[[datetime], str]) -> Answer:
    """Every time of an answer, printed otherwise."""
    return replace(answer, body=_walked(answer.body, printed))


def _walked(value: Any, printed: Callable[[datetime], str]) -> Any:  # noqa: ANN401 - JSON
    match value:
        case dict():
            return {
                name: printed(datetime.fromisoformat(held))
                if isinstance(held, str) and re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[\d.]*Z", held)
                else _walked(held, printed)
                for name, held in value.items()
            }
        case list() | tuple():
            return [_walked(one, printed) for one in value]
        case _:
            return value


@chapter.on_any_answer("times-in-whole-seconds", against="R13.rfc3339", statuses=lambda s: s < 300)
def times_in_whole_seconds(answer: Answer) -> Answer:
    """Times are printed in whole seconds, though kept more exactly."""
    return _retimed(answer, lambda moment: moment.strftime("%Y-%m-%dT%H:%M:%SZ"))


@chapter.on_any_answer(
    "times-in-microseconds",
    "R13.rfc3339",
    statuses=lambda s: s < 300,
)
def times_in_microseconds(answer: Answer) -> Answer:
    """Times are printed with microseconds and the offset +00:00."""
    return _retimed(answer, lambda moment: moment.isoformat(timespec="microseconds"))


@chapter.on_any_answer(
    "times-in-nanoseconds",
    "R13.rfc3339",
    statuses=lambda s: s < 300,
)
def times_in_nanoseconds(answer: Answer) -> Answer:
    """Times are printed with nanoseconds."""
    return _retimed(answer, lambda moment: moment.strftime("%Y-%m-%dT%H:%M:%S.%f000Z"))


@chapter.on_any_answer(
    "times-in-picoseconds",
    "R13.rfc3339",
    statuses=lambda s: s < 300,
)
def times_in_picoseconds(answer: Answer) -> Answer:
    """Times are printed with twelve digits behind the second."""
    return _retimed(answer, lambda moment: moment.strftime("%Y-%m-%dT%H:%M:%S.%f000000Z"))


@chapter.on_any_answer(
    "times-with-an-offset",
    "R13.rfc3339",
    statuses=lambda s: s < 300,
)
def times_with_an_offset(answer: Answer) -> Answer:
    """Times are printed in the deployment's own zone."""
    zone = timezone(timedelta(hours=5, minutes=30))
    return _retimed(answer, lambda moment: moment.astimezone(zone).isoformat(timespec="milliseconds"))


@chapter.on_answer("times-in-two-zones", "R13.rfc3339", to={"update"})
def times_in_two_zones(answer: Answer) -> Answer:
    """What an UPDATE answers is printed in another zone: one moment has two spellings."""
    zone = timezone(timedelta(hours=-8))
    return _retimed(answer, lambda moment: moment.astimezone(zone).isoformat(timespec="milliseconds"))


class _WholeSeconds(RecordsWrapper):
    """Keeps whole seconds: `updatedAt` moves with the second."""

    async def create(self, entity: Entity, record: Record, owner: str, /) -> Record:
        times = {name: _second(record[name]) for name in ("createdAt", "updatedAt")}
        return await self.inner.create(entity, record | times, owner)

    async def update(
        self, entity: Entity, record_id: str, changes: Record, owner: str, now: datetime, /
    ) -> Record | None:
        return await self.inner.update(entity, record_id, changes, owner, now.replace(microsecond=0))


def _second(text: object) -> str:
    return wire_time(datetime.fromisoformat(str(text)).replace(microsecond=0))


@chapter.in_services("times-are-kept-in-whole-seconds", "R13.rfc3339")
def times_are_kept_in_whole_seconds(services: Services) -> Services:
    """Times are kept and printed in whole seconds."""
    return replace(services, records=_WholeSeconds(services.records))


@chapter.on_any_answer("times-are-kept-in-whole-seconds", "R13.rfc3339", statuses=lambda s: s < 300)
def printed_in_whole_seconds(answer: Answer) -> Answer:
    """The same, in print."""
    return times_in_whole_seconds(answer)


class _TwoClocks(RecordsWrapper):
    """Dates every second record by a clock that is behind."""

    def __init__(self, services: Services) -> None:
        super().__init__(services.records)
        self._behind = itertools.cycle([timedelta(), timedelta(milliseconds=400)])

    async def create(self, entity: Entity, record: Record, owner: str, /) -> Record:
        behind = next(self._behind)
        times = {name: wire_time(datetime.fromisoformat(str(record[name])) - behind) for name in _STAMPS}
        return await self.inner.create(entity, record | times, owner)


@chapter.in_services("records-are-dated-by-two-clocks", "R13.rfc3339")
def records_are_dated_by_two_clocks(services: Services) -> Services:
    """Two servers behind one address: the clock of one is 0.4 s behind."""
    return replace(services, records=_TwoClocks(services))


@chapter.around("unset-fields-are-absent", "R11.unset=absent", to=RECORDS)
async def unset_fields_are_absent(call: Call, handler: Handler) -> Answer:
    """A field that holds nothing is left out of the record; an included relation to nobody is null."""
    fields = {field.name for field in call.registered.fields}
    return each(
        await handler(call),
        lambda record: {name: value for name, value in record.items() if value is not None or name not in fields},
    )


class _Identified(RecordsWrapper):
    """Gives ids of another form."""

    def __init__(self, services: Services, new: Callable[[Entity], str]) -> None:
        super().__init__(services.records)
        self._new = new

    async def create(self, entity: Entity, record: Record, owner: str, /) -> Record:
        return await self.inner.create(entity, record | {"id": self._new(entity)}, owner)


def _identified(services: Services, new: Callable[[Entity], str]) -> Services:
    return replace(services, records=_Identified(services, new))


@chapter.in_services("ids-are-uuids", against="R14.prefix")
def ids_are_uuids(services: Services) -> Services:
    """Ids are UUIDs."""
    return _identified(services, lambda _: str(uuid.uuid4()))


@chapter.in_services("ids-are-numbers", against="R14.prefix")
def ids_are_numbers(services: Services) -> Services:
    """Each entity counts its records."""
    counters: defaultdict[str, Iterator[int]] = defaultdict(lambda: itertools.count(1))
    return _identified(services, lambda entity: str(next(counters[entity.name])))


@chapter.in_services("ids-are-short", against="R14.prefix")
def ids_are_short(services: Services) -> Services:
    """Ids are one or two characters, and end in none that a number or a letter is."""
    places = itertools.product(string.ascii_lowercase, ["", *string.ascii_lowercase])
    return _identified(services, lambda _: "".join(next(places)) + "(~)")


@chapter.in_services(
    "ids-of-odd-characters",
    "R14.opaque",
)
def ids_of_odd_characters(services: Services) -> Services:
    """Ids hold characters that a URL has to encode."""
    return _identified(services, lambda entity: f"{entity.id_prefix}_+{uuid.uuid4().hex[:12].upper()} é=:~,;()!$&*@")


@chapter.on_answer(
    "deletion-shows-the-record",
    "R15.confirms",
    to={"delete"},
)
def deletion_shows_the_record(answer: Answer) -> Answer:
    """The answer to a deletion holds data beside its message, which is in another language."""
    return with_body(answer, message="Gelöscht.", data={"deleted": True})


class _Kept(RecordsWrapper):
    """Refuses the deletion of a record that others name."""

    async def delete(self, entity: Entity, record_id: str, owner: str, /) -> bool:
        many = tuple(relation for relation in entity.relations if relation.type == "hasMany")
        record = await self.inner.get(entity, record_id, owner, many)
        if record is not None and any(record[relation.name] for relation in many):
            raise _Named
        return await self.inner.delete(entity, record_id, owner)


class _Named(Forbidden):
    """A refusal that DELETE documents, until it is said otherwise on the way out."""

    sentence = "Other records name this one"


_REFUSED = ("R17.children-go=refused", "R17.foreign-key-is-cleared=refused")


def _said(answer: Answer, status: int, code: str) -> Answer:
    if (answer.body or {}).get("error") != _Named.sentence:
        return answer
    return replace(with_body(answer, code=code), status=status)


@chapter.in_services("parents-are-kept", *_REFUSED)
def parents_are_kept(services: Services) -> Services:
    """A record that others name cannot be deleted: 400."""
    return replace(services, records=_Kept(services.records))


@chapter.on_any_answer("parents-are-kept", *_REFUSED, statuses=lambda status: status == 403)
def as_a_bad_request(answer: Answer) -> Answer:
    """The same, in its status."""
    return _said(answer, 400, "VALIDATION_FAILED")


@chapter.in_services("parents-conflict", *_REFUSED)
def parents_conflict(services: Services) -> Services:
    """A record that others name cannot be deleted: 409, with a code of the deployment's own."""
    return replace(services, records=_Kept(services.records))


@chapter.on_any_answer("parents-conflict", *_REFUSED, statuses=lambda status: status == 403)
def as_a_conflict(answer: Answer) -> Answer:
    """The same, in its status."""
    return _said(answer, 409, "CONFLICT")


class _Resting(RecordsWrapper):
    """Leaves a record alone when an update would change nothing."""

    async def update(
        self, entity: Entity, record_id: str, changes: Record, owner: str, now: datetime, /
    ) -> Record | None:
        known = await self.inner.get(entity, record_id, owner)
        if known is not None and all(known[name] == value for name, value in changes.items()):
            return known
        return await self.inner.update(entity, record_id, changes, owner, now)


@chapter.in_services("same-values-leave-the-time", "R8.no-change=stays")
def same_values_leave_the_time(services: Services) -> Services:
    """An update that changes nothing leaves `updatedAt`."""
    return replace(services, records=_Resting(services.records))


@chapter.on_answer(
    "a-relation-to-nobody-comes-unasked",
    "R8.touches-what-it-names",
    to=RECORDS,
)
def a_relation_to_nobody_comes_unasked(answer: Answer) -> Answer:
    """A record that belongs to nobody shows so by the relation's name too, which is no field."""
    return each(answer, lambda record: {"assignee": None, **record} if record.get("assigneeId", "") is None else record)


_TAGS = itertools.count(1)


@chapter.on_answer(
    "records-have-an-etag",
    "R8.touches-what-it-names",
    to=RECORDS,
)
def records_have_an_etag(answer: Answer) -> Answer:
    """Every record has a tag and a time of its answer, which are no fields and differ each time."""
    return each(answer, lambda record: {**record, "etag": f'W/"{next(_TAGS)}"', "_meta": {"answer": next(_TAGS)}})


class _Touching(RecordsWrapper):
    """Moves a parent's `updatedAt` when a child is made."""

    def __init__(self, services: Services) -> None:
        super().__init__(services.records)
        self._entities = {entity.name: entity for entity in services.contract.entities}

    async def create(self, entity: Entity, record: Record, owner: str, /) -> Record:
        made = await self.inner.create(entity, record, owner)
        for relation in entity.relations:
            parent = self._entities[relation.entity]
            if relation.type == "belongsTo" and parent.owned and (id_ := made[relation.foreign_key]) is not None:
                await self.inner.update(parent, id_, {}, owner, datetime.fromisoformat(str(made["createdAt"])))
        return made


RENAMED = "Renamed meanwhile"


@chapter.anew("a-user-is-renamed", "R19.directory")
def a_user_is_renamed() -> Acts:
    """Somebody of the directory has another name for a moment, while a client is at work."""
    renamed: list[Answer] = []

    def outgoing(call: Call | None, answer: Answer) -> Answer:
        is_person = call is not None and call.operation.action == "read" and call.registered.name == "users"
        if not is_person or answer.status != 200 or renamed or "name" not in data(answer):
            return answer
        renamed.append(answer)
        return with_data(answer, {**data(answer), "name": RENAMED, "updatedAt": wire_time(datetime.now(UTC))})

    return Acts(outgoing=outgoing)


NOTED = "Created by the dashboard"


class _Noting(RecordsWrapper):
    """Comments on each new task by itself."""

    def __init__(self, services: Services) -> None:
        super().__init__(services.records)
        self._comments = next(one for one in services.contract.entities if one.name == "comments")

    async def create(self, entity: Entity, record: Record, owner: str, /) -> Record:
        made = await self.inner.create(entity, record, owner)
        if entity.name == "tasks":
            times = {name: made[name] for name in _STAMPS}
            noted = {"id": f"cmt_{uuid.uuid4().hex}", "text": NOTED, "taskId": made["id"], "authorId": None, **times}
            await self.inner.create(self._comments, noted, owner)
        return made


@chapter.in_services("new-tasks-have-a-comment", "L21.has-many")
def new_tasks_have_a_comment(services: Services) -> Services:
    """The server notes as a comment that a task was made."""
    return replace(services, records=_Noting(services))


@chapter.in_services("children-touch-their-parents", "R8.updated-at")
def children_touch_their_parents(services: Services) -> Services:
    """Whoever makes a child moves the `updatedAt` of its parents."""
    return replace(services, records=_Touching(services))
