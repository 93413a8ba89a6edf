"""What a deployment writes another way than the contract in every record: ids as numbers, times as seconds. Pure.

Each of these is one fault, and one requirement judges it. Everything else is asked and judged by what is meant: an
answer is read back into the contract's words, and what a request names is written as the deployment writes it. The
evidence shows what was sent and answered. It is long because each type of value has its own ways to be written, and
each is read and written back.
"""

import json
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from urllib.parse import parse_qsl, urlencode, urlsplit

from entity_contract import GENERATED, Entity, Field

from entity_conformance.deployment.counted_pages import paged, turned
from entity_conformance.deployment.holders import emptied, holder
from entity_conformance.deployment.outgoing import Outgoing
from entity_conformance.deployment.reply import Headers, Record, Reply, is_id

Read = Callable[[object], object]
"""What is meant by a value; None where it is none of those that are written this way."""

_SECONDS = (10**8, 10**11)
"""The years 1973 to 5138, as seconds; a thousand times as much are milliseconds."""
_SECOND = 10**9
"""Nanoseconds."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d(?:\.\d+)?)([Zz]|[+-]\d\d:?\d\d)?", re.ASCII)
_LONGEST_NUMBER = 40
_WHOLE = re.compile(r"-?[1-9][0-9]*|0", re.ASCII)
_OF_A_KEY = ("createdAt", "lastUsedAt", "expiresAt")
_TARGET = re.compile(r"<([^>]*)>")
_SIGNS = re.compile(r"[^0-9a-z]")
_DAY = re.compile(r"(\d{4}-\d\d-\d\d)(?:[Tt ]00:00(?::00(?:\.0+)?)?(?:[Zz]|[+-]\d\d:?\d\d)?)?", re.ASCII)
_OTHER_NAMES: Mapping[str, str] = {
    "id": "uuid guid uid pk objectid recordid",
    "createdAt": "created createdon createddate createdtime createtime creationdate creationtime creationtimestamp "
    "datecreated timecreated insertedat addedat",
    "updatedAt": "updated updatedon updateddate updatedtime updatetime dateupdated modified modifiedat modifiedon "
    "modifieddate modifiedtime datemodified lastmodified lastmodifiedat lastmodifiedon lastmodifieddate "
    "lastmodifiedtime lastupdated lastupdatedat changedat changedon",
}
"""What others call the members that the server sets; without regard to case, hyphens and underscores."""
_WRITTEN: Mapping[object, bool] = {"true": True, "false": False, "1": True, "0": False}


@dataclass(frozen=True, slots=True)
class Departure:
    """A member that every record shown writes another way. `name` is what the deployment calls it."""

    entity: str
    member: str
    name: str
    expected: str
    actual: str
    exchange: str
    is_time: bool
    read: Read = field(repr=False)


@dataclass(slots=True)
class Dialect:
    """The departures of a deployment, as its first answers show them, by entity and member.

    `is_wrapped` says that an answer had another envelope than the contract's, `from_zero` is the exchange that showed
    that pages are counted from 0, `holders` tells by entity in which member of a record its fields stand, where they
    stand in one. `takes_its_times` says that a filter names times as records show them, until one is
    refused and taken as the contract has it, and `takes_its_names` the same of the names of members in a query.
    """

    departures: dict[tuple[str, str], Departure] = field(default_factory=dict)
    is_wrapped: bool = False
    from_zero: str | None = None
    holders: dict[str, str] = field(default_factory=dict)
    takes_its_times: bool = True
    takes_its_names: bool = True
    _entities: dict[str, Entity] = field(default_factory=dict)
    _learnt: set[str] = field(default_factory=set)
    _described: dict[str, frozenset[str]] = field(default_factory=dict)
    _own: dict[tuple[str, str], object] = field(default_factory=dict)

    @property
    def is_of_its_own(self) -> bool:
        """Whether answers are read otherwise than they came."""
        return bool(self.departures or self.holders) or self.is_wrapped or self.from_zero is not None

    def learn(self, entity: Entity, reply: Reply) -> None:
        """Note what the records of an answer write another way, all of them alike; the first answer with any counts."""
        records = [one for one in reply.listed if isinstance(one, Mapping)]
        self._entities.setdefault(entity.name, entity)
        if entity.name in self._learnt or not records:
            return
        self._learnt.add(entity.name)
        if (held := holder(entity, records)) is not None:
            self.holders[entity.name] = held
            records = [emptied(one, held) for one in records]
        keys = {one.foreign_key for one in entity.relations if one.type == "belongsTo"}
        for name in dict.fromkeys((*GENERATED, *(one.name for one in entity.fields))):
            of, own = entity.field(name), _called(name, entity, records)
            values = [one[own] for one in records if one.get(own) is not None]
            read, expected = _reading(name, of, values, is_key=name in keys)
            if values and (own != name or read is not None):
                self.departures[entity.name, name] = Departure(
                    *(entity.name, name, own),
                    expected=expected if own == name else f"a member {name}",
                    actual=json.dumps(values[0], ensure_ascii=False)[:80] if own == name else own,
                    exchange=reply.exchange,
                    is_time=of is not None and of.type == "datetime",
                    read=read or _as_it_is,
                )

    def describes(self, name: str, described: object) -> None:
        """Note what the OPTIONS of an entity calls its fields: by these names they are asked about."""
        schema = described.get("schema") if isinstance(described, Mapping) else None
        self._described[name] = frozenset(schema) if isinstance(schema, Mapping) else frozenset()

    def departs(self, entity: Entity, member: str) -> bool:
        """Whether the deployment writes that member another way."""
        return (entity.name, member) in self.departures

    def is_written(self, entity: Entity, member: str, value: object) -> bool:
        """Whether a value that is of another type is how the deployment writes that member, and so may take it."""
        departure = self.departures.get((entity.name, member)) or self._as_others(entity, member, value)
        return departure is not None and departure.read is not _as_it_is and departure.read(value) is not None

    def read(self, name: str, reply: Reply) -> Reply:
        """An answer about the records of an entity, as it is meant."""
        reply = reply if self.from_zero is None else paged(reply)
        entity = self._entities.get(name)
        is_plain = not self.departures and not self.holders
        if is_plain or entity is None or not 200 <= reply.status < 300:
            return reply
        try:
            body = json.loads(reply.judged)
        except (ValueError, RecursionError):
            return reply
        if not isinstance(body, dict) or "data" not in body:
            return reply
        is_metadata = reply.method == "OPTIONS"
        data = self._described_as(entity, body["data"]) if is_metadata else self._meant(entity, body["data"])
        meant = json.dumps({**body, "data": data})
        if meant == json.dumps(body):
            return reply
        if is_metadata:
            return replace(reply, meant=meant.encode())
        held = [f"data.{one} in place of data" for one in self._held_in(name, body["data"])]
        return replace(reply, meant=meant.encode(), wrapped=(*reply.wrapped, *held))

    def _described_as(self, entity: Entity, data: object) -> object:
        """Metadata whose schema has the contract's names for what records call otherwise: that is told of records."""
        schema = data.get("schema") if isinstance(data, dict) else None
        if not isinstance(data, dict) or not isinstance(schema, dict):
            return data
        return {**data, "schema": {self._member(entity, name): one for name, one in schema.items()}}

    def _held_in(self, name: str, data: object) -> Sequence[str]:
        """The member that holds the fields of what an answer shows of an entity, where one does."""
        shown = data if isinstance(data, list) else [data]
        own = self.holders.get(name)
        return [own] if own is not None and any(isinstance(one, dict) and own in one for one in shown) else []

    def of_keys(self, reply: Reply) -> Reply:
        """An answer about API keys, with its times as they are meant where those of records are written another way."""
        ways = [one.read for one in self.departures.values() if one.is_time and one.read is not _as_it_is]
        body = reply.json
        if not ways or not isinstance(body, dict) or not reply.is_granted:
            return reply
        data, (read, *_) = body.get("data"), ways
        meant = [_timed(one, read) for one in data] if isinstance(data, list) else _timed(data, read)
        return reply if meant == data else replace(reply, meant=json.dumps({**body, "data": meant}).encode())

    def spelled(self, name: str, request: Outgoing) -> Outgoing:
        """A request about the records of an entity, with the values that it names as the deployment writes them."""
        if self.from_zero is not None:
            request = replace(request, url=turned(request.url, -1))
        if not self.departures:
            return request
        url = _spelled(request.url, partial(self._operand, name), self._names(name))
        return replace(request, url=url, content=self._body(name, request.content))

    def plainer(self, name: str, request: Outgoing) -> Iterator[tuple[Outgoing, "Dialect"]]:
        """As `spelled`, with times as the contract has them, then with names: each that differs, and its dialect."""
        if not self.departures:
            return
        told = self.spelled(name, request)
        times = replace(self, takes_its_times=False)
        for other in (times, replace(times, takes_its_names=False)):
            if (plain := other.spelled(name, request)).url != told.url:
                told = plain
                yield plain, other

    def relinked(self, name: str, reply: Reply) -> Reply:
        """An answer whose links name values as the contract has them, as `spelled` has them when they are followed."""
        told, meant = reply.headers.get("Link", ""), {own: member for member, own in self._names(name).items()}
        if not self.departures or ("filter=" not in told and not meant):
            return reply
        link = _TARGET.sub(lambda found: f"<{_spelled(found[1], partial(self._operand_meant, name), meant)}>", told)
        pairs = [(one, link if one == "link" else value) for one, value in reply.headers.items()]
        return replace(reply, headers=Headers(pairs))

    def _names(self, entity: str) -> Mapping[str, str]:
        """What the deployment calls members by a name of its own, in OPTIONS as in records, and takes in a query."""
        if not self.takes_its_names:
            return {}
        own = {one.member: one.name for one in self.departures.values() if one.entity == entity}
        told = self._described.get(entity, frozenset())
        return {member: name for member, name in own.items() if member != name and name in told}

    def _operand_meant(self, entity: str, name: str, value: object) -> object:
        name = next((member for member, own in self._names(entity).items() if own == name), name)
        departure = self.departures.get((entity, name))
        meant = None if departure is None else departure.read(value)
        is_own = self._is_number(entity, name) or self._own.get((name, str(meant))) == value
        return value if meant is None or not is_own else meant

    def _meant(self, entity: Entity, value: object) -> object:
        match value:
            case list():
                return [self._meant(entity, one) for one in value]
            case dict():
                record = emptied(value, self.holders[entity.name]) if entity.name in self.holders else value
                found = {self._member(entity, name): one for name, one in record.items()}
                related = {one.name: self._entities.get(one.entity) for one in entity.relations}
                return {
                    name: self._meant(of, one)
                    if isinstance(one, dict | list) and (of := related.get(name)) is not None
                    else self._value(entity, name, one)
                    for name, one in found.items()
                }
            case _:
                return value

    def _member(self, entity: Entity, name: str) -> str:
        renamed = (one for member in GENERATED if (one := self.departures.get((entity.name, member))) is not None)
        return next((one.member for one in renamed if one.name == name), name)

    def _value(self, entity: Entity, name: str, value: object) -> object:
        departure = self.departures.get((entity.name, name)) or self._as_others(entity, name, value)
        if departure is None or value is None:
            return value
        meant = departure.read(value)
        if meant is None:
            return value
        if isinstance(meant, str) and meant != value and departure.is_time and not isinstance(value, dict):
            self._own[name, meant] = value
        return meant

    def _as_others(self, entity: Entity, name: str, value: object) -> Departure | None:
        """How others of its type are written, for a member of which the lists that came first showed no value."""
        kind = _kind(entity, name)
        if kind is None or _RIGHT.get(kind, _is_text)(value):
            return None
        alike = (
            one
            for one in self.departures.values()
            if (of := self._entities.get(one.entity)) is not None and _kind(of, one.member) == kind
        )
        return next((one for one in alike if one.read is not _as_it_is and one.read(value) is not None), None)

    def _operand(self, entity: str, name: str, value: object) -> object:
        match value:
            case str() if self._is_number(entity, name):
                return int(value) if _WHOLE.fullmatch(value) else value
            case str() if self.takes_its_times:
                return self._own.get((name, value), value)
            case _:
                return value

    def _is_number(self, name: str, member: str) -> bool:
        """Whether a member names a record, by a number."""
        entity = self._entities.get(name)
        relations = entity.relations if entity is not None else ()
        target = next((one.entity for one in relations if (one.type, one.foreign_key) == ("belongsTo", member)), None)
        departure = self.departures.get((name, member)) or self.departures.get((target or "", "id"))
        return departure is not None and departure.read is _text

    def _body(self, entity: str, content: bytes | None) -> bytes | None:
        try:
            body = json.loads(content or b"")
        except (ValueError, RecursionError):
            return content
        if not isinstance(body, dict):
            return content
        told = {
            name: self._operand(entity, name, one) if self._is_number(entity, name) else one
            for name, one in body.items()
        }
        return content if told == body else json.dumps(told).encode()


