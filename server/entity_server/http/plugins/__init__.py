"""Plugins: operations that extend the API beyond its entities.

A plugin is a module with one handler for one operation of the contract; its route, its credentials, its scope and its
bodies are what the contract says of that operation. To add one, describe the operation in `openapi.yaml`, write the
module and name it in `PLUGINS`.
"""

from collections.abc import Callable
from dataclasses import dataclass

from entity_server.http.operations import CompiledOperation
from entity_server.http.plugins.generation import OPERATION, generate_text
from entity_server.http.services import Handler, Services


@dataclass(frozen=True, slots=True)
class Plugin:
    """The operation that a plugin serves, and what makes its handler from the services and the compiled operation."""

    operation: str
    handler: Callable[[Services], Callable[[CompiledOperation], Handler]]


PLUGINS: tuple[Plugin, ...] = (Plugin(OPERATION, generate_text),)
