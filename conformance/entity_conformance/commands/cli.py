"""The command line: which commands there are, and what becomes of an error.

A command is a module of its name beside this one, imported when it is asked for: `conformance --help` and
`conformance list` load no client, no validator and no check. Whatever is wrong with what was asked is one line on
stderr that says what to do.
"""

import contextlib
import errno
from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from typing import Any

import click

from entity_conformance.commands.signals import INTERRUPTED
from entity_conformance.commands.stderr import say
from entity_conformance.suite.version import suite_version

NAME = "conformance"
USAGE = 2

COMMANDS: Mapping[str, str] = {
    "run": "Check the deployment at URL: https://host, https://host/api or https://host/api/v1.",
    "properties": "Send generated requests to the deployment at URL, and judge every answer by the contract.",
    "model": "Do one thing after another on the deployment at URL and on a model of it, and compare the two.",
    "config": "Show the settings that hold, by flags, environment and conformance.toml, and where each comes from.",
    "doctor": "Look at the deployment at URL before a run: could one work, and what would it leave out?",
    "list": "Show every requirement.",
    "explain": "Tell all about one REQUIREMENT: the reference's words, the level, the ruling, the proof of its check.",
    "demo": "Start the reference server on a free port, check it over HTTP, and print the report.",
    "compare": "Tell what changed from one JSON report to another: what failed since, what was fixed.",
    "rerun": "Run what failed in a JSON report again, three times each: FIXED, FAILED or FLAKY.",
    "verify": "Judge recorded exchanges offline: those of a JSON report, or an HTTP archive (HAR) of real clients.",
    "cleanup": "Remove what earlier runs on URL left behind, by the journals that they kept on this machine.",
}
"""Each command and its help: a module of that name holds it as an attribute of that name."""

HELP = """Check a deployment of the v1 entity API against its contract.

Exit codes: 0 conforms; 1 does not; 2 wrong usage, or nothing tested; 3 inconclusive; 4 unreachable, not this API,
or credentials refused; 5 data left behind; 70 a defect of this suite; 130 interrupted.
"""


class _Unread(Exception):  # noqa: N818  # no error: whoever read standard output had seen enough
    """Nobody reads standard output any more, as behind `| head`."""


@contextlib.contextmanager
def _noticing() -> Iterator[None]:
    """Raise _Unread, before click ends the process for it by a code that is a verdict here."""
    try:
        yield
    except BrokenPipeError:
        raise _Unread from None


class _Commands(click.Group):
    """The commands of `COMMANDS`."""

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: Any,  # noqa: ANN401
    ) -> click.Context:
        with _noticing():  # help and the version are written here
            return super().make_context(info_name, args, parent, **extra)

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401
        with _noticing():
            return super().invoke(ctx)

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"entity_conformance.commands.{cmd_name}")
        command: click.Command = module.command
        command.help = COMMANDS[cmd_name]
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


def _version(context: click.Context, _: click.Parameter, value: object) -> None:
    if value and not context.resilient_parsing:
        click.echo(f"{NAME} {suite_version()}")
        context.exit()


@click.group(cls=_Commands, help=HELP, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Show the version.")
def cli() -> None:
    """Nothing happens before the command itself; help is never a docstring, which Python may be told to drop."""


def command_line(arguments: Sequence[str] | None = None) -> int:
    """The whole command; returns its exit code."""
    try:
        code = cli.main(args=None if arguments is None else list(arguments), prog_name=NAME, standalone_mode=False)
    except (click.Abort, KeyboardInterrupt):
        say("interrupted")
        return INTERRUPTED
    except _Unread:
        return 0
    except OSError as error:
        if error.errno == errno.EBADF:  # closed by whoever started the command: what is said there goes nowhere
            return 0
        if error.errno == errno.ENOSPC:
            say(f"cannot write to standard output: {error.strerror}")
        elif error.errno != errno.EIO:  # of a terminal that is gone
            raise
        return USAGE
    except Exception as error:
        # imported only now: it knows what every command can end in, and that takes a while to import
        from entity_conformance.commands.failures import failure  # noqa: PLC0415

        known = failure(error)
        if known is None:
            raise
        say(known.line)
        return known.exit_code
    return code if isinstance(code, int) else 0
