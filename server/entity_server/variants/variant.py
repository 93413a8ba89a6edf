"""What a variant is: a server that differs from the reference server where the rulings allow it.

A variant acts in the places where a fault acts (`entity_server.faults`), and in more, since what is allowed is wider
than what a handler can break: on the wire both ways, and in the server's own document. It is no fault: nothing is wrong
with it, though one that is `against` a SHOULD is what a client may meet and a good deployment does not do.

How it shows in what a server answers is told where that is proven, and not here.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from inspect import isroutine
from typing import Any, TypeVar

import httpx
from entity_contract import Action, Contract

from entity_server.faults import Fault
from entity_server.faults.fault import summary
from entity_server.faults.spoiling import AnyAnswer
from entity_server.http.exchange import Incoming
from entity_server.http.fault import Acts, Compose
from entity_server.http.services import Answer, Around

Document = dict[str, Any]
Amend = Callable[[Contract, Document], None]
"""What becomes of the server's own document: a change of it, in place."""

Rewrite = Callable[[httpx.Response], httpx.Response]
"""What may happen to an answer on the wire, behind the server: other bytes and headers that say the same."""

Readdress = Callable[[httpx.Request], httpx.Request]
"""What may happen to a request on the wire, before the server: what a gateway of one's own does with it."""

Function = TypeVar("Function", bound=Callable[..., Any])
Declare = Callable[[Function], Function]


@dataclass(frozen=True, slots=True)
class Variant:
    """One variant. `apart` are the ids of variants that cannot be one server with it.

    `clauses` are those of the rulings that allow it, `takes` says of those that are a CHOICE which alternative it is.
    """

    id: str
    summary: str
    clauses: tuple[str, ...]
    takes: Mapping[str, str]
    is_against_should: bool
    acts: tuple[Fault, ...] = ()
    rewrite: Rewrite | None = None
    readdress: Readdress | None = None
    document: Amend | None = None
    apart: frozenset[str] = frozenset()


@dataclass(slots=True)
class Chapter:
    """The variants of one file. Two declarations with one id are one variant that acts in two places.

    A declaration names the clauses that allow the variant: `L6.leads-on`, or `L2.above-100=capped` where it takes an
    alternative of a CHOICE; `against` are SHOULDs that do not hold.
    """

    _acts: AnyAnswer = field(default_factory=AnyAnswer)
    _variants: dict[str, Variant] = field(default_factory=dict)

    @property
    def variants(self) -> tuple[Variant, ...]:
        """Every variant that was declared here, in order."""
        return tuple(self._variants.values())

    def on_request(self, variant_id: str, *clauses: str, against: str | tuple[str, ...] = ()) -> Declare[Incoming]:
        """A variant that refuses some requests by what their headers say."""
        return self._acting(variant_id, clauses, against, self._acts.on_request(variant_id, breaks=""))

    def on_answer(
        self,
        variant_id: str,
        *clauses: str,
        against: str | tuple[str, ...] = (),
        to: Collection[Action | str],
        statuses: Collection[int] = (200, 201),
    ) -> Declare[Callable[[Answer], Answer]]:
        """A variant in the answers to some operations."""
        declare = self._acts.on_answer(variant_id, breaks="", to=to, statuses=statuses)
        return self._acting(variant_id, clauses, against, declare)

    def on_any_answer(
        self,
        variant_id: str,
        *clauses: str,
        against: str | tuple[str, ...] = (),
        statuses: Callable[[int], bool] = lambda _: True,
        code: str | None = None,
    ) -> Declare[Callable[[Answer], Answer]]:
        """A variant in every answer with such a status, and with that error code where one is named."""
        declare = self._acts.on_any_answer(variant_id, breaks="", statuses=statuses, code=code)
        return self._acting(variant_id, clauses, against, declare)

    def around(
        self, variant_id: str, *clauses: str, against: str | tuple[str, ...] = (), to: Collection[Action | str]
    ) -> Declare[Around]:
        """A variant in place of the handlers of some operations."""
        return self._acting(variant_id, clauses, against, self._acts.around(variant_id, breaks="", to=to))

    def in_services(self, variant_id: str, *clauses: str, against: str | tuple[str, ...] = ()) -> Declare[Compose]:
        """A variant in what the handlers work with."""
        return self._acting(variant_id, clauses, against, self._acts.in_services(variant_id, breaks=""))

    def anew(self, variant_id: str, *clauses: str, against: str | tuple[str, ...] = ()) -> Declare[Callable[[], Acts]]:
        """A variant that remembers something: the function is called for each server, and tells what it does."""
        return self._acting(variant_id, clauses, against, self._acts.anew(variant_id, breaks=""))

    def on_the_wire(self, variant_id: str, *clauses: str, against: str | tuple[str, ...] = ()) -> Declare[Rewrite]:
        """A variant in the bytes of every answer."""

        def declare(rewrite: Rewrite) -> Rewrite:
            self._keep(replace(self._known(variant_id, clauses, against, rewrite), rewrite=rewrite))
            return rewrite

        return declare

    def on_the_way_in(self, variant_id: str, *clauses: str, against: str | tuple[str, ...] = ()) -> Declare[Readdress]:
        """A variant in what becomes of a request before the server sees it."""

        def declare(readdress: Readdress) -> Readdress:
            self._keep(replace(self._known(variant_id, clauses, against, readdress), readdress=readdress))
            return readdress

        return declare

    def in_document(self, variant_id: str, *clauses: str, against: str | tuple[str, ...] = ()) -> Declare[Amend]:
        """A variant in the server's own document."""

        def declare(change: Amend) -> Amend:
            self._keep(replace(self._known(variant_id, clauses, against, change), document=change))
            return change

        return declare

    def keep_apart(self, *variant_ids: str) -> None:
        """These variants cannot be one server: each takes away what another acts on."""
        for variant_id in variant_ids:
            known = self._variants[variant_id]
            self._keep(replace(known, apart=known.apart | (frozenset(variant_ids) - {variant_id})))

    def _acting(
        self,
        variant_id: str,
        clauses: tuple[str, ...],
        against: str | tuple[str, ...],
        declare: Declare[Function],
    ) -> Declare[Function]:
        def declared(function: Function) -> Function:
            declare(function)
            known = self._known(variant_id, clauses, against, function)
            self._keep(replace(known, acts=(*known.acts, self._acts.faults[-1])))
            return function

        return declared

    def _known(
        self, variant_id: str, clauses: tuple[str, ...], against: str | tuple[str, ...], function: Callable[..., object]
    ) -> Variant:
        known = self._variants.get(variant_id)
        if known is not None:
            return known
        broken = (against,) if isinstance(against, str) else against
        named = [clause.partition("=") for clause in (*clauses, *broken)]
        return Variant(
            variant_id,
            summary(function if isroutine(function) else type(function).__call__),
            clauses=tuple(clause for clause, _, _ in named),
            takes={clause: taken for clause, _, taken in named if taken},
            is_against_should=bool(broken),
        )

    def _keep(self, variant: Variant) -> None:
        self._variants[variant.id] = variant
