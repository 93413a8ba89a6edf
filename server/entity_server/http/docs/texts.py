"""The contract as text, with the server that serves it as the first of its `servers`.

The YAML is the document as somebody wrote it, comments and order included, with one entry put in. Where that would
take more understanding of YAML than a line and a column (an anchor, an alias, a tag), the content is written anew.
"""

import json
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import orjson
import yaml
from entity_contract import Contract

from entity_server.http.docs.files import File
from entity_server.http.routes import BASE_PATH

YAML, JSON = "/openapi.yaml", "/openapi.json"

_DESCRIPTION = "This server"
_JSON_OPTIONS = orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS  # an unquoted status is a number in YAML
_Loader: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_Dumper: type[yaml.SafeDumper] = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


@dataclass(frozen=True, slots=True)
class Text:
    """A document around the one thing in it that depends on who asks: the origin of the server."""

    before: bytes
    after: bytes
    media_type: str

    @classmethod
    def around(cls, mark: str, text: str, media_type: str) -> "Text":
        """The text around a mark that stands in it once."""
        before, after = text.encode().split(mark.encode())
        return cls(before, after, media_type)

    def file(self, origin: str) -> File:
        """The whole document. The origin is one that needs no escape within double quotes."""
        return File(self.before + origin.encode() + self.after, self.media_type)


def around_own_server(contract: Contract) -> Mapping[str, Text]:
    """The contract in both languages, by path."""
    mark = secrets.token_hex(16)
    entry = {"url": mark + BASE_PATH, "description": _DESCRIPTION}
    others = contract.document.get("servers")
    content = {**contract.document, "servers": [entry, *(others if isinstance(others, list) else ())]}
    as_yaml = with_first_server(contract.text, entry) if contract.text is not None else None
    if as_yaml is None:
        as_yaml = yaml.dump(content, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120)
    as_json = orjson.dumps(content, default=str, option=_JSON_OPTIONS).decode()
    return {
        YAML: Text.around(mark, as_yaml, "application/yaml"),
        JSON: Text.around(mark, as_json, "application/json"),
    }


def with_first_server(text: str, entry: Mapping[str, str]) -> str | None:
    """The YAML of a document with that entry before its other servers; None when their place is no plain one."""
    place = _place(text)
    lines = text.splitlines(keepends=True)
    line = lines[place.line]
    before, after = line[: place.column], line[place.column :]
    flow = json.dumps(entry)
    match place.inside, after[:1]:
        case "servers", "-" if not before.strip():
            members = (f"{name}: {json.dumps(value)}\n" for name, value in entry.items())
            lines[place.line] = f"{before}- {f'{before}  '.join(members)}{line}"
        case "servers", "[":
            lines[place.line] = f"{before}[{flow}{'' if place.empty else ', '}{after[1:]}"
        case "document", "{":
            lines[place.line] = f'{before}{{"servers": [{flow}], {after[1:]}'
        case "document", first if (first.isalpha() or first in ("'", '"')) and not before.strip():
            lines[place.line] = f"{before}servers: [{flow}]\n{line}"
        case _:
            return None
    return "".join(lines)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the servers begin, or the document when it names none."""

    inside: str
    line: int
    column: int
    empty: bool


def _place(text: str) -> _Place:
    """Read no further than the servers, which stand at the top of most documents."""
    events = yaml.parse(text, Loader=_Loader)
    root = next(event for event in events if isinstance(event, yaml.NodeEvent))
    assert isinstance(root, yaml.MappingStartEvent), "a contract is a mapping"
    depth, names = 0, True
    for event in events:
        if isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        elif depth == 0 and names and isinstance(event, yaml.ScalarEvent) and event.value == "servers":
            return _servers(events)
        elif isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        if depth == 0:
            names = not names
    return _at("document", root, is_empty=False)


def _servers(events: Iterator[yaml.Event]) -> _Place:
    first, second = next(events), next(events)
    return _at("servers", first, is_empty=isinstance(second, yaml.CollectionEndEvent))


def _at(inside: str, event: yaml.Event, *, is_empty: bool) -> _Place:
    mark = event.start_mark
    assert mark is not None, "an event of a text has a place"
    return _Place(inside, mark.line, mark.column, is_empty)
