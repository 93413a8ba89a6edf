"""How openapi.yaml is written, so that people can read it and every generator's YAML reader can."""

from collections.abc import Callable
from pathlib import Path

import pytest
from entity_tests.document.document_text import (
    MOST_ALIASES,
    aliases,
    doubled,
    flow_over_lines,
    lines_too_long,
    merged,
    untidy_lines,
)

TEXT = (Path(__file__).resolve().parents[4] / "openapi.yaml").read_text()


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
