"""What SIGINT, SIGTERM and SIGHUP do, by what is under way.

A leaf, quick to import: nothing of the command comes before it.

    leaving      nothing is open: the command says so and leaves at once, whatever code the signal finds it in
    unwinding    something is open that has an end: a KeyboardInterrupt takes the command there
    ending       the exit code is decided

A run under way is told in its event loop, and ends by itself: `driver` hands its own handler to `handled`.
"""

import contextlib
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

INTERRUPTED = 130

_SIGNALS = (signal.SIGINT, signal.SIGTERM, *((signal.SIGHUP,) if hasattr(signal, "SIGHUP") else ()))
_STDERR = 2

Handler = Callable[[int, FrameType | None], object]


def leaving() -> None:
    """From now on, until somebody has something to end.

    Not by an exception: in the middle of an import or of compiled code that can turn into another one, or get lost.
    """
    for number in _heeded():
        signal.signal(number, _leave)


def ending() -> None:
    """From now on no signal changes the exit code: it is decided, and the interpreter takes a while to end."""
    for number in _heeded():
        signal.signal(number, signal.SIG_IGN)


@contextmanager
def unwinding() -> Iterator[None]:
    """Have any of them raise KeyboardInterrupt, so that what is open is closed on the way out."""

    def unwind(_: int, __: FrameType | None) -> NoReturn:
        raise KeyboardInterrupt

    with handled(unwind):
        yield


@contextmanager
def handled(handler: Handler) -> Iterator[None]:
    """Have `handler` take the signals, and give them back."""
    before = {number: signal.signal(number, handler) for number in _heeded()}
    try:
        yield
    finally:
        for number, previous in before.items():
            signal.signal(number, previous)


def _heeded() -> list[signal.Signals]:
    """The signals; without SIGHUP for a command that was started with `nohup`."""
    hangup = getattr(signal, "SIGHUP", None)
    return [one for one in _SIGNALS if one != hangup or signal.getsignal(one) != signal.SIG_IGN]


def _leave(_: int, __: FrameType | None) -> NoReturn:
    with contextlib.suppress(OSError):  # nobody may be there to read it
        os.write(_STDERR, b"conformance: interrupted\n")
    os._exit(INTERRUPTED)
