"""Questions about the records that are there, for a run that makes none: whoever watches lists judges the answers.

Values come from the first list of each entity. Each kind of question is asked of the first entity that has such values.
"""

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial

from entity_contract import Entity

from entity_conformance.deployment.api import Api
from entity_conformance.deployment.context import RunContext, together
from entity_conformance.deployment.credentials import CredentialName
from entity_conformance.deployment.ownership import below
from entity_conformance.deployment.problems import Blocked, OutOfProfile, Violation
from entity_conformance.deployment.reply import Record
from entity_conformance.suite import sample
from entity_conformance.suite.costs import STANDING

_LONGEST, _SHORT = 60, 4
"""Characters of a value that is asked for, and of a word that an index may drop."""
_FAR = 10_000
_AND, _SEVERAL = 2, 3
"""Conditions of a filter that has more than one."""

Question = Mapping[str, object]


async def ask(context: RunContext) -> None:
    """Ask them all. Nothing is judged here."""
    api = Api(context, STANDING)
    credential: CredentialName = "read_key" if api.has("read_key") else context.wallet.main
    asked: set[tuple[str, str]] = set()
    work: list[Callable[[], Awaitable[None]]] = []
    for entity in context.entities:
        for kind, question in _questions(entity, _shown(context, entity)):
            if kind not in asked:
                asked.add(kind)
                work.append(partial(_ask, api, entity, question, credential))
    await together(context.concurrency, work)


def how_many(context: RunContext) -> int:
    """How many questions there are about what the lists that came so far show."""
    return len({kind for entity in context.entities for kind, _ in _questions(entity, _shown(context, entity))})


async def _ask(api: Api, entity: Entity, question: Question, credential: CredentialName) -> None:
    with suppress(Violation, Blocked, OutOfProfile):
        await api.list(entity, params={}, credential=credential, **{"limit": 100, **question})  # type: ignore[arg-type]


def _shown(context: RunContext, entity: Entity) -> Sequence[Record]:
    """The records of the first list of an entity that shows any."""
    lists = (one for one in context.replies if (one.method, one.status) == ("GET", 200))
    found = (one.shown for one in lists if below(one.url, context.base) == (entity.name,))
    return next((one for one in found if one), ())


def _questions(entity: Entity, records: Sequence[Record]) -> Iterator[tuple[tuple[str, str], Question]]:
    """What can be asked of these records, each with its kind."""
    named = {field.name for field in sample.writable(entity)} | sample.foreign_keys(entity)
    fields = [field for field in entity.fields if field.name in named]
    for field in fields:
        held = [one[field.name] for one in records if _is_plain(one.get(field.name))]
        if held:
            kind = "key" if field.name in sample.foreign_keys(entity) else field.type
            yield ("filter", kind), {"filter": {field.name: held[0]}}
    for record in records[:1]:
        plain = [field.name for field in fields if _is_plain(record.get(field.name))]
        for number in (_AND, _SEVERAL):
            if len(plain) >= number:
                yield ("filter", str(number)), {"filter": {name: record[name] for name in plain[:number]}}
    yield ("page", "past the end"), {"page": _FAR}
    yield from _orders(entity, records)
    yield from _ranges(records)
    title = sample.title_field(entity)
    if title is not None and title.name in entity.searchable:
        for record in records:
            words = [word for word in str(record.get(title.name)).split() if word.isalpha() and len(word) > _SHORT]
            if words:
                yield ("search", "word"), {"search": words[0]}
            if len(words) > 1:
                yield ("search", "words"), {"search": " ".join(words[:2])}
        yield ("fields", ""), {"fields": ["id", title.name]}


def _orders(entity: Entity, records: Sequence[Record]) -> Iterator[tuple[tuple[str, str], Question]]:
    for field in (one for one in entity.fields if one.name in entity.sortable):
        values = [one.get(field.name) for one in records]
        if len({str(one) for one in values if one is not None}) > 1:
            yield ("sort", field.type), {"sort": field.name, "order": "asc"}
            yield ("sort", "falling"), {"sort": field.name, "order": "desc"}
            if None in values:
                yield ("sort", "nulls"), {"sort": field.name, "order": "desc"}


def _ranges(records: Sequence[Record]) -> Iterator[tuple[tuple[str, str], Question]]:
    moments = sorted(text for one in records if isinstance(text := one.get("createdAt"), str))
    if moments:
        first, middle, last = moments[0], moments[len(moments) // 2], moments[-1]
        yield ("dates", "start"), {"startDate": middle}
        yield ("dates", "end"), {"endDate": middle}
        yield ("dates", "both"), {"startDate": first, "endDate": last}
        yield ("dates", "day"), {"startDate": last[:10]}
        yield ("dates", "last day"), {"endDate": first[:10]}
        yield ("dates", "no offset"), {"startDate": middle[:19]}


def _is_plain(value: object) -> bool:
    return isinstance(value, str | int | float) and len(str(value)) <= _LONGEST
