"""What a hostile or broken deployment does: each behaviour by name, with what the runner must say of it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from importlib import import_module
from types import MappingProxyType

from entity_tests.proofs.hostile.proxy import Act, Answer, Exchange

DOES_NOT_CONFORM, INCONCLUSIVE, UNREACHABLE, LEFT_BEHIND = 1, 3, 4, 5
"""Exit codes of the runner."""

_ROOMS = ("transfer", "json_bodies", "statuses", "texts", "records", "keys", "contents", "protocol", "tls")


@dataclass(frozen=True, slots=True)
class Behaviour:
    """One thing that a deployment does wrong. `codes` are the exit codes that are true of it.

    `named` is a regular expression that the report or the last line on the console holds: the fault in words. `tls` is
    how a certificate is wrong, for what happens before HTTP. `unseen_by` are commands that do not look at what is
    wrong there, so that the deployment may conform for them.
    """

    name: str
    act: Act
    codes: frozenset[int]
    named: str
    tls: str | None = None
    unseen_by: frozenset[str] = frozenset()


_FOUND: dict[str, Behaviour] = {}


def behaviour(
    name: str, named: str, *codes: int, tls: str | None = None, unseen_by: Iterable[str] = ()
) -> Callable[[Act], Act]:
    """Declare a behaviour; DOES_NOT_CONFORM where no exit code is told."""

    def declare(act: Act) -> Act:
        assert name not in _FOUND, name
        true = frozenset(codes or {DOES_NOT_CONFORM})
        _FOUND[name] = Behaviour(name, act, true, named, tls, frozenset(unseen_by))
        return act

    return declare


def changing(
    name: str, named: str, *codes: int, unseen_by: Iterable[str] = ()
) -> Callable[[Callable[[Exchange], Answer]], None]:
    """Declare a behaviour that is another answer in the place of the right one."""

    def declare(change: Callable[[Exchange], Answer]) -> None:
        async def act(exchange: Exchange) -> Answer:
            return change(exchange)

        behaviour(name, named, *codes, unseen_by=unseen_by)(act)

    return declare


def behaviours() -> Mapping[str, Behaviour]:
    """All of them, by name."""
    for room in _ROOMS:
        import_module(f"entity_tests.proofs.hostile.{room}")
    return MappingProxyType(_FOUND)
