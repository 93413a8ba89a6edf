"""Values within whatever bounds a deployment tells."""

import pytest
from entity_contract import Field
from entity_tests.properties import strategies
from hypothesis import find


@pytest.mark.parametrize(
    "field",
    [
        Field("n", "integer", minimum=1.5, maximum=2.5),
        Field("n", "integer", maximum=-5),
        Field("n", "number", minimum=0.1, maximum=99.99),
        Field("n", "number", maximum=-0.5),
        Field("n", "number", minimum=2e6),
    ],
)
def test_a_number_is_within_the_bounds_that_are_told(field: Field) -> None:
    number = find(strategies.values(field), lambda one: isinstance(one, int | float))

    assert isinstance(number, int | float)
    assert field.minimum is None or number >= field.minimum
    assert field.maximum is None or number <= field.maximum
