"""Plugins: operations that extend the API beyond its entities.

A plugin is a handler for one operation of the contract; its route, its credentials, its scope and its bodies are what
the contract says of that operation. One of this package is named in `OWN`. One of another package is a `Plugin` that
the package names as an entry point of the group `entity_server.plugins`; it may stand in for one of `OWN`.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import cache, partial
from importlib.metadata import EntryPoint, entry_points
from typing import TypeVar

from entity_server.http.operations import CompiledOperation, UnservedContract
from entity_server.http.plugins.generation import OPERATION, generate_text
from entity_server.http.services import Handler, Services

GROUP = "entity_server.plugins"

Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class Plugin:
    """The operation that a plugin serves, and what makes its handler from the services and the compiled operation."""

    operation: str
    handler: Callable[[Services], Callable[[CompiledOperation], Handler]]


OWN: tuple[Plugin, ...] = (Plugin(OPERATION, generate_text),)


class UnusablePlugin(Exception):  # noqa: N818 - it says what is the matter
    """A plugin of another package cannot be used. The message says which, why, and what to do."""


def plugins(operations: Collection[str], taken: Collection[str]) -> Mapping[str, Plugin]:
    """The plugins by operation: those of other packages before our own.

    `operations` are the contract's, `taken` those that the server serves itself. Raises UnusablePlugin for a plugin of
    another package whose operation is not there to be served, or is served already.
    """
    found = {plugin.operation: plugin for plugin in OWN if plugin.operation in operations}
    names: dict[str, str] = {}
    for name, plugin in _of_other_packages():
        operation = plugin.operation
        if operation not in operations:
            raise UnusablePlugin(f"{name} serves {operation}, which the contract does not have; describe it there")
        if operation in taken:
            raise UnusablePlugin(f"{name} serves {operation}, which this server serves itself; take it out")
        if operation in names:
            raise UnusablePlugin(f"{name} and {names[operation]} both serve {operation}; take one of them out")
        names[operation] = name
        found[operation] = Plugin(operation, _guarded(name, plugin))
    return found


def _guarded(name: str, plugin: Plugin) -> Callable[[Services], Callable[[CompiledOperation], Handler]]:
    """What the plugin makes its handler with. What goes wrong there stops the start, and is the plugin's."""

    def handler(services: Services) -> Callable[[CompiledOperation], Handler]:
        make = _made(name, partial(plugin.handler, services))
        return lambda compiled: _made(name, partial(make, compiled))

    return handler


def _made(name: str, make: Callable[[], Made]) -> Made:
    try:
        made = make()
    except UnservedContract:
        raise
    except Exception as error:
        raise UnusablePlugin(f"{name} cannot make its handler: {_reason(error)}; mend it, or uninstall it") from error
    if not callable(made):
        raise UnusablePlugin(f"{name} makes no handler but a {type(made).__name__}; see {Plugin.__module__}")
    return made


@cache
def _of_other_packages() -> tuple[tuple[str, Plugin], ...]:
    """The plugins that are installed, each with what to call it."""
    return tuple((_name(point), _loaded(point)) for point in entry_points(group=GROUP))


def _loaded(point: EntryPoint) -> Plugin:
    try:
        plugin = point.load()
    except (Exception, SystemExit) as error:  # a module that ends the process says no word
        raise UnusablePlugin(f"{_name(point)} cannot be loaded: {_reason(error)}; mend it, or uninstall it") from error
    if not isinstance(plugin, Plugin):
        raise UnusablePlugin(f"{_name(point)} is no Plugin but a {type(plugin).__name__}; see {Plugin.__module__}")
    if not callable(plugin.handler):
        raise UnusablePlugin(f"{_name(point)} has a handler that cannot be called; see {Plugin.__module__}")
    return plugin


def _reason(error: BaseException) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())


def _name(point: EntryPoint) -> str:
    package = f" of {point.dist.name}" if point.dist else ""
    return f"the plugin {point.name}{package} ({point.value})"
