"""The open database: Tortoise's context, its client, what reads beside it, and a model for each table.

Everything that is particular to Tortoise's life cycle. Models are made at run time; Tortoise finds them by the
name of a module, so they get one. Its state lives in a context variable that request tasks do not inherit, hence the
global fallback, and hence one open store per process.
"""

import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from importlib import import_module
from itertools import count, repeat
from types import ModuleType
from typing import Any, cast

from tortoise import Model
from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.context import TortoiseContext
from tortoise.exceptions import ConfigurationError

from entity_server.domain.problems import ServiceUnavailable
from entity_server.store.columns import Convert, ConvertAll, Dialect, Plain, decoder, decoder_of_many, encoder
from entity_server.store.failures import StoreUnavailable, Translated
from entity_server.store.reading import Reading, Writing
from entity_server.store.schema import Connection
from entity_server.store.tables import ACCESS, Table, quoted

_APP = "store"
_numbers = count(1)


class Marks:
    """The marks of a statement's values, one after the other."""

    __slots__ = ("_numbers", "_sqlite")

    def __init__(self, dialect: Dialect) -> None:
        self._sqlite = dialect == "sqlite"
        self._numbers = count(1)

    def next(self) -> str:
        """The mark of the next value: numbered, so that a statement may have it twice."""
        return f"{'?' if self._sqlite else '$'}{next(self._numbers)}"


class Mapped:
    """A table with its model: values in wire form go in and come out under the names of the columns."""

    def __init__(self, table: Table, dialect: Dialect) -> None:
        self.table = table
        self.dialect = dialect
        self.attributes: Mapping[str, str] = {column.name: column.attribute for column in table.columns}
        self.encoders: Mapping[str, Convert] = _converters(table, dialect, encoder)
        self.decoders: Mapping[str, Convert] = _converters(table, dialect, decoder)
        self._encoding = tuple((name, self.encoders.get(name)) for name in self.attributes)
        self.model = _model(table)
        self._decoders: Mapping[str, ConvertAll] = _converters(table, dialect, decoder_of_many)
        self._decoding: dict[tuple[str, ...], tuple[tuple[str, ConvertAll], ...]] = {}
        self._access = table in ACCESS
        self._lookups: dict[tuple[tuple[str, ...], tuple[str, ...]], str] = {}

    def encoded(self, name: str, value: object) -> Any:  # noqa: ANN401 - what the driver takes
        """One value as the database has it."""
        encode = self.encoders.get(name)
        return value if encode is None or value is None else encode(value)

    def row(self, values: Mapping[str, object]) -> list[Any]:
        """The values of a whole row as the database has them, in the order of its columns."""
        return [
            value if (value := values.get(name)) is None or encode is None else encode(value)
            for name, encode in self._encoding
        ]

    def stored(self, values: Mapping[str, object]) -> dict[str, Any]:
        """Values by column as the model's attributes."""
        return {self.attributes[name]: self.encoded(name, value) for name, value in values.items()}

    async def lookup(
        self, reading: Reading, names: tuple[str, ...], wanted: Mapping[str, object]
    ) -> list[dict[str, Any]]:
        """These columns of the rows that have the values `wanted`, by name, in wire form. Call it `working`.

        Nearly every request looks up a key and a record, by statements that never change. They are written once.
        """
        return self.told(names, await self.found(reading, names, wanted))

    async def found(
        self, reading: Reading, names: tuple[str, ...], wanted: Mapping[str, object]
    ) -> Sequence[Sequence[Any]]:
        """As `lookup`, but the rows as the database has them, without names."""
        asked = names, tuple(wanted)
        statement = self._lookups.get(asked) or self._lookups.setdefault(asked, self._lookup(*asked))
        read = reading.access if self._access else reading.point
        return await read(statement, [self.encoded(*pair) for pair in wanted.items()])

    def told(self, names: tuple[str, ...], rows: Iterable[Sequence[Any]]) -> list[dict[str, Any]]:
        """Rows of these columns (and of others after them) by name, in wire form."""
        decoding = self._decoding.get(names)
        if decoding is None:
            decoding = tuple((name, self._decoders[name]) for name in names if name in self._decoders)
            self._decoding[names] = decoding
        found: list[dict[str, Any]] = list(map(dict, map(zip, repeat(names), rows)))  # without a step of Python's own
        for name, decode in decoding:
            for record, value in zip(found, decode([record[name] for record in found]), strict=True):
                record[name] = value
        return found

    def _lookup(self, names: tuple[str, ...], wanted: tuple[str, ...]) -> str:
        marks = Marks(self.dialect)
        columns = ", ".join(map(quoted, names))
        conditions = " AND ".join(f"{quoted(name)} = {marks.next()}" for name in wanted)
        return f"SELECT {columns} FROM {quoted(self.table.name)} WHERE {conditions}"  # noqa: S608 - names alone


