"""The server in its users' own tests: for clients that speak httpx.

    transport.py   the server in this process, for httpx                     (`in_process`)
    examples.py    no server: the contract's examples, for respx             (`example_router`, `example_response`)

Nothing is imported before it is asked for: httpx, respx and the server's own libraries stay out of a test that does
without them.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from entity_server.testing.examples import example_response, example_router
    from entity_server.testing.transport import in_process

__all__ = ["example_response", "example_router", "in_process"]

_PLACES = {
    "example_response": "examples",
    "example_router": "examples",
    "in_process": "transport",
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
