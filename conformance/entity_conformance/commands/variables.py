"""Variables of ours that are not read: one that is set is an error, so that nobody believes it to be heeded."""

import difflib
import os
from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Any

import click

from entity_conformance.deployment.credentials import MADE_KEY_VARIABLE
from entity_conformance.deployment.settings import Misuse

OURS = "CONFORMANCE_"
FORMER = "CONTRACT_TESTS_"

RENAMED: Mapping[str, str] = MappingProxyType({"MAX_SECONDS": "MAX_TIME"})
"""Settings that had another name."""

KNOWN = {"CONFORMANCE_STATE_DIR", MADE_KEY_VARIABLE, "CONFORMANCE_URL", "CONFORMANCE_FAULT"}
"""Variables that are no option's of every command; each option adds its own."""


class Command(click.Command):
    """A command that refuses variables which it does not know, and a second value where one is taken.

    Of two values click takes the last, and says nothing.
    """

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Raises Misuse for a variable that is not read, and for an option that was given twice."""
        if not ctx.resilient_parsing and not set(args) & set(ctx.help_option_names):
            refuse(os.environ, known=KNOWN)
            values, _, given = self.make_parser(ctx).parse_args(list(args))
            for one in given:
                if isinstance(one, click.Option) and not (one.multiple or one.is_flag) and given.count(one) > 1:
                    raise Misuse(f"{one.opts[0]} was given twice, and takes one value", hint="give it once")
            self.completed(ctx, values)
        return super().parse_args(ctx, args)

    def completed(self, ctx: click.Context, given: Mapping[str, Any]) -> None:
        """What is to be known before the options are read; `given` are those of the command line."""


def refuse(environ: Mapping[str, str], *, known: Collection[str]) -> None:
    """Raise Misuse for a variable of ours that is not `known`, naming its successor or the nearest one."""
    for name in sorted(environ):
        prefix = next((one for one in (FORMER, OURS) if name.startswith(one)), None)
        if prefix is None or name in known:
            continue
        setting = name.removeprefix(prefix)
        successor = OURS + RENAMED.get(setting, setting)
        near = difflib.get_close_matches(setting, sorted(one.removeprefix(OURS) for one in known), n=1)
        if successor in known:
            raise Misuse(f"{name} is read no more", hint=f"set {successor} instead")
        hint = f"did you mean {OURS}{near[0]}?" if near else "unset it; `--help` tells which there are"
        raise Misuse(f"{name} is read {'no more' if prefix == FORMER else 'by nothing'}", hint=hint)
