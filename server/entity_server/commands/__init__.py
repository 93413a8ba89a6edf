"""The command line of the reference server: one module a command, or a group of them.

Imports nothing heavy at the top: `--help` must be quick, and an install without Sanic must be able to say so. What a
command needs of the server, it imports when it runs.
"""

import importlib.util
import sys
from collections.abc import Sequence
from typing import NoReturn

import click
from click.exceptions import NoArgsIsHelpError

from entity_server.commands.credits import credits as credits_
from entity_server.commands.ending import NAME, fail
from entity_server.commands.entity import entity
from entity_server.commands.execute import execute
from entity_server.commands.faults import faults
from entity_server.commands.keys import keys
from entity_server.commands.migrate import migrate
from entity_server.commands.options import Commands
from entity_server.commands.run import run
from entity_server.commands.sessions import sessions
from entity_server.commands.variants import variants

_SERVER_PACKAGES = ("jsonschema_rs", "orjson", "sanic", "tortoise")
_INSTALL = "the reference server is not installed; run: pip install 'v1-entity-contract[server]'"
_CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


def command_line(arguments: Sequence[str] | None = None) -> NoReturn:
    """The whole command: what goes wrong is one line on stderr, and exit status 2."""
    try:
        status = cli.main(arguments, prog_name=NAME, standalone_mode=False)
    except NoArgsIsHelpError as error:
        error.show()
        sys.exit(error.exit_code)
    except click.UsageError as error:
        command = error.ctx.command_path if error.ctx else NAME
        fail(f"{error.format_message().rstrip('.')}; `{command} --help` tells more")
    except click.ClickException as error:
        fail(error.format_message())
    except click.Abort:
        sys.exit(130)
    sys.exit(status if isinstance(status, int) else 0)


def _version(context: click.Context, _: click.Parameter, value: bool) -> None:  # noqa: FBT001 - click's own
    if not value or context.resilient_parsing:
        return
    import importlib.metadata  # noqa: PLC0415 - it is slow, and asked for seldom

    try:
        version = importlib.metadata.version("v1-entity-contract")
    except importlib.metadata.PackageNotFoundError:
        version = "(not installed)"
    click.echo(f"{NAME}, version {version}")
    context.exit()


@click.group(cls=Commands, context_settings=_CONTEXT)
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Show the version and exit."
)
def cli() -> None:
    """A reference server for the v1 entity API: every operation of the contract, on an embedded database.

    To begin: `reference-server run --demo` serves a small shop and writes credentials for it to a file. Every option
    can be given by an environment variable instead; an option on the command line wins.
    """
    if any(importlib.util.find_spec(package) is None for package in _SERVER_PACKAGES):
        fail(_INSTALL)


for _command in (run, execute, faults, variants, entity, keys, sessions, credits_, migrate):
    cli.add_command(_command)
