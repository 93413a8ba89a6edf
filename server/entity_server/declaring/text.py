"""YAML as openapi.yaml is written: blocks for what has parts, one line for what fits, aliases for what recurs."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import yaml
from entity_contract.references import Json, Object

MOST_COLUMNS = 120


@dataclass(frozen=True, slots=True)
class Anchors:
    """What the document has anchors for, by name, and what gets one where it is first written (`own`)."""

    values: Mapping[str, Json]
    own: Mapping[str, Json] = field(default_factory=dict)
    _begun: set[str] = field(default_factory=set)

    def name(self, value: Json) -> str | None:
        """The anchor of an equal mapping or sequence, or None."""
        return _named(value, {**self.values, **{name: self.own[name] for name in self._begun}})

    def begun(self, value: Json) -> str | None:
        """The anchor that begins with this value; it is known from now on."""
        name = _named(value, {name: own for name, own in self.own.items() if name not in self._begun})
        if name is not None:
            self._begun.add(name)
        return name

    def holds(self, value: Json) -> bool:
        """Whether there is something below the value that is written with an anchor, or as an alias."""
        if isinstance(value, str) or not isinstance(value, Mapping | Sequence):
            return False
        below = value.values() if isinstance(value, Mapping) else value
        return any(_named(child, {**self.values, **self.own}) is not None or self.holds(child) for child in below)


def _named(value: Json, anchored: Mapping[str, Json]) -> str | None:
    if not isinstance(value, Mapping | Sequence) or isinstance(value, str):
        return None
    return next((name for name, known in anchored.items() if known == value), None)


class _Whole(yaml.SafeDumper):
    """Writes a value that stands twice in memory twice: an alias is written on purpose or not at all."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002 - PyYAML's signature
        return True


def _quoted(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    """Quotes around a backslash, as people expect them around a regular expression."""
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="'" if "\\" in text else None)


_Whole.add_representer(str, _quoted)


def flow(value: Json) -> str:
    """A value on one line."""
    return _dumped([value], flow=True)[1:-1]


def _scalar(value: Json) -> str:
    """A scalar outside of brackets, where commas need no quotes."""
    return _dumped({"key": value}, flow=False).removeprefix("key: ")


def _dumped(value: object, *, flow: bool) -> str:
    dumped: Any = yaml.dump(
        value, Dumper=_Whole, default_flow_style=flow, allow_unicode=True, sort_keys=False, width=float("inf")
    )
    return str(dumped).rstrip("\n")


def lines(node: Object, indent: int, anchors: Anchors) -> Iterator[str]:
    """The mapping's entries, indented: each on one line where it fits, else as a block."""
    for key, value in node.items():
        start = f"{' ' * indent}{_scalar(key)}:"
        anchor = anchors.name(value)
        if anchor:
            yield f"{start} *{anchor}"
        elif isinstance(value, str) and "\n" in value:
            yield f"{start} |"
            yield from (f"{' ' * (indent + 2)}{line}".rstrip() for line in value.splitlines())
        elif not isinstance(value, Mapping | Sequence) or isinstance(value, str):
            yield f"{start} {_scalar(value)}"
        elif len(line := f"{start} {flow(value)}") <= MOST_COLUMNS and not anchors.holds(value):
            yield line
        elif isinstance(value, Mapping):
            yield start
            yield from lines(value, indent + 2, anchors)
        else:
            yield from _sequence(start, value, indent=indent, anchors=anchors)


def _sequence(start: str, items: Sequence[Json], *, indent: int, anchors: Anchors) -> Iterator[str]:
    """A sequence that is too long for one line: in brackets over several, or in a block where an item is too long."""
    margin = " " * (len(start) + 2)
    written = [flow(item) for item in items]
    if all(len(margin) + len(item) < MOST_COLUMNS for item in written) and not anchors.holds(items):
        yield from _wrapped(f"{start} [", margin, written)
        return
    yield start
    for item, text in zip(items, written, strict=True):
        begin = f"{' ' * (indent + 2)}- "
        if alias := anchors.name(item):
            yield f"{begin}*{alias}"
        elif isinstance(item, Mapping) and (anchor := anchors.begun(item)):
            yield f"{begin}&{anchor}"
            yield from lines(item, indent + 4, anchors)
        elif isinstance(item, Mapping):
            first, *rest = lines(item, indent + 4, anchors)
            yield begin + first.lstrip()
            yield from rest
        else:
            yield begin + text


def _wrapped(line: str, margin: str, items: Sequence[str]) -> Iterator[str]:
    """Items behind an opening bracket, as many on a line as there is room for."""
    for number, item in enumerate(items, 1):
        ending = "]" if number == len(items) else ","
        if len(line) + len(item) + 2 > MOST_COLUMNS and line.strip():
            yield line.rstrip()
            line = margin
        line += item + ending + " "
    yield line.rstrip()
