"""`reference-server exec`: a command beside a seeded server."""

import sys

import click

from entity_server.commands.ending import tell
from entity_server.commands.options import Command

_SEPARATOR = "--"
_MISUSE = 2


class _Beside(Command):
    """What stands before `--` are options of `run`, what stands behind it is the command."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take the arguments apart. Without options the `--` may be left out."""
        at = args.index(_SEPARATOR) if _SEPARATOR in args else len(args)
        options, command = args[:at], args[at + 1 :]
        if not command and options and not options[0].startswith("-"):
            options, command = [], options
        rest = super().parse_args(ctx, [one for one in options if one in ctx.help_option_names])
        if not command:
            raise click.UsageError("there is no command; give one behind --, as in: exec -- npm test", ctx)
        ctx.params = {"options": tuple(options), "command": tuple(command)}
        return rest


@click.command("exec", cls=_Beside, options_metavar="[OPTIONS OF run] -- COMMAND [ARGUMENT]...")
def execute(options: tuple[str, ...], command: tuple[str, ...]) -> None:
    """Run a command beside a seeded server on a free port.

    The command finds V1_API_URL (it ends in /api/v1), V1_API_KEY, V1_API_READ_KEY, V1_API_SESSION, V1_CONTROL_URL and
    V1_CONTROL_TOKEN in its environment. Signals are passed on to it, and its exit status is ours: 127 where it is not
    found, 128 + n where signal n ended it.
    """
    from entity_server.testing.command import NotRun, run_beside  # noqa: PLC0415 - `--help` must be quick
    from entity_server.testing.server import ServerNotStarted  # noqa: PLC0415 - as above

    try:
        status = run_beside(command, options, lambda text: click.echo(text, err=True))
    except NotRun as error:
        tell(str(error))
        status = error.status
    except ServerNotStarted as error:
        click.echo(str(error), err=True)
        status = _MISUSE
    sys.exit(status)
