"""Kept totals: how many rows of each table an owner has, so that a list without a filter counts nothing.

Triggers change them in the transaction that changes the rows, whoever makes it: cascades, another program, a snapshot
that is put back. In SQLite an owner has one row for each table, since one at a time writes there anyhow. In PostgreSQL
an owner has as many as there were writers at once: each takes one that nobody has locked, or a new one, so that nobody
waits for another's transaction, and nobody can be in a deadlock. The total is their sum.
"""

# ruff: noqa: S608 - statements are made of names, and of literals of our own
from collections.abc import Iterable, Iterator

from entity_server.store.columns import Dialect
from entity_server.store.schema import Connection
from entity_server.store.tables import OWNER, Table, literal, quoted

TOTALS = "kept_totals"

_CREATE = {
    "sqlite": (
        f'CREATE TABLE IF NOT EXISTS {TOTALS} ("table" text NOT NULL, owner text NOT NULL, number integer NOT NULL,'
        ' PRIMARY KEY ("table", owner)) WITHOUT ROWID'
    ),
    # Rows change all the time, and none of their indexes with them: there is room for the next version on each page.
    "postgres": (
        f"CREATE TABLE IF NOT EXISTS {TOTALS} (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,"
        ' "table" text COLLATE "C" NOT NULL, owner text COLLATE "C" NOT NULL, number bigint NOT NULL)'
        " WITH (fillfactor = 20);\n"
        f'CREATE INDEX IF NOT EXISTS ix_{TOTALS} ON {TOTALS} ("table", owner)'
    ),
}


def kept(table: Table) -> bool:
    """Whether totals of a table are kept: an entity's."""
    return table.name.startswith("entity_")


def total(table: Table, mark: str | None, dialect: Dialect) -> str:
    """The expression for an owner's total; `mark` is the owner's, None where rows have no owner."""
    number = "sum(number)" if dialect == "sqlite" else "sum(number)::bigint"
    return (
        f'(SELECT coalesce({number}, 0) FROM {TOTALS} WHERE "table" = {literal(table.name)}'
        f" AND owner = {mark or literal('')})"
    )


def trigger_name(table: Table) -> str:
    """The trigger by which one sees that totals of a table are kept, by owner where its records have owners."""
    return table.short("kt", "update" if OWNER in table.columns else "insert")


def lacking(tables: Iterable[Table], existing: frozenset[str]) -> list[Table]:
    """The tables whose totals are to be kept, and are not; `existing` are triggers.

    Those of a table whose records had no owners, and have some now, are made anew.
    """
    return [table for table in tables if kept(table) and trigger_name(table) not in existing]


def script(tables: Iterable[Table], dialect: Dialect, existing: frozenset[str]) -> list[str]:
    """The statements, for one transaction, after which totals are kept and right; `existing` are triggers."""
    made = _sqlite if dialect == "sqlite" else _postgres
    return [_CREATE[dialect], *(statement for table in lacking(tables, existing) for statement in made(table))]


def _counted(table: Table) -> tuple[str, str]:
    """Forget the table's totals, and count its rows."""
    name, owner = quoted(table.name), _owner(table, "")
    each = f"GROUP BY {owner}" if OWNER in table.columns else "HAVING count(*) > 0"
    forget = f'DELETE FROM {TOTALS} WHERE "table" = {literal(table.name)}'
    rows = f"SELECT {literal(table.name)}, {owner}, count(*) FROM {name} {each}"
    return forget, f'INSERT INTO {TOTALS} ("table", owner, number) {rows}'


def _owner(table: Table, row: str) -> str:
    return f"coalesce({row}{quoted(OWNER.name)}, '')" if OWNER in table.columns else literal("")


def _sqlite(table: Table) -> Iterator[str]:
    name = quoted(table.name)

    def changed(row: str, by: str) -> str:
        return (
            f'INSERT INTO {TOTALS} ("table", owner, number) VALUES ({literal(table.name)}, {_owner(table, row)}, {by})'
            f' ON CONFLICT ("table", owner) DO UPDATE SET number = number + {by};'
        )

    made, gone = changed("NEW.", "1"), changed("OLD.", "-1")
    for event, then in (("insert", made), ("delete", gone)):
        called = table.short("kt", event)
        yield f"DROP TRIGGER IF EXISTS {called}"
        yield f"CREATE TRIGGER {called} AFTER {event.upper()} ON {name} BEGIN {then} END"
    if OWNER in table.columns:
        owner = quoted(OWNER.name)
        yield (
            f"CREATE TRIGGER IF NOT EXISTS {table.short('kt', 'update')} AFTER UPDATE OF {owner} ON {name}"
            f" WHEN OLD.{owner} IS NOT NEW.{owner} BEGIN {gone} {made} END"
        )
    yield from _counted(table)


