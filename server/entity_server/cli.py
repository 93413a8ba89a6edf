"""The command line of the reference server.

Imports nothing heavy at the top: `--help` must be quick, and an install without Sanic must be able to say so.
"""

import asyncio
import importlib.util
import logging
import sys
from collections.abc import Callable, Coroutine, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import click
from click.exceptions import NoArgsIsHelpError

from entity_server.settings import (
    DEFAULT_DATABASE,
    DEMO_CREDENTIALS,
    KEY_LIMIT,
    SESSION_LIMIT,
    Settings,
    variable,
)

NAME = "reference-server"

_SERVER_PACKAGES = ("jsonschema_rs", "orjson", "sanic", "tortoise")
_INSTALL = "the reference server is not installed; run: pip install 'v1-entity-contract[server]'"
_COMMANDS = {"help_option_names": ["-h", "--help"], "max_content_width": 100}
_ONE_PROCESS = (
    "rate limits are counted in this process and are not shared with others, so that two workers would grant every "
    "caller twice its limit; run one worker"
)
_SCOPES = ("read", "write", "delete")
_DATABASES = "sqlite://PATH, sqlite://:memory: or postgres://USER:PASSWORD@HOST:PORT/NAME"
_WORKERS = "Server processes. One is all there can be: rate limits are not shared."
_CREDENTIALS = f"File for the base URL and the demo's credentials; with --demo {DEMO_CREDENTIALS} by default."
_PER_KEY = "How often an API key may ask: 1000/hour, 100/15m, 5/30s."
_PER_USER = "How often the sessions of one user may ask."
_TITLE = "The word for one record, in PascalCase, where the plural does not tell: Person for people."
_PREFIX = "What its ids begin with; without one, the title's first three letters."
_FIELD = (
    "A field, in place of the eight to begin with; may be repeated. ! for a required one; paid:boolean, state:enum=a,b."
)
_PARENT = "An entity that a record belongs to, by a foreign key; may be repeated. Without one, users."
_INSERT = "Write it into this document, all else untouched, instead of printing it."
_FAULT = "Be wrong on purpose; may be repeated. `reference-server faults` lists the ways."
Value = TypeVar("Value")
Command = TypeVar("Command", bound=Callable[..., Any])


def _option(*names: str, **attributes: Any) -> Callable[[Command], Command]:  # noqa: ANN401 - click's own
    """An option with its environment twin."""
    return click.option(*names, envvar=variable(names[0]), show_envvar=True, **attributes)


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


class _Port(click.IntRange):
    name = "port number"


class _Count(click.IntRange):
    name = "number"


class _Command(click.Command):
    """A command whose summary is not cut off in the list of commands."""

    def get_short_help_str(self, limit: int = 0) -> str:  # noqa: ARG002 - click's signature
        return super().get_short_help_str(limit=sys.maxsize)


class _Commands(click.Group):
    command_class = _Command
    group_class = type


@click.group(cls=_Commands, context_settings=_COMMANDS)
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


def _workers(_: click.Context, __: click.Parameter, value: int) -> int:
    if value > 1:
        raise click.BadParameter(_ONE_PROCESS)
    return value


def _limit(_: click.Context, __: click.Parameter, value: str) -> str:
    from entity_server.domain.limits import RateLimit  # noqa: PLC0415 - see the module's docstring

    try:
        RateLimit.parse(value)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error
    return value


@cli.command()
@_option("--host", default="127.0.0.1", show_default=True, help="Address to listen on; 0.0.0.0 for all.")
@_option("--port", type=_Port(0, 65535), default=5173, show_default=True, help="Port; 0 takes a free one.")
@_option(
    "--database", default=DEFAULT_DATABASE, show_default=True, metavar="URL", help=f"{_DATABASES}; a new file is made."
)
@_option("--workers", type=_Count(min=1), default=1, show_default=True, callback=_workers, help=_WORKERS)
@_option(
    "--contract", type=click.Path(path_type=Path), help="An OpenAPI document to serve instead of the installed one."
)
@_option("--demo", is_flag=True, help="Add two users with records, and new credentials for both; may be repeated.")
@_option("--credentials", type=click.Path(path_type=Path, dir_okay=False), help=_CREDENTIALS)
@_option("--key-limit", default=KEY_LIMIT, show_default=True, callback=_limit, metavar="N/TIME", help=_PER_KEY)
@_option("--session-limit", default=SESSION_LIMIT, show_default=True, callback=_limit, metavar="N/TIME", help=_PER_USER)
@_option("--fault", "faults", multiple=True, metavar="ID", help=_FAULT)
def run(workers: int, **options: Any) -> None:  # noqa: ANN401, ARG001 - one worker is all there can be
    """Serve the API, and its documentation at /docs, until SIGTERM or Ctrl+C."""
    from entity_server.running import run as serve  # noqa: PLC0415 - see the module's docstring

    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s")
    _complete(serve(Settings(**options), say=click.echo))


@cli.command()
def faults() -> None:
    """List the faults: id, the requirement that it breaks, summary."""
    from entity_server.faults import FAULTS  # noqa: PLC0415 - see the module's docstring

    for fault in FAULTS:
        click.echo(f"{fault.id}  breaks {fault.breaks}: {fault.summary}")


