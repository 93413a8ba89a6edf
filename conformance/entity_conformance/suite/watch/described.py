"""What metadata tells of a field, beside what bodies that named it were answered and what records show of it.

An entity's fields are as the deployment's own OPTIONS tells them. A rule that it does not tell is its own affair
(O4.untold-rules): a refusal counts where nothing but a bound that is told, or a field that is not said to be required,
can be its reason.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

from entity_contract import GENERATED, Entity, Field

from entity_conformance.deployment.discovery import is_generated
from entity_conformance.deployment.problems import Violation
from entity_conformance.deployment.reply import Record
from entity_conformance.oracle.history import History, Seen
from entity_conformance.oracle.values import agree, is_taken, is_value
from entity_conformance.suite import expect, sample
from entity_conformance.suite.expect.values import shown
from entity_conformance.suite.watch.judgement import Watch, over

_NEAR = 0.01
"""The part of a bound by which a number that is next to it may differ."""
_BOUNDS = ("maxLength", "minimum", "maximum")
_STEADY = ("type", "required", "values", "default", "minLength", "maxLength", "minimum", "maximum")


@dataclass(slots=True)
class _Field:
    """What was answered to the values of one field by one method: what CREATE takes, UPDATE need not."""

    entity: Entity
    of: Field
    taken: list[tuple[Seen, object]] = field(default_factory=list)
    refused: list[tuple[Seen, object]] = field(default_factory=list)


@over(
    "metadata.agrees-with-behaviour",
    after={
        *("create.longest-text", "create.returns-record", "create.unset-fields", "read.returns-record"),
        *("list.shows-records-as-read", "metadata.fields-of-tasks"),
    },
)
def agrees_with_behaviour(history: History) -> Iterator[tuple[Seen, Violation | None]]:
    """What metadata tells of a field holds: whether it is required, its type, and bounds at which it takes values."""
    known: dict[tuple[str, str, str], _Field] = {}
    held: dict[tuple[str, ...], Mapping[str, object]] = {}
    optional, spared, bounds = _told_to_be_optional(history), _spared(history), _told_bounds(history)
    for seen in history.seen:
        entity = history.entity(seen)
        if entity is None or not seen.is_below_v1:
            continue
        if seen.method in {"POST", "PATCH"} and isinstance(seen.sent, dict):
            _note(known, entity, seen, _changes(held, seen, seen.sent))
            names = spared.get(entity.name, frozenset())
            yield from _demanded(entity, seen, names - seen.sent.keys(), optional.get(entity.name, frozenset()))
        if seen.is_success and seen.method in {"GET", "POST"}:
            yield seen, _of_another_type(entity, seen)
    for one in known.values():
        anyhow = [value for other in known.values() if other.of == one.of for _, value in other.taken]
        if one.of.name in GENERATED and one.refused and not anyhow:
            yield _set_by_nobody(one)
        yield from _at_bounds(one, anyhow, bounds)


def _changes(
    held: dict[tuple[str, ...], Mapping[str, object]], seen: Seen, sent: Mapping[str, object]
) -> Mapping[str, object]:
    """What a body says otherwise than those before it wrote, which `held` keeps by record.

    That a value stays is taken where it is fixed, too.
    """
    made = (seen.record or {}).get("id") if _is_creation(seen) else None
    at = seen.path if made is None else (*seen.path, str(made))
    before = held.get(at, {})
    if seen.is_success:
        held[at] = {**before, **sent}
    return {name: value for name, value in sent.items() if name not in before or before[name] != value}


def _note(known: dict[tuple[str, str, str], _Field], entity: Entity, seen: Seen, sent: Mapping[str, object]) -> None:
    named = expect.named(seen.reply) if seen.status in {400, 422} else frozenset[str]()
    for name, value in sent.items():
        of = entity.field(name)
        if of is None or of.generated or not is_taken(of, value):
            continue
        one = known.setdefault((entity.name, name, seen.method), _Field(entity, of))
        if seen.is_success:
            one.taken.append((seen, value))
        elif name in named:
            one.refused.append((seen, value))


def _described(history: History) -> Iterator[Seen]:
    """The OPTIONS answers, of those that are alike to the byte the first: a command may ask a hundred times."""
    known: set[tuple[tuple[str, ...], bytes]] = set()
    for seen in history.seen:
        told = (seen.path, seen.reply.content)
        if seen.method == "OPTIONS" and seen.is_success and told not in known:
            known.add(told)
            yield seen


def _told_to_be_optional(history: History) -> Mapping[str, frozenset[str]]:
    """By entity the fields that OPTIONS tells to be optional in so many words: a CREATE may have told otherwise."""
    told: dict[str, set[str]] = {}
    for seen in _described(history):
        schema = (seen.record or {}).get("schema")
        for name, facts in schema.items() if isinstance(schema, dict) else ():
            if isinstance(facts, dict) and facts.get("required") is False and not is_generated(facts):
                told.setdefault(seen.path[0], set()).add(name)
    return {entity: frozenset(names) for entity, names in told.items()}


def _told_bounds(history: History) -> Mapping[str, frozenset[tuple[str, str]]]:
    """By entity the fields and their bounds that OPTIONS tells: others are the contract's alone (O7.others)."""
    told: dict[str, set[tuple[str, str]]] = {}
    for seen in _described(history):
        schema = (seen.record or {}).get("schema")
        for name, facts in schema.items() if isinstance(schema, dict) and len(seen.path) == 1 else ():
            bounds = told.setdefault(seen.path[0], set())
            bounds |= {(name, fact) for fact in _BOUNDS if isinstance(facts, dict) and facts.get(fact) is not None}
    return {entity: frozenset(bounds) for entity, bounds in told.items()}


