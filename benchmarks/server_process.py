"""One reference server for a benchmark, with two-way validation on or off: `python -P -m benchmarks.server_process`.

The server as users start it, but for what a command line does not offer: `Settings.validate`.
"""

import asyncio
import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path

from entity_server.running import run
from entity_server.settings import Settings

UNLIMITED = "100000000/hour"


def main(folder: Path, validating: str) -> None:
    """Serve a fresh demo database in `folder` until SIGTERM."""
    settings = Settings(
        port=0,
        database=f"sqlite://{folder / 'bench.sqlite3'}",
        demo=True,
        credentials=folder / "credentials.json",
        key_limit=UNLIMITED,
        session_limit=UNLIMITED,
        validate=validating == "on",
    )
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(run(settings, say=lambda _: None))


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """A loop of uvloop where it is there, as the command line does."""
    if importlib.util.find_spec("uvloop") is None:
        return None
    import uvloop  # noqa: PLC0415 - as above

    factory: Callable[[], asyncio.AbstractEventLoop] = uvloop.new_event_loop
    return factory


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
