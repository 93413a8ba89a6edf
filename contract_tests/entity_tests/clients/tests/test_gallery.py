"""docs/sdks.md holds nothing that the SDK tests do not run, and names the versions that they run with."""

import json
import re

import pytest
from entity_tests.clients.gallery import PAGE, Section, sections
from entity_tests.clients.recipes import BETA, NAMELESS, RECIPES, Recipe
from entity_tests.clients.toolbox import HERE

LANGUAGES = {"python": "python", "typescript": "ts", "java": "java", "go": "go"}
PROSE = {"Before you start", "What every client meets", "Warnings"}
SECTIONS = {section.title: section for section in sections(PAGE.read_text(encoding="utf-8"))}


def test_every_generator_has_its_section_and_every_section_its_generator() -> None:
    assert SECTIONS.keys() - PROSE == {recipe.title for recipe in RECIPES}


@pytest.mark.parametrize("recipe", RECIPES, ids=[recipe.name for recipe in RECIPES])
def test_a_section_holds_the_command_the_program_and_no_other_code(recipe: Recipe) -> None:
    section = SECTIONS[recipe.title]

    assert [block.language for block in section.blocks] == ["sh", LANGUAGES[recipe.language]]


@pytest.mark.parametrize("recipe", RECIPES, ids=[recipe.name for recipe in RECIPES])
def test_a_section_tells_quirks(recipe: Recipe) -> None:
    assert "**Quirks**" in SECTIONS[recipe.title].text


@pytest.mark.parametrize("title", sorted(PROSE))
def test_the_other_sections_hold_no_code(title: str) -> None:
    assert SECTIONS[title].blocks == ()


@pytest.mark.parametrize("warning", [BETA, NAMELESS])
def test_a_warning_that_cannot_be_avoided_is_explained(warning: str) -> None:
    assert f"`{warning}`" in SECTIONS["Warnings"].text


def test_the_versions_of_the_page_are_the_pinned_ones() -> None:
    named = dict(re.findall(r"^\| `([^`]+)` \| ([0-9][^ ]*) \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE))
    pinned = dict(line.split("==") for line in (HERE / "requirements.txt").read_text().splitlines()[2:])
    pinned |= json.loads((HERE / "package.json").read_text())["dependencies"]

    assert named == {name: pinned[name] for name in named}
    assert {"openapi-generator-cli", "openapi-python-client", "@hey-api/openapi-ts"} <= named.keys()


def test_a_section_is_its_title_its_text_and_its_blocks() -> None:
    page = "# T\n\nintro\n\n## One\n\n```sh\na\nb\n```\n\n```go\nc\n```\n\n## Two\n"

    first, second = sections(page)

    assert (first.title, first.command, first.program) == ("One", "a\nb\n", "c\n")
    assert second == Section("Two", "", ())
