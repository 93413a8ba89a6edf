"""Variables that were read once: one that is still set is an error, so that nobody believes it to be heeded."""

import os
from collections.abc import Collection, Mapping

import click

from entity_conformance.deployment.settings import Misuse

FORMER = "CONTRACT_TESTS_"


class Command(click.Command):
    """A command that refuses former variables before it reads anything."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Raises Misuse for a variable that is read no more."""
        if not set(args) & set(ctx.help_option_names):
            refuse(os.environ, known={str(param.envvar) for param in self.params if param.envvar})
        return super().parse_args(ctx, args)


def refuse(environ: Mapping[str, str], *, known: Collection[str]) -> None:
    """Raise Misuse for a former variable, naming its successor among the `known` ones."""
    for name in sorted(environ):
        if name.startswith(FORMER):
            successor = f"CONFORMANCE_{name.removeprefix(FORMER)}"
            hint = f"set {successor} instead" if successor in known else "unset it; `--help` tells which there are"
            raise Misuse(f"{name} is read no more", hint=hint)