def _is_creation(seen: Seen) -> bool:
    return seen.method == "POST" and len(seen.path) == 1


def _spared(history: History) -> Mapping[str, frozenset[str]]:
    """By entity the fields that some body was taken without."""
    found: dict[str, frozenset[str]] = {}
    for seen in history.seen:
        entity = history.entity(seen)
        if entity is not None and _is_creation(seen) and seen.is_success and isinstance(seen.sent, dict):
            names = frozenset(one.name for one in entity.fields) - seen.sent.keys()
            found[entity.name] = found.get(entity.name, frozenset()) | names
    return found


def _demanded(
    entity: Entity, seen: Seen, spared: Collection[str], optional: Collection[str]
) -> Iterator[tuple[Seen, Violation | None]]:
    """A creation was refused for want of a field that is not said to be required, or said to be optional.

    Where another body was taken without one of the fields that it asks for (`spared`), or a field is refused that it
    names, it may be a rule of several fields: one of them is needed, or what another one holds asks for it. What has a
    default may be refused for that.
    """
    if not _is_creation(seen) or seen.status not in {400, 422} or not isinstance(seen.sent, dict):
        return
    named = expect.named(seen.reply)
    fields = [one for one in entity.fields if not one.generated and one.name not in seen.sent and one.default is None]
    wanted = [one.name for one in fields if one.name in named and (not one.required or one.name in optional)]
    is_of_several = not named.isdisjoint(seen.sent) or bool({*wanted} & {*spared})
    for name in wanted if not is_of_several else ():
        told = f"CREATE wants {name}, which metadata does not say to be required"
        yield seen, Violation(told, expected="it may be left out", actual=seen.reply.came, exchange=seen.exchange)


def _of_another_type(entity: Entity, seen: Seen) -> Violation | None:
    for record in seen.records if seen.records is not None else [seen.record or {}]:
        for of in entity.fields:
            value = record.get(of.name)
            if not of.generated and of.type != "datetime" and not is_value(of, value):
                told = f"data.{of.name} is of another type than metadata tells"
                return Violation(told, expected=f"{of.type}", actual=shown(value), exchange=seen.exchange)
    return None


def _at_bounds(
    one: _Field, anyhow: Collection[object], told_bounds: Mapping[str, Collection[tuple[str, str]]]
) -> Iterator[tuple[Seen, Violation | None]]:
    """A value at a bound that is told was refused, though others like it were taken; `anyhow` by whichever method."""
    for seen, value in one.refused:
        bound = _bound(one.of, value)
        known = told_bounds.get(one.entity.name)
        is_told = bound is not None and (known is None or (one.of.name, bound.partition(" ")[0]) in known)
        if is_told and _is_for_the_bound(one, seen, value, anyhow):
            told = f"{one.of.name} is refused at the {bound} that its metadata tells"
            yield seen, Violation(told, expected="it is taken", actual=seen.reply.came, exchange=seen.exchange)