def named(entity: Entity) -> Entity:
    """An entity as its own OPTIONS tells it, what the deployment sets by the contract's names (`created_at`)."""
    called = {own: name for name in GENERATED if (own := _described(name, entity)) is not None}

    def renamed(names: Iterable[str]) -> tuple[str, ...]:
        return tuple(called.get(one, one) for one in names)

    return replace(
        entity,
        fields=tuple(replace(one, name=called.get(one.name, one.name)) for one in entity.fields),
        sortable=renamed(entity.sortable),
        searchable=renamed(entity.searchable),
        always=renamed(entity.always),
    )


def _described(name: str, entity: Entity) -> str | None:
    """The one field that is the member but for its spelling, where the entity has no such member."""
    alike = [one.name for one in entity.fields if one.generated and _folded(one.name) == _folded(name)]
    return alike[0] if len(alike) == 1 and alike[0] != name else None


def _called(name: str, entity: Entity, records: Sequence[Record]) -> str:
    """What every record calls a member that it must have and lacks: in another spelling, or by a usual word for it."""
    if name not in GENERATED or any(name in one for one in records):
        return name
    fields = {one.name for one in entity.fields}
    everywhere = [one for one in records[0] if one not in fields and all(one in record for record in records)]
    for names in ([_folded(name)], _OTHER_NAMES[name].split()):
        alike = [one for one in everywhere if _folded(one) in names]
        if len(alike) == 1 and (_folded(name) in names or all(_can_be(name, one[alike[0]]) for one in records)):
            return alike[0]
    return name


