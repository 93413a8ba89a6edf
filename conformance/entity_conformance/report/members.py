"""A finding about the value of a member: which member it is, and in which way its value is another. Pure.

The words of `suite.expect` and of the watches are known here (tests hold them together). What was sent and answered is
read from the exchange, since a finding quotes no more than the beginning of a long value.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from entity_conformance.deployment.exchange import Exchange
from entity_conformance.report.bodies import id_of, json_object, parsed, records
from entity_conformance.report.verdict import Result
from entity_conformance.report.ways import Way, of_type, time, way

_VALUE = re.compile(
    r"^(?P<member>[A-Za-z]\w*(?:\[\d*\])?(?:\.\w+)*)(?: of [\w-]+)? "
    r"(?P<how>differs|is another moment(?: than .*)?|is not the default|is not what was written|is no RFC 3339 time"
    r"|is no (?:text|number|integer)|is not null|is of another type than metadata tells)$"
)
_NO_DATE_TIME = re.compile(
    r"""^(?P<member>[\w.]+): (?P<quote>['"])(?P<value>.*)(?P=quote) is not a ['"]date-time['"]$"""
)
_NO_TYPE = re.compile(r"""^(?P<member>[\w.]+): (?P<value>.+) is not of type ['"](?P<type>\w+)['"]$""", re.DOTALL)
_ANOTHER_TYPE = "is of another type than metadata tells"
_NAMED = re.compile(r"(?P<name>data(?:\.\w+)+) ")
_DEPARTED = ": written another way in every record"
_RENAMED = "a member "
_TYPES: Mapping[str, str] = {
    "a text": "text",
    "a number": "number",
    "true or false": "boolean",
    "a date": "date",
    "an RFC 3339 date-time with an offset": "time",
}
_PLAIN_TYPES = frozenset({"integer", "number", "boolean"})
_LOOSE = frozenset({"null", "empty", "something for null"})
"""Ways that say so little that they are another cause for each member."""
_CUT, _LONGEST = "...", 24
NOTHING = "nothing"
"""What a finding quotes of a member that is not there."""


@dataclass(frozen=True, slots=True)
class Told:
    """Members and the way in which their values are others."""

    members: tuple[str, ...]
    way: Way
    of: str = ""

    @property
    def said(self) -> str:
        """`data.title: HTML-escaped`."""
        return self.way.said if self.of == "names" else f"{', '.join(self.members)}: {self.way.said}"

    @property
    def compared(self) -> str:
        """The same for all values that are told in this way."""
        return f"{', '.join(self.members)}: {self.way.kind}" if self.way.kind in _LOOSE else self.way.kind


def told(reason: str, result: Result, exchange: Exchange) -> Told | None:
    """Which member a finding is about and how its value differs, where the values tell."""
    judged = _VALUE.match(reason)
    if judged is None:
        return _of_the_schema(reason)
    member = _plain(judged["member"])
    if result.actual in {None, NOTHING} or member == "code":
        return None
    name = member.rpartition(".")[2]
    actual, expected = _value(result.actual, name, exchange, is_sent=False), _value(result.expected, name, exchange)
    found = None
    if judged["how"] == _ANOTHER_TYPE:
        found = of_type(result.expected if result.expected in _PLAIN_TYPES else "text", actual)
    elif judged["how"] == "is no RFC 3339 time":
        found = of_type("time", actual)
    elif judged["how"].startswith("is no "):
        found = of_type(judged["how"].rpartition(" ")[2], actual)
    elif not isinstance(expected, _Unknown) and not isinstance(actual, _Unknown):
        found = _of_what_was_sent(member, expected, actual, exchange) or way(expected, actual)
        is_known = not isinstance(expected, _Beginning) or (found is not None and found.kind == "cut")
        found = found if is_known else None
    is_any = found is not None and judged["how"] == "is not null" and found.kind in _LOOSE  # whatever the member is
    return None if found is None or is_any or isinstance(actual, _Unknown) else Told((member,), found)


def _of_the_schema(reason: str) -> Told | None:
    """The same of what a schema says of a value."""
    if (undated := _NO_DATE_TIME.match(reason)) is not None:
        found = time(undated["value"])
        return None if found is None else Told((_plain(undated["member"]),), found)
    if (untyped := _NO_TYPE.match(reason)) is not None:
        found = _of_type(untyped["type"], _as_python_has_it(untyped["value"]))
        return None if found is None else Told((_plain(untyped["member"]),), found)
    return None


def _as_python_has_it(value: str) -> object:
    """A value as the schema's validator quotes it: JSON, or a text in single quotes."""
    if value[:1] == value[-1:] == "'":
        return value[1:-1]
    plain = {"None": None, "True": True, "False": False}
    return plain[value] if value in plain else _value(value, "", None)


def _of_type(wanted: str, value: object) -> Way | None:
    """In which way a value is not of a type of JSON Schema: a moment may be told as a number."""
    if isinstance(value, _Unknown):
        return None
    as_time = time(value) if wanted == "string" and not isinstance(value, str) else None
    if as_time is not None and "epoch" in as_time.kind:
        return as_time
    return of_type({"string": "text"}.get(wanted, wanted), value)


def several(result: Result, exchange: Exchange) -> list[Told]:
    """What a finding tells of members by their names, those of one way together; empty where one tells no way.

    `data.title "a"; data.stock 12`: how the state machine puts it.
    """
    expected, actual = (_listed(said or "") for said in (result.expected, result.actual))
    if not expected or expected.keys() != actual.keys():
        return []
    found = {
        name: _of_what_was_sent(name, expected[name], actual[name], exchange) or way(expected[name], actual[name])
        for name in expected
    }
    kinds: dict[str, list[str]] = {}
    for name, one in found.items():
        kinds.setdefault("" if one is None or one.kind in _LOOSE else one.kind, []).append(name)
    return [] if "" in kinds else [Told(tuple(names), one) for names in kinds.values() if (one := found[names[0]])]


def _listed(said: str) -> dict[str, object]:
    """The members and their values, empty where it is no such list."""
    told: dict[str, object] = {}
    while said:
        named = _NAMED.match(said)
        if named is None:
            return {}
        try:
            value, end = json.JSONDecoder().raw_decode(said, named.end())
        except (ValueError, RecursionError):
            return {}
        told[named["name"]] = value
        said = said[end:].removeprefix("; ")
    return told


def _of_what_was_sent(member: str, expected: object, actual: object, exchange: Exchange) -> Way | None:
    """What changed, or is no default, of a member that the body of a write does not name."""
    sent = parsed(exchange.request_body)
    place, _, name = member.rpartition(".")
    known = way(expected, actual)
    tells = known is not None and known.kind not in _LOOSE
    if not isinstance(sent, dict) or name in sent or place != "data" or tells:
        return None
    values = f"{_short(actual)} in place of {_short(expected)}"
    if exchange.method == "PATCH":
        return Way("changed", f"changed without being named ({values})")
    return Way("defaults", f"{values}, its default") if exchange.method == "POST" and expected is not None else None


def old_value(result: Result, exchange: Exchange, earlier: Iterable[Exchange]) -> Told | None:
    """The member that an update named and that shows what it held before, as an `earlier` answer has it."""
    judged = _VALUE.match(result.said)
    id_ = urlsplit(exchange.url).path.rpartition("/")[2]
    if judged is None or result.actual is None or exchange.method not in {"PATCH", "GET"}:
        return None
    member = _plain(judged["member"])
    name = member.rpartition(".")[2]
    actual, expected = _value(result.actual, name, exchange, is_sent=False), _value(result.expected, name, exchange)
    about = [one for one in earlier if id_ in one.url or id_ in (one.response_body or "")]
    before = [record.get(name) for one in about for record in records(one) if str(id_of(record)) == id_]
    sent = [parsed(one.request_body) for one in (*about, exchange) if one.method == "PATCH"]
    is_written = any(isinstance(body, dict) and body.get(name) == expected for body in sent)
    if not is_written or actual not in before or isinstance(actual, _Unknown):
        return None
    return Told(
        (member,), Way("old", f"the old value, as before the PATCH ({_short(actual)} in place of {_short(expected)})")
    )


def departures(result: Result) -> list[Told]:
    """What every record tells another way, the members of one way together; empty for any other finding."""
    if not result.said.endswith(_DEPARTED):
        return []
    names = result.said.removesuffix(_DEPARTED).split(", ")
    wanted, came = (_by_member(said or "", names) for said in (result.expected, result.actual))
    ways: dict[str, Way] = {}
    members: dict[str, list[str]] = {}
    for name in names:
        expected, actual = wanted.get(name, ""), came.get(name, "")
        found = Way("names", actual) if expected.startswith(_RENAMED) else _departed(expected, actual)
        ways.setdefault(found.kind, found)
        members.setdefault(found.kind, []).append(name)
    return [_joined(kind, ways[kind], members[kind], came) for kind in ways]


def _joined(kind: str, found: Way, names: list[str], came: Mapping[str, str]) -> Told:
    if kind != "names":
        return Told(tuple(names), found)
    told = f"{', '.join(came[name] for name in names)} in place of {', '.join(names)}"
    return Told(tuple(names), Way(kind, told), of="names")


def _departed(expected: str, actual: str) -> Way:
    value = parsed(actual)
    listed = [one for one in expected.split(" or ") if isinstance(value, str) and _spelled(one) == _spelled(value)]
    if listed:
        return Way("enums in another spelling", f"{actual} in place of {listed[0]}")
    found = of_type(_TYPES.get(expected, ""), value) if expected in _TYPES and value is not None else None
    return found or Way(f"others than {expected}", f"{actual} in place of {expected}")


def _spelled(value: str) -> str:
    return re.sub(r"[^0-9a-z]", "", value.lower())


def _by_member(said: str, names: list[str]) -> dict[str, str]:
    """`id: a text; active: true or false` by its members."""
    starts = [(place, name) for name in names for place in [f"; {said}".find(f"; {name}: ")] if place >= 0]
    starts.sort()
    ends = [place - 2 for place, _ in starts[1:]] + [len(said)]
    return {name: said[place + len(name) + 2 : end] for (place, name), end in zip(starts, ends, strict=True)}


class _Unknown:
    """A quotation that is no value."""


def _value(quoted: str | None, name: str, exchange: Exchange | None, *, is_sent: bool = True) -> object:
    """The value that a finding quotes, whole where its exchange has it."""
    if quoted is None:
        return _Unknown()
    try:
        return json.loads(quoted)
    except (ValueError, RecursionError):
        pass
    if not quoted.endswith(_CUT) or exchange is None:
        return _Unknown()
    sent = parsed(exchange.request_body)
    held = [sent] if is_sent else [*records(exchange), json_object(exchange)]
    for one in held:
        value = one.get(name) if isinstance(one, dict) else None
        if json.dumps(value, ensure_ascii=False).startswith(quoted.removesuffix(_CUT)):
            return value
    return _beginning(quoted) if is_sent else _Unknown()


class _Beginning(str):
    """The beginning of a text: no more of it is known."""

    __slots__ = ()


def _beginning(quoted: str) -> object:
    found = parsed(f'{quoted.removesuffix(_CUT)}"')
    return _Beginning(found) if isinstance(found, str) else _Unknown()


def _plain(member: str) -> str:
    """`data[].stock` as `data.stock`: in which list a record stood is no difference."""
    return re.sub(r"\[\d*\]|\.\d+(?=\.|$)", "", member)


def _short(value: object) -> str:
    said = json.dumps(value, ensure_ascii=False)
    return said if len(said) <= _LONGEST else f"{said[:_LONGEST]}…"
