"""Checks that do nothing, declared as a test needs them."""

from typing import Any

from entity_conformance.suite.registry import Check, anything


async def nothing(*_: object) -> None:
    """Nothing holds."""


def a_check(requirement: str, **declared: Any) -> Check:
    """A check of a requirement, with these facts about it."""
    facts: dict[str, Any] = {
        "chapter": requirement.partition(".")[0],
        "sentence": "Nothing holds.",
        "body": nothing,
        "scopes": frozenset(),
        "needs": frozenset(),
        "after": (),
        "entities": "each",
        "operations": frozenset(),
        "applies": anything,
        "operators": frozenset(),
        "opt_in": None,
        "last": False,
        "requests": 1,
    }
    return Check(requirement=requirement, **{**facts, **declared})
