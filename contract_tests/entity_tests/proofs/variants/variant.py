"""What an allowed variant is: a deployment that differs from the reference server where the decisions allow it.

A variant acts in the places where a fault acts (`entity_server.faults`), and in more, since what is allowed is wider
than what a handler can break: on the wire both ways, in the server's own document, and in what the runner is given.

Which verdict a variant deserves is told by `trial`. It is never part of the server's `--fault` list: nothing is wrong
with it. Each says how it shows that it is in effect, which a test also
shows the reference server *not* to do: a variant that changes nothing proves nothing.
"""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from inspect import getdoc
from typing import Any, TypeVar

from entity_conformance.deployment.exchange import Exchange
from entity_conformance.deployment.settings import Settings
from entity_conformance.report.verdict import Run
from entity_conformance.suite import ledger
from entity_contract import Action, Contract
from entity_server.faults import Fault
from entity_server.faults.spoiling import AnyAnswer, Record
from entity_server.http.exchange import Incoming
from entity_server.http.fault import Compose
from entity_server.http.services import Answer, Around

from entity_tests.deployments.in_process import Readdress, Rewrite

Document = dict[str, Any]
Ask = tuple[str, str, object]
"""A request besides those of a run: method, path below `/api/v1`, JSON body or None."""

Function = TypeVar("Function", bound=Callable[..., Any])


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
    """One variant. `apart` are the ids of variants that cannot be one deployment with it."""

    id: str
    allowed: Allowed
    summary: str
    acts: tuple[Fault, ...] = ()
    rewrite: Rewrite | None = None
    readdress: Readdress | None = None
    document: Callable[[Contract, Document], None] | None = None
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


class Chapter:
    """The variants of one file. Two declarations with one id are one variant that acts in two places."""

    def __init__(self) -> None:
        self._acts = AnyAnswer()
        self._variants: dict[str, Variant] = {}

    @property
    def variants(self) -> tuple[Variant, ...]:
        """Every variant that was declared here, in order."""
        return tuple(self._variants.values())

    def add(self, variant: Variant) -> None:
        """A variant that was put together elsewhere."""
        self._variants[variant.id] = variant

    def on_request(self, variant_id: str, allowed: Allowed) -> Callable[[Incoming], Incoming]:
        """A variant that refuses some requests by what their headers say."""
        return self._acting(variant_id, allowed, self._acts.on_request(variant_id, breaks=""))

    def on_answer(
        self,
        variant_id: str,
        allowed: Allowed,
        *,
        to: Collection[Action | str],
        statuses: Collection[int] = (200, 201),
    ) -> Callable[[Callable[[Answer], Answer]], Callable[[Answer], Answer]]:
        """A variant in the answers to some operations."""
        return self._acting(variant_id, allowed, self._acts.on_answer(variant_id, breaks="", to=to, statuses=statuses))

    def on_any_answer(
        self,
        variant_id: str,
        allowed: Allowed,
        *,
        statuses: Callable[[int], bool] = lambda _: True,
        code: str | None = None,
    ) -> Callable[[Callable[[Answer], Answer]], Callable[[Answer], Answer]]:
        """A variant in every answer with such a status, and with that error code where one is named."""
        return self._acting(
            variant_id, allowed, self._acts.on_any_answer(variant_id, breaks="", statuses=statuses, code=code)
        )

    def around(self, variant_id: str, allowed: Allowed, *, to: Collection[Action | str]) -> Callable[[Around], Around]:
        """A variant in place of the handlers of some operations."""
        return self._acting(variant_id, allowed, self._acts.around(variant_id, breaks="", to=to))

    def in_services(self, variant_id: str, allowed: Allowed) -> Callable[[Compose], Compose]:
        """A variant in what the handlers work with."""
        return self._acting(variant_id, allowed, self._acts.in_services(variant_id, breaks=""))

    def on_the_wire(self, variant_id: str, allowed: Allowed) -> Callable[[Rewrite], Rewrite]:
        """A variant in the bytes of every answer."""

        def declare(rewrite: Rewrite) -> Rewrite:
            self._keep(replace(self._known(variant_id, allowed, rewrite), rewrite=rewrite))
            return rewrite

        return declare

    def on_the_way_in(self, variant_id: str, allowed: Allowed) -> Callable[[Readdress], Readdress]:
        """A variant in what becomes of a request before the server sees it."""

        def declare(readdress: Readdress) -> Readdress:
            self._keep(replace(self._known(variant_id, allowed, readdress), readdress=readdress))
            return readdress

        return declare

    def in_document(
        self, variant_id: str, allowed: Allowed
    ) -> Callable[[Callable[[Contract, Document], None]], Callable[[Contract, Document], None]]:
        """A variant in the server's own document, which the runner does not see."""

        def declare(change: Callable[[Contract, Document], None]) -> Callable[[Contract, Document], None]:
            self._keep(replace(self._known(variant_id, allowed, change), document=change))
            return change

        return declare

    def asked_with(
        self, variant_id: str, allowed: Allowed
    ) -> Callable[[Callable[[Settings], Settings]], Callable[[Settings], Settings]]:
        """A variant that the runner has to be told of."""

        def declare(change: Callable[[Settings], Settings]) -> Callable[[Settings], Settings]:
            self._keep(replace(self._known(variant_id, allowed, change), settings=change))
            return change

        return declare

    def keep_apart(self, *variant_ids: str) -> None:
        """These variants cannot be one deployment: each takes away what another acts on."""
        for variant_id in variant_ids:
            known = self._variants[variant_id]
            self._keep(replace(known, apart=known.apart | (frozenset(variant_ids) - {variant_id})))

    def _acting(
        self, variant_id: str, allowed: Allowed, declare: Callable[[Function], Function]
    ) -> Callable[[Function], Function]:
        def declared(function: Function) -> Function:
            declare(function)
            known = self._known(variant_id, allowed, function)
            self._keep(replace(known, acts=(*known.acts, self._acts.faults[-1])))
            return function

        return declared

    def _known(self, variant_id: str, allowed: Allowed, function: Callable[..., object]) -> Variant:
        summary = (getdoc(function) or "").partition("\n")[0]
        return self._variants.get(variant_id) or Variant(variant_id, allowed, summary)

    def _keep(self, variant: Variant) -> None:
        self._variants[variant.id] = variant


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
