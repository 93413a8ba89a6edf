"""What a command finds, on standard output: its exit code is a verdict, and needs nobody who reads."""

import click

from entity_conformance.commands.stderr import say


def tell(text: str) -> None:
    """Write `text`. Where standard output is closed or full it goes to standard error, and the command goes on."""
    try:
        click.echo(text)
    except OSError:
        for line in text.splitlines():
            say(line)
