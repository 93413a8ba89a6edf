"""What a command finds, on standard output: its exit status is about the contract, and needs nobody who reads."""

import os
import sys

import click


def tell(text: str) -> None:
    """Write `text`. Where nobody reads any more, as behind `| head`, it goes nowhere, and the command goes on.

    Raises OSError for a standard output that is full.
    """
    try:
        click.echo(text)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
