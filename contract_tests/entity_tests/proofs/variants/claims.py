"""How an allowed variant shows: what a run on it records, warns of or leaves out, or what is found in its exchanges.

What a variant does stands in `entity_server.variants`; which verdict it deserves is told by `trial`. Each says how it
shows that it is in effect, which a test also shows the reference server *not* to do: a variant that changes nothing
proves nothing.
"""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from entity_conformance.deployment.exchange import Exchange
from entity_conformance.deployment.settings import Settings
from entity_conformance.report.verdict import Run
from entity_conformance.suite import ledger
from entity_server.faults import Fault
from entity_server.variants.variant import Amend, Readdress, Rewrite

Record = dict[str, Any]
Ask = tuple[str, str, object]
"""A request besides those of a run: method, path below `/api/v1`, JSON body or None."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """What the decisions allow, and how it shows.

    `clauses` are those of the rulings that allow it; `takes` pairs a CHOICE with the alternative. `chooses` pairs
    requirements with the choice that must be recorded; `warns` are the SHOULDs that do not hold; `lacks` are the
    requirements that are out of scope for want of a capability, and `unmade` entities that no record can be made of, so
    that anything about them may be. `shows` finds the behaviour in what a run exchanged, and what `asks` sends after it
    with the API key. Something of it says how the variant is seen.
    """

    clauses: tuple[str, ...]
    takes: frozenset[tuple[str, str]] = frozenset()
    chooses: Mapping[str, str] = field(default_factory=dict)
    warns: frozenset[str] = frozenset()
    lacks: frozenset[str] = frozenset()
    unmade: frozenset[str] = frozenset()
    shows: Callable[[Sequence[Exchange]], bool] | None = None
    asks: tuple[Ask, ...] = ()

    @property
    def rows(self) -> frozenset[str]:
        """The rows of its clauses."""
        return frozenset(clause.partition(".")[0] for clause in self.clauses)


@dataclass(frozen=True, slots=True)
class Variant:
    """One variant with its proof. `apart` are the ids of variants that cannot be one deployment with it."""

    id: str
    allowed: Allowed
    summary: str
    acts: tuple[Fault, ...] = ()
    rewrite: Rewrite | None = None
    readdress: Readdress | None = None
    document: Amend | None = None
    settings: Callable[[Settings], Settings] | None = None
    apart: frozenset[str] = frozenset()


def choice(**chosen: str) -> Allowed:
    """Another alternative of a CHOICE than the first: `choice(list__limit_above_100="capped")`.

    The clauses are those that the requirements cite, here L2.above-100 alone.
    """
    chooses = {_id(name): taken for name, taken in chosen.items()}
    takes = frozenset((clause, taken) for name, taken in chooses.items() for clause in _cited(name))
    return Allowed(_cited(*chooses), takes, chooses=chooses)


def freedom(
    clause: str,
    *,
    shows: Callable[[Sequence[Exchange]], bool],
    takes: str | None = None,
    asks: tuple[Ask, ...] = (),
) -> Allowed:
    """Something that a clause leaves free, found in the exchanges of a run, and of what is asked after it.

    `takes` is the alternative, where the clause is a CHOICE that no requirement records.
    """
    return Allowed((clause,), _taken(clause, takes), shows=shows, asks=asks)


def should(*warned: str) -> Allowed:
    """A SHOULD that does not hold, and no other: the clauses are those that the requirements cite."""
    return Allowed(_cited(*warned), warns=frozenset(warned))


def lacking(clause: str, *out_of_scope: str, takes: str | None = None, unmade: Collection[str] = ()) -> Allowed:
    """A capability that the deployment does not have, and the requirements that are about it."""
    lacks = frozenset(out_of_scope)
    return Allowed((clause,), _taken(clause, takes), lacks=lacks, unmade=frozenset(unmade))


def _cited(*requirements: str) -> tuple[str, ...]:
    known = ledger.load().requirements
    return tuple(dict.fromkeys(clause for name in requirements for clause in known[name].decision))


def _taken(clause: str, alternative: str | None) -> frozenset[tuple[str, str]]:
    return frozenset() if alternative is None else frozenset({(clause, alternative)})


def _id(name: str) -> str:
    return name.replace("__", ".", 1).replace("_", "-")


def answers(exchanges: Sequence[Exchange], *statuses: int) -> list[Record]:
    """The JSON objects among the answers of a run, with these statuses where any are named."""
    found: list[Record] = []
    for one in exchanges:
        if one.response_body and (not statuses or one.status in statuses) and one.response_body.startswith("{"):
            parsed = json.loads(one.response_body) if one.response_body.endswith("}") else {}
            found.append(parsed)
    return found


def records(exchanges: Sequence[Exchange]) -> list[Record]:
    """Every record of an entity that an answer of a run held."""
    found: list[Record] = []
    for one in exchanges:
        if one.status in {200, 201} and one.method in {"GET", "POST", "PATCH"} and "/ai/" not in one.url:
            for body in answers([one]):
                held = body.get("data")
                found += held if isinstance(held, list) else [held] if isinstance(held, dict) else []
    return found


def header_values(exchanges: Sequence[Exchange], name: str) -> list[str]:
    """The values of a response header, its name in any case."""
    return [value for one in exchanges for known, value in one.response_headers if known.lower() == name.lower()]


def any_choice(run: Run, requirement: str) -> set[str]:
    """The choices that a run recorded of one requirement."""
    return {taken for known, taken in run.choices if known == requirement}
