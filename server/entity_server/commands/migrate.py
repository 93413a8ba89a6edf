"""`reference-server migrate`: a database that was made for an older contract, made to fit."""

from pathlib import Path

import click

from entity_server.commands.ending import complete, fail, say, tell
from entity_server.commands.options import Command, contract, database, option


@click.command(cls=Command)
@database
@contract
@option("--dry-run", is_flag=True, help="Only say what would be done.")
@option(
    "--text-index", is_flag=True, help="Make what `run --text-index` searches by, too; without it, it stays as it is."
)
def migrate(database: str, contract: Path | None, *, dry_run: bool, text_index: bool) -> None:
    """Add to a database what the contract has and it lacks.

    That is tables, columns, indexes, enum values, and fields that may be null now. Anything else is named and refused,
    and nothing is changed then. Stop the server first.
    """
    from entity_server.administration import migrate as migrated  # noqa: PLC0415 - `--help` must be quick

    migration = complete(migrated(database=database, contract=contract, dry_run=dry_run, text_index=text_index))
    for refused in migration.refused:
        tell(f"cannot be migrated: {refused}")
    if migration.refused:
        fail("nothing was changed; mend what is named, or name another database")
    for change in migration.changes:
        say(f"{'to do' if dry_run else 'done'}: {change}")
    if not migration.changes:
        say("nothing to do: the database fits the contract")
