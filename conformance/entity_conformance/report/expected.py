"""What a run is going to send, as it is told before it begins. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from entity_conformance.deployment.problems import RequestCount
from entity_conformance.report.text import count, duration, visible


@dataclass(frozen=True, slots=True)
class Share:
    """The requests that go by one credential, told by its noun, and how its limit stands where the deployment tells.

    `before` are those that were sent already; `remaining` is what was left then of `limit`, for `resets_in` seconds.
    """

    credential: str
    requests: int
    before: int
    limit: int | None = None
    remaining: int | None = None
    resets_in: float | None = None


@dataclass(frozen=True, slots=True)
class Expected:
    """A run before it begins: its requests (those included that were sent to find this out), and its seconds.

    `left_out` pairs a reason with the requirements that are left out for it; `generated` of the requests are for
    `properties` and `model`. `staying` are the entities of which records are made and cannot be deleted.
    """

    requests: RequestCount
    seconds: float
    checks: int
    requirements: int
    shares: tuple[Share, ...]
    left_out: tuple[tuple[str, tuple[str, ...]], ...] = ()
    generated: int = 0
    staying: tuple[str, ...] = ()


NO_ROOM = "left out: "
"""How the reason begins for what did not fit the limits or the budget."""
_REASONS = 3
"""Reasons that are told in full; the others are counted."""


def lines(expected: Expected) -> Iterator[str]:
    """The plan for a person, in a few lines."""
    by = expected.requests
    kinds = f"{by.key:,} by key, {by.session:,} by session, {by.none:,} without credentials"
    what = f"{count(expected.requirements, 'requirement')} in {count(expected.checks, 'check')}"
    besides = f", then {expected.generated:,} by properties and model" if expected.generated else ""
    yield f"plan: {count(by.total, 'request')} ({kinds}) in about {duration(expected.seconds)}, for {what}{besides}"
    limited = [_limit(share) for share in expected.shares if share.limit is not None]
    if limited:
        yield f"limits: {'; '.join(limited)}"
    if expected.staying:
        yield f"stays: what is made of {', '.join(map(visible, expected.staying))}, which has no DELETE (exit 5)"
    if expected.left_out:
        number = count(sum(len(names) for _, names in expected.left_out), "requirement")
        told = [
            f"{len(names):,}: {visible(reason.removeprefix(NO_ROOM))}" for reason, names in expected.left_out[:_REASONS]
        ]
        more = [f"and {len(expected.left_out) - _REASONS} more reasons"] if len(expected.left_out) > _REASONS else []
        yield f"left out: {number} ({'; '.join([*told, *more])})"


def _limit(share: Share) -> str:
    """`the API key sends 186 more, 982 of 1,000 left, reset in 60 min 1 s`."""
    more = share.requests - share.before
    resets = f", reset in {duration(share.resets_in)}" if share.resets_in is not None else ""
    return f"the {share.credential} sends {more:,} more, {share.remaining:,} of {share.limit:,} left{resets}"
