"""What the options of several commands have in common: the environment twin, the database, the contract, the user."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from entity_server.settings import DEFAULT_DATABASE, variable

Decorated = TypeVar("Decorated", bound=Callable[..., Any])


def option(*names: str, **attributes: Any) -> Callable[[Decorated], Decorated]:  # noqa: ANN401 - click's own
    """An option with its environment twin."""
    return click.option(*names, envvar=variable(names[0]), show_envvar=True, **attributes)


class Port(click.IntRange):
    """The number of a port, by the word for it in messages."""

    name = "port number"


class Count(click.IntRange):
    """A number, by the word for it in messages."""

    name = "number"


class Command(click.Command):
    """A command whose summary is not cut off in the list of commands."""

    def get_short_help_str(self, limit: int = 0) -> str:  # noqa: ARG002 - click's signature
        """The whole summary."""
        return super().get_short_help_str(limit=sys.maxsize)


class Commands(click.Group):
    """A group of such commands."""

    command_class = Command
    group_class = type


database = option(
    "--database", default=DEFAULT_DATABASE, show_default=True, metavar="URL", help="The database of the server."
)
contract = option("--contract", type=click.Path(path_type=Path), help="The contract that the server serves.")
user = option("--user", required=True, metavar="ID|EMAIL", help="Whose; an email that nobody has makes a new user.")
known_user = option("--user", required=True, metavar="ID|EMAIL", help="Whose.")
