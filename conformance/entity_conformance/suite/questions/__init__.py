"""Designed questions to lists: borders for values, pairs of factors, each asked once and judged by the oracle."""

from entity_conformance.oracle.question import Question
from entity_conformance.suite.questions.asking import (
    answer,
    ask,
    first_page,
    holds,
    is_shown,
    read,
    read_key_sees_the_same,
    readings,
    wrong,
)
from entity_conformance.suite.questions.combinations import combined, found, page
from entity_conformance.suite.questions.filters import asker, beside_null, filtered, several
from entity_conformance.suite.questions.orders import enums_ordered, moments_ordered, nulls_placed, ordered

__all__ = [
    "Question",
    "answer",
    "ask",
    "asker",
    "beside_null",
    "combined",
    "enums_ordered",
    "filtered",
    "first_page",
    "found",
    "holds",
    "is_shown",
    "moments_ordered",
    "nulls_placed",
    "ordered",
    "page",
    "read",
    "read_key_sees_the_same",
    "readings",
    "several",
    "wrong",
]