def _is_for_the_bound(one: _Field, seen: Seen, value: object, anyhow: Collection[object]) -> bool:
    """Whether nothing but the bound can be why a value is refused.

    It may be measured by another record, which the refused body or its record names.
    """
    keys = sample.foreign_keys(one.entity)
    beside = [taken for other, taken in one.taken if not keys or _place(other, keys) == _place(seen, keys)]
    if isinstance(value, str):
        return _are_like(one.of, beside, value)
    if value in anyhow or not one.taken:
        return False
    if not keys:
        return True
    return any(_is_next_to(taken, value) for taken in beside)


def _place(seen: Seen, keys: Collection[str]) -> tuple[object, ...]:
    """What a body was written to, and the other records that it names."""
    sent = seen.sent if isinstance(seen.sent, dict) else {}
    return (seen.path, sorted((name, str(value)) for name, value in sent.items() if name in keys))


def _is_next_to(taken: object, value: object) -> bool:
    is_number = isinstance(taken, int | float) and isinstance(value, int | float)
    return is_number and abs(cast("float", taken) - cast("float", value)) <= max(1, abs(cast("float", value)) * _NEAR)


def _set_by_nobody(one: _Field) -> tuple[Seen, Violation]:
    """What every deployment sets by itself (R5) is refused by its name, and is not told to be generated."""
    seen, value = one.refused[0]
    told = f"{one.of.name} is refused in a body, which metadata does not say to be generated"
    return seen, Violation(told, expected=f"{shown(value)} is taken", actual=seen.reply.came, exchange=seen.exchange)


def _bound(of: Field, value: object) -> str | None:
    match value:
        case str() if of.max_length is not None and len(value) == of.max_length:
            return f"maxLength {of.max_length}"
        case int() | float() if not isinstance(value, bool):
            bounds = {of.minimum: "minimum", of.maximum: "maximum"}
            return f"{bounds[value]} {value}" if value in bounds else None
        case _:
            return None


def _are_like(of: Field, taken: Sequence[object], value: str) -> bool:
    """Whether other texts were taken that the same rules hold for.

    Some shorter one had characters and edges of all these kinds, so that none of them is forbidden, and one had no
    others, so that none is lacking. What is of a form, such as an address, ended like it as well.
    """
    own, ending = sample.kinds(value), value.rpartition(".")[2]
    shorter = [one for one in taken if isinstance(one, str) and 0 < len(one) < len(value)]
    others = [sample.kinds(one) for one in shorter if sample.form(of) is None or one.rpartition(".")[2] == ending]
    return any(one >= own for one in others) and any(one <= own for one in others)


@over("create.applies-defaults", after={"create.returns-record"})
def defaults_are_applied(history: History) -> Iterator[tuple[Seen, Violation | None]]:
    """A field that the body leaves out has its default, whatever else the body names."""
    for seen in history.seen:
        entity, sent, made = history.entity(seen), seen.sent, seen.record
        if entity is None or made is None or not (_is_creation(seen) and seen.is_success and isinstance(sent, dict)):
            continue
        due = {name: value for name, value in sample.defaults(entity).items() if name not in sent and name in made}
        wrong = [name for name, value in due.items() if not agree(entity.field(name), value, made[name])]
        problem = None
        if wrong:
            told = f"data.{wrong[0]} is not the default"
            expected, actual = shown(due[wrong[0]]), shown(made[wrong[0]])
            problem = Violation(told, expected=expected, actual=actual, exchange=seen.exchange)
        if due:
            yield seen, problem


@over("metadata.methods")
def methods_for_everybody(history: History) -> Iterator[tuple[Seen, Violation | None]]:
    """`methods` names what the entity's two paths support together, whoever asks."""
    yield from _alike(history, "methods", _methods)


@over("metadata.types")
def types_for_everybody(history: History) -> Iterator[tuple[Seen, Violation | None]]:
    """Every field has a type that the contract knows, the same for whoever asks, as has whatever else is told of it."""
    yield from _alike(history, "schema", _facts)


