"""Which parts of a question are a MUST, and which a SHOULD. Pure.

The reference server decides every point, so that everything is a MUST there; with `strict` a SHOULD is one too.
"""

from entity_tests.model.question import Question
from entity_tests.properties.filters import DAY


def must_select(question: Question) -> bool:
    """Whether the selection follows from clauses of the level MUST.

    A search is a SHOULD here. Only a whole word in a title is a MUST, and most searches of the machine hold parts of
    words, other fields or other characters.
    """
    return (
        all(condition.operator == "$eq" for condition in question.conditions)  # L14
        and not question.search  # L18
        and all(border is None or DAY.fullmatch(border) for border in (question.start, question.end))  # L19
    )


def must_show(question: Question) -> bool:
    """Whether the projection does (L20, L21)."""
    return not question.repeated and question.fields != () and not (question.fields and question.include)
