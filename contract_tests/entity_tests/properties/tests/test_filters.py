"""The property tests' reading of filters follows the operators that the contract states."""

import pytest
from entity_contract import Entity, Operator, load
from entity_tests.properties.filters import filter_breaks
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

    assert not filter_breaks(V1.operators, of, text)


@pytest.mark.parametrize("name", [operator.name for operator in V1.operators])
def test_every_operator_is_drawn(name: str) -> None:
    assert find(filters(V1.operators), lambda text: f'"{name}"' in text, settings=ANY)


def test_a_new_operator_is_drawn_and_accepted() -> None:
    text = find(filters((LIKE,)), lambda text: "$like" in text, settings=ANY)

    assert not filter_breaks((LIKE,), entity("tasks"), text)


@pytest.mark.parametrize(
    ("text", "clause"),
    [
        ("{", "L15.not-json"),
        ("[]", "L15.not-an-object"),
        ('{"nothing": 1}', "L15.unknown-field"),
        ('{"$eq": 1}', "L15.top-level-operator"),
        ('{"title": {"$like": "x"}}', "L15.unknown-operator"),
        ('{"title": {}}', "L15.empty-operators"),
        ('{"status": {"$gt": "todo"}}', "L15.no-order"),
        ('{"status": "lost"}', "L15.outside-enum"),
        ('{"title": {"$eq": 1}}', "L15.wrong-type"),
        ('{"title": {"$in": []}}', "L15.list-operand"),
        ('{"title": {"$in": [1]}}', "L15.wrong-type"),
        ('{"createdAt": {"$contains": "2025"}}', "L15.wrong-type"),
        ('{"title": {"$contains": 1}}', "L15.wrong-type"),
        ('{"title": {"$null": "true"}}', "L15.null-operand"),
        ('{"title": null}', "L15.bare-null"),
        ('{"title": {"$ne": null}}', "L15.bare-null"),
        ('{"title": "x", "title": "y"}', "L15.strict-json"),
    ],
)
def test_what_is_no_filter_breaks_a_clause(text: str, clause: str) -> None:
    assert filter_breaks(V1.operators, entity("tasks"), text) == {clause}
