"""An option that is declared once: a flag, a variable of the environment, and a key of `conformance.toml` (`KEYS`).

The environment is read here and nowhere else.
"""

import math
import os
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import click
from click.core import ParameterSource

from entity_conformance.commands import configured
from entity_conformance.commands.variables import KNOWN
from entity_conformance.commands.variables import Command as _Command
from entity_conformance.configuration.keys import Form, Key
from entity_conformance.deployment.settings import Misuse
from entity_conformance.report.formats import ReportError

Command = TypeVar("Command", bound=Callable[..., Any])


class Lines(click.ParamType[str]):
    """A text that may hold blanks; in the environment several stand on a line each."""

    name = "text"

    def split_envvar_value(self, rv: str) -> list[str]:
        """A line for each."""
        return [line for line in rv.splitlines() if line.strip()]

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:  # noqa: ANN401, ARG002
        """Whatever it says."""
        return value


class Number(click.IntRange):
    """A whole number within bounds."""

    name = "whole number"

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:  # noqa: ARG002  # click's signature
        """How the help tells what is given."""
        return "N"


class AnyNumber(click.types.IntParamType):
    """A whole number."""

    name = "whole number"

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:  # noqa: ARG002
        """How the help tells what is given."""
        return "N"


class Seconds(click.FloatRange):
    """A number of seconds, which is neither endless nor no number."""

    name = "number of seconds"

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:  # noqa: ARG002
        """How the help tells what is given."""
        return "SECONDS"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:  # noqa: ANN401
        """Raises BadParameter for what is no number of seconds."""
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


class Configured(_Command):
    """A command that takes settings from `conformance.toml` too."""

    def completed(self, ctx: click.Context, given: Mapping[str, Any]) -> None:
        """Raises Misuse for a file that cannot be followed."""
        configured.configure(ctx, given, KEYS)

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401  # click's own
        """Raises Misuse of a setting with its place, where the file is what says it."""
        try:
            return super().invoke(ctx)
        except Misuse as problem:
            raise configured.placed(ctx, problem) from None


KEYS: dict[str, Key] = {}
"""What `conformance.toml` may say, by the names of the options in code."""


def twin(
    *names: str,
    form: Form | None = None,
    check: Callable[[str], object] | None = None,
    joins: str = "",
    said: str = "",
    **attributes: Any,  # noqa: ANN401  # click's own
) -> Callable[[Command], Command]:
    """An option with its environment twin, and with its key in the file where it has a `form` there.

    `check` raises an error of ours for a text that makes no sense, `joins` stands between name and value of a pair.
    `said` describes the key where the help changes with what else there is.
    """
    variable = "CONFORMANCE_" + names[0].removeprefix("--").replace("-", "_").upper()
    KNOWN.add(variable)
    attributes |= {"envvar": variable, "show_envvar": True}
    if form is not None:
        option = _Twin(list(names), **attributes)
        declare(option, form, check or _anything, joins=joins, said=said or attributes["help"])
    return click.option(*names, cls=_Twin, **attributes)


def _anything(_: object) -> None:
    pass


def declare(
    option: click.Parameter, form: Form, check: Callable[[Any], object], *, joins: str = "", said: str = ""
) -> None:
    """Make an option a key of the file. `check` raises an error of ours, `said` describes it."""

    def judged(value: object) -> object:
        try:
            return check(option.type.convert(value, option, None))
        except (Misuse, ReportError) as problem:
            raise ValueError(str(problem)) from None
        except click.BadParameter as problem:
            raise ValueError(problem.message.rstrip(".")) from None

    parameter = option.name or ""
    is_secret = form == "credential" or joins == ": "
    KEYS[parameter] = Key(parameter.replace("_", "-"), parameter, form, judged, said, joins, holds_secrets=is_secret)


def together(*options: Callable[[Any], Any]) -> Callable[[Command], Command]:
    """Several options as one decorator, in the order in which the help lists them."""

    def decorate(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate
