"""Every list tells its pages, each number and each flag of its type."""

from typing import Any

import pytest
from entity_conformance.suite.watch.paginations import is_told
from entity_contract import Contract

from conformance.tests.watched import Told

RIGHT: dict[str, Any] = {"page": 1, "limit": 20, "total": 1, "totalPages": 1, "hasNext": False, "hasPrev": False}


def wrong(v1: Contract, pagination: object) -> list[str]:
    """What is wrong with a list that tells this of its pages."""
    told = Told().get("tasks?search=x", {"success": True, "data": [{"id": "tsk_1"}], "pagination": pagination})
    return [str(one.problem) for one in is_told.judge(told.history(v1)) if one.problem is not None]


def test_numbers_and_flags_of_their_types_are_right(v1: Contract) -> None:
    assert wrong(v1, RIGHT) == []


def test_a_number_may_be_written_with_a_point(v1: Contract) -> None:
    assert wrong(v1, {**RIGHT, "total": 1.0}) == []


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("hasNext", "yes"),
        ("hasNext", 0),
        ("hasPrev", None),
        ("total", "five"),
        ("total", 1.5),
        ("totalPages", True),
        ("page", None),
        ("limit", [20]),
    ],
)
def test_a_member_of_another_type_is_wrong_in_whichever_list(v1: Contract, member: str, value: object) -> None:
    (said,) = wrong(v1, {**RIGHT, member: value})

    assert f"pagination.{member}" in said


@pytest.mark.parametrize("pagination", [None, [], {}])
def test_a_list_without_its_pages_is_wrong(v1: Contract, pagination: object) -> None:
    assert len(wrong(v1, pagination)) == 1
