"""docs/sdks.md as data: for each generator the command and the program that stand there.

Reads, judges nothing. What the tests run is what the document says; there is no second copy.
"""

import re
from dataclasses import dataclass
from pathlib import Path

PAGE = Path(__file__).resolve().parents[3] / "docs" / "sdks.md"
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Block:
    """One fenced block: the language that it is marked with, and its text."""

    language: str
    text: str


@dataclass(frozen=True, slots=True)
class Section:
    """One `##` section of the page."""

    title: str
    text: str
    blocks: tuple[Block, ...]

    @property
    def command(self) -> str:
        """What generates the client."""
        return self.blocks[0].text

    @property
    def program(self) -> str:
        """The program that uses the client."""
        return self.blocks[1].text


def sections(page: str) -> tuple[Section, ...]:
    """The page's sections in its order, the introduction left out."""
    parts = re.split(r"^## ", page, flags=re.MULTILINE)[1:]
    found = (part.partition("\n") for part in parts)
    return tuple(
        Section(title, text, tuple(Block(language, inside) for language, inside in FENCE.findall(text)))
        for title, _, text in found
    )


def section(title: str) -> Section:
    """The section of that title. Raises LookupError when the page has none."""
    for candidate in sections(PAGE.read_text(encoding="utf-8")):
        if candidate.title == title:
            return candidate
    message = f"docs/sdks.md has no section {title!r}"
    raise LookupError(message)
