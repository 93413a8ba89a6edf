"""How a CHOICE is judged: which of the legitimate behaviours the deployment took."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress

from entity_conformance.deployment.problems import Unjudged, Violation

MIXED = "mixed"


def choice(**alternatives: Callable[[], object] | Sequence[Callable[[], object]]) -> str:
    """At least one alternative holds; returns the name of the first that does, its underscores as hyphens.

    An alternative is one judgement or several that must all hold:
    `choice(refused=lambda: expect.error(reply, 400), empty=[lambda: ..., lambda: ...])`. What another requirement
    judges, as the code of a refusal that has none, does not tell which was taken.
    """
    found: list[str] = []
    wanted: dict[str, None] = {}
    evidence: str | None = None
    for name, alternative in alternatives.items():
        try:
            for judgement in [alternative] if callable(alternative) else alternative:
                with suppress(Unjudged):
                    judgement()
        except Violation as violation:
            words = name.strip("_").replace("_", " ")
            wanted[violation.expected or words] = None
            found.append(f"not {words}: {violation.message} ({violation.actual})")
            evidence = evidence or violation.exchange
        else:
            return name.strip("_").replace("_", "-")
    raise Violation(
        "none of the allowed behaviours", expected=" or ".join(wanted), actual="; ".join(found), exchange=evidence
    )


def alike(choices: Iterable[str]) -> str:
    """The one choice that several observations agree on, `mixed` where they take different ones of the set.

    For a CHOICE that need not be made consistently; a ruling says so where it must.
    """
    taken = set(choices)
    return taken.pop() if len(taken) == 1 else MIXED