def _can_be(name: str, value: object) -> bool:
    """Whether a member of this name can have such a value, as others write it."""
    if name == "id":
        return _text(value) is not None
    units = (1, 1000)
    return value is None or any(_is_of_today(unit, value) for unit in units) or _of_text(value) is not None


def _folded(name: str) -> str:
    return _SIGNS.sub("", name.lower())


def _kind(entity: Entity, name: str) -> str | None:
    """What members are written alike: names of records, numbers of any kind; None of texts and enums."""
    keys = {one.foreign_key for one in entity.relations if one.type == "belongsTo"}
    of = entity.field(name)
    if name == "id" or name in keys:
        return "string"
    kind = None if of is None else "number" if of.type == "integer" else of.type
    return kind if kind in _WAYS else None


def _reading(name: str, of: Field | None, values: Sequence[object], *, is_key: bool) -> tuple[Read | None, str]:
    """How values are read that are all of another type than they must be, and what they must be."""
    ways: Sequence[Read]
    if name == "id" or is_key:
        ways, expected = [_text, _held] if is_key else [_text], "a text"
    elif of is None:
        return None, ""
    elif of.type == "enum":
        ways, expected = [_among(of.values)], " or ".join(of.values)
    else:
        ways, expected = _WAYS.get(of.type, ([], ""))
    right = _RIGHT.get("string" if name == "id" or is_key or of is None else of.type, _is_text)
    if of is not None and of.type == "enum":
        right = of.values.__contains__
    if not values or any(right(one) for one in values):
        return None, expected
    if of is not None and of.type == "datetime":  # which unit it is, values of today tell
        units = [unit for unit in (1, 1000) if all(_is_of_today(unit, one) for one in values)]
        ways = [*ways, *(partial(_of_seconds, unit) for unit in units)]
    return next((way for way in ways if all(way(one) is not None for one in values)), None), expected


