"""How a run's own records are told from all others in a list: by whichever narrowing this deployment honours.

A filter by a text that they share, by their ids, a search for their invented word, the time of their creation. The
first that gives exactly these records is used; where none does, pages are walked, and others' records passed over.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from entity_contract import Entity

from entity_conformance.deployment.api import Api, Credential, Record, Reply
from entity_conformance.deployment.problems import Blocked, Violation
from entity_conformance.suite import expect, sample

Query = Mapping[str, Any]

WALKED = 10
"""Pages of 100 records that are looked through where nothing narrows a list."""


@dataclass(frozen=True, slots=True)
class Own:
    """Some of a run's records, what they `share`, and the query that selects them alone; empty where none does.

    `nothing` is a query of the same kind that selects no record.
    """

    entity: Entity
    records: tuple[Record, ...]
    share: Mapping[str, object]
    query: Query
    nothing: Query

    @property
    def alone(self) -> dict[str, Any]:
        """The query that selects these records and no others. Raises Blocked where this deployment has none."""
        if not self.query:
            raise Blocked("neither filter, search nor dates select the run's own records alone")
        return dict(self.query)

    def also(self, **asked: object) -> dict[str, Any]:
        """The query with more parameters, on its first page. Raises Blocked as `alone` does."""
        return {"page": 1, "limit": 20, **_together(self.alone, asked)}

    def has(self, record: Record) -> bool:
        """Whether a record is one of them, or one like them."""
        is_alike = bool(self.share) and all(record.get(name) == value for name, value in self.share.items())
        return is_alike or any(record.get("id") == one["id"] for one in self.records)


async def owned(api: Api, entity: Entity, records: Sequence[Record], share: Mapping[str, object], word: str) -> Own:
    """These records with the narrowing that this deployment honours. `word` is one that all of them have, invented."""
    for query, nothing in _candidates(api, records, share, word):
        if "search" in query:
            await api.once(("settled", entity.name), api.settle)
        if _holds(await api.list(entity, **query, page=1, limit=20), records):
            return Own(entity, tuple(records), share, query, nothing)
    if len(await walked(api, entity, *records)) < len(records):
        raise Blocked(f"no list of {entity.name} shows what was just created")
    return Own(entity, tuple(records), share, {}, {})


async def listed(api: Api, own: Own, *, credential: Credential = "api_key", **asked: object) -> tuple[Record, ...]:
    """The run's own records in a list, in its order; conditions of a `filter` are added to those that select them.

    Raises Blocked where they are not among the first pages, and nothing narrows the list.
    """
    if own.query and not (own.query.keys() - {"filter"}) & asked.keys():
        return (await first_page(api, own.entity, credential=credential, **_together(own.query, asked))).records
    return await _walked(api, own, credential, asked)


async def first_page(api: Api, entity: Entity, *, credential: Credential = "api_key", **asked: object) -> Reply:
    """The first twenty records of a list. Raises Blocked where that holds none at all, which others judge."""
    query: Query = {"page": 1, "limit": 20, **asked}
    reply = await api.list(entity, credential=credential, **query)
    expect.status(reply, 200)
    _records(reply)
    return reply


def pagination(reply: Reply, member: str) -> Any:  # noqa: ANN401  # a number or a boolean
    """A member of the pagination of a list. Raises Blocked where it is missing or of another type: others judge."""
    try:
        value = reply.pagination.get(member)
    except Violation as violation:
        raise Blocked(f"a list tells no pagination: {violation.message}") from violation
    is_flag = isinstance(value, bool)
    is_whole = value.is_integer() if isinstance(value, float) else isinstance(value, int)
    if is_flag is not member.startswith("has") or not is_whole:
        raise Blocked(f"pagination.{member} is missing or of another type")
    return value


def _records(reply: Reply) -> tuple[Record, ...]:
    try:
        return reply.records
    except Violation as violation:
        raise Blocked(f"a list holds no records: {violation.message}") from violation


def _together(query: Query, asked: Query) -> dict[str, Any]:
    conditions = [one["filter"] for one in (query, asked) if isinstance(one.get("filter"), Mapping)]
    both = {name: value for one in conditions for name, value in one.items()}
    return {**query, **asked, **({"filter": both} if len(conditions) > 1 else {})}


async def walked(api: Api, entity: Entity, *records: Record) -> tuple[Record, ...]:
    """Those of the records that the pages of a list hold, newest first.

    Raises Blocked where there are more pages than are looked through, and not all are found.
    """
    return await _walked(api, Own(entity, records, {}, {}, {}), "api_key", {})


async def _walked(api: Api, own: Own, credential: Credential, asked: Query) -> tuple[Record, ...]:
    query: Query = {"sort": "createdAt", "order": "desc", **asked, "limit": 100}
    found: list[Record] = []
    for page in range(1, WALKED + 1):
        reply = await api.list(own.entity, credential=credential, **{**query, "page": page})
        if page > 1 and reply.status == 400:  # a page past the end, which others judge
            return tuple(found)
        expect.status(reply, 200)
        shown = _records(reply)
        found += [record for record in shown if own.has(record)]
        if len(found) >= len(own.records) or not shown:
            return tuple(found)
    raise Blocked(f"nothing narrows a list, and the run's own records are not among the first {WALKED * 100:,}")


def _candidates(
    api: Api, records: Sequence[Record], share: Mapping[str, object], word: str
) -> Iterator[tuple[Query, Query]]:
    nobody = sample.word(api.run, "nobody's")
    if share:
        yield {"filter": dict(share)}, {"filter": dict.fromkeys(share, nobody)}
    if len(records) > 1 and any(operator.name == "$in" for operator in api.contract.operators):
        yield {"filter": {"id": {"$in": [one["id"] for one in records]}}}, {"filter": {"id": {"$in": [nobody]}}}
    yield {"search": word}, {"search": nobody}
    if len(records) > 1 and all("createdAt" in one for one in records):
        first, last = records[0]["createdAt"], records[-1]["createdAt"]
        yield {"startDate": first, "endDate": last}, {"startDate": "2001-01-01", "endDate": "2001-01-02"}


def _holds(reply: Reply, records: Sequence[Record]) -> bool:
    try:
        expect.exactly(reply.records, records)
    except Violation:
        return False
    return True
