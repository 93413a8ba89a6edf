"""The command line. Every option has a twin in the environment, which is read here and nowhere else.

Whatever is wrong with what was asked is one line on stderr that says what to do, and exit code 2.
"""

import asyncio
import json
import math
import os
import sys
from collections.abc import Callable, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any, TypeVar

import click
import entity_contract as contracts
from entity_contract import ContractError

from entity_conformance.commands import demo as demonstration
from entity_conformance.commands.driver import Job, drive, say
from entity_conformance.commands.signals import INTERRUPTED
from entity_conformance.deployment import settings
from entity_conformance.deployment.exchange import Redactor
from entity_conformance.deployment.journal import default_folder
from entity_conformance.deployment.recovery import Recovered, recover
from entity_conformance.deployment.settings import Given, Misuse, Settings
from entity_conformance.deployment.target import Refused
from entity_conformance.report import formats as report
from entity_conformance.report.formats import Destination
from entity_conformance.report.listing import Entry, explanation, table
from entity_conformance.report.terminal import terminal_of
from entity_conformance.suite import ledger as ledgers
from entity_conformance.suite import run as suite
from entity_conformance.suite.plan import nearest

NAME = "conformance"
USAGE = 2
UNTESTABLE = 4
LEFT_BEHIND = 5

Command = TypeVar("Command", bound=Callable[..., Any])


class _Lines(click.ParamType[str]):
    """A text that may hold blanks; in the environment several stand on a line each."""

    name = "text"
    envvar_list_splitter = "\n"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:  # noqa: ANN401, ARG002
        return value


class _Number(click.IntRange):
    """A whole number within bounds."""

    name = "whole number"


class _Seconds(click.FloatRange):
    """A number of seconds, which is neither endless nor no number."""

    name = "number of seconds"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:  # noqa: ANN401
        seconds = super().convert(value, param, ctx)
        if not math.isfinite(seconds):
            self.fail(f"{value} is no number of seconds", param, ctx)
        return seconds


def command_line(arguments: Sequence[str] | None = None) -> int:
    """The whole command; returns its exit code."""
    try:
        code = cli.main(args=None if arguments is None else list(arguments), prog_name=NAME, standalone_mode=False)
    except (click.Abort, KeyboardInterrupt):
        say("interrupted")
        return INTERRUPTED
    except BrokenPipeError:
        # nobody reads any more; without this, Python complains once more when it closes standard output
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return USAGE
    except (click.UsageError, Misuse, ContractError, report.ReportError, demonstration.NoServer, Refused) as error:
        say(_line(error))
        return UNTESTABLE if isinstance(error, Refused) else USAGE
    return code if isinstance(code, int) else 0


def _line(error: Exception) -> str:
    """What is wrong and what to do, as one line. It may quote a key that was given in the wrong place."""
    return Redactor().answer(_said(error))


def _said(error: Exception) -> str:
    match error:
        case click.exceptions.NoArgsIsHelpError():
            return f"no command was given; `{NAME} --help` tells which there are"
        case click.UsageError():
            command = error.ctx.command_path if error.ctx else NAME
            return f"{' '.join(error.format_message().split()).rstrip('.')}; `{command} --help` tells more"
        case _:
            return " ".join(str(error).split())


def _twin(*names: str, **attributes: Any) -> Callable[[Command], Command]:  # noqa: ANN401  # click's own
    """An option with its environment twin: `--api-key` is CONFORMANCE_API_KEY."""
    variable = "CONFORMANCE_" + names[0].removeprefix("--").replace("-", "_").upper()
    return click.option(*names, envvar=variable, show_envvar=True, **attributes)


