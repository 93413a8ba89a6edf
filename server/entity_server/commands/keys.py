"""`reference-server keys`: API keys, straight in a database."""

from datetime import datetime
from typing import Any

import click

from entity_server.commands.ending import complete, one_line, say, tell
from entity_server.commands.options import Commands, contract, database, known_user, option, user

_SCOPES = ("read", "write", "delete")


@click.group(cls=Commands)
def keys() -> None:
    """Create, list and revoke API keys."""


@keys.command("create")
@user
@option("--name", default="Command line", show_default=True, help="What to call the key.")
@option("--scope", "scopes", type=click.Choice(_SCOPES), multiple=True, help="May be repeated; without any, all three.")
@option("--expires", metavar="TIME", help="When, such as 2030-01-31T10:30:00Z; without one, never.")
@database
@contract
def create_key(user: str, name: str, scopes: tuple[str, ...], expires: str | None, **place: Any) -> None:  # noqa: ANN401
    """Create an API key and print it, once. A server at the same database takes it at once."""
    from entity_server.administration import create_key as create  # noqa: PLC0415 - `--help` must be quick

    body = {"name": name, "scopes": list(scopes or _SCOPES), "expiresAt": expires}
    say(complete(create(user, body, tell=tell, **place)))


@keys.command("list")
@known_user
@database
@contract
def list_keys(user: str, **place: Any) -> None:  # noqa: ANN401 - click's own
    """List a user's API keys, masked."""
    from entity_server.administration import list_keys as listed  # noqa: PLC0415 - `--help` must be quick

    for key in complete(listed(user, **place)):
        until = f"expires {_minute(key.expires_at)}" if key.expires_at else "never expires"
        used = f"last used {_minute(key.last_used_at)}" if key.last_used_at else "never used"
        say(f"{key.id}  {key.display}  {','.join(key.scopes)}  {until}, {used}  {one_line(key.name)}")


@keys.command("revoke")
@known_user
@click.argument("key_id")
@database
@contract
def revoke_key(user: str, key_id: str, **place: Any) -> None:  # noqa: ANN401 - click's own
    """Revoke an API key, by its id. A server at the same database refuses it at once."""
    from entity_server.administration import revoke_key as revoke  # noqa: PLC0415 - `--help` must be quick

    complete(revoke(user, key_id, **place))
    say(f"revoked {key_id}")


def _minute(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%MZ")
