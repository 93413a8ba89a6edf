"""Which parts of a question are a MUST, which a SHOULD, and which are open. Pure.

The reference server decides every point, so that everything is a MUST there; with `strict` a SHOULD is one too.
"""

import unicodedata
from collections.abc import Collection, Sequence
from functools import lru_cache
from typing import Literal

from entity_conformance.oracle.question import Condition, Question
from entity_conformance.oracle.records import Record
from entity_conformance.oracle.times import has_offset, instant, moment, printed_unit


def selection(question: Question, records: Sequence[Record]) -> Literal["must", "should", "open"]:
    """The level of what the question selects among these records.

    A search is a SHOULD here. Only a whole word in a title is a MUST, and most searches of the machine hold parts of
    words, other fields or other characters. A time that is closer to a record's than the unit in which times are
    printed is open: the deployment may keep more digits than it prints (L19.inclusive). Equality with the very text
    that was printed is a SHOULD (L14.printed-datetime). Which text is the larger one is open too (L14.text-comparison).
    So is whether a search looks at more than it must (L18), ids too, where a record holds its words there alone.
    """
    if question.search and any(_is_found_elsewhere(question, one) for one in records):
        return "open"
    if any(_compares_text(question, condition) for condition in question.conditions):
        return "open"
    borders = [border for border in (question.start, question.end) if border is not None]
    times = [("createdAt", border, "") for border in borders]
    for condition in question.conditions:
        field = question.entity.field(condition.field)
        if field is not None and field.type == "datetime" and condition.operator != "$null":
            operands = condition.operand if isinstance(condition.operand, list) else [condition.operand]
            times += [(field.name, str(operand), condition.operator) for operand in operands]
    held = [(one[name], time, operator) for name, time, operator in times for one in records]
    if any(_is_close(printed, time) for printed, time, operator in held if (printed, operator) != (time, "$eq")):
        return "open"
    is_must = (
        not question.search  # L18
        and all(_must_match(question, condition, records) for condition in question.conditions)  # L14
        and all(map(has_offset, borders))  # L19
    )
    return "must" if is_must else "should"


def must_show(question: Question) -> bool:
    """Whether the projection is a MUST (L20, L21)."""
    return not question.repeated and question.fields != () and not (question.fields and question.include)


def _is_found_elsewhere(question: Question, record: Record) -> bool:
    """Whether a record has every word of a search, but not in the fields that must be searched alone."""
    words = (question.search or "").casefold().split()
    texts = {name: str(value).casefold() for name, value in record.items() if value is not None}
    searched = [texts[name] for name in question.entity.searchable if name in texts]
    return _has_each(words, texts.values()) and not _has_each(words, searched)


def _has_each(words: Sequence[str], texts: Collection[str]) -> bool:
    return all(any(word in text for text in texts) for word in words)


def _compares_text(question: Question, condition: Condition) -> bool:
    field = question.entity.field(condition.field)
    is_text = field is not None and field.type in ("string", "text")
    return is_text and condition.operator in ("$gt", "$gte", "$lt", "$lte")


def _must_match(question: Question, condition: Condition, records: Sequence[Record]) -> bool:
    """Equality is a MUST.

    Spelt as an operator, on date-times, or where texts differ in case, accents or blanks alone, it is a SHOULD.
    """
    field = question.entity.field(condition.field)
    if not condition.bare or field is None or field.type == "datetime":
        return False
    if field.type not in ("string", "text"):
        return True
    held = [one[field.name] for one in records if one[field.name] is not None]
    return not any(text != condition.operand and folded(text) == folded(condition.operand) for text in held)


def _is_close(held: str | None, time: str) -> bool:
    """Whether a date-time is within a printed unit of the one that a record holds."""
    asked = moment(time)
    return held is not None and asked is not None and abs(instant(held) - asked) <= printed_unit(held)


def folded(text: object) -> str:
    """A text without its case, accents and blanks: what a database's collation may not tell apart."""
    return _folded(str(text))


@lru_cache(maxsize=4096)
def _folded(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(one for one in decomposed if not unicodedata.combining(one)).split())
