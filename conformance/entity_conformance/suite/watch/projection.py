"""Each record shows the fields that were asked for, and no others, whoever asked for them and why."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from entity_contract import Entity, Relation

from entity_conformance.deployment.problems import Violation
from entity_conformance.deployment.reply import Record, is_id
from entity_conformance.oracle.history import History, Seen
from entity_conformance.oracle.lists import Lists
from entity_conformance.oracle.own import ANYTHING
from entity_conformance.suite.expect.values import shown
from entity_conformance.suite.watch.judgement import Judgement, Watch
from entity_conformance.suite.watch.pages import as_a_reader

LISTED, READ = "select.fields-on-list", "select.fields-on-read"
BESIDE, PARENT, SEVERAL = "select.include-beside-fields", "select.include-parent", "select.include-several"
ORPHANS, CHILDREN = "select.include-no-parent", "select.include-children"
INCLUDED = "select.include-on-list"
PERSON = "select.include-person"
"""What is told of parents whom nobody of the run has written: of the run's own, the answers tell more."""

_JUDGED = (["fields"], ["fields", "include"])
"""The parameters of a READ that is judged here, each once."""

_REDUCING = {"fields", "include"}
"""Parameters by which a record may show less of itself."""


def _judge(history: History) -> Iterator[Judgement]:
    yield from _listed(history.lists, *_of_whole_records(history))
    yield from _read(history)
    yield from _related(history)
    yield from _lacking(history)


Names = Mapping[tuple[str, str], frozenset[str]]
"""Names of fields by entity and credential."""


def _of_whole_records(history: History) -> tuple[Names, Names]:
    """The fields that lists of whole records show where they hold nothing, and never lack; and those that some lack."""
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
    absent = {of: frozenset(names) for of, names in lacking.items()}
    return {of: frozenset(names - lacking[of]) for of, names in empty.items()}, absent


def _listed(lists: Lists, shown_as_null: Names, absent: Names) -> Iterator[Judgement]:
    """A list with `fields`. What whole records lack too is no fault of this."""
    for listed in lists:
        question = listed.question
        if question is None or not question.fields or question.repeated or question.include or not listed.records:
            continue
        of = listed.entity.name, listed.seen.credential
        null = shown_as_null.get(of, frozenset())
        due = null.union(listed.entity.always).difference(absent.get(of, ()))
        wanted = due.intersection(question.fields)  # null or absent, consistently (R11)
        problem = _wrong(listed.entity, question.fields, wanted, listed.records, listed.seen)
        yield Judgement(LISTED, listed.entity.name, listed.seen.exchange, problem, after=as_a_reader(listed))


