"""Each record shows the fields that were asked for, and no others, whoever asked for them and why."""

from collections.abc import Collection, Iterator, Mapping, Sequence

from entity_contract import Entity

from entity_conformance.deployment.problems import Violation
from entity_conformance.deployment.reply import Record
from entity_conformance.oracle.history import History, Seen
from entity_conformance.oracle.lists import Lists
from entity_conformance.suite.expect.values import shown
from entity_conformance.suite.watch.judgement import Judgement, Watch
from entity_conformance.suite.watch.pages import as_a_reader

LISTED, READ = "select.fields-on-list", "select.fields-on-read"
_REDUCING = {"fields", "include"}
"""Parameters by which a record may show less of itself."""


def _judge(history: History) -> Iterator[Judgement]:
    yield from _listed(history.lists, _shown_as_null(history))
    yield from _read(history)


def _shown_as_null(history: History) -> Mapping[tuple[str, str], frozenset[str]]:
    """By entity and credential the fields that lists of whole records show where they hold nothing, and never lack."""
    empty: dict[tuple[str, str], set[str]] = {}
    lacking: dict[tuple[str, str], set[str]] = {}
    for seen in history.seen:
        entity = history.entity(seen)
        if entity is None or seen.method != "GET" or not seen.is_success or _REDUCING & dict(seen.query).keys():
            continue
        for record in [one for one in seen.records or () if "id" in one]:
            of, names = (entity.name, seen.credential), {one.name for one in entity.fields}
            empty.setdefault(of, set()).update(name for name, value in record.items() if value is None)
            lacking.setdefault(of, set()).update(names - record.keys())
    return {of: frozenset(names - lacking[of]) for of, names in empty.items()}


def _listed(lists: Lists, shown_as_null: Mapping[tuple[str, str], frozenset[str]]) -> Iterator[Judgement]:
    for listed in lists:
        question = listed.question
        if question is None or not question.fields or question.repeated or question.include or not listed.records:
            continue
        null = shown_as_null.get((listed.entity.name, listed.seen.credential), frozenset())
        wanted = null.union(listed.entity.always).intersection(question.fields)  # null or absent, consistently (R11)
        problem = _wrong(listed.entity, question.fields, wanted, listed.records, listed.seen)
        yield Judgement(LISTED, listed.entity.name, listed.seen.exchange, problem, after=as_a_reader(listed))


def _read(history: History) -> Iterator[Judgement]:
    """One record by itself: what its own check does not ask about is told where it is wrong.

    Nothing is said of fields that the entity does not have, nor of an id that was not asked for. What a whole record
    lacks too is no fault of this.
    """
    whole: dict[str, set[str]] = {}
    for seen in history.seen:
        entity = history.entity(seen)
        if entity is not None and seen.method == "GET" and len(seen.path) == 2 and not seen.query and seen.record:
            whole.setdefault(entity.name, set()).update(seen.record)
    for seen in history.seen:
        entity = history.entity(seen)
        is_read = entity is not None and seen.method == "GET" and len(seen.path) == 2 and seen.is_success
        asked = seen.fields
        if entity is None or not is_read or len(seen.query) != 1 or seen.record is None:
            continue
        if "id" in asked and {one.name for one in entity.fields}.issuperset(asked):
            wanted = whole.get(entity.name, set()).intersection(asked, entity.always)
            problem = _wrong(entity, asked, wanted, [seen.record], seen)
            if problem is not None:
                yield Judgement(READ, entity.name, seen.exchange, problem, after=("read.returns-record",))


def _wrong(
    entity: Entity, asked: Collection[str], due: Collection[str], records: Sequence[Record], seen: Seen
) -> Violation | None:
    """What shows other fields than were asked for, or lacks one of those that are always there.

    A relation to nobody, which is no field, may come unasked (R8).
    """
    fields, relations = ({one.name for one in some} for some in (entity.fields, entity.relations))
    wanted = {*asked, "id"}
    for one in records:
        told = {name for name, value in one.items() if name in fields or (name in relations and value is not None)}
        if told - wanted or not one.keys() >= set(due):
            return Violation(
                "data has other fields" if len(seen.path) > 1 else "a record of data has other fields",
                expected=shown(sorted(wanted)),
                actual=shown(sorted(one)),
                exchange=seen.exchange,
            )
    return None


WATCHES = (Watch(_judge, {LISTED: "", READ: ""}),)
