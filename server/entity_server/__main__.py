"""`python -m entity_server`, and the command `reference-server`."""

import gc
import signal


def main() -> None:
    """Run the command line. Until a server runs, an interrupt ends this process as it ends any other: at once.

    What is loaded at the start stays, so that to look through it for garbage is a fifth of the time that a start takes;
    `running` switches the collector on again.
    """
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    gc.disable()
    from entity_server.commands import command_line  # noqa: PLC0415 - an interrupt while it is imported shall be no traceback

    command_line()


if __name__ == "__main__":
    main()
