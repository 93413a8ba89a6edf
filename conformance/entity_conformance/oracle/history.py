"""What a run asked and was answered, as whoever judges it afterwards sees it. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from entity_contract import Contract, Entity

from entity_conformance.deployment.credentials import User, user_of
from entity_conformance.deployment.dialect import Departure
from entity_conformance.deployment.exchange import Exchange
from entity_conformance.deployment.outgoing import Asked
from entity_conformance.deployment.problems import Violation
from entity_conformance.deployment.reply import Record, Reply
from entity_conformance.oracle.own import OwnRecords

if TYPE_CHECKING:
    from entity_conformance.oracle.lists import Lists
    from entity_conformance.oracle.showing import Shown

_GATEWAYS = frozenset({502, 503, 504})
"""Statuses by which whatever stands in front of the API answers: they say nothing of it."""


@dataclass(frozen=True)
class Seen:
    """One answer beside its request. `base` is the URL that ends in `/api/v1`.

    Everything that is parsed is None or empty where it cannot be: what an answer must be, rules say.
    """

    asked: Asked
    reply: Reply
    base: str

    @property
    def exchange(self) -> str:
        """The id under which the report keeps it."""
        return self.reply.exchange

    @property
    def method(self) -> str:
        """The method that was sent."""
        return self.reply.method

    @property
    def status(self) -> int:
        """The status of the answer."""
        return self.reply.status

    @property
    def credential(self) -> str:
        """What it was sent with, by name; `none` without."""
        return self.asked.request.credential

    @property
    def user(self) -> User:
        """Whose records it is about."""
        return user_of(self.credential)

    @property
    def path(self) -> tuple[str, ...]:
        """The segments below `/api/v1`, decoded: `("tasks", "7f3a")`; empty where it is not below."""
        return self.asked.path

    @cached_property
    def query(self) -> tuple[tuple[str, str], ...]:
        """The query parameters in the order sent."""
        return tuple(parse_qsl(urlsplit(self.reply.url).query, keep_blank_values=True))

    @cached_property
    def fields(self) -> frozenset[str]:
        """The fields that `fields` names, comma lists and repeated keys alike; empty where all are asked for."""
        lists = [value for name, value in self.query if name == "fields"]
        return frozenset(one.strip() for value in lists for one in value.split(",") if one.strip())

    @cached_property
    def is_below_v1(self) -> bool:
        """Whether the API itself was asked. A CORS preflight is none of its operations (O6)."""
        return self.reply.url.startswith(f"{self.base}/") and "access-control-request-method" not in self.sent_headers

    @cached_property
    def sent_headers(self) -> Mapping[str, str]:
        """The request's own headers, by their names in lower case."""
        return {name.lower(): value for name, value in self.asked.request.headers}

    @property
    def is_served(self) -> bool:
        """Whether the API itself answered, and nothing in front of it."""
        return self.status not in _GATEWAYS

    @property
    def is_success(self) -> bool:
        """Whether it was granted."""
        return self.reply.is_granted

    @property
    def is_authenticated(self) -> bool:
        """Whether the deployment knew who asks: a credential was sent and not refused as such."""
        return self.credential != "none" and self.status != 401 and self.is_served

    @cached_property
    def sent(self) -> object:
        """The JSON of the request's body; None where there is none."""
        return self.asked.sent

    @cached_property
    def body(self) -> Record | None:
        """The answer's JSON object."""
        try:
            return self.reply.body
        except Violation:
            return None

    @cached_property
    def record(self) -> Record | None:
        """The one record that the answer holds as `data`."""
        data = (self.body or {}).get("data")
        return data if isinstance(data, dict) else None

    @cached_property
    def records(self) -> tuple[Record, ...] | None:
        """The records that the answer holds as `data`; None where that is no list of objects."""
        data = (self.body or {}).get("data")
        return tuple(data) if isinstance(data, list) and all(isinstance(one, dict) for one in data) else None


def _by_date(reply: Reply) -> datetime:
    return parsedate_to_datetime(reply.header("Date"))


@dataclass(frozen=True)
class History:
    """All of a run in the order of the answers.

    `silent` are requests without a whole answer: nobody knows what they did. `entities` are those of the run, as the
    deployment describes them. `run` is the run's id. `is_late` says that a search may find later what was written.
    `told` are the exchanges as reports show them, by id, and `redacted` tells any text so. `cut` are those whose answer
    ended before its body was whole. `always_sent` names the headers (in lower case) that the user had sent with each
    request. `is_shared` says that others may have written to any record meanwhile, so that the run has none of its own.
    `then` tells the deployment's time when it gave an answer, which is right to `clock_tolerance`. `departures` are
    what its records write another way than the contract; the answers are seen as they are meant. `from_zero` is the
    exchange that showed that it counts pages from 0, if it does.
    """

    seen: Sequence[Seen]
    silent: Sequence[Asked]
    contract: Contract
    entities: Sequence[Entity]
    run: str = ""
    is_late: bool = False
    told: Mapping[str, Exchange] = field(default_factory=dict)
    redacted: Callable[[str], str] = str
    cut: Sequence[str] = ()
    always_sent: frozenset[str] = frozenset()
    then: Callable[[Reply], datetime] = _by_date
    clock_tolerance: timedelta = timedelta(seconds=5)
    is_shared: bool = False
    departures: Sequence[Departure] = ()
    from_zero: str | None = None

    @cached_property
    def own(self) -> OwnRecords:
        """The run's own records, and what each may be at any moment."""
        return OwnRecords(replace(self, seen=(), silent=()) if self.is_shared else self)

    @cached_property
    def shown(self) -> "Shown":
        """Wherever the answers show the run's own records."""
        from entity_conformance.oracle.showing import shown  # noqa: PLC0415  # which reads a history itself

        return shown(self)

    @cached_property
    def lists(self) -> "Lists":
        """The lists that were answered."""
        from entity_conformance.oracle.lists import Lists  # noqa: PLC0415  # likewise

        return Lists(self)

    def entity(self, seen: Seen) -> Entity | None:
        """The entity that was asked about."""
        return self._by_name.get(seen.path[0]) if seen.path else None

    @cached_property
    def _by_name(self) -> Mapping[str, Entity]:
        return {one.name: one for one in self.entities}


def history(asked: Sequence[Asked], base: str, contract: Contract, entities: Sequence[Entity], **facts: Any) -> History:
    """The history of what was asked so far; `facts` are its other members."""
    seen = tuple(Seen(one, one.reply, base) for one in asked if one.reply is not None)
    return History(seen, tuple(one for one in asked if one.reply is None), contract, entities, **facts)
