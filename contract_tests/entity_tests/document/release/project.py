"""The files of a checkout that a release is made of, and what its CHANGELOG says.

Reads, and judges nothing. A release keeps its contract as `docs/released/openapi-<version>.yaml`; the
CHANGELOG's first section is that of the next release for as long as its heading says "(unreleased)".
"""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from entity_contract.changes.change import Change

ROOT = Path(__file__).resolve().parents[4]
COPY = re.compile(r"openapi-(\d+\.\d+\.\d+)\.yaml")
HEADING = re.compile(r"^## (?P<version>\d+\.\d+\.\d+)(?P<note>.*)$", re.MULTILINE)
CONTRACT = "Contract"
UNRELEASED = "(unreleased)"
BREAKING = "Breaking: "

Version = tuple[int, ...]


def number(version: str) -> Version:
    """A version's numbers, which compare as versions do."""
    return tuple(map(int, version.split(".")))


@dataclass(frozen=True, slots=True)
class Section:
    """One version's section of the CHANGELOG. `contract` holds the items under its `### Contract`, unwrapped."""

    version: str
    released: bool
    contract: tuple[str, ...]

    def announces(self, change: Change) -> bool:
        """Whether an item is the change's sentence, word for word; a further sentence may follow it."""
        said = (item.removeprefix(BREAKING) for item in self.contract)
        return any(item == change.sentence or item.startswith(f"{change.sentence}. ") for item in said)


@dataclass(frozen=True, slots=True)
class Project:
    """A checkout."""

    root: Path = ROOT

    @property
    def contract(self) -> Path:
        """The contract as it stands."""
        return self.root / "openapi.yaml"

    @property
    def changelog(self) -> Path:
        """What has changed, for people."""
        return self.root / "CHANGELOG.md"

    def copy(self, version: str) -> Path:
        """Where a release keeps its contract."""
        return self.root / "docs" / "released" / f"openapi-{version}.yaml"

    def version(self) -> str:
        """The version that is being built."""
        facts = tomllib.loads((self.root / "pyproject.toml").read_text(encoding="utf-8"))
        return str(facts["project"]["version"])

    def sections(self) -> tuple[Section, ...]:
        """The CHANGELOG's sections, the newest first."""
        return tuple(sections(self.changelog.read_text(encoding="utf-8")))

    def released(self) -> tuple[str, ...]:
        """The versions whose contract is kept, the oldest first."""
        folder = self.root / "docs" / "released"
        return tuple(
            sorted((found[1] for path in folder.glob("*") if (found := COPY.fullmatch(path.name))), key=number)
        )


def sections(changelog: str) -> Iterator[Section]:
    """The sections of a CHANGELOG's text, in its order."""
    headings = list(HEADING.finditer(changelog))
    for heading, end in zip(headings, [*(h.start() for h in headings[1:]), len(changelog)], strict=True):
        parts = re.split(r"^### ", changelog[heading.end() : end], flags=re.MULTILINE)
        under = [part.partition("\n")[2] for part in parts if part.partition("\n")[0].strip() == CONTRACT]
        yield Section(heading["version"], UNRELEASED not in heading["note"], tuple(_items("\n".join(under))))


def _items(text: str) -> Iterator[str]:
    """The items of a list, each on one line however it was wrapped."""
    for item in re.split(r"^- ", text, flags=re.MULTILINE)[1:]:
        yield " ".join(item.partition("\n\n")[0].split())
