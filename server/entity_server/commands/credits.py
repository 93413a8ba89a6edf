"""`reference-server credits`: what a user may spend on text generation, straight in a database."""

from typing import Any

import click

from entity_server.commands.ending import complete, say, tell
from entity_server.commands.options import Commands, Count, contract, database, known_user, user

_LARGEST = 10**9


@click.group(cls=Commands)
def credits() -> None:  # noqa: A001 - the command's name
    """Show, grant and set the credits that text generation costs."""


@credits.command("show")
@known_user
@database
@contract
def show_credits(user: str, **place: Any) -> None:  # noqa: ANN401 - click's own
    """Print a user's credits."""
    from entity_server.administration import balance  # noqa: PLC0415 - `--help` must be quick

    say(str(complete(balance(user, **place))))


@credits.command("grant")
@user
@click.argument("amount", type=Count(1, _LARGEST))
@database
@contract
def grant_credits(user: str, amount: int, **place: Any) -> None:  # noqa: ANN401 - click's own
    """Add AMOUNT to a user's credits, and print what there is now. A server at the same database takes it at once."""
    from entity_server.administration import grant  # noqa: PLC0415 - `--help` must be quick

    say(str(complete(grant(user, amount, tell=tell, **place))))


@credits.command("set")
@user
@click.argument("amount", type=Count(0, _LARGEST))
@database
@contract
def set_credits(user: str, amount: int, **place: Any) -> None:  # noqa: ANN401 - click's own
    """Make a user's credits AMOUNT: 0 lets text generation answer 402."""
    from entity_server.administration import set_balance  # noqa: PLC0415 - `--help` must be quick

    say(str(complete(set_balance(user, amount, tell=tell, **place))))
