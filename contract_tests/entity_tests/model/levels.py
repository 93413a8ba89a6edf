"""Which parts of a question every deployment must answer as ruled, and which only should.

Charter: pure; the levels of docs/decisions/lists.md. On the reference server everything is a must, as it decides every
point; and with `strict` a should is one too.
"""

from entity_tests.model.question import Question
from entity_tests.properties.filters import DAY


def must_select(question: Question) -> bool:
    """Whether what the question selects stands on clauses of the level MUST.

    A search is a should here: that a whole word in a title is found is a must, and parts of words, other fields and
    other characters are not, which is what most searches of the machine are made of.
    """
    return (
        all(condition.operator == "$eq" for condition in question.conditions)  # L14
        and not question.search  # L18
        and all(border is None or DAY.fullmatch(border) for border in (question.start, question.end))  # L19
    )


def must_show(question: Question) -> bool:
    """Whether what the question shows does (L20, L21)."""
    return not question.repeated and question.fields != () and not (question.fields and question.include)