class Database:
    """The connection and the tables of one open store."""

    def __init__(self, tables: Sequence[Table], dialect: Dialect) -> None:
        self.dialect = dialect
        self.text_index = False  # whether there is one, and searches are narrowed by it
        self._translated = Translated(dialect)
        self._tables = {table.name: Mapped(table, dialect) for table in tables}
        self._context = TortoiseContext()
        # A name of its own for each: Tortoise caches INSERT statements by connection and table, past all closing.
        self._name = f"store_{next(_numbers)}"
        self._module = ModuleType(f"entity_server.store.models_of_{self._name}")
        self._module.__dict__["__models__"] = [mapped.model for mapped in self._tables.values()]
        self._reading: Reading | None = None
        self._writing: Writing | None = None
        self._open = False

    @property
    def connection(self) -> BaseDBAsyncClient:
        """Tortoise's client, which writes."""
        return self._context.connections.get(self._name)

    @property
    def reading(self) -> Reading:
        """What reads. Call it `working`."""
        assert self._reading is not None
        return self._reading

    @property
    def writing(self) -> Writing:
        """What writes one statement. Call it `working`."""
        assert self._writing is not None
        return self._writing

    @property
    def tables(self) -> tuple[Table, ...]:
        """Every table."""
        return tuple(mapped.table for mapped in self._tables.values())

    @property
    def pool(self) -> tuple[int, int]:
        """How many connections are in use, and how many may be; SQLite has none to share."""
        use: tuple[int, int] = getattr(self.connection, "use", (0, 0))
        return use

    @property
    def opened(self) -> bool:
        """Whether it is open."""
        return self._open

    def alone(self) -> AbstractAsyncContextManager[Connection]:
        """A transaction in which nobody else compares or changes tables; what is raised in it undoes it."""
        alone: AbstractAsyncContextManager[Connection] = self.connection.alone()  # type: ignore[attr-defined]
        return alone

    def table(self, name: str) -> Mapped:
        """A table by its name."""
        return self._tables[name]

    def working(self) -> Translated:
        """The context of every access: `with database.working(): await ...`. Raises ServiceUnavailable once closed."""
        if not self._open:
            raise ServiceUnavailable
        return self._translated

    async def open(self, credentials: Mapping[str, object]) -> None:
        """Connect. Raises StoreUnavailable, and whatever Tortoise and the driver raise; `close` is due then too."""
        sys.modules[self._module.__name__] = self._module
        config = {
            "connections": {self._name: {"engine": _ENGINES[self.dialect], "credentials": dict(credentials)}},
            "apps": {_APP: {"models": [self._module.__name__], "default_connection": self._name}},
        }
        with self._context:
            try:
                await self._context.init(config, _enable_global_fallback=True)
            except ConfigurationError as error:
                raise StoreUnavailable("this process has another store open", hint="close that one first") from error
            await self.connection.execute_query("SELECT 1")
            self._reading = await import_module(_ENGINES[self.dialect]).reading_from(self.connection, credentials)
            self._writing = cast("Writing", self.connection)  # kept, since Tortoise takes a while to find it
        self._open = True

    async def close(self) -> None:
        """Let go of the connection and, with SQLite, of its thread, which would keep the process from ending."""
        self._open = False
        if self._reading is not None:
            await self._reading.close()
        with self._context:
            await self._context.close_connections()
        sys.modules.pop(self._module.__name__, None)


# Modules by name, as Tortoise wants them: a server on SQLite need not load what PostgreSQL takes.
_ENGINES: Mapping[Dialect, str] = {"sqlite": "entity_server.store.sqlite", "postgres": "entity_server.store.postgres"}


def _converters(table: Table, dialect: Dialect, of: Any) -> Mapping[str, Any]:  # noqa: ANN401 - by encoder or decoder
    converters = {column.name: of(column.kind, dialect) for column in table.columns}
    return {name: convert for name, convert in converters.items() if convert is not None}


def _model(table: Table) -> type[Model]:
    fields = {column.attribute: Plain(column, primary_key=column is table.columns[0]) for column in table.columns}
    meta = type("Meta", (), {"table": table.name})
    # No module of that name: Tortoise would parse the source of a real one for comments, once for each table.
    return type(table.name, (Model,), {**fields, "Meta": meta, "__module__": f"{__name__}.tables"})
