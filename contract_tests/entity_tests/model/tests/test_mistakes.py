"""Bodies with a mistake."""

from dataclasses import replace

import pytest
from entity_contract import Contract
from entity_tests.model.mistakes import BadBody, bad_body
from entity_tests.model.random_source import RandomSource


@pytest.mark.parametrize("drawn", range(0, 256, 5))
def test_an_entity_that_requires_nothing_has_bad_bodies_too(contract: Contract, drawn: int) -> None:
    tasks = next(one for one in contract.entities if one.name == "tasks")
    free = replace(tasks, fields=tuple(replace(one, required=False) for one in tasks.fields))

    bad = bad_body(RandomSource(bytes([drawn] * 40)), free, {"title": "Count"}, creating=True, hidden=None)

    assert bad.ruling != "R1.missing"


def test_each_status_that_a_refusal_may_have_is_named_once() -> None:
    assert BadBody([], (), "R3.not-an-object", "UNPROCESSABLE_ENTITY", 422).statuses == (422, 400, 415)