def _timed(key: object, read: Read) -> object:
    """An API key with its times as they are meant."""
    if not isinstance(key, dict):
        return key
    times = {name: key[name] for name in _OF_A_KEY if name in key and not _is_date_time(key[name])}
    return {**key, **{name: meant for name, one in times.items() if (meant := read(one)) is not None}}


def _as_it_is(value: object) -> object:
    return value


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_boolean(value: object) -> bool:
    return isinstance(value, bool)


def _is_date(value: object) -> bool:
    return isinstance(value, str) and len(value) == len("2026-01-02") and _DAY.fullmatch(value) is not None


def _is_date_time(value: object) -> bool:
    found = _MOMENT.fullmatch(value) if isinstance(value, str) else None
    return found is not None and found[3] is not None and " " not in found[0]


def _text(value: object) -> object:
    is_whole = isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**_LONGEST_NUMBER
    return str(value) if is_whole or is_id(value) else None


def _held(value: object) -> object:
    """The id of a record that stands in the place of its id."""
    held = value.get("id") if isinstance(value, dict) else None
    return held if is_id(held) else None


def _boolean(value: object) -> object:
    return _WRITTEN.get(str(value).lower()) if isinstance(value, str | int) else None


def _number(value: object) -> object:
    if not isinstance(value, str) or len(value) > _LONGEST_NUMBER:
        return None
    try:
        read = json.loads(value)
    except (ValueError, RecursionError):
        return None
    return read if _is_number(read) and math.isfinite(read) else None


