"""The requirement ledger: what the reference demands, one entry per clause.

Facts only: an entry quotes the reference and cites the clauses of the rulings that settle it; from those it has its
level. Whether a deployment meets it is a check's business. The entries are package data, `requirements/<chapter>.yaml`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType

import yaml
from entity_contract import rulings
from entity_contract.rulings import Level, Rulings, RulingsError

CHAPTERS = (
    "auth",
    "list",
    "filter",
    "sort",
    "search",
    "select",
    "dates",
    "create",
    "read",
    "update",
    "delete",
    "metadata",
    "situations",
    "errors",
    "limits",
    "keys",
    "generate",
    "health",
)
"""The chapters in the order in which reports tell them.

The id of a requirement begins with its chapter; a chapter is a file of the ledger and a module of checks.
"""

PRODUCTS = ("properties", "model")
"""The chapters that a command of that name judges. They stand in `entity_tests`, beside its code, in every install."""

FORMER: Mapping[str, str] = MappingProxyType(
    {
        "auth": "authentication",
        "list": "listing",
        "filter": "filtering",
        "sort": "sorting",
        "search": "searching",
        "select": "selection",
        "create": "creating",
        "read": "reading",
        "update": "updating",
        "delete": "deleting",
        "limits": "rate_limits",
        "generate": "generation",
    }
)
"""What chapters were called before; `--only` and `--skip` still take those names."""

_REQUIRED = frozenset({"id", "text", "source", "pointer"})
_OPTIONAL = frozenset({"decision", "untested"})

# The parser in C is ten times as fast, and not every platform has it.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class LedgerError(Exception):
    """The ledger itself is wrong, which is a defect of the suite. The message names the file and the entry."""


@dataclass(frozen=True, slots=True)
class Requirement:
    """One demand. `text` is verbatim from the reference; `pointer` is where the contract states it.

    `decision` names the clauses that settle what the reference leaves open (`L6.leads-on`); its level is theirs, and
    MUST where there is none. `choices` are the alternatives of a CHOICE. `untested` is the reason why no check proves
    it, None when one does.
    """

    id: str
    chapter: str
    level: Level
    text: str
    source: str
    pointer: str
    decision: tuple[str, ...] = ()
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


@cache
def product(name: str) -> Ledger:
    """The requirements of `conformance properties` or `conformance model`; none where `entity_tests` is not installed.

    Nothing is imported for it: the code beside them takes long, and needs what a plain install lacks.
    """
    package = find_spec("entity_tests")
    for folder in (package and package.submodule_search_locations) or ():
        file = Path(folder) / name / f"{name}.yaml"
        if file.is_file():
            return parse([(file.name, file.read_text("utf-8"))])
    return parse(())


@cache
def everything() -> Ledger:
    """What every command judges: the ledger of this package, and behind it those of the products."""
    ledgers = (load(), *map(product, PRODUCTS))
    return Ledger(
        MappingProxyType({id_: one for ledger in ledgers for id_, one in ledger.requirements.items()}),
        MappingProxyType({chapter: title for ledger in ledgers for chapter, title in ledger.titles.items()}),
    )


def command_of(requirement: Requirement) -> str:
    """The command that judges a requirement."""
    return requirement.chapter if requirement.chapter in PRODUCTS else "run"


def parse(chapters: Iterable[tuple[str, str]]) -> Ledger:
    """A ledger from (file name, YAML text) pairs. Raises LedgerError on the first entry that is wrong."""
    decided = rulings.load()
    requirements: dict[str, Requirement] = {}
    titles: dict[str, str] = {}
    for source, text in chapters:
        chapter, title, entries = _chapter(source, text)
        titles[chapter] = title
        for index, entry in enumerate(entries):
            requirement = _requirement(f"{source}, entry {index + 1}", chapter, entry, decided)
            if requirement.id.partition(".")[0] != chapter:
                raise LedgerError(f"{source}: {requirement.id} is not of the chapter {chapter}, as its id says")
            if requirement.id in requirements:
                raise LedgerError(f"{source}: the id {requirement.id} is taken")
            requirements[requirement.id] = requirement
    return Ledger(MappingProxyType(requirements), MappingProxyType(titles))


def _chapter(source: str, text: str) -> tuple[str, str, list[object]]:
    try:
        content = yaml.load(text, _LOADER)  # noqa: S506  # a safe loader, whichever of the two
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


def _requirement(where: str, chapter: str, entry: object, decided: Rulings) -> Requirement:
    if not isinstance(entry, dict):
        raise LedgerError(f"{where}: not a mapping")
    named = f"{where} ({entry.get('id', 'without an id')})"
    if missing := sorted(_REQUIRED - set(entry)):
        raise LedgerError(f"{named}: lacks {', '.join(missing)}")
    if unknown := sorted(str(key) for key in set(entry) - _REQUIRED - _OPTIONAL):
        raise LedgerError(f"{named}: unknown key {', '.join(unknown)}")
    cited = entry.get("decision", [])
    decision = tuple(cited) if isinstance(cited, list) else (cited,)
    for key, value in entry.items():
        for text in decision if key == "decision" else (value,):
            if not isinstance(text, str) or not text.strip():
                raise LedgerError(f"{named}: {key} is not a text")
    level, choices = _judged(named, decision, decided)
    return Requirement(
        id=entry["id"],
        chapter=chapter,
        level=level,
        text=entry["text"],
        source=entry["source"],
        pointer=entry["pointer"],
        decision=decision,
        choices=choices,
        untested=entry.get("untested"),
    )


def _judged(named: str, decision: tuple[str, ...], decided: Rulings) -> tuple[Level, tuple[str, ...]]:
    """The level of a requirement and what it may choose among; what the reference says plainly is a MUST."""
    if not decision:
        return "must", ()
    try:
        level = decided.level(*decision)
    except RulingsError as error:
        raise LedgerError(f"{named}: {error}") from error
    if level is None:
        raise LedgerError(f"{named}: {', '.join(decision)} judges no deployment")
    if level == "choice" and len(decision) > 1:
        raise LedgerError(f"{named}: a choice is one clause")
    return level, decided.clauses[decision[0]].alternatives
