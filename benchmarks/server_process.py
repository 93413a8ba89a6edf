"""One reference server for a benchmark: `python -P -m benchmarks.server_process FOLDER WHERE [WITH]`.

WHERE is the URL of a database, or `nowhere`: then records and keys are kept in dictionaries, so that what is measured
is the server without its store. WITH is `off` for a server without two-way validation; `control-port`, `metrics` (which
needs that port) or `text-index` for one with that option. All else is as users start it, and nobody is limited.
"""

import asyncio
import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path

from entity_server.running import run
from entity_server.settings import Settings

from benchmarks.without_database import serve

UNLIMITED = "100000000/hour"


def main(folder: Path, where: str, option: str = "on") -> None:
    """Serve a fresh demo until SIGTERM; `credentials.json` in the folder says where."""
    settings = Settings(
        port=0,
        database="sqlite://:memory:" if where == "nowhere" else where,
        demo=True,
        credentials=folder / "credentials.json",
        key_limit=UNLIMITED,
        session_limit=UNLIMITED,
        validate=option != "off",
        metrics=option == "metrics",
        control_port=0 if option in {"metrics", "control-port"} else None,
        text_index=option == "text-index",
    )
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(serve(settings) if where == "nowhere" else run(settings, say=lambda _: None))


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """A loop of uvloop where it is there, as the command line does."""
    if importlib.util.find_spec("uvloop") is None:
        return None
    import uvloop  # noqa: PLC0415 - as above

    factory: Callable[[], asyncio.AbstractEventLoop] = uvloop.new_event_loop
    return factory


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
