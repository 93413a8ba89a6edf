"""The requirement ledger: what the reference demands, one entry per clause.

Facts only: an entry quotes the reference (or names the decision that settles it) and states its level; whether a
deployment meets it is a check's business. The entries are package data, `requirements/<chapter>.yaml`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Literal, cast, get_args

import yaml

Level = Literal["must", "should", "choice"]

CHAPTERS = (
    "authentication",
    "listing",
    "filtering",
    "sorting",
    "searching",
    "selection",
    "dates",
    "creating",
    "reading",
    "updating",
    "deleting",
    "metadata",
    "errors",
    "rate_limits",
    "keys",
    "generation",
    "health",
)
"""The chapters in the order in which reports tell them; each is a file of the ledger and a module of checks."""

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml's, which takes a tenth of the time, where it is there."""

_REQUIRED = frozenset({"id", "level", "text", "source", "pointer"})
_OPTIONAL = frozenset({"decision", "choices", "untested"})


class LedgerError(Exception):
    """The ledger itself is wrong, which is a defect of the suite. The message names the file and the entry."""


@dataclass(frozen=True, slots=True)
class Requirement:
    """One clause. `text` is verbatim from the reference; `pointer` is where the contract states it.

    `decision` names the row that settled what the reference leaves open (`L6`). `choices` are the behaviours that a
    CHOICE admits. `untested` is the reason why no check proves it, None when one does.
    """

    id: str
    chapter: str
    level: Level
    text: str
    source: str
    pointer: str
    decision: str | None = None
    choices: tuple[str, ...] = ()
    untested: str | None = None


@dataclass(frozen=True, slots=True)
class Ledger:
    """Every requirement by id, and every chapter's title, both in the chapters' order."""

    requirements: Mapping[str, Requirement]
    titles: Mapping[str, str]


@cache
def load() -> Ledger:
    """The ledger of this package. Raises LedgerError when an entry is malformed or a chapter is missing."""
    folder = files("entity_conformance.suite") / "requirements"
    names = {entry.name.removesuffix(".yaml") for entry in folder.iterdir() if entry.name.endswith(".yaml")}
    for name in sorted(names.symmetric_difference(CHAPTERS)):
        problem = "has no place among the chapters" if name in names else "is missing"
        raise LedgerError(f"requirements/{name}.yaml: {problem}")
    return parse((f"requirements/{name}.yaml", (folder / f"{name}.yaml").read_text("utf-8")) for name in CHAPTERS)


def parse(chapters: Iterable[tuple[str, str]]) -> Ledger:
    """A ledger from (file name, YAML text) pairs. Raises LedgerError on the first entry that is wrong."""
    requirements: dict[str, Requirement] = {}
    titles: dict[str, str] = {}
    for source, text in chapters:
        chapter, title, entries = _chapter(source, text)
        titles[chapter] = title
        for index, entry in enumerate(entries):
            requirement = _requirement(f"{source}, entry {index + 1}", chapter, entry)
            if requirement.id in requirements:
                raise LedgerError(f"{source}: the id {requirement.id} is taken")
            requirements[requirement.id] = requirement
    return Ledger(MappingProxyType(requirements), MappingProxyType(titles))


def _chapter(source: str, text: str) -> tuple[str, str, list[object]]:
    try:
        content = yaml.load(text, Loader=_Loader)  # noqa: S506  # a safe one
    except yaml.YAMLError as error:
        raise LedgerError(f"{source}: not YAML: {error}") from error
    if not isinstance(content, dict) or set(content) != {"chapter", "title", "requirements"}:
        raise LedgerError(f"{source}: expected the keys chapter, title and requirements, and no others")
    chapter, title, entries = content["chapter"], content["title"], content["requirements"]
    if not isinstance(chapter, str) or not isinstance(title, str) or not isinstance(entries, list):
        raise LedgerError(f"{source}: chapter and title are texts, requirements is a list")
    if not source.endswith(f"{chapter}.yaml"):
        raise LedgerError(f"{source}: the chapter {chapter} belongs into a file of its name")
    return chapter, title, entries


def _requirement(where: str, chapter: str, entry: object) -> Requirement:
    if not isinstance(entry, dict):
        raise LedgerError(f"{where}: not a mapping")
    named = f"{where} ({entry.get('id', 'without an id')})"
    if missing := sorted(_REQUIRED - set(entry)):
        raise LedgerError(f"{named}: lacks {', '.join(missing)}")
    if unknown := sorted(str(key) for key in set(entry) - _REQUIRED - _OPTIONAL):
        raise LedgerError(f"{named}: unknown key {', '.join(unknown)}")
    for key in (_REQUIRED | _OPTIONAL) - {"choices"}:
        if key in entry and (not isinstance(entry[key], str) or not entry[key].strip()):
            raise LedgerError(f"{named}: {key} is not a text")
    level, choices = entry["level"], entry.get("choices", [])
    if level not in get_args(Level):
        raise LedgerError(f"{named}: level is {level}, not one of {', '.join(get_args(Level))}")
    if not isinstance(choices, list) or bool(choices) != (level == "choice"):
        raise LedgerError(f"{named}: a choice, and nothing else, lists its choices")
    return Requirement(
        id=entry["id"],
        chapter=chapter,
        level=cast("Level", level),
        text=entry["text"],
        source=entry["source"],
        pointer=entry["pointer"],
        decision=entry.get("decision"),
        choices=tuple(str(choice) for choice in choices),
        untested=entry.get("untested"),
    )
