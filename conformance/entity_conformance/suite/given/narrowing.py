"""How a run's own records are told from all others in a list: by whichever narrowing this deployment honours.

A filter by a text that they share, by their ids, by a word in their titles, a search for that word, the time of their
creation. The first that gives exactly these records is used; where none does, pages are walked, and others' records
passed over.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from entity_contract import Entity

from entity_conformance.deployment.api import Api, Credential, Record, Reply
from entity_conformance.deployment.problems import Blocked, Violation
from entity_conformance.oracle.question import Condition, Question
from entity_conformance.suite import expect, sample
from entity_conformance.suite.expect.values import shown

Query = Mapping[str, Any]

Parameters = Query | Sequence[tuple[str, Any]]

WALKED = 10
"""Pages of 100 records that are looked through where nothing narrows a list."""

_SEVERAL = 2


@dataclass(frozen=True, slots=True)
class Own:
    """Some of a run's records, what they `share`, and the query that selects them alone; empty where none does.

    `listed` is what a list of them alone showed, and `reply` that list, None where nothing narrows it.
    """

    entity: Entity
    records: tuple[Record, ...]
    share: Mapping[str, object]
    query: Query
    listed: tuple[Record, ...]
    reply: Reply | None

    @property
    def alone(self) -> dict[str, Any]:
        """The query that selects these records and no others. Raises Blocked where this deployment has none."""
        if not self.query:
            raise Blocked("neither filter, search nor dates select the run's own records alone")
        return dict(self.query)

    def also(self, **asked: object) -> dict[str, Any]:
        """The query with more parameters, on its first page. Raises Blocked as `alone` does."""
        return {"page": 1, "limit": 20, **_together(self.alone, asked)}

    def narrowed(self, question: Question) -> Question | None:
        """The question to these records alone; None where nothing narrows it, or the question is about that itself."""
        mine = _conditions(self.query.get("filter", {}))
        asked = {(one.field, one.operator) for one in question.conditions}
        has_dates = {"startDate", "endDate"} & self.query.keys() and (question.start or question.end)
        is_blank = "search" in self.query and question.search is not None and not question.search.split()
        if not self.query or has_dates or is_blank or any((one.field, one.operator) in asked for one in mine):
            return None
        words = f"{self.query.get('search', '')} {question.search or ''}".strip()
        return replace(
            question,
            conditions=(*mine, *question.conditions),
            search=words if "search" in self.query else question.search,
            start=self.query.get("startDate", question.start),
            end=self.query.get("endDate", question.end),
        )

    def has(self, record: Record) -> bool:
        """Whether a record is one of them, or one like them."""
        is_alike = bool(self.share) and all(record.get(name) == value for name, value in self.share.items())
        return is_alike or any(record.get("id") == one["id"] for one in self.records)


@dataclass(frozen=True, slots=True)
class Walked:
    """The own records that pages of a list hold, in its order, and the last page that was looked at."""

    records: tuple[Record, ...]
    reply: Reply


async def owned(api: Api, entity: Entity, records: Sequence[Record], share: Mapping[str, object], word: str) -> Own:
    """These records with the narrowing that this deployment honours.

    `word` is an invented one that all of them have in their titles. What lacks some is asked once more: whoever watches
    tells a list that shows a new record at the second time only.
    """
    title = sample.title_field(entity)
    for query in _candidates(api, records, share, word, "" if title is None else title.name):
        if "search" in query:
            await api.once(("settled", entity.name), api.settle)
        reply = await api.list(entity, **query, page=1, limit=20)
        if _lacks_some(reply, records):
            reply = await api.list(entity, **query, page=1, limit=20)
        if shows_alone(reply, records):
            return Own(entity, tuple(records), share, query, reply.records, reply)
    if len(found := await walked(api, entity, *records)) < len(records):
        late = "" if api.context.settle else " (--settle gives lists that are late the time)"
        raise Blocked(f"no list of {entity.name} shows what was just created{late}")
    return Own(entity, tuple(records), share, {}, found, None)


async def is_ranged(api: Api, entity: Entity, records: Sequence[Record]) -> bool:
    """Whether a range of dates holds these records, and others that were created meanwhile alone."""
    if not (range_ := _range(records)):
        return False
    reply = await api.list(entity, **range_, page=1, limit=20)
    shown = [one.get("createdAt") for one in reply.shown]
    try:
        first, last = (expect.timestamp(one, at="createdAt") for one in range_.values())
        return bool(shown) and all(first <= expect.timestamp(one, at="createdAt") <= last for one in shown)
    except Violation:
        return False


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
    return with_records(reply)


def shows_alone(reply: Reply, records: Sequence[Record]) -> bool:
    """Whether a list holds exactly these records."""
    try:
        return are_alone(reply.records, records)
    except Violation:
        return False


def are_alone(shown: Sequence[Record], records: Sequence[Record]) -> bool:
    """Whether what a list showed is exactly these records."""
    try:
        expect.exactly(shown, records)
    except Violation:
        return False
    return True


def _lacks_some(reply: Reply, records: Sequence[Record]) -> bool:
    """Whether a list holds some of these records or none, and nothing else."""
    ids = {one["id"] for one in records}
    return reply.is_granted and {one.get("id") for one in reply.shown} < ids


def with_records(reply: Reply) -> Reply:
    """A list that holds records. Raises Blocked where it holds none at all, which others judge."""
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
        raise Blocked(f"pagination.{member} is {_otherwise(reply.pagination, member)}")
    return value


def is_all(reply: Reply, limit: int) -> bool:
    """Whether a first page shows all there is: fewer records than were asked for, and than it says that it may hold."""
    most = [limit]
    with suppress(Blocked):
        most.append(pagination(reply, "limit"))
    with suppress(Violation, ValueError):
        most.append(int(reply.header("X-Per-Page")))
    return len(reply.records) < min(most)


def _otherwise(told: Mapping[str, object], member: str) -> str:
    """What a list tells in the place of a number or a boolean."""
    wanted = "true or false" if member.startswith("has") else "a whole number"
    return f"{shown(told[member])}, not {wanted}" if member in told else "missing"


def _records(reply: Reply) -> tuple[Record, ...]:
    try:
        return reply.records
    except Violation as violation:
        raise Blocked(f"a list holds no records: {violation.message}") from violation


def _together(query: Query, asked: Query) -> dict[str, Any]:
    conditions = [one["filter"] for one in (query, asked) if isinstance(one.get("filter"), Mapping)]
    both: dict[str, object] = {}
    for name, value in (pair for one in conditions for pair in one.items()):
        both[name] = value if name not in both else {**_operators(both[name]), **_operators(value)}
    return {**query, **asked, **({"filter": both} if len(conditions) > 1 else {})}


def _conditions(filter_: Mapping[str, object]) -> tuple[Condition, ...]:
    return tuple(
        Condition(name, operator, operand, bare=not isinstance(stated, Mapping))
        for name, stated in filter_.items()
        for operator, operand in _operators(stated).items()
    )


def _operators(stated: object) -> Mapping[str, object]:
    return stated if isinstance(stated, Mapping) else {"$eq": stated}


async def walked(api: Api, entity: Entity, *records: Record, credential: Credential = "api_key") -> tuple[Record, ...]:
    """Those of the records that the pages of a list hold, newest first.

    Raises Blocked where there are more pages than are looked through, and not all are found.
    """
    return await _walked(api, Own(entity, records, {}, {}, (), None), credential, {})


async def _walked(api: Api, own: Own, credential: Credential, asked: Query) -> tuple[Record, ...]:
    newest = {"sort": "createdAt", "order": "desc"} if own.entity.field("createdAt") is not None else {}
    return (await walked_through(api, own, {**newest, **asked}, credential)).records


async def walked_through(api: Api, own: Own, asked: Parameters, credential: Credential) -> Walked:
    """The own records in a list, page by page.

    A page that shows nothing new ends it. Raises Blocked where there are more pages than are looked through, and not
    all are found.
    """
    query = list(asked.items() if isinstance(asked, Mapping) else asked)
    query = [pair for pair in query if pair[0] not in {"page", "limit"}]
    found: list[Record] = []
    seen: list[object] = []
    last: Reply | None = None
    for page in range(1, WALKED + 1):
        reply = await api.list(own.entity, credential=credential, params=[*query, ("page", page), ("limit", 100)])
        if last is not None and reply.status == 400:  # a page past the end, which others judge
            return Walked(tuple(found), last)
        last = reply
        expect.status(reply, 200)
        shown = [record for record in _records(reply) if record.get("id") not in seen]
        seen += [record.get("id") for record in shown]
        found += [record for record in shown if own.has(record)]
        if len(found) >= len(own.records) or not shown:
            return Walked(tuple(found), reply)
    raise Blocked(f"nothing narrows a list, and the run's own records are not among the first {WALKED * 100:,}")


def _candidates(
    api: Api, records: Sequence[Record], share: Mapping[str, object], word: str, title: str
) -> Iterator[Query]:
    if share:
        yield {"filter": dict(share)}
    operators = {operator.name for operator in api.contract.operators} if len(records) > 1 else set()
    if "$in" in operators:
        yield {"filter": {"id": {"$in": [one["id"] for one in records]}}}
    if title and "$contains" in operators:
        yield {"filter": {title: {"$contains": word}}}
    yield {"search": word}
    if range_ := _range(records):
        yield range_


def _range(records: Sequence[Record]) -> dict[str, Any]:
    """The range of dates from the first to the last creation; empty where that tells nothing."""
    if len(records) < _SEVERAL or not all("createdAt" in one for one in records):
        return {}
    return {"startDate": records[0]["createdAt"], "endDate": records[-1]["createdAt"]}
