"""The options that commands share, each with its twin in the environment: `--api-key` is CONFORMANCE_API_KEY.

The environment is read here and nowhere else. `run`, `properties` and `model` take the same options; `cleanup` takes
those that say where, as whom and how to ask.
"""

import math
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import click
import entity_contract as contracts
from click.core import ParameterSource

from entity_conformance.commands.driver import Job
from entity_conformance.commands.variables import KNOWN
from entity_conformance.deployment import settings
from entity_conformance.deployment.credentials import CREDENTIALS, Given
from entity_conformance.deployment.journal import default_folder
from entity_conformance.deployment.settings import GENERATED, MOST_AT_ONCE, SMOKE, THOROUGH, Misuse, Settings
from entity_conformance.deployment.spelling import KEYS_PATH
from entity_conformance.report.formats import FORMATS, Destination

Command = TypeVar("Command", bound=Callable[..., Any])


class _Lines(click.ParamType[str]):
    """A text that may hold blanks; in the environment several stand on a line each."""

    name = "text"

    def split_envvar_value(self, rv: str) -> list[str]:
        return [line for line in rv.splitlines() if line.strip()]

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:  # noqa: ANN401, ARG002
        return value


class _Number(click.IntRange):
    """A whole number within bounds."""

    name = "whole number"

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:  # noqa: ARG002  # click's signature
        return "N"


class _AnyNumber(click.types.IntParamType):
    """A whole number."""

    name = "whole number"

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:  # noqa: ARG002
        return "N"


class _Seconds(click.FloatRange):
    """A number of seconds, which is neither endless nor no number."""

    name = "number of seconds"

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:  # noqa: ARG002
        return "SECONDS"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:  # noqa: ANN401
        seconds = super().convert(value, param, ctx)
        if not math.isfinite(seconds):
            self.fail(f"{value} is no number of seconds", param, ctx)
        return seconds


class _Twin(click.Option):
    """An option that is not given empty: a variable of a CI job that was never set must not pass for none."""

    def consume_value(self, ctx: click.Context, opts: Mapping[str, Any]) -> Any:  # noqa: ANN401  # click's own
        value, source = super().consume_value(ctx, opts)
        given = value if isinstance(value, tuple | list) else (value,)
        if source is ParameterSource.COMMANDLINE:
            name, is_empty = self.opts[0], any(isinstance(one, str) and not one.strip() for one in given)
        else:
            name = str(self.envvar)
            is_empty = not os.environ.get(name, "set").strip()
        if is_empty:
            raise Misuse(f"{name} is empty", hint="give it a value, or leave it out")
        return value, source


def twin(*names: str, **attributes: Any) -> Callable[[Command], Command]:  # noqa: ANN401  # click's own
    """An option with its environment twin."""
    variable = "CONFORMANCE_" + names[0].removeprefix("--").replace("-", "_").upper()
    KNOWN.add(variable)
    return click.option(*names, cls=_Twin, envvar=variable, show_envvar=True, **attributes)


