"""Which records a list selects: `search`, `startDate`, `endDate`, and the conditions of `filter` (L14-L19).

Charter: reads the parameters; `filtering` reads the filter's JSON. All parts of a selection hold together (L23).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from entity_contract import Entity

from entity_server.domain.arguments import Arguments, single, words
from entity_server.domain.filtering import Condition, parse_filter
from entity_server.domain.problems import ValidationFailed
from entity_server.domain.text import LONGEST_NEEDLE, folded
from entity_server.domain.times import end_of_day, read_date, read_moment, start_of_day

# Each word is a condition of its own in the database, and databases have limits on those.
MOST_WORDS = 100


@dataclass(frozen=True, slots=True)
class Selection:
    """Records that meet every condition, hold every word (folded) in some searchable field, and were created in time.

    Both borders are inclusive.
    """

    conditions: tuple[Condition, ...] = ()
    words: tuple[str, ...] = ()
    created_from: datetime | None = None
    created_until: datetime | None = None


def parse_selection(entity: Entity, arguments: Arguments) -> Selection:
    """The selection asked for. Raises InvalidFilter, or one ValidationFailed for the other parameters."""
    created_from = _border(arguments, "startDate")
    created_until = _border(arguments, "endDate")
    if created_from is not None and created_until is not None and created_from > created_until:
        raise ValidationFailed(details={"startDate": "Must not be after endDate"})
    return Selection(parse_filter(entity, arguments), _words(arguments), created_from, created_until)


def _words(arguments: Arguments) -> tuple[str, ...]:
    searched = tuple(dict.fromkeys(folded(word) for word in words(arguments, "search")))
    if len(searched) > MOST_WORDS:
        raise ValidationFailed(details={"search": f"Must have at most {MOST_WORDS} words"})
    if any(len(word) > LONGEST_NEEDLE for word in searched):
        raise ValidationFailed(details={"search": f"Must have words of at most {LONGEST_NEEDLE} characters"})
    return searched


def _border(arguments: Arguments, name: Literal["startDate", "endDate"]) -> datetime | None:
    """A border of the date range; "a date-only endDate covers that whole day" (L19)."""
    text = single(arguments, name)
    if text is None:
        return None
    day = read_date(text)
    if day is not None:
        return start_of_day(day) if name == "startDate" else end_of_day(day)
    moment = read_moment(text)
    if moment is None:
        raise ValidationFailed(details={name: "Must be a date (YYYY-MM-DD) or an RFC 3339 date-time"})
    return moment
