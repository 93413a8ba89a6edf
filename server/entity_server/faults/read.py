"""Faults of READ."""

from dataclasses import replace

from entity_contract import Entity, Relation

from entity_server.domain.problems import InternalError, NotFound
from entity_server.domain.projection import Record
from entity_server.faults.fault import with_body
from entity_server.faults.spoiling import AnyAnswer, data, each
from entity_server.faults.wrapping import RecordsWrapper
from entity_server.http.services import Answer, Call, Handler, Services

chapter = AnyAnswer()

READ = frozenset({"read"})


@chapter.on_answer("read.loses-a-field", breaks="read.returns-record", to=READ)
def loses_a_field(answer: Answer) -> Answer:
    """Texts come back in capital letters."""
    return each(
        answer, lambda record: {**record, **{name: str(record[name]).upper() for name in record if name in TEXTS}}
    )


TEXTS = ("title", "name", "text", "reference")


@chapter.on_answer("read.other-times-than-list", breaks="read.agrees-with-list", to=READ)
def other_times_than_list(answer: Answer) -> Answer:
    """READ prints times to the second."""

    def short(record: Record) -> Record:
        return {**record, **{name: f"{record[name][:19]}Z" for name in ("createdAt", "updatedAt") if name in record}}

    return each(answer, short)


@chapter.around("read.updated-at-left-out", breaks="read.always-fields", to=READ)
async def updated_at_left_out(call: Call, handler: Handler) -> Answer:
    """A record has no `updatedAt`."""
    answer = await handler(call)
    return each(answer, lambda record: {name: value for name, value in record.items() if name != "updatedAt"})


@chapter.on_answer("read.times-without-offset", breaks="read.times-are-rfc3339", to={"list", "read"})
def times_without_offset(answer: Answer) -> Answer:
    """Times have no offset."""

    def local(record: Record) -> Record:
        return {**record, **{name: record[name].rstrip("Z") for name in ("createdAt", "updatedAt") if name in record}}

    return each(answer, local)


@chapter.around("read.missing-is-null", breaks="read.unknown-id", to=READ)
async def missing_is_null(call: Call, handler: Handler) -> Answer:
    """A record that does not exist is answered with 200 and no data."""
    try:
        return await handler(call)
    except NotFound:
        return Answer(200, {"success": True, "data": None}, {})


@chapter.around("read.odd-id-fails", breaks="read.odd-id", to=READ)
async def odd_id_fails(call: Call, handler: Handler) -> Answer:
    """An id with other characters than letters, digits and _ makes the server fail."""
    if not call.values["id"].replace("_", "").isalnum():
        raise InternalError
    return await handler(call)


class _AnyEntity(RecordsWrapper):
    def __init__(self, services: Services) -> None:
        super().__init__(services.records)
        self._entities = services.contract.entities

    async def get(
        self, entity: Entity, record_id: str, owner: str, relations: tuple[Relation, ...] = (), /
    ) -> Record | None:
        record = await self.inner.get(entity, record_id, owner, relations)
        for other in self._entities:
            record = record or await self.inner.get(other, record_id, owner)
        return record


@chapter.in_services("read.any-entity", breaks="read.id-of-another-entity")
def any_entity(services: Services) -> Services:
    """A record is found under the path of any entity."""
    return replace(services, records=_AnyEntity(services))


@chapter.on_answer("read.person-without-name", breaks="read.directory-record", to={"getUser"})
def person_without_name(answer: Answer) -> Answer:
    """A user of the directory is answered as a list in which it stands twice."""
    return with_body(answer, data=[data(answer), data(answer)])
