"""How a peer in Python is served: by uvicorn with uvloop on a free port, until SIGTERM.

It stands in the peer's own environment, so that it imports nothing of this repository.
"""

import asyncio
import json
import socket
from pathlib import Path
from typing import Any

KEY, OTHER_KEY = "sk_live_benchmark", "sk_live_benchmark_other"


def serve(app: Any, folder: Path) -> None:  # noqa: ANN401 - any ASGI application
    """Serve until SIGTERM; when it serves, `credentials.json` in the folder says where, and with which keys."""
    import uvloop  # noqa: PLC0415 - only peers have it

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(app, folder))


async def _serve(app: Any, folder: Path) -> None:  # noqa: ANN401 - as above
    import uvicorn  # noqa: PLC0415 - likewise

    sock = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", access_log=False))
    serving = asyncio.create_task(server.serve(sockets=[sock]))
    while not server.started and not serving.done():  # noqa: ASYNC110 - uvicorn has no event for it
        await asyncio.sleep(0.01)
    written(folder, sock.getsockname()[1])
    await serving


def written(folder: Path, port: int, base: str = "/api") -> None:
    """Say where the peer serves."""
    known = {"baseUrl": f"http://127.0.0.1:{port}{base}/v1", "apiKey": KEY, "otherApiKey": OTHER_KEY}
    (folder / "credentials.tmp").write_text(json.dumps(known))
    (folder / "credentials.tmp").rename(folder / "credentials.json")
