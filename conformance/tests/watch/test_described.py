"""What metadata tells of a field, beside what its values were answered."""

import json
from dataclasses import replace

import pytest
from entity_conformance.suite.watch.described import agrees_with_behaviour
from entity_contract import Contract

from conformance.tests.watched import Told, problems

LONG = "word " * 39 + "words"
REFUSED = {"success": False, "error": "Invalid", "code": "VALIDATION_FAILED", "details": {"title": "Not so"}}


def wrote(told: Told, title: str, *, taken: bool, method: str = "POST") -> None:
    """A write of a task with a title, and its answer."""
    path, granted = ("tasks", 201) if method == "POST" else ("tasks/tsk_1", 200)
    answer = {"success": True, "data": {"id": "tsk_1", "title": title}} if taken else REFUSED
    told.get(path, answer, status=granted if taken else 400, method=method)
    asked = told.asked[-1]
    content = json.dumps({"title": title}).encode()
    told.asked[-1] = replace(asked, request=replace(asked.request, content=content))


@pytest.mark.parametrize(
    ("refused", "method", "found"),
    [
        (LONG, "POST", ["title is refused at the maxLength 200 that its metadata tells"]),
        (LONG, "PATCH", []),
        ("9" * 200, "POST", []),
        (LONG.upper(), "POST", []),
    ],
)
def test_a_text_at_its_bound_is_taken_where_the_same_method_took_others_like_it(
    v1: Contract, refused: str, method: str, found: list[str]
) -> None:
    told = Told()
    wrote(told, "some words", taken=True)
    wrote(told, refused, taken=False, method=method)

    assert len(LONG) == 200
    assert [problem for _, problem in problems(agrees_with_behaviour, told.history(v1))] == found
