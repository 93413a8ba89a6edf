"""The two commands whose code comes with the extra `properties`.

They are found by name: this package never imports `entity_tests`, and works where it is not installed.
"""

from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import cast

from entity_conformance.commands.driver import Ask, Job
from entity_conformance.deployment.settings import Misuse

PACKAGES = ("entity_tests", "hypothesis", "schemathesis")

Find = Callable[[str], object | None]
Perform = Callable[[Job], int]

_ASKING = {"properties": "run", "model": "model"}
"""What asks a deployment, in the module of each command."""


def product(name: str, *, find: Find = find_spec) -> Perform:
    """`perform` of `entity_tests.NAME.command`: does what the job says and returns the exit code.

    Raises Misuse where the extra is not installed.
    """
    return cast("Perform", _module(name, find).perform)


def asking(name: str, *, find: Find = find_spec) -> Ask:
    """What `conformance NAME` asks by, for whoever makes more of its run. Raises Misuse as `product` does."""
    return cast("Ask", getattr(_module(name, find), _ASKING[name]))


def _module(name: str, find: Find) -> ModuleType:
    lacking = [package for package in PACKAGES if find(package) is None]
    if lacking:
        raise Misuse(
            f"`conformance {name}` needs what is not installed: {', '.join(lacking)}",
            hint="run: pip install 'v1-entity-contract[properties]'",
        )
    return import_module(f"entity_tests.{name}.command")
