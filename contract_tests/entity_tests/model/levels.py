"""Which parts of a question are a MUST, and which a SHOULD. Pure.

The reference server decides every point, so that everything is a MUST there; with `strict` a SHOULD is one too.
"""

import unicodedata
from collections.abc import Sequence
from datetime import timedelta

from entity_tests.model.question import Condition, Question
from entity_tests.model.records import Record
from entity_tests.model.times import has_offset, instant

RESOLUTION = timedelta(seconds=1)
"""The coarsest unit in which a deployment may print its times."""


def must_select(question: Question, records: Sequence[Record]) -> bool:
    """Whether the selection among these records follows from clauses of the level MUST.

    A search is a SHOULD here. Only a whole word in a title is a MUST, and most searches of the machine hold parts of
    words, other fields or other characters.
    """
    return (
        all(_must_match(question, condition, records) for condition in question.conditions)  # L14
        and not question.search  # L18
        and all(border is None or _must_divide(border, records) for border in (question.start, question.end))  # L19
    )


def must_show(question: Question) -> bool:
    """Whether the projection does (L20, L21)."""
    return not question.repeated and question.fields != () and not (question.fields and question.include)


def _must_match(question: Question, condition: Condition, records: Sequence[Record]) -> bool:
    """Equality is a MUST; on date-times, and where texts differ in case, accents or blanks alone, it is a SHOULD."""
    field = question.entity.field(condition.field)
    if condition.operator != "$eq" or field is None or field.type == "datetime":
        return False
    if field.type not in ("string", "text"):
        return True
    held = [one[field.name] for one in records if one[field.name] is not None]
    return not any(text != condition.operand and _folded(text) == _folded(condition.operand) for text in held)


def _must_divide(border: str, records: Sequence[Record]) -> bool:
    """Whether a border with an offset is further from each record than the unit in which times may be printed."""
    return has_offset(border) and all(abs(instant(one["createdAt"]) - instant(border)) > RESOLUTION for one in records)


def _folded(text: object) -> str:
    decomposed = unicodedata.normalize("NFKD", str(text).casefold())
    return " ".join("".join(one for one in decomposed if not unicodedata.combining(one)).split())