def _count(value: object) -> float | None:
    """The number that a value is, or the whole one that it spells."""
    return value if isinstance(value, float) else _whole(value)


def _whole(value: object) -> int | None:
    """The whole number that a value is, or that it spells."""
    if isinstance(value, str) and len(value) <= _LONGEST_NUMBER and _WHOLE.fullmatch(value):
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _is_of_today(unit: int, value: object) -> bool:
    count = _count(value)
    return count is not None and _SECONDS[0] * unit <= count < _SECONDS[1] * unit


def _of_seconds(unit: int, value: object) -> object:
    """The moment so many units of a second after 1970 began, or before."""
    count = _count(value)
    if count is None:
        return None
    try:
        moment = _EPOCH + timedelta(seconds=count / unit)
        digits = "auto" if not isinstance(count, int) else "seconds" if unit == 1 else "milliseconds"
        return moment.isoformat(timespec=digits).replace("+00:00", "Z")
    except (OverflowError, ValueError):
        return None


def _of_object(value: object) -> object:
    """The moment that an object holds: seconds with nanoseconds, or a date of extended JSON."""
    held = {_folded(name): one for name, one in value.items()} if isinstance(value, dict) else {}
    if held.keys() == {"date"}:
        date = held["date"].get("$numberLong") if isinstance(held["date"], dict) else held["date"]
        return _of_text(date) if _count(date) is None else _of_seconds(1000, date)
    seconds, rest = _whole(held.pop("seconds", None)), {*held} or {"nanos"}
    nanos = _whole(next(iter(held.values()), 0))
    if seconds is None or nanos is None or rest not in ({"nanos"}, {"nanoseconds"}) or not 0 <= nanos < _SECOND:
        return None
    try:
        moment = _EPOCH + timedelta(seconds=seconds, microseconds=nanos // 1000)
    except OverflowError:
        return None
    return moment.isoformat(timespec="microseconds" if nanos % 10**6 else "milliseconds").replace("+00:00", "Z")


def _of_text(value: object) -> object:
    found = _MOMENT.fullmatch(value) if isinstance(value, str) else None
    return None if found is None else f"{found[1]}T{found[2]}{found[3] or 'Z'}"


def _day(value: object) -> object:
    """The day whose midnight a date-time is."""
    found = _DAY.fullmatch(value) if isinstance(value, str) else None
    return None if found is None else found[1]


def _among(values: Iterable[str]) -> Read:
    known = {_folded(one): one for one in values}

    def read(value: object) -> object:
        return known.get(_folded(value)) if isinstance(value, str) else None

    return read


_RIGHT: Mapping[str, Callable[[object], bool]] = {
    "boolean": _is_boolean,
    "integer": _is_number,
    "number": _is_number,
    "datetime": _is_date_time,
    "date": _is_date,
}
_WAYS: Mapping[str, tuple[Sequence[Read], str]] = {
    "boolean": ([_boolean], "true or false"),
    "integer": ([_number], "a number"),
    "number": ([_number], "a number"),
    "datetime": ([_of_text, _of_object], "an RFC 3339 date-time with an offset"),
    "date": ([_day], "a date"),
}


def _spelled(url: str, spelled: Callable[[str, object], object], names: Mapping[str, str]) -> str:
    """A URL with the operands of its filter spelled another way, and members by other names."""
    parts = urlsplit(url)
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    told = [(name, _parameter(name, value, spelled, names)) for name, value in pairs]
    return url if told == pairs else parts._replace(query=urlencode(told)).geturl()


def _parameter(name: str, value: str, spelled: Callable[[str, object], object], names: Mapping[str, str]) -> str:
    if name in {"sort", "fields"}:
        return ",".join(names.get(one, one) for one in value.split(","))
    return _filter(value, spelled, names) if name == "filter" else value


def _filter(text: str, spelled: Callable[[str, object], object], names: Mapping[str, str]) -> str:
    """A filter whose operands are spelled another way; as it is where that changes nothing, or it is no filter."""
    try:
        asked = json.loads(text)
    except (ValueError, RecursionError):
        return text
    if not isinstance(asked, dict):
        return text
    told = {names.get(name, name): _operands(value, partial(spelled, name)) for name, value in asked.items()}
    return text if told == asked else json.dumps(told)


def _operands(value: object, spelled: Callable[[object], object]) -> object:
    match value:
        case dict():
            return {operator: _operands(one, spelled) for operator, one in value.items()}
        case list():
            return [_operands(one, spelled) for one in value]
        case _:
            return spelled(value)
