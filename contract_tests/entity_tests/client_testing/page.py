"""The page as data: its sections, the files that they show, and the commands that they tell.

A fence names its file behind its language (a block of `python` and `test_tasks.py`); a command is a line of a `console`
block behind `$`.
"""

import re
from dataclasses import dataclass
from pathlib import Path

PAGE = Path(__file__).resolve().parents[3] / "docs" / "client-testing.md"

_FENCE = re.compile(r"^```(?P<language>\w+)(?: (?P<file>\S+))?\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
_SECTION = re.compile(r"^## (?P<title>.+)$", re.MULTILINE)
_INSTALLING = ("pip install", "npm install", "npm ci")


@dataclass(frozen=True, slots=True)
class Section:
    """One section. `commands` are those that install nothing."""

    title: str
    files: dict[str, str]
    commands: tuple[str, ...]

    def write(self, folder: Path) -> None:
        """Put its files into a folder."""
        for name, text in self.files.items():
            place = folder / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text, encoding="utf-8")


def sections() -> dict[str, Section]:
    """The page's sections by their titles; what stands before the first has the title ''."""
    first, *rest = _SECTION.split(PAGE.read_text(encoding="utf-8"))
    titled = {"": first, **dict(zip(rest[::2], rest[1::2], strict=True))}
    return {title: _section(title, text) for title, text in titled.items()}


def _section(title: str, text: str) -> Section:
    blocks = list(_FENCE.finditer(text))
    told = (line[2:] for block in blocks if block["language"] == "console" for line in block["text"].splitlines())
    return Section(
        title,
        {block["file"]: block["text"] for block in blocks if block["file"]},
        tuple(command for command in told if not command.startswith(_INSTALLING)),
    )
