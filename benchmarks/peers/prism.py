"""A peer: Prism, which validates requests and answers with examples: `python prism.py FOLDER PRISM DOCUMENT`.

PRISM is the program's path. It serves on a free port until SIGTERM, and logs nothing but errors.
"""

import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from serving import written


def main(folder: Path, program: str, document: str) -> int:
    """The exit status of Prism."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    command = [program, "mock", "--host", "127.0.0.1", "--port", str(port), "--verboseLevel", "error", document]
    process = subprocess.Popen(command)  # noqa: S603 - the command line of a benchmark
    signal.signal(signal.SIGTERM, lambda *_: process.terminate())
    while process.poll() is None and not answers(port):
        time.sleep(0.1)
    if process.poll() is None:
        written(folder, port, "")
    return process.wait()


def answers(port: int) -> bool:
    """Whether anything answers there."""
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5).close()
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), *sys.argv[2:]))
