"""Where the parts of a declaration go in a document's text, and the text with them in it, all else untouched."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import yaml
from entity_contract.entities import entities
from entity_contract.references import Json, Object

from entity_server.declaring.block import Block
from entity_server.declaring.errors import DeclarationError
from entity_server.declaring.text import Anchors, flow, lines

MOST_ALIASES = 50
"""How many aliases of mappings and sequences a document may have: openapi-generator's YAML reader refuses more."""

_SPACED = ("components/schemas", "paths")
"""Sections in which a blank line stands before each entity."""


@dataclass(frozen=True, slots=True)
class Part:
    """Lines for a section (`components/schemas`); they follow what is named `after`, which ends with line `line`."""

    section: str
    after: str
    line: int
    lines: tuple[str, ...]


def parts(text: str, document: Object, block: Block) -> tuple[Part, ...]:
    """The declaration in pieces, in the order of the text. `document` is the text as parsed.

    Raises DeclarationError when the text is not laid out in blocks, as a document that people edit is.
    """
    layout = read(text)
    pieces = written(block, layout.anchored)
    used = sum(": *" in line for lines_ in pieces.values() for line in lines_)
    if layout.aliases + used > MOST_ALIASES:
        pieces = written(block, None)
    known = entities(document)
    names, titles = {entity.name for entity in known}, [entity.title for entity in known]
    belongs: Mapping[str, Callable[[str], bool]] = {
        "tags": lambda _: True,
        "paths": lambda path: path.split("/")[2:3] != [] and path.split("/")[2] in names,
    }
    found = (
        _part(text, layout.root, section, piece, belongs.get(section, _of_any(titles)))
        for section, piece in pieces.items()
    )
    return tuple(sorted(found, key=lambda part: part.line))


def inserted(text: str, found: Sequence[Part]) -> str:
    """The text with the parts in their places."""
    end = "\r\n" if "\r\n" in text else "\n"
    lines = text.splitlines()
    for part in sorted(found, key=lambda part: part.line, reverse=True):
        lines[part.line : part.line] = part.lines
    return "".join(f"{line}{end}" for line in lines)


def written(block: Block, anchored: Mapping[str, Json] | None) -> Mapping[str, tuple[str, ...]]:
    """The lines of a declaration for each section.

    There are aliases for what the document has anchors for (`anchored`) and for what recurs; none of them where it is
    None.
    """
    anchors = Anchors({}) if anchored is None else Anchors(anchored, own=block.recurring)
    return {
        "tags": (f"  - {flow(block.tag)}",),
        **{
            f"components/{section}": tuple(lines(components, 4, anchors))
            for section, components in block.components.items()
        },
        "paths": tuple(lines(block.paths, 2, anchors)),
    }


def _of_any(titles: Sequence[str]) -> Callable[[str], bool]:
    """Whether a component is one of these entities': `TaskField` is one of Task's, `Taskforce` is not."""

    def belongs(name: str) -> bool:
        return any(name.startswith(title) and not name[len(title) :][:1].islower() for title in titles)

    return belongs


def _part(text: str, root: yaml.Node, section: str, lines: Sequence[str], belongs: Callable[[str], bool]) -> Part:
    """The part behind the section's last entry that belongs to an entity."""
    node = root
    for key in section.split("/"):
        node = _child(node, key, section)
    entries = [(name, mark.line) for name, mark in _starts(node)]
    if not entries or getattr(node, "flow_style", True):
        raise DeclarationError(
            f"{section} of the document is not written as a block with entries; add the parts by hand"
        )
    last = max((index for index, (name, _) in enumerate(entries) if belongs(name)), default=len(entries) - 1)
    name, start = entries[last]
    line = _end(text.splitlines(), start)
    own, indent = _indent(lines[0]) if lines else 0, " " * node.start_mark.column
    moved = tuple(indent + line[own:] for line in lines)
    return Part(section, name, line, ("", *moved) if section in _SPACED else moved)


def _child(node: yaml.Node, key: str, section: str) -> yaml.Node:
    pairs = node.value if isinstance(node, yaml.MappingNode) else []
    for name, value in pairs:
        if name.value == key:
            return cast("yaml.Node", value)
    raise DeclarationError(f"the document has no {section}; add it first")


def _starts(node: yaml.Node) -> Iterator[tuple[str, yaml.Mark]]:
    """The section's entries: what each is called, and where it begins."""
    if isinstance(node, yaml.MappingNode):
        yield from ((str(name.value), name.start_mark) for name, _ in node.value)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            names = [str(value.value) for key, value in item.value if key.value == "name"]
            yield (names[0] if names else "the last", item.start_mark)


def _end(lines: Sequence[str], start: int) -> int:
    """How many lines there are up to the end of the entry that starts at a line, blank lines and comments left out."""
    indent = _indent(lines[start])
    end = start + 1
    for number, line in enumerate(lines[start + 1 :], start + 2):
        if line.strip() and _indent(line) <= indent:
            break
        if line.strip() and not line.lstrip().startswith("#"):
            end = number
    return end


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


@dataclass(frozen=True, slots=True)
class Layout:
    """A document's text as YAML: its root, what it has anchors for, and its aliases of mappings and sequences."""

    root: yaml.Node
    anchored: Mapping[str, Json]
    aliases: int


def read(text: str) -> Layout:
    """The layout of a text that is known to be YAML."""
    loader = _Loader(text)
    try:
        root = cast("yaml.Node", loader.get_single_node())
        anchored = {name: loader.construct_object(node, deep=True) for name, node in loader.kept.items()}
    finally:
        loader.dispose()
    return Layout(root, anchored, loader.aliases)


class _Loader(yaml.SafeLoader):
    """Keeps the nodes of anchors, which PyYAML forgets, and counts the aliases of what is no scalar."""

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.kept: dict[str, yaml.Node] = {}
        self.aliases = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        event = self.peek_event()  # type: ignore[no-untyped-call]  # PyYAML's parser is not typed
        node = super().compose_node(parent, index)
        if isinstance(node, yaml.CollectionNode):
            if isinstance(event, yaml.AliasEvent):
                self.aliases += 1
            elif event.anchor:
                self.kept[event.anchor] = node
        return node
