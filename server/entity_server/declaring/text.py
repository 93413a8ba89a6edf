"""YAML as openapi.yaml is written: blocks for what has parts, one line for what fits, aliases for what recurs."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml
from entity_contract.references import Json, Object

MOST_COLUMNS = 120


@dataclass(frozen=True, slots=True)
class Anchors:
    """What the document has anchors for, by name."""

    values: Mapping[str, Json]

    def name(self, value: Json) -> str | None:
        """The anchor of an equal mapping or sequence, or None."""
        if not isinstance(value, Mapping | Sequence) or isinstance(value, str):
            return None
        return next((name for name, anchored in self.values.items() if anchored == value), None)


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
        elif len(line := f"{start} {flow(value)}") <= MOST_COLUMNS and not _holds(value, anchors):
            yield line
        elif isinstance(value, Mapping):
            yield start
            yield from lines(value, indent + 2, anchors)
        else:
            yield from _sequence(start, value, indent=indent, anchors=anchors)


def _holds(value: Json, anchors: Anchors) -> bool:
    """Whether there is something below for which the document has an anchor."""
    if isinstance(value, str) or not isinstance(value, Mapping | Sequence):
        return False
    below = value.values() if isinstance(value, Mapping) else value
    return any(anchors.name(child) or _holds(child, anchors) for child in below)


def _sequence(start: str, items: Sequence[Json], *, indent: int, anchors: Anchors) -> Iterator[str]:
    """A sequence that is too long for one line: in brackets over several, or in a block where an item is too long."""
    margin = " " * (len(start) + 2)
    written = [flow(item) for item in items]
    if all(len(margin) + len(item) < MOST_COLUMNS for item in written):
        yield from _wrapped(f"{start} [", margin, written)
        return
    yield start
    for item, text in zip(items, written, strict=True):
        begin = f"{' ' * (indent + 2)}- "
        if isinstance(item, Mapping):
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