@over("metadata.describes-entity")
def described_to_everybody(history: History) -> Iterator[tuple[Seen, Violation | None]]:
    """OPTIONS describes the entity that was asked for, with the same relations for whoever asks, whenever."""
    yield from _alike(history, "relations", _relations)
    for seen in history.seen:
        name = (seen.record or {}).get("entity") if seen.method == "OPTIONS" and seen.is_success else None
        if history.entity(seen) is not None and isinstance(name, str):
            told = "data.entity is another one than was asked for"
            problem = Violation(told, expected=shown(seen.path[0]), actual=shown(name), exchange=seen.exchange)
            yield seen, None if name == seen.path[0] else problem


@over("metadata.describes-entity")
def joined_by_fields(history: History) -> Iterator[tuple[Seen, Violation | None]]:
    """OPTIONS describes the entity that was asked for: each relation's foreign key is a field of who belongs."""
    schemas: dict[str, Mapping[str, object]] = {}
    answers = [seen for seen in history.seen if seen.method == "OPTIONS" and seen.is_success and len(seen.path) == 1]
    for seen in answers:
        fields = (seen.record or {}).get("schema")
        if isinstance(fields, dict) and fields:
            schemas.setdefault(seen.path[0], fields)
    for seen in answers:
        relations = (seen.record or {}).get("relations")
        for name, facts in relations.items() if isinstance(relations, dict) else ():
            match facts:
                case {"type": "belongsTo", "foreignKey": str(key)}:
                    holder = seen.path[0]
                case {"type": "hasMany", "entity": str(holder), "foreignKey": str(key)}:
                    pass
                case _:
                    continue
            if holder in schemas:
                yield seen, None if key in schemas[holder] else _no_field(seen, name, key, holder, schemas[holder])


def _no_field(seen: Seen, name: str, key: str, holder: str, fields: Iterable[str]) -> Violation:
    told = f"data.relations.{name}.foreignKey is no field of {holder}"
    expected = f"one of {', '.join(fields)}"
    return Violation(told, expected=expected, actual=shown(key), exchange=seen.exchange)


def _methods(described: Record) -> list[str] | None:
    told = described.get("methods")
    return sorted(map(str, told)) if isinstance(told, list) else None


def _relations(described: Record) -> Mapping[str, object] | None:
    told = described.get("relations")
    return told if isinstance(told, dict) else None


def _facts(described: Record) -> Mapping[str, object] | None:
    """What is told of each field that is the same for everybody: whether it is read-only may hang on who asks.

    So may the record that a foreign key names by default.
    """
    fields, relations = described.get("schema"), (_relations(described) or {}).values()
    keys = {one.get("foreignKey") for one in relations if isinstance(one, dict) and one.get("type") == "belongsTo"}
    return {
        f"{name}.{fact}": facts.get(fact)
        for name, facts in (fields.items() if isinstance(fields, dict) else ())
        for fact in (_STEADY if isinstance(facts, dict) else ())
        if fact != "default" or name not in keys
    } or None


def _alike(
    history: History, member: str, told_by: Callable[[Record], object]
) -> Iterator[tuple[Seen, Violation | None]]:
    """What each further description of an entity tells of a member, beside what the first told.

    A field that only some are told of is nobody's affair.
    """
    first: dict[str, tuple[Seen, object]] = {}
    for seen in history.seen:
        if seen.method != "OPTIONS" or not seen.is_success or len(seen.path) != 1 or seen.record is None:
            continue
        known, before = first.get(seen.path[0], (seen, None))
        is_again = known is not seen and known.reply.content == seen.reply.content
        if (told := before if is_again else told_by(seen.record)) is None:
            continue
        first.setdefault(seen.path[0], (seen, told))
        if before is not None and isinstance(told, dict) and isinstance(before, dict):
            other = {name for name in told.keys() & before.keys() if told[name] != before[name]}
            told, before = ({name: of[name] for name in sorted(other)} for of in (told, before))
        yield seen, None if before is None or told == before else _changed(member, known, before, seen, told)


def _changed(member: str, known: Seen, before: object, seen: Seen, told: object) -> Violation:
    return Violation(
        f"data.{member} is another one than {known.exchange} told another caller",
        expected=shown(before),
        actual=shown(told),
        exchange=seen.exchange,
        besides=(known.exchange,),
    )


WATCHES: tuple[Watch, ...] = (
    agrees_with_behaviour,
    defaults_are_applied,
    described_to_everybody,
    joined_by_fields,
    methods_for_everybody,
    types_for_everybody,
)
