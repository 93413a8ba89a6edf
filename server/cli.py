"""The command line of the reference server.

Imports nothing heavy at the top: `--help` must be quick, and an install without Sanic must be able to say so.
"""

import asyncio
import importlib.metadata
import importlib.util
import logging
import sys
from collections.abc import Callable, Coroutine, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import click
from click.exceptions import NoArgsIsHelpError

from server.settings import DEFAULT_DATABASE, Settings, variable

NAME = "reference-server"

_SERVER_PACKAGES = ("jsonschema_rs", "orjson", "sanic", "tortoise")
_INSTALL = "the reference server is not installed; run: pip install 'v1-entity-contract[server]'"
_ONE_PROCESS = (
    "rate limits are counted in this process and are not shared with others, so that two workers would grant every "
    "caller twice its limit; run one worker"
)
_SCOPES = ("read", "write", "delete")
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


def _version() -> str:
    try:
        return importlib.metadata.version("v1-entity-contract")
    except importlib.metadata.PackageNotFoundError:
        return "(not installed)"


class _Port(click.IntRange):
    name = "port number"


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(_version(), prog_name=NAME)
def cli() -> None:
    """A reference server for the v1 entity API: every operation of the contract, on an embedded database."""
    if any(importlib.util.find_spec(package) is None for package in _SERVER_PACKAGES):
        fail(_INSTALL)


def _workers(_: click.Context, __: click.Parameter, value: int) -> int:
    if value > 1:
        raise click.BadParameter(_ONE_PROCESS)
    return value


def _limit(_: click.Context, __: click.Parameter, value: str) -> str:
    from server.domain.limits import RateLimit  # noqa: PLC0415 - see the module's docstring

    try:
        RateLimit.parse(value)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error
    return value


@cli.command()
@_option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@_option("--port", type=_Port(0, 65535), default=5173, show_default=True, help="Port; 0 takes a free one.")
@_option("--database", default=DEFAULT_DATABASE, show_default=True, help="sqlite://PATH or sqlite://:memory:")
@_option("--workers", type=click.IntRange(min=1), default=1, show_default=True, callback=_workers, help="Processes.")
@_option("--contract", type=click.Path(path_type=Path), help="The contract to serve, instead of the installed one.")
@_option("--demo", is_flag=True, help="Fill the database with two users, their records and credentials.")
@_option("--credentials", type=click.Path(path_type=Path, dir_okay=False), help="Where to write the credentials.")
@_option("--key-limit", default="1000/hour", show_default=True, callback=_limit, help="Requests of an API key.")
@_option("--session-limit", default="100/hour", show_default=True, callback=_limit, help="Requests of a user.")
@_option("--fault", "faults", multiple=True, metavar="ID", help="Be wrong in this way; may be repeated.")
def run(workers: int, **options: Any) -> None:  # noqa: ANN401, ARG001 - one worker is all there can be
    """Serve the API until SIGTERM or Ctrl+C."""
    from server.running import run as serve  # noqa: PLC0415 - see the module's docstring

    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s")
    _complete(serve(Settings(**options), say=click.echo))


@cli.command()
def faults() -> None:
    """List the faults: id, the requirement that it breaks, summary."""
    from server.faults import FAULTS  # noqa: PLC0415 - see the module's docstring

    for fault in FAULTS:
        click.echo(f"{fault.id}  breaks {fault.breaks}: {fault.summary}")


@cli.group()
def keys() -> None:
    """Create, list and revoke API keys."""


@cli.group()
def sessions() -> None:
    """Create dashboard sessions."""


_database = _option("--database", default=DEFAULT_DATABASE, show_default=True, help="The server's database.")
_contract = _option("--contract", type=click.Path(path_type=Path), help="The contract that the server serves.")
_user = click.option("--user", required=True, metavar="ID|EMAIL", help="Whose; an unknown email makes a new user.")


@keys.command("create")
@_user
@click.option("--name", default="Command line", show_default=True, help="What to call the key.")
@click.option("--scope", "scopes", type=click.Choice(_SCOPES), multiple=True, help="A scope; without any, all three.")
@click.option("--expires", metavar="TIME", help="An RFC 3339 date-time; without one, never.")
@_database
@_contract
def create_key(user: str, name: str, scopes: tuple[str, ...], expires: str | None, **place: Any) -> None:  # noqa: ANN401
    """Create an API key and print it. It will not be shown again."""
    from server.administration import create_key as create  # noqa: PLC0415 - see the module's docstring

    body = {"name": name, "scopes": list(scopes or _SCOPES), "expiresAt": expires}
    click.echo(_complete(create(user, body, **place)))


@keys.command("list")
@_user
@_database
@_contract
def list_keys(user: str, **place: Any) -> None:  # noqa: ANN401 - click's own
    """List a user's API keys, masked."""
    from server.administration import list_keys as listed  # noqa: PLC0415 - see the module's docstring

    for key in _complete(listed(user, **place)):
        until = f"expires {_minute(key.expires_at)}" if key.expires_at else "never expires"
        used = f"last used {_minute(key.last_used_at)}" if key.last_used_at else "never used"
        click.echo(f"{key.id}  {key.display}  {','.join(key.scopes)}  {until}, {used}  {key.name}")


@keys.command("revoke")
@_user
@click.argument("key_id")
@_database
@_contract
def revoke_key(user: str, key_id: str, **place: Any) -> None:  # noqa: ANN401 - click's own
    """Revoke an API key, by its id. A server at the same database refuses it at once."""
    from server.administration import revoke_key as revoke  # noqa: PLC0415 - see the module's docstring

    _complete(revoke(user, key_id, **place))
    click.echo(f"revoked {key_id}")


@sessions.command("create")
@_user
@_database
@_contract
def create_session(user: str, **place: Any) -> None:  # noqa: ANN401 - click's own
    """Create a session and print its token, the value of the cookie better-auth.session_token."""
    from server.administration import create_session as create  # noqa: PLC0415 - see the module's docstring

    click.echo(_complete(create(user, **place)))


def fail(message: str) -> NoReturn:
    """One line on stderr, and exit status 2."""
    click.echo(f"{NAME}: {message}", err=True)
    sys.exit(2)


def _complete(work: Coroutine[Any, Any, Value]) -> Value:
    """Run to the end, on uvloop where it is there."""
    from server.running import StartupError  # noqa: PLC0415 - see the module's docstring

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
