"""`reference-server sessions`: dashboard sessions, straight in a database."""

from typing import Any

import click

from entity_server.commands.ending import complete, say, tell
from entity_server.commands.options import Commands, contract, database, user


@click.group(cls=Commands)
def sessions() -> None:
    """Create dashboard sessions."""


@sessions.command("create")
@user
@database
@contract
def create_session(user: str, **place: Any) -> None:  # noqa: ANN401 - click's own
    """Create a session and print its token.

    It is sent as a cookie: better-auth.session_token=TOKEN
    """
    from entity_server.administration import create_session as create  # noqa: PLC0415 - `--help` must be quick

    say(complete(create(user, tell=tell, **place)))