def _all(*options: Callable[[Any], Any]) -> Callable[[Command], Command]:
    def decorate(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


_target = click.argument("url", envvar="CONFORMANCE_URL", metavar="URL")
_credentials = _all(
    _twin("--api-key", metavar="KEY", help="An API key with all scopes."),
    _twin("--session", metavar="TOKEN", help="The same user's session token, or NAME=TOKEN."),
    _twin("--other-api-key", metavar="KEY", help="An API key of another user."),
)
_connection = _all(
    _twin("--header", "headers", multiple=True, type=_Lines(), metavar="'N: V'", help="Send with every request."),
    _twin(
        "--timeout",
        type=_Seconds(min=0, min_open=True),
        default=10.0,
        show_default=True,
        help="Seconds an answer may take.",
    ),
    _twin(
        "--contract",
        type=click.Path(path_type=Path),
        help="The contract to check against, instead of the installed one.",
    ),
)
_reports = _twin(
    "--report", "reports", multiple=True, type=_Lines(), metavar="FORMAT[=PATH]",
    help=f"Write a report ({', '.join(report.FORMATS)}) to a file or to standard output.",
)  # fmt: skip


def _version(context: click.Context, _: click.Parameter, value: Any) -> None:  # noqa: ANN401  # click's own
    if value and not context.resilient_parsing:
        click.echo(f"{NAME} {suite.suite_version()}")
        context.exit()


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Show the version.")
def cli() -> None:
    """Check a deployment of the v1 entity API against its contract.

    Exit codes: 0 conforms; 1 does not; 2 wrong usage, or nothing tested; 3 inconclusive; 4 unreachable, not this API,
    or credentials refused; 5 data left behind; 70 a defect of this suite; 130 interrupted.
    """


@cli.command()
@_target
@_credentials
@_all(
    _twin("--read-key", metavar="KEY", help="An API key that may only read; else the session makes one."),
    _twin("--write-key", metavar="KEY", help="One that may only write."),
    _twin("--delete-key", metavar="KEY", help="One that may only delete."),
    _twin("--expired-key", metavar="KEY", help="One that has expired."),
    _twin("--entity", "entities", multiple=True, metavar="NAME", help="Check this entity, and no others but these."),
    _twin("--only", multiple=True, metavar="GLOB", help="Check these requirements or chapters only."),
    _twin("--skip", multiple=True, metavar="GLOB", help="Leave these out."),
    _twin("--skip-ai", is_flag=True, help="Do not generate text."),
    _twin("--strict", is_flag=True, help="A SHOULD that does not hold fails."),
    _twin("--require-full", is_flag=True, help="Exit 3 unless everything could be tested."),
    _twin("--allow-writes", is_flag=True, help="Create, change and delete records on a host that is not this machine."),
    _twin(
        "--settle",
        type=_Seconds(min=0),
        default=0.0,
        show_default=True,
        help="Seconds until a search finds what was written.",
    ),
    _twin("--concurrency", type=_Number(1, 32), default=4, show_default=True, help="Checks at a time."),
    _twin(
        "--seed",
        type=_Number(),
        default=0,
        show_default=True,
        help="Repeat what checks draw by chance; texts are new in every run.",
    ),
    _twin("--max-requests", type=_Number(min=1), help="Send no more requests than this."),
)
@_connection
@_reports
def run(url: str, contract: Path | None, reports: tuple[str, ...], **options: Any) -> int:  # noqa: ANN401  # click's own
    """Check the deployment at URL: https://host, https://host/api or https://host/api/v1."""
    return drive(
        Job(
            settings=_settings(url, **options),
            contract=contracts.load(contract),
            journals=default_folder(os.environ),
            destinations=tuple(map(Destination.parse, reports)),
        )
    )


@cli.command("list")
def list_() -> None:
    """Show every requirement."""
    sentences = _sentences()
    entries = [Entry(clause, sentences.get(clause.id)) for clause in ledgers.load().requirements.values()]
    click.echo(table(entries, terminal_of(sys.stdout)), nl=False)


@cli.command()
@click.argument("requirement")
def explain(requirement: str) -> None:
    """Tell all about one REQUIREMENT: the reference's words, the level, the ruling, and what proves its check."""
    ledger = ledgers.load()
    clause = ledger.requirements.get(requirement)
    if clause is None:
        raise Misuse(f"no such requirement: {requirement}", hint=nearest(ledger, requirement))
    entry = Entry(clause, _sentences().get(clause.id))
    click.echo(explanation(entry, faults=_proofs().get(clause.id, ()), terminal=terminal_of(sys.stdout)), nl=False)


@cli.command()
@_twin("--fault", "faults", multiple=True, metavar="ID", help="Have the server break one clause on purpose.")
@_reports
def demo(faults: tuple[str, ...], reports: tuple[str, ...]) -> int:
    """Start the reference server on a free port, check it over HTTP, and print the report."""
    destinations = tuple(map(Destination.parse, reports))
    for destination in destinations:
        destination.probe()
    contract = contracts.load()
    with demonstration.reference_server(faults) as served:
        given = Given(api_key=served.api_key, session=served.session_token, other_api_key=served.other_api_key)
        return drive(Job(Settings(served.base_url, given), contract, served.folder / "journals", destinations))


@cli.command()
@_target
@_credentials
@_connection
def cleanup(url: str, contract: Path | None, **options: Any) -> int:  # noqa: ANN401  # click's own
    """Remove what earlier runs on URL left behind, by the journals that they kept on this machine."""
    asked = _settings(url, **options, allow_writes=True)
    done = asyncio.run(recover(asked, default_folder(os.environ), contracts.load(contract)))
    return _told(done)


def _told(done: Recovered) -> int:
    for path in done.running:
        click.echo(f"{path}: that run is still at work, and was left alone")
    if not done.followed:
        click.echo("nothing to remove")
        return 0
    click.echo(f"{done.removed:,} removed by {len(done.followed):,} journals, {len(done.leftovers):,} left")
    for left in done.leftovers:
        click.echo(f"left: {left.kind} {left.entity or ''} {left.id}: {left.reason}")
    return LEFT_BEHIND if done.leftovers else 0


def _settings(url: str, **options: Any) -> Settings:  # noqa: ANN401  # the command's options, by the names of Settings
    """The options as values. Raises Misuse for one that makes no sense."""
    settings.base_url(url)
    names = ("api_key", "other_api_key", "read_key", "write_key", "delete_key", "expired_key")
    keys = {name: settings.secret(f"--{name.replace('_', '-')}", options.pop(name, None)) for name in names}
    token, cookie = settings.session(options.pop("session"))
    if keys["api_key"] is not None and keys["api_key"] == keys["other_api_key"]:
        raise Misuse("--api-key and --other-api-key are the same", hint="give the other user's key, or leave it out")
    headers = tuple(settings.header(text) for text in options.pop("headers"))
    return Settings(url, Given(session=token, session_cookie=cookie, **keys), headers=headers, **options)


def _sentences() -> dict[str, str]:
    return {check.requirement: check.sentence for check in suite.checks()}


def _proofs() -> dict[str, list[str]]:
    """Which faults of the reference server trip which requirement's check; packaged, so that no server is needed."""
    packaged = files("entity_conformance.suite") / "proofs.json"
    if not packaged.is_file():
        return {}
    proofs: dict[str, list[str]] = json.loads(packaged.read_text("utf-8"))
    return proofs
