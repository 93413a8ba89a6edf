"""How openapi.yaml is written, so that people can read it and every generator's YAML reader can."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml
from yaml.tokens import AliasToken, FlowMappingStartToken, FlowSequenceStartToken

TEXT = (Path(__file__).resolve().parent.parent / "openapi.yaml").read_text()
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


@pytest.mark.parametrize("broken", [lines_too_long, untidy_lines, merged, doubled, flow_over_lines])
def test_no_line_breaks_the_form(broken: Callable[[str], list[int]]) -> None:
    assert broken(TEXT) == []


def test_it_is_short_of_the_aliases_that_readers_refuse() -> None:
    assert len(aliases(TEXT)) <= MOST_ALIASES


@pytest.mark.parametrize(
    ("broken", "text", "lines"),
    [
        (lines_too_long, f"a: 1\nb: {'x' * 120}\n", [2]),
        (untidy_lines, "a: 1\nb: 2 \n", [2]),
        (merged, "a: &a {b: 1}\nc:\n  <<: *a\n", [3]),
        (doubled, "a: 1\nb:\n  c: 1\n  c: 2\n", [4]),
        (flow_over_lines, "a: {b: 1}\nc: {d: 1,\n  e: 2}\n", [2]),
        (aliases, "a: &a [1]\nb: *a\nc: *a\n", [2, 3]),
    ],
)
def test_a_breach_of_the_form_is_noticed(broken: Callable[[str], list[int]], text: str, lines: list[int]) -> None:
    assert broken(text) == lines
