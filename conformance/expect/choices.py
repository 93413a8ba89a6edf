"""How a CHOICE is judged: which of the legitimate behaviours the deployment took, and whether always the same."""

from collections.abc import Callable, Sequence

from conformance.expect.values import shown
from conformance.verdict import Violation


def choice(**alternatives: Callable[[], object] | Sequence[Callable[[], object]]) -> str:
    """At least one alternative holds; returns the name of the first that does, its underscores as hyphens.

    An alternative is one judgement or several that must all hold:
    `choice(refused=lambda: expect.error(reply, 400), empty=[lambda: ..., lambda: ...])`.
    """
    found: list[str] = []
    for name, alternative in alternatives.items():
        try:
            for judgement in [alternative] if callable(alternative) else alternative:
                judgement()
        except Violation as violation:
            found.append(f"not {name}: {violation.message} ({violation.actual})")
        else:
            return name.strip("_").replace("_", "-")
    raise Violation("none of the allowed behaviours", expected=" or ".join(alternatives), actual="; ".join(found))


def same(**choices: str) -> str:
    """Several observations of one choice agree; returns it."""
    if len(set(choices.values())) != 1:
        raise Violation("the choice is not consistent", expected="one behaviour", actual=shown(choices))
    return next(iter(choices.values()))