def together(*options: Callable[[Any], Any]) -> Callable[[Command], Command]:
    """Several options as one decorator, in the order in which the help lists them."""

    def decorate(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


target = click.argument("url", envvar="CONFORMANCE_URL", metavar="URL")
credentials = together(
    *(twin(row.option, metavar="KEY" if row.kind == "key" else "TOKEN", help=row.purpose) for row in CREDENTIALS)
)
connection = together(
    twin("--header", "headers", multiple=True, type=_Lines(), metavar="'N: V'", help="Send with every request."),
    twin(
        "--other-header", "other_headers", multiple=True, type=_Lines(), metavar="'N: V'",
        help="Send with the other user's requests, in place of a --header of that name.",
    ),
    twin(
        "--keys-path", default=KEYS_PATH, show_default=True, metavar="PATH",
        help="Where the API keys are, below /api/v1 or from /api/ on.",
    ),
    twin(
        "--scope", "scopes", multiple=True, metavar="SCOPE=NAME",
        help="What the deployment calls a scope of a key: read=tasks:read.",
    ),
    twin(
        "--timeout", type=_Seconds(min=0, min_open=True), default=10.0, show_default=True,
        help="Seconds an answer may take.",
    ),
    twin(
        "--max-wait", type=_Seconds(min=0), default=300.0, show_default=True,
        help="Seconds to wait for a rate limit to reset.",
    ),
    twin(
        "--max-requests", type=_Number(min=1),
        help="Ask no more requests than this; cleaning up may take more."
        f" Without it properties and model ask {GENERATED}, run whatever its checks need.",
    ),
    twin(
        "--contract", type=click.Path(path_type=Path),
        help="The contract to check against, instead of the installed one.",
    ),
)  # fmt: skip
selection = together(
    twin(
        "--entity", "entities", multiple=True, metavar="NAME", help="Check only this entity; give it again for another."
    ),
    twin(
        "--only",
        multiple=True,
        metavar="GLOB",
        help="Check these requirements or chapters only; `properties` takes operations too.",
    ),
    twin("--skip", multiple=True, metavar="GLOB", help="Leave these out."),
    twin("--skip-ai", is_flag=True, help="Do not generate text."),
)
judgement = together(
    twin("--strict", is_flag=True, help="A SHOULD that does not hold fails."),
    twin("--require-full", is_flag=True, help="Exit 3 unless everything could be tested."),
)
conduct = together(
    twin("--allow-writes", is_flag=True, help="Create, change and delete records on a host that is not this machine."),
    twin(
        "--sample", "samples", multiple=True, type=_Lines(), metavar="ENTITY.FIELD=VALUE",
        help="A value that the deployment takes for a field: products.sku=AB-12.",
    ),
    twin(
        "--settle", type=_Seconds(min=0), default=0.0, show_default=True,
        help="Seconds until a search finds what was written.",
    ),
    twin(
        "--concurrency", type=_Number(1, 64), default=4, show_default=True,
        help=f"Checks at a time; more than {MOST_AT_ONCE} are no faster, and taken for that.",
    ),
    twin(
        "--seed", type=_AnyNumber(), default=0, show_default=True,
        help="Repeat what is drawn by chance; texts are new in every run.",
    ),
    twin(
        "--max-time", type=_Seconds(min=0, min_open=True), default=900.0, show_default=True,
        help="Seconds after which nothing more is asked; the run cleans up, and is inconclusive.",
    ),
)  # fmt: skip
reports = together(
    twin(
        "--report", "reports", multiple=True, type=_Lines(), metavar="FORMAT[=PATH]",
        help=f"Write a report ({', '.join(FORMATS)}) to a file or to standard output.",
    ),
    twin("--verbose", is_flag=True, help="Tell every finding whole, not the root causes alone."),
)  # fmt: skip

extent = together(
    twin("--plan", is_flag=True, help="Tell what the run would send and what it would leave out, and stop."),
    twin("--smoke", is_flag=True, help=f"Judge what can be judged in {SMOKE} requests, on one entity."),
    twin(
        "--thorough", is_flag=True,
        help=f"Ask more, then run properties and model too, in {THOROUGH:,} requests at most.",
    ),
)  # fmt: skip

asking = together(target, credentials, selection, judgement, conduct, connection, reports)
"""All that `run`, `properties` and `model` can be told."""


def settings_of(url: str, **options: Any) -> Settings:  # noqa: ANN401  # the command's options, by the names of Settings
    """The options as values. Raises Misuse for one that makes no sense."""
    settings.base_url(url)
    values = {row.name: settings.secret(row.option, options.pop(row.name)) for row in CREDENTIALS}
    token, cookie = settings.session(values.pop("session"))
    if values["api_key"] is not None and values["api_key"] == values["other_api_key"]:
        raise Misuse("--api-key and --other-api-key are the same", hint="give the other user's key, or leave it out")
    if options.get("smoke") and options.get("thorough"):
        raise Misuse("--smoke and --thorough exclude each other", hint="leave one of them out")
    return Settings(
        url,
        Given(session=token, session_cookie=cookie, **values),
        headers=tuple(map(settings.header, options.pop("headers"))),
        other_headers=tuple(settings.header(text, "--other-header") for text in options.pop("other_headers")),
        spelling=settings.spelling(options.pop("keys_path"), options.pop("scopes")),
        samples=tuple(map(settings.sample, options.pop("samples", ()))),
        **options,
    )


def journals() -> Path:
    """The folder of the journals. Raises Misuse where it is set to nothing."""
    if not os.environ.get("CONFORMANCE_STATE_DIR", "set").strip():
        raise Misuse("CONFORMANCE_STATE_DIR is empty", hint="name a folder, or unset it")
    return default_folder(os.environ)


def job(  # the options that are not the settings' own
    url: str,
    *,
    contract: Path | None,
    reports: tuple[str, ...],
    verbose: bool,
    **options: Any,  # noqa: ANN401
) -> Job:
    """What `asking` was given, as a job. Raises Misuse, ContractError, ReportError."""
    return Job(
        settings=settings_of(url, **options),
        contract=contracts.load(contract),
        journals=journals(),
        destinations=Destination.parse_all(reports),
        verbose=verbose,
    )
