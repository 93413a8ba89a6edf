"""The server in its users' own tests: what pytest's fixture, unittest, scripts and other languages stand on.

    server.py      a server in a process of its own, as a context manager    (`running`)
    command.py     a command beside such a server                            (`reference-server exec`)
    transport.py   the server in this process, for httpx                     (`in_process`)
    examples.py    no server: the contract's examples, for respx             (`example_router`, `example_response`)

Nothing is imported before it is asked for: httpx, respx and the server's own libraries stay out of a test that does
without them. pytest's fixture `v1_api` is in `entity_server.pytest_plugin`.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from entity_server.testing.examples import example_response, example_router
    from entity_server.testing.server import running
    from entity_server.testing.transport import in_process

__all__ = ["example_response", "example_router", "in_process", "running"]

_PLACES = {
    "example_response": "examples",
    "example_router": "examples",
    "in_process": "transport",
    "running": "server",
}
_INSTALL = {"respx": "pip install respx"}
_EXTRA = "pip install 'v1-entity-contract[server]'"


def __getattr__(name: str) -> Any:  # noqa: ANN401 - a module's own
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        return getattr(importlib.import_module(f"{__name__}.{_PLACES[name]}"), name)
    except ModuleNotFoundError as error:
        hint = _INSTALL.get(error.name or "", _EXTRA)
        raise ImportError(f"{name} needs {error.name}; run: {hint}") from error
