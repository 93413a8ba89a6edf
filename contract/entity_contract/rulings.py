"""The rulings: what the API reference leaves open, and what this project decides, as frozen values.

Facts only: how grave it is to break a clause, and what a CHOICE admits. Whether a deployment keeps a clause is judged
elsewhere. The rulings are package data, `rulings.yaml`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from textwrap import wrap
from types import MappingProxyType
from typing import Any, Literal, TypeVar, get_args

import yaml

Level = Literal["must", "should", "choice"]
"""How a deployment is judged by a clause."""

Bound = Literal["reference server", "runner", "contract"]
"""Whom a clause obliges that judges no deployment."""

# The parser in C is ten times as fast, and not every platform has it.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

Made = TypeVar("Made")


class RulingsError(Exception):
    """The rulings themselves are wrong, which is a defect of this package. The message names the entry."""


@dataclass(frozen=True, slots=True)
class Clause:
    """One point of a row that is judged by itself. Its id is the row's and a speaking name: `L9.comma-list`.

    `level` is None where the clause judges no deployment; `binds` says then whom it obliges. `alternatives` are what a
    CHOICE admits, the reference server's own first. `reference` holds words of the reference, verbatim.
    """

    id: str
    text: str
    level: Level | None = None
    binds: Bound | None = None
    alternatives: tuple[str, ...] = ()
    reference: str | None = None

    @property
    def row(self) -> str:
        """The id of its row."""
        return self.id.partition(".")[0]

    @property
    def title(self) -> str:
        """The level as it is printed: `MUST`, `CHOICE {refused, honoured}`, `binds the runner`."""
        if self.level is None:
            return f"binds the {self.binds}"
        return self.level.upper() + (f" {{{', '.join(self.alternatives)}}}" if self.alternatives else "")


@dataclass(frozen=True, slots=True)
class Row:
    """What is decided about one point."""

    id: str
    point: str
    clauses: tuple[Clause, ...]


@dataclass(frozen=True, slots=True)
class Chapter:
    """The rows about one subject; `name` is that of its page in docs/decisions."""

    name: str
    title: str
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Rulings:
    """Every ruling, in the order written."""

    chapters: tuple[Chapter, ...]

    @cached_property
    def rows(self) -> Mapping[str, Row]:
        """Every row by its id."""
        return MappingProxyType({row.id: row for chapter in self.chapters for row in chapter.rows})

    @cached_property
    def clauses(self) -> Mapping[str, Clause]:
        """Every clause by its id."""
        return MappingProxyType({clause.id: clause for row in self.rows.values() for clause in row.clauses})

    def level(self, *clauses: str) -> Level | None:
        """The level that these clauses have in common, None where they judge no deployment.

        Raises RulingsError when there is no such clause, and when their levels differ.
        """
        if unknown := [clause for clause in clauses if clause not in self.clauses]:
            raise RulingsError(f"there is no clause {unknown[0]}")
        levels = {self.clauses[clause].level for clause in clauses}
        if len(levels) != 1:
            raise RulingsError(f"{', '.join(clauses)}: the clauses have no level in common")
        return levels.pop()

    def matching(self, name: str) -> tuple[Clause, ...]:
        """The clauses of a row (`L9`), or the one of that id (`L9.comma-list`), whatever the letters' case."""
        wanted = name.strip().lower()
        return tuple(one for one in self.clauses.values() if wanted in (one.id.lower(), one.row.lower()))


@cache
def load() -> Rulings:
    """The rulings of this package. Raises RulingsError when an entry is malformed."""
    return parse((files("entity_contract") / "rulings.yaml").read_text("utf-8"))


def told(rulings: Rulings, name: str | None = None, *, width: int = 100) -> str | None:
    """Rows with their clauses as lines: all of them, one row (`L9`) or one clause; None when there is no such."""
    clauses = tuple(rulings.clauses.values()) if name is None else rulings.matching(name)
    lines: list[str] = []
    for row in dict.fromkeys(clause.row for clause in clauses):
        lines += ["", f"{row}  {rulings.rows[row].point}"]
        for clause in (one for one in clauses if one.row == row):
            lines.append(f"  {clause.id}  {clause.title}")
            lines += wrap(clause.text, width, initial_indent="      ", subsequent_indent="      ")
            quoted = " ".join((clause.reference or "").split())
            lines += [f'      the reference: "{quoted}"'] if quoted else []
    return "\n".join(lines[1:]) or None


def parse(text: str) -> Rulings:
    """Rulings from a YAML text. Raises RulingsError on the first entry that is wrong, which it names."""
    try:
        content = yaml.load(text, _LOADER)  # noqa: S506  # a safe loader, whichever of the two
    except yaml.YAMLError as error:
        raise RulingsError(f"not YAML: {error}") from error
    rulings = Rulings(tuple(_chapter(entry) for entry in _mapping("the file", content).get("chapters", ())))
    every = [clause.id for chapter in rulings.chapters for row in chapter.rows for clause in row.clauses]
    if repeated := sorted({one for one in every if every.count(one) > 1}):
        raise RulingsError(f"{repeated[0]}: the id is taken")
    return rulings


def _chapter(entry: object) -> Chapter:
    members = _mapping("a chapter", entry)
    return _made(Chapter, members, rows=tuple(_row(row) for row in members.get("rows", ())))


def _row(entry: object) -> Row:
    members = _mapping("a row", entry)
    row = _made(Row, members, clauses=tuple(_clause(clause) for clause in members.get("clauses", ())))
    for clause in row.clauses:
        if not clause.id.startswith(f"{row.id}."):
            raise RulingsError(f"{clause.id}: a clause of the row {row.id} has an id that begins with {row.id}.")
    return row


def _clause(entry: object) -> Clause:
    members = _mapping("a clause", entry)
    clause = _made(Clause, members, alternatives=tuple(members.get("alternatives", ())))
    if (clause.level is None) == (clause.binds is None):
        raise RulingsError(f"{clause.id}: state a level, or whom the clause binds where it judges no deployment")
    if clause.level not in (None, *get_args(Level)) or clause.binds not in (None, *get_args(Bound)):
        raise RulingsError(f"{clause.id}: {clause.level or clause.binds} is neither a level nor anybody bound")
    if (clause.level == "choice") != (len(clause.alternatives) > 1) or len({*clause.alternatives}) < len(
        clause.alternatives
    ):
        raise RulingsError(f"{clause.id}: a choice, and nothing else, lists two alternatives or more, each once")
    return clause


def _mapping(what: str, entry: object) -> Mapping[str, Any]:
    if not isinstance(entry, dict):
        raise RulingsError(f"{what} is no mapping: {str(entry)[:60]}")
    return entry


def _made(of: type[Made], members: Mapping[str, Any], **replaced: object) -> Made:
    """The value that an entry's members make; every text in it is one."""
    for name, value in {**members, **replaced}.items():
        texts = value if name == "alternatives" else () if name in replaced else (value,)
        if any(not isinstance(one, str) or not one.strip() for one in texts):
            raise RulingsError(f"{members.get('id', of.__name__.lower())}: {name} is not a text")
    try:
        return of(**{**members, **replaced})
    except TypeError as error:
        raise RulingsError(f"{members.get('id', of.__name__.lower())}: {error}") from error
