"""`python -m entity_server`, and the command `reference-server`."""

import gc
import os
import signal
import sys


def main() -> None:
    """Run the command line. Until a server runs, an interrupt ends this process as it ends any other: at once.

    What is loaded at the start stays, so that to look through it for garbage is a fifth of the time that a start takes;
    `running` switches the collector on again.
    """
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    _open_what_is_closed()
    gc.disable()
    from entity_server.commands import command_line  # noqa: PLC0415 - an interrupt while it is imported shall be no traceback

    command_line()


def _open_what_is_closed() -> None:
    """Let the three standard streams lead nowhere where who started this closed them.

    Else sockets would take their numbers, which uvloop does not survive.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the first number that is free: this one
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(number, "w" if number else "r", encoding="utf-8", closefd=False))


if __name__ == "__main__":
    main()
