"""How a command ends: what goes wrong is one line on stderr, and exit status 2."""

import asyncio
import importlib.util
import sys
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from typing import Any, NoReturn, TypeVar

import click

NAME = "reference-server"

Value = TypeVar("Value")


def fail(message: str) -> NoReturn:
    """One line on stderr, and exit status 2."""
    tell(message)
    sys.exit(2)


def tell(message: str) -> None:
    """One line on stderr, whatever the message holds, as far as stderr takes it."""
    with suppress(OSError):
        click.echo(f"{NAME}: {one_line(message)}", err=True)


def say(text: str = "", *, nl: bool = True) -> None:
    """What a command is there to say, on stdout; one that takes nothing is a failure. A pipe that is closed ends it."""
    try:
        click.echo(text, nl=nl)
    except BrokenPipeError:
        raise  # as click has it
    except OSError as error:
        fail(f"standard output takes nothing: {error.strerror}")


def announce(text: str) -> None:
    """What a server says beside its work. Whoever read it may be gone, and it serves."""
    with suppress(OSError):
        click.echo(text)


def one_line(text: str) -> str:
    """The text with escapes for what would break the line, or speak to the terminal."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


@contextmanager
def readable() -> Iterator[None]:
    """Fail with the words of a StartupError."""
    from entity_server.running import StartupError  # noqa: PLC0415 - `--help` must be quick

    try:
        yield
    except StartupError as error:
        fail(str(error))


def complete(work: Coroutine[Any, Any, Value]) -> Value:
    """Run to the end, on uvloop where it is there."""
    with readable(), asyncio.Runner(loop_factory=_loop_factory()) as runner:
        return runner.run(work)


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    if importlib.util.find_spec("uvloop") is None:
        return None
    import uvloop  # noqa: PLC0415 - Sanic brings it where it can be had

    factory: Callable[[], asyncio.AbstractEventLoop] = uvloop.new_event_loop
    return factory