@cli.command()
@click.argument("name")
@_option("--title", metavar="TITLE", help=_TITLE)
@_option("--id-prefix", metavar="PREFIX", help=_PREFIX)
@_option("--field", "fields", multiple=True, metavar="NAME:TYPE[!]", help=_FIELD)
@_option("--belongs-to", "parents", multiple=True, metavar="ENTITY", help=_PARENT)
@_option("--contract", type=click.Path(path_type=Path), help="The document that it is for; without one, the installed.")
@_option("--insert", type=click.Path(path_type=Path), metavar="FILE", help=_INSERT)
def entity(contract: Path | None, insert: Path | None, **asked: Any) -> None:  # noqa: ANN401 - click's own
    """Print the declaration of a new entity, to be added to openapi.yaml.

    NAME is the path segment, a plural: `reference-server entity invoices`.
    """
    from entity_server.new_entity import Asked, DeclarationError, new_entity  # noqa: PLC0415 - see the module's docstring

    try:
        click.echo(new_entity(Asked(**asked), contract=contract, insert=insert), nl=False)
    except DeclarationError as error:
        fail(str(error))


@cli.group()
def keys() -> None:
    """Create, list and revoke API keys."""


@cli.group()
def sessions() -> None:
    """Create dashboard sessions."""


_database = _option(
    "--database", default=DEFAULT_DATABASE, show_default=True, metavar="URL", help="The database of the server."
)
_contract = _option("--contract", type=click.Path(path_type=Path), help="The contract that the server serves.")
_user = _option("--user", required=True, metavar="ID|EMAIL", help="Whose; an email that nobody has makes a new user.")
_known_user = _option("--user", required=True, metavar="ID|EMAIL", help="Whose.")


@keys.command("create")
@_user
@_option("--name", default="Command line", show_default=True, help="What to call the key.")
@_option(
    "--scope", "scopes", type=click.Choice(_SCOPES), multiple=True, help="May be repeated; without any, all three."
)
@_option("--expires", metavar="TIME", help="When, such as 2030-01-31T10:30:00Z; without one, never.")
@_database
@_contract
def create_key(user: str, name: str, scopes: tuple[str, ...], expires: str | None, **place: Any) -> None:  # noqa: ANN401
    """Create an API key and print it, once. A server at the same database takes it at once."""
    from entity_server.administration import create_key as create  # noqa: PLC0415 - see the module's docstring

    body = {"name": name, "scopes": list(scopes or _SCOPES), "expiresAt": expires}
    click.echo(_complete(create(user, body, tell=_tell, **place)))


@keys.command("list")
@_known_user
@_database
@_contract
def list_keys(user: str, **place: Any) -> None:  # noqa: ANN401 - click's own
    """List a user's API keys, masked."""
    from entity_server.administration import list_keys as listed  # noqa: PLC0415 - see the module's docstring

    for key in _complete(listed(user, **place)):
        until = f"expires {_minute(key.expires_at)}" if key.expires_at else "never expires"
        used = f"last used {_minute(key.last_used_at)}" if key.last_used_at else "never used"
        click.echo(f"{key.id}  {key.display}  {','.join(key.scopes)}  {until}, {used}  {_one_line(key.name)}")


@keys.command("revoke")
@_known_user
@click.argument("key_id")
@_database
@_contract
def revoke_key(user: str, key_id: str, **place: Any) -> None:  # noqa: ANN401 - click's own
    """Revoke an API key, by its id. A server at the same database refuses it at once."""
    from entity_server.administration import revoke_key as revoke  # noqa: PLC0415 - see the module's docstring

    _complete(revoke(user, key_id, **place))
    click.echo(f"revoked {key_id}")


@sessions.command("create")
@_user
@_database
@_contract
def create_session(user: str, **place: Any) -> None:  # noqa: ANN401 - click's own
    """Create a session and print its token.

    It is sent as a cookie: better-auth.session_token=TOKEN
    """
    from entity_server.administration import create_session as create  # noqa: PLC0415 - see the module's docstring

    click.echo(_complete(create(user, tell=_tell, **place)))


def fail(message: str) -> NoReturn:
    """One line on stderr, and exit status 2."""
    _tell(message)
    sys.exit(2)


def _tell(message: str) -> None:
    click.echo(f"{NAME}: {_one_line(message)}", err=True)


def _one_line(text: str) -> str:
    """The text with escapes for what would break the line, or speak to the terminal."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def _complete(work: Coroutine[Any, Any, Value]) -> Value:
    """Run to the end, on uvloop where it is there."""
    from entity_server.running import StartupError  # noqa: PLC0415 - see the module's docstring

    try:
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            return runner.run(work)
    except StartupError as error:
        fail(str(error))


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    if importlib.util.find_spec("uvloop") is None:
        return None
    import uvloop  # noqa: PLC0415 - Sanic brings it where it can be had

    factory: Callable[[], asyncio.AbstractEventLoop] = uvloop.new_event_loop
    return factory


def _minute(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%MZ")
