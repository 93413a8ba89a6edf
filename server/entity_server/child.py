"""A reference server that ends with its parent: `python -m entity_server.child FOLDER run ...`.

Standard input is a pipe that the parent holds open and never writes to. When it closes, whatever ended the parent, this
process stops the server, removes the folder, and ends. A process that the parent forked may hold the pipe open too, so
that the parent's own end is looked for besides.
"""

import os
import select
import shutil
import signal
import sys
import threading
import time

_BETWEEN_LOOKS = 0.5  # seconds between two looks at whose child this is
_PATIENCE = 8.0  # seconds for the server to stop by itself


def main() -> None:
    """Serve until the parent ends, or says so by SIGTERM."""
    folder, *arguments = sys.argv[1:]
    signal.signal(signal.SIGTERM, _leave)  # until a server runs, which has a handler of its own
    threading.Thread(target=_end_with, args=(os.getppid(), folder), daemon=True).start()
    from entity_server.__main__ import main as serve  # noqa: PLC0415 - the thread comes first

    sys.argv = ["reference-server", *arguments]
    try:
        serve()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _leave(*_: object) -> None:
    sys.exit(0)


def _end_with(parent: int, folder: str) -> None:
    while os.getppid() == parent:
        readable, _, _ = select.select([0], [], [], _BETWEEN_LOOKS)
        if readable and not os.read(0, 1024):
            break
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(_PATIENCE)
    shutil.rmtree(folder, ignore_errors=True)
    os._exit(1)


if __name__ == "__main__":
    main()
