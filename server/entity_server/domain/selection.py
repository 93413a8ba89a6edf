"""Which records a list selects: conditions, words to search for, and a range of dates (L14-L19).

What the parts mean; `filtering` reads the filter. All parts of a selection hold together (L23).
"""

from datetime import date, datetime

from entity_server.domain.filtering import Condition
from entity_server.domain.per_request import per_request
from entity_server.domain.sentences import Refused, Sentence
from entity_server.domain.text import LONGEST_NEEDLE, folded
from entity_server.domain.times import end_of_day, start_of_day
from entity_server.domain.values import text

# Each word is a condition of its own in the database, and databases have limits on those.
MOST_WORDS = 100


@per_request(frozen=True, slots=True)
class Selection:
    """Records that meet every condition, hold every word (folded) in some searchable field, and were created in time.

    Both borders are inclusive.
    """

    conditions: tuple[Condition, ...] = ()
    words: tuple[str, ...] = ()
    created_from: datetime | None = None
    created_until: datetime | None = None


def searched(sought: str) -> tuple[str, ...]:
    """The words to search for: each once, folded. Raises Refused."""
    words = tuple(dict.fromkeys(folded(word) for word in text(sought).split()))
    if len(words) > MOST_WORDS:
        raise Refused(Sentence.MOST_WORDS(most=MOST_WORDS))
    if any(len(word) > LONGEST_NEEDLE for word in words):
        raise Refused(Sentence.LONGEST_WORD(most=LONGEST_NEEDLE))
    return words


def first_moment(border: date | datetime) -> datetime:
    """Where a range begins: a date alone means its first moment."""
    return border if isinstance(border, datetime) else start_of_day(border)


def last_moment(border: date | datetime) -> datetime:
    """Where a range ends: "a date-only endDate covers that whole day" (L19)."""
    return border if isinstance(border, datetime) else end_of_day(border)
