"""The property tests' reading of filters follows the operators that the contract states."""

import json

import pytest
from entity_contract import Entity, Operator, load
from entity_tests.properties.filters import filter_is_refused
from entity_tests.properties.strategies import filters
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st

V1 = load()
ANY = settings(phases=[Phase.generate], max_examples=2000, database=None)
"""The first example will do; none is made smaller."""

LIKE = Operator("$like", "text", ("string",))


def entity(name: str) -> Entity:
    found = V1.entity(name)
    assert found is not None
    return found


@given(data=st.data(), of=st.sampled_from(V1.entities))
def test_a_filter_that_is_drawn_is_not_refused(data: st.DataObject, of: Entity) -> None:
    text = data.draw(filters(V1.operators, of.fields))

    assert not filter_is_refused(V1.operators, of, text)


@pytest.mark.parametrize("name", [operator.name for operator in V1.operators])
def test_every_operator_is_drawn(name: str) -> None:
    assert find(filters(V1.operators), lambda text: f'"{name}"' in text, settings=ANY)


def test_a_new_operator_is_drawn_and_accepted() -> None:
    text = find(filters((LIKE,)), lambda text: "$like" in text, settings=ANY)

    assert not filter_is_refused((LIKE,), entity("tasks"), text)


@pytest.mark.parametrize(
    "stated",
    [
        {"title": {"$like": "x"}},
        {"status": {"$gt": "todo"}},
        {"title": {"$eq": 1}},
        {"title": {"$in": []}},
        {"createdAt": {"$contains": "2025"}},
        {"title": {"$contains": 1}},
        {"title": {"$null": "true"}},
    ],
)
def test_an_operator_that_does_not_fit_is_refused(stated: object) -> None:
    assert filter_is_refused(V1.operators, entity("tasks"), json.dumps(stated))
