"""Values that are not kept as they were written, or not shown as they are kept: some values, somewhere."""

import unicodedata
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from entity_contract import Entity

from entity_server.domain.projection import Record
from entity_server.faults.seldom.when import by_reader, free_texts, of, single
from entity_server.faults.spoiling import AnyAnswer, each
from entity_server.faults.wrapping import RecordsWrapper
from entity_server.http.fault import Acts, Compose
from entity_server.http.services import Answer, Call, Services

chapter = AnyAnswer()

Change = Callable[[Entity, str, object], object]
"""What becomes of a value: the entity, the field's name, the value."""


class _Kept(RecordsWrapper):
    """Keeps other values than it is given, in a creation and in an update alike."""

    def __init__(self, services: Services, change: Change) -> None:
        super().__init__(services.records)
        self._change = change

    def _changed(self, entity: Entity, record: Record) -> Record:
        generated = {"id", "createdAt", "updatedAt"}
        return {
            name: value if name in generated else self._change(entity, name, value) for name, value in record.items()
        }

    async def create(self, entity: Entity, record: Record, owner: str, /) -> Record:
        return await self.inner.create(entity, self._changed(entity, record), owner)

    async def update(
        self, entity: Entity, record_id: str, changes: Record, owner: str, now: datetime, /
    ) -> Record | None:
        return await self.inner.update(entity, record_id, self._changed(entity, changes), owner, now)


def _keeping(change: Change) -> Compose:
    return lambda services: replace(services, records=_Kept(services, change))


def _text(change: Callable[[str], str]) -> Compose:
    def changed(entity: Entity, name: str, value: object) -> object:
        return change(value) if isinstance(value, str) and name in free_texts(entity) else value

    return _keeping(changed)


def _of_type(type_: str, change: Callable[[str, object], object]) -> Compose:
    def changed(entity: Entity, name: str, value: object) -> object:
        field = entity.field(name)
        return change(name, value) if field is not None and field.type == type_ and value is not None else value

    return _keeping(changed)


@chapter.in_services("create.composes-accents", breaks="create.keeps-every-character")
def composes_accents(services: Services) -> Services:
    """Text is kept in its composed form (NFC)."""
    return _text(lambda text: unicodedata.normalize("NFC", text))(services)


@chapter.in_services("create.loses-beyond-bmp", breaks="create.keeps-every-character")
def loses_beyond_bmp(services: Services) -> Services:
    """Characters beyond U+FFFF become U+FFFD."""
    return _text(lambda text: "".join(one if ord(one) < 0x10000 else "\N{REPLACEMENT CHARACTER}" for one in text))(
        services
    )


@chapter.in_services("create.line-ends", breaks="create.keeps-every-character")
def line_ends(services: Services) -> Services:
    """CR LF in a text becomes LF."""
    return _text(lambda text: text.replace("\r\n", "\n"))(services)


@chapter.in_services("create.escapes-markup", breaks="create.keeps-every-character")
def escapes_markup(services: Services) -> Services:
    """`<` and `&` in a text become entities."""
    return _text(lambda text: text.replace("&", "&amp;").replace("<", "&lt;"))(services)


@chapter.in_services("create.doubles-quotes", breaks="create.keeps-every-character")
def doubles_quotes(services: Services) -> Services:
    """A quote in a text is kept twice."""
    return _text(lambda text: text.replace("'", "''"))(services)


@chapter.in_services("create.loses-backslashes", breaks="create.keeps-every-character")
def loses_backslashes(services: Services) -> Services:
    """Backslashes in a text are lost."""
    return _text(lambda text: text.replace("\\", ""))(services)


@chapter.in_services("create.trims-optional-text", breaks="create.keeps-every-character")
def trims_optional_text(services: Services) -> Services:
    """An optional text loses the white space at its end."""

    def changed(entity: Entity, name: str, value: object) -> object:
        field = entity.field(name)
        is_optional = field is not None and field.nullable and name in free_texts(entity)
        return value.rstrip() if is_optional and isinstance(value, str) else value

    return _keeping(changed)(services)


@chapter.in_services("create.lowers-addresses", breaks="create.keeps-every-character")
def lowers_addresses(services: Services) -> Services:
    """An e-mail address is kept in small letters."""
    return _keeping(lambda _, name, value: value.lower() if name == "email" and isinstance(value, str) else value)(
        services
    )


@chapter.in_services("create.rounds-large-integers", breaks="create.returns-record")
def rounds_large_integers(services: Services) -> Services:
    """Integers beyond 2^24 are rounded to what a float of 32 bits holds."""
    return _of_type("integer", lambda _, value: single(value) if isinstance(value, int) else value)(services)


@chapter.in_services("create.false-is-default", breaks="create.returns-record")
def false_is_default(services: Services) -> Services:
    """False becomes true where that is the default."""

    def changed(entity: Entity, name: str, value: object) -> object:
        field = entity.field(name)
        return True if value is False and field is not None and field.default is True else value

    return _keeping(changed)(services)


def _shown(answer: Answer, change: Callable[[str, object], object]) -> Answer:
    return each(answer, lambda record: {name: change(name, value) for name, value in record.items()})


@chapter.anew("read.by-reader-cut", breaks="read.returns-record")
def by_reader_cut() -> Acts:
    """READ by a key that can only read cuts text at ten characters."""

    def outgoing(call: Call | None, answer: Answer) -> Answer:
        if not (call and of(call, "read") and by_reader(call) and answer.status == 200):
            return answer
        names = free_texts(call.registered)
        return _shown(answer, lambda name, value: value[:10] if name in names and isinstance(value, str) else value)

    return Acts(outgoing=outgoing)


@chapter.in_services("create.no-hard-spaces", breaks="create.keeps-every-character")
def no_hard_spaces(services: Services) -> Services:
    """A space that does not break becomes one that does."""
    return _text(lambda text: text.replace("\u00a0", " "))(services)


@chapter.in_services("create.joiners-lost", breaks="create.keeps-every-character")
def joiners_lost(services: Services) -> Services:
    """Characters without a width, which join others, are lost."""
    return _text(lambda text: text.replace("\u200d", ""))(services)
