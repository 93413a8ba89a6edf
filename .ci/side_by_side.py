"""Run commands at the same time: `side_by_side.py COMMAND -- COMMAND -- COMMAND`, each with its arguments.

What a command says is told when it has ended. The exit status is 0 where that of each is; it is else that of the first
one, as they are written, that failed. An interrupt goes on to all.
"""

import signal
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from itertools import groupby
from typing import IO

SEPARATOR = "--"
BETWEEN_LOOKS = 0.2  # seconds


def main(words: list[str]) -> int:
    """The exit status of them all."""
    commands = [[*group] for is_command, group in groupby(words, SEPARATOR.__ne__) if is_command]
    processes: list[subprocess.Popen[bytes]] = []
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda number, _: [process.send_signal(number) for process in processes])
    with ExitStack() as stack:
        said = [stack.enter_context(tempfile.TemporaryFile()) for _ in commands]
        for command, file in zip(commands, said, strict=True):
            processes.append(subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=file, stderr=file))
        running = [*range(len(commands))]
        while running:
            for index in [index for index in running if processes[index].poll() is not None]:
                running.remove(index)
                tell(commands[index], said[index])
            time.sleep(BETWEEN_LOOKS)
    return next((process.returncode for process in processes if process.returncode), 0)


def tell(command: list[str], said: IO[bytes]) -> None:
    """Write what a command said, below the command itself."""
    said.seek(0)
    sys.stdout.buffer.write(f"{' '.join(command)}\n".encode() + said.read())
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
