"""What the run wrote, and what its answers show of that: characters, enum values, times, what is gone and who is left.

What is wrong with a record is told by `records`, which knows the cause: here is said where it is right.
"""

import math
from collections.abc import Iterator, Mapping, Sequence

from entity_contract import Entity

from entity_conformance.deployment.problems import Violation
from entity_conformance.deployment.reply import Record
from entity_conformance.oracle.history import History, Seen
from entity_conformance.oracle.own import Own
from entity_conformance.oracle.showing import Showing, is_of_all
from entity_conformance.oracle.times import moment
from entity_conformance.suite import expect
from entity_conformance.suite.expect.values import shown as quoted
from entity_conformance.suite.sample import REFERENCES_OWN, company, defaults, foreign_keys
from entity_conformance.suite.watch.judgement import Judgement, Watch, over

CHARACTERS, ALIKE = "create.keeps-every-character", "read.agrees-with-list"
REFUSED, SPARED, GONE = "update.refused-changes-nothing", "delete.spares-others", "delete.then-list"
_TIMES = ("createdAt", "updatedAt")
_ODD = 0x7F
"""The last character of ASCII."""


def _judge(history: History) -> Iterator[Judgement]:
    deleted = _deleted(history)
    for one in history.shown.showings:
        if one.wrong or one.state.is_gone or one.channel not in {"read", "list"}:
            continue
        entity, exchange = one.own.entity.name, one.seen.exchange
        sent = one.own.creation.sent
        texts = [value for value in sent.values() if isinstance(value, str)] if isinstance(sent, dict) else []
        if len(one.own.writes) == 1 and any(map(_is_odd, texts)):
            yield Judgement(CHARACTERS, entity, exchange)
        if any(each.asked.ended < one.began for each in one.own.refused):
            yield Judgement(REFUSED, entity, exchange)
        if deleted.get(entity, math.inf) < one.began:
            yield Judgement(SPARED, entity, exchange)
    for seen in history.seen:
        if is_of_all(seen) and seen.user == "own" and deleted.get(seen.path[0], math.inf) < seen.asked.began:
            yield Judgement(GONE, seen.path[0], seen.exchange)
    yield from _alike(history.shown.showings, is_late=history.is_late)


def _deleted(history: History) -> dict[str, float]:
    """When the first record of each entity was deleted."""
    ends: dict[str, float] = {}
    for own in history.own:
        for write in own.writes:
            if write.removes and write.is_certain:
                ends[own.entity.name] = min(ends.get(own.entity.name, math.inf), write.ended)
    return ends


def _is_odd(text: str) -> bool:
    return text != text.strip() or any(ord(one) > _ODD or one in '"\\\r\n\t<&' for one in text)


def _alike(showings: list[Showing], *, is_late: bool) -> Iterator[Judgement]:
    """READ and LIST show a record alike while nobody writes to it, its times to the same instant.

    A list that is late (`--settle`) may show it as it was before an UPDATE.
    """
    known: dict[tuple[int, int], dict[str, Showing]] = {}
    for one in showings:
        if one.wrong or one.state.is_gone or not one.is_whole or one.channel not in {"read", "list"}:
            continue
        version = _version(one.own, one)
        if version is None or (is_late and version > 1):
            continue
        by = known.setdefault((id(one.own), version), {})
        other = by.get("list" if one.channel == "read" else "read")
        by.setdefault(one.channel, one)
        if other is not None:
            times = _TIMES if not one.own.entity.computed else ("createdAt",)  # what it sets itself moves the other
            problem = next((found for name in times if (found := _apart(one, other, name))), None)
            yield Judgement(ALIKE, one.own.entity.name, one.seen.exchange, problem)


def _version(own: Own, one: Showing) -> int | None:
    """How many writes to the record had been answered; None while one is under way."""
    before = [write for write in own.writes if write.is_before(one.began)]
    return len(before) if all(write in before or write.began > one.ended for write in own.writes) else None


def _apart(one: Showing, other: Showing, name: str) -> Violation | None:
    mine, theirs = (moment(value) if isinstance(value := each.record.get(name), str) else None for each in (one, other))
    if mine is None or theirs is None or mine == theirs:
        return None
    place = "data[]" if one.channel == "list" else "data"
    told = f"{place}.{name} of {one.own.id} is another moment than {other.seen.exchange} shows"
    shows = quoted(other.record[name])
    return Violation(
        told,
        expected=shows,
        actual=quoted(one.record[name]),
        exchange=one.seen.exchange,
        besides=(other.seen.exchange,),
    )


@over("metadata.enum-values-are-taken")
def enum_values_are_taken(history: History) -> Iterator[tuple[Seen, Violation | None]]:
    """A field takes every value that its metadata lists."""
    spared = _spared(history)
    for seen in history.seen:
        entity, sent = history.entity(seen), seen.sent
        if entity is None or seen.method not in {"POST", "PATCH"} or not isinstance(sent, dict):
            continue
        listed = [one for one in entity.fields if one.type == "enum" and sent.get(one.name) in one.values]
        if listed and seen.is_success:
            yield seen, None
        elif listed and seen.status in {400, 422}:
            named = expect.named(seen.reply)
            for one in (one for one in listed if one.name in named):
                value = (entity.name, one.name, sent[one.name])
                is_of_several = entity.name != REFERENCES_OWN and len(named & sent.keys()) > 1
                is_new = entity.name == REFERENCES_OWN and seen.method == "POST"
                is_spared = is_of_several or _names_a_spare_parent(entity, sent) or (value in spared and not is_new)
                yield seen, None if is_spared else _refused(seen, one.name, sent[one.name])


