"""The requirement ledger: what the reference demands, one entry per clause.

Facts only: an entry quotes the reference (or names the decision that settles it) and states its level; whether a
deployment meets it is a check's business.
"""

from dataclasses import dataclass
from typing import Literal

Level = Literal["must", "should", "choice"]


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