def _read(history: History) -> Iterator[Judgement]:
    """One record by itself: what its own check does not ask about is told where it is wrong.

    Nothing is said of names that the entity does not have, nor of an id that was not asked for. What a whole record
    lacks too is no fault of this. Of the foreign key of a relation that was asked for, others judge (L21).
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
        names = sorted(name for name, _ in seen.query)
        if entity is None or not is_read or names not in _JUDGED or seen.record is None:
            continue
        included = {one for name, value in seen.query if name == "include" for one in value.split(",")}
        related = [one for one in entity.relations if one.name in included]
        is_known = {one.name for one in entity.fields}.issuperset(asked) and len(related) == len(included)
        if "id" in asked and is_known:
            wanted = whole.get(entity.name, set()).intersection(asked, {*entity.always, *_held(history, seen)})
            wanted -= {one.foreign_key for one in related}
            allowed = {*asked, *(name for one in related for name in (one.name, one.foreign_key))}
            problem = _wrong(entity, allowed, wanted, [seen.record], seen)
            if problem is not None:
                yield Judgement(
                    READ, entity.name, seen.exchange, problem, after=("read.returns-record", "update.is-stored")
                )
            if (absent := _absent(related, seen)) is not None:
                yield Judgement(BESIDE, entity.name, seen.exchange, absent, after=(PARENT, SEVERAL))


def _held(history: History, seen: Seen) -> Iterator[str]:
    """The fields of an own record that hold something, be it false, zero or an empty text."""
    own = history.own.find(*seen.path)
    if own is not None:
        held = own.at(seen.asked.began, seen.asked.ended).values
        yield from (
            name for name, values in held.items() if all(one is not None and one is not ANYTHING for one in values)
        )


def _included(history: History) -> Iterator[tuple[Seen, Entity, Record, Relation, object]]:
    """What stands under the name of each relation that was asked for, by the record that holds it."""
    for seen in history.seen:
        entity = history.entity(seen)
        if entity is None or seen.method != "GET" or not seen.is_success or "include" not in dict(seen.query):
            continue
        for record in [seen.record] if seen.record is not None else seen.records or ():
            for one in entity.relations if isinstance(record.get("id"), str) else ():
                if one.name in record:
                    yield seen, entity, record, one, record[one.name]


def _related(history: History) -> Iterator[Judgement]:
    """What is included goes with the foreign keys that are shown beside it.

    Where one holds nothing, null is included: of a record that stands there others tell. Each of the run's own children
    names its parent: of parents that are not the run's own nobody else tells.
    """
    for seen, entity, record, one, held in _included(history):
        if one.type == "belongsTo" and record.get(one.foreign_key, "") is None:
            message = f"{one.name} of {record['id']} is not null, though {one.foreign_key} is"
            problem = Violation(message, expected="null", actual=shown(record), exchange=seen.exchange)
            is_fine = held is None or (isinstance(held, dict) and isinstance(held.get("id"), str))
            yield Judgement(ORPHANS, entity.name, seen.exchange, None if is_fine else problem, after=(PARENT,))
        if one.type == "belongsTo" and _is_another(history, one, record.get(one.foreign_key), held):
            message = f"{one.name} of {record['id']} is not the one that {one.foreign_key} names"
            named = str(record[one.foreign_key])
            problem = Violation(message, expected=named, actual=shown(record), exchange=seen.exchange)
            yield Judgement(PERSON, entity.name, seen.exchange, problem)
        is_own = history.own.find(entity.name, record["id"]) is not None
        for child in held if one.type == "hasMany" and isinstance(held, list) and not is_own else ():
            if isinstance(child, dict) and _names_another(history, seen, one, child, record["id"]):
                message = f"{one.name} of {record['id']} holds a record whose {one.foreign_key} is another"
                problem = Violation(message, expected=record["id"], actual=shown(child), exchange=seen.exchange)
                yield Judgement(CHILDREN, entity.name, seen.exchange, problem)


def _lacking(history: History) -> Iterator[Judgement]:
    """Each parent that is asked for stands in every record whose foreign key names one."""
    for seen in history.seen:
        entity, asked = history.entity(seen), [value for name, value in seen.query if name == "include"]
        is_told = seen.record is not None and bool(seen.fields)  # of a READ with fields too
        if entity is None or seen.method != "GET" or not seen.is_success or len(asked) != 1 or is_told:
            continue
        names = [one.strip() for one in asked[0].split(",")]
        related = [one for one in entity.relations if one.name in names]
        records = seen.records if seen.records is not None else [seen.record or {}]
        alone = INCLUDED if seen.records is not None else PARENT
        several = (SEVERAL,) if len(names) > 1 else ()
        requirement = BESIDE if seen.fields else next(iter(several), alone)
        after = tuple(one for one in (alone, *several) if one != requirement)
        for one in related if len(related) == len(names) else ():
            held = [record for record in records if is_id(record.get(one.foreign_key))]
            lacking = next((record for record in held if one.type == "belongsTo" and one.name not in record), None)
            if lacking is not None:
                told = f"{'data' if seen.records is None else 'data[]'}.{one.name} is not there"
                problem = Violation(told, expected="an object", actual=shown(lacking), exchange=seen.exchange)
                yield Judgement(requirement, entity.name, seen.exchange, problem, after=after)


def _is_another(history: History, relation: Relation, key: object, held: object) -> bool:
    """Whether somebody who is not the run's own stands in the place of another one."""
    if not isinstance(key, str) or not isinstance(held, dict):
        return False
    return history.own.find(relation.entity, key) is None and held.get("id", key) != key


def _names_another(history: History, seen: Seen, relation: Relation, child: Record, parent: str) -> bool:
    """Whether a record of the run was sure to have another parent while it was shown."""
    own = history.own.find(relation.entity, child.get("id"))
    if own is None:
        return False
    held = own.at(seen.asked.began, seen.asked.ended).values.get(relation.foreign_key, (ANYTHING,))
    return ANYTHING not in held and parent not in held


def _absent(related: Iterable[Relation], seen: Seen) -> Violation | None:
    """A parent that was asked for beside fields, and is not shown though the record names it."""
    record = seen.record or {}
    for one in related:
        if one.type == "belongsTo" and is_id(record.get(one.foreign_key)) and record.get(one.name) is None:
            return Violation(
                f"data.{one.name} is not there", expected="an object", actual=shown(record), exchange=seen.exchange
            )
    return None


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


WATCHES = (Watch(_judge, dict.fromkeys((LISTED, READ, BESIDE, PARENT, ORPHANS, CHILDREN, INCLUDED, PERSON), "")),)