def _postgres(table: Table) -> Iterator[str]:
    """One statement that does nothing where the triggers are. `%1$I` is the schema, whoever writes, from wherever."""
    name, owner = quoted(table.name), quoted(OWNER.name)
    insert, delete, update, truncate = (
        table.short("kt", event) for event in ("insert", "delete", "update", "truncate")
    )

    def function(called: str, body: str, variables: str = "") -> str:
        return (
            f"CREATE OR REPLACE FUNCTION %1$I.{called}() RETURNS trigger LANGUAGE plpgsql AS $f$ {variables}"
            f" BEGIN {body} RETURN NULL; END $f$"
        )

    def by(number: str, of: str) -> str:
        """Add to a row that nobody else has, or to a new one."""
        return (
            f"UPDATE %1$I.{TOTALS} SET number = number + ({number}) WHERE id = (SELECT id FROM %1$I.{TOTALS}"
            f' WHERE "table" = {literal(table.name)} AND owner = {of} LIMIT 1 FOR UPDATE SKIP LOCKED);'
            f' IF NOT FOUND THEN INSERT INTO %1$I.{TOTALS} ("table", owner, number)'
            f" VALUES ({literal(table.name)}, {of}, {number}); END IF;"
        )

    def statement_wide(sign: str) -> str:
        if OWNER not in table.columns:
            return (
                "SELECT count(*) AS number INTO changed FROM changed_rows;"
                f" IF changed.number > 0 THEN {by(f'{sign}changed.number', literal(''))} END IF;"
            )
        return (
            f"FOR changed IN SELECT {_owner(table, '')} AS owner, count(*) AS number FROM changed_rows GROUP BY 1"
            f" LOOP {by(f'{sign}changed.number', 'changed.owner')} END LOOP;"
        )

    def trigger(called: str, event: str, rest: str) -> str:
        return (
            f"CREATE OR REPLACE TRIGGER {called} AFTER {event} ON %1$I.{name} {rest} EXECUTE FUNCTION %1$I.{called}()"
        )

    each = "AS changed_rows FOR EACH STATEMENT"
    statements = [
        function(insert, statement_wide(""), "DECLARE changed record;"),
        trigger(insert, "INSERT", f"REFERENCING NEW TABLE {each}"),
        function(delete, statement_wide("-"), "DECLARE changed record;"),
        trigger(delete, "DELETE", f"REFERENCING OLD TABLE {each}"),
        function(truncate, f'DELETE FROM %1$I.{TOTALS} WHERE "table" = {literal(table.name)};'),
        trigger(truncate, "TRUNCATE", "FOR EACH STATEMENT"),
    ]
    if OWNER in table.columns:
        statements += [
            function(update, by("-1", _owner(table, "OLD.")) + by("1", _owner(table, "NEW."))),
            trigger(
                update,
                f"UPDATE OF {owner}",
                f"FOR EACH ROW WHEN (OLD.{owner} IS DISTINCT FROM NEW.{owner})",
            ),
        ]
    made = " ".join(f"EXECUTE format($s$ {statement} $s$, current_schema());" for statement in statements)
    yield (
        f"DO $do$ BEGIN IF NOT EXISTS (SELECT 1 FROM pg_trigger"
        f" WHERE tgname = '{trigger_name(table)}' AND tgrelid = '{name}'::regclass) THEN"
        f" {made} {'; '.join(_counted(table))}; END IF; END $do$"
    )


async def triggers(connection: Connection, dialect: Dialect) -> frozenset[str]:
    """The names of the triggers that there are."""
    statement = (
        "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        if dialect == "sqlite"
        else "SELECT tgname AS name FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
        " WHERE c.relnamespace = current_schema()::regnamespace AND NOT tgisinternal"
    )
    return frozenset(row["name"] for row in await connection.execute_query_dict(statement))