def _spared(history: History) -> set[tuple[str, str, object]]:
    """By entity and field the values that some record takes: another may refuse them for the state that it is in.

    Of its own entity the reference tells all rules of a new record; but a workflow may let a value be left that nothing
    leads to again. The initial one is that, and one that was refused from some other values only.
    """
    taken, changed = set[tuple[str, str, object]](), set[tuple[str, str, object]]()
    tried: dict[tuple[str, str, object], set[object]] = {}
    beside: dict[tuple[str, str, object], list[Mapping[str, object]]] = {}
    held: dict[tuple[str, ...], Record] = {}
    for seen in history.seen:
        entity, sent = history.entity(seen), seen.sent
        if entity is None or seen.method not in {"POST", "PATCH"} or not isinstance(sent, dict):
            continue
        own = held.get(seen.path, {}) if seen.method == "PATCH" else {}
        enums = [one for one in entity.fields if one.type == "enum" and sent.get(one.name) in one.values]
        for one in enums:
            value = (entity.name, one.name, sent[one.name])
            if seen.is_success:
                taken.add(value)
                changed |= {value} if own.get(one.name, value[2]) != value[2] else set()
            elif seen.status in {400, 422} and one.name in expect.named(seen.reply):
                tried.setdefault(value, set()).add(own.get(one.name) if seen.method == "PATCH" else None)
                beside.setdefault(value, []).append({**own, **sent})
        if seen.is_success and (made := seen.record) is not None and isinstance(made.get("id"), str):
            held[entity.name, str(made["id"])] = made
    left = {value for value, states in tried.items() if not _is_from_anywhere(history, value, states, taken)}
    left |= {value for value, bodies in beside.items() if _is_for_its_company(history, value, bodies)}
    return {value for value in taken if value[0] != REFERENCES_OWN} | changed | left


def _is_for_its_company(
    history: History, value: tuple[str, str, object], bodies: Sequence[Mapping[str, object]]
) -> bool:
    """Whether another enum or boolean may be why a value was refused: not each of its values was beside it.

    Of tasks the reference tells all rules.
    """
    name, of, _ = value
    entity = next(one for one in history.entities if one.name == name)
    whole = [{**defaults(entity), **body} for body in bodies]
    met = {other: {str(body[other]) for body in whole if other in body} for other in company(entity, of)}
    return name != REFERENCES_OWN and any(
        met[other] and not met[other] >= {*map(str, values)} for other, values in company(entity, of).items()
    )


def _is_from_anywhere(
    history: History, value: tuple[str, str, object], states: set[object], taken: set[tuple[str, str, object]]
) -> bool:
    """Whether a value was refused of a new record, or from all states from which a workflow could lead to it.

    Of tasks the reference tells all rules of a new record; of another entity an UPDATE may have to lead there.
    """
    name, of, own = value
    entity = next(one for one in history.entities if one.name == name)
    field = entity.field(of)
    if field is None:
        return True
    if None in states:
        others = {one for of_entity, of_field, one in taken if (of_entity, of_field) == (name, of)} - {own}
        return name == REFERENCES_OWN or "update" not in entity.operations or states >= others
    return own != field.default and (field.default in states or states >= {*field.values} - {own})


def _names_a_spare_parent(entity: Entity, sent: Mapping[str, object]) -> bool:
    """Whether a body names a record that it need not: what a field takes may hang on that."""
    required = {one.name for one in entity.fields if one.required}
    return entity.name != REFERENCES_OWN and any(sent.get(name) for name in foreign_keys(entity) - required)


def _refused(seen: Seen, name: str, value: object) -> Violation:
    return Violation(
        f"{name} is refused though its metadata lists the value",
        expected=f"{quoted(value)} is taken",
        actual=seen.reply.came,
        exchange=seen.exchange,
    )


@over("read.times-are-rfc3339")
def times_are_rfc3339(history: History) -> Iterator[tuple[Seen, Violation | None]]:
    """Every record's times are RFC 3339 with an offset."""
    for seen in history.seen:
        entity = history.entity(seen)
        if entity is None or seen.method != "GET" or not seen.is_success:
            continue
        records = [*(seen.records if seen.records is not None else [seen.record or {}])]
        records += [within for one in records for within in _embedded(entity, one)]
        told = [(name, one[name]) for one in records for name in _TIMES if name in one]
        problem = None
        try:
            for name, value in told:
                expect.timestamp(value, at=f"data.{name}")
        except Violation as violation:
            problem = violation
            problem.exchange = seen.exchange
        if told:
            yield seen, problem


def _embedded(entity: Entity, record: Record) -> Iterator[Record]:
    """The records that stand in the relations of one."""
    for relation in entity.relations:
        held = record.get(relation.name)
        yield from (one for one in (held if isinstance(held, list) else [held]) if isinstance(one, dict))


_SENTENCES = {
    CHARACTERS: "Text is kept character for character, white space at its ends included.",
    ALIKE: "A record reads the same in a list and by itself.",
    REFUSED: "A refused update changes nothing, not even the fields that were right.",
    SPARED: "A deletion takes the record that it names, and none that is like it.",
    GONE: "No list shows a deleted record.",
}
_AFTER = {
    CHARACTERS: ("read.returns-record",),
    ALIKE: ("read.returns-record",),
    GONE: ("delete.confirms", "delete.then-read"),
}
WATCHES = (Watch(_judge, _SENTENCES, _AFTER), enum_values_are_taken, times_are_rfc3339)
