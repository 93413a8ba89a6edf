"""How the text of a contract document is formed: each function tells the lines that break one rule of the form.

Text in, line numbers out: what the document says is not looked at.
"""

from collections.abc import Iterator

import yaml
from yaml.tokens import AliasToken, FlowMappingStartToken, FlowSequenceStartToken

MOST_COLUMNS = 120
MOST_ALIASES = 50
"""openapi-generator's YAML reader refuses a document with more."""


def lines_too_long(text: str) -> list[int]:
    return [number for number, line in enumerate(text.splitlines(), 1) if len(line) > MOST_COLUMNS]


def untidy_lines(text: str) -> list[int]:
    return [number for number, line in enumerate(text.splitlines(), 1) if line != line.rstrip() or "\t" in line]


def mappings(text: str) -> Iterator[yaml.MappingNode]:
    waiting: list[yaml.Node | None] = [yaml.compose(text, Loader=yaml.SafeLoader)]
    seen: set[int] = set()
    while waiting:
        node = waiting.pop()
        if node is None or id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            yield node
            waiting.extend(child for pair in node.value for child in pair)
        elif isinstance(node, yaml.SequenceNode):
            waiting.extend(node.value)


def merged(text: str) -> list[int]:
    return [key.start_mark.line + 1 for node in mappings(text) for key, _ in node.value if key.value == "<<"]


def doubled(text: str) -> list[int]:
    lines = []
    for node in mappings(text):
        seen: set[str] = set()
        for key, _ in node.value:
            if key.value in seen:
                lines.append(key.start_mark.line + 1)
            seen.add(key.value)
    return lines


def flow_over_lines(text: str) -> list[int]:
    starts: list[tuple[int, bool]] = []
    lines = []
    for token in yaml.scan(text, Loader=yaml.SafeLoader):
        if isinstance(token, FlowMappingStartToken | FlowSequenceStartToken):
            starts.append((token.start_mark.line, isinstance(token, FlowMappingStartToken)))
        elif isinstance(token, yaml.FlowMappingEndToken | yaml.FlowSequenceEndToken):
            line, is_mapping = starts.pop()
            if is_mapping and token.end_mark.line != line:
                lines.append(line + 1)
    return lines


def aliases(text: str) -> list[int]:
    tokens = yaml.scan(text, Loader=yaml.SafeLoader)
    return [token.start_mark.line + 1 for token in tokens if isinstance(token, AliasToken)]
