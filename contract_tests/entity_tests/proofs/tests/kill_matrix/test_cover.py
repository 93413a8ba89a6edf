"""Each requirement that a fault breaks is failed by one: the cover, each deployment judged by what its faults break.

Whether others are accused beside them is asked in `test_first_half` and `test_second_half`.
"""

from collections.abc import Sequence

import pytest
from entity_server.faults import Fault
from entity_tests.proofs import kill_matrix

COVER, _ = kill_matrix.deployments()


@pytest.mark.parametrize("group", COVER, ids=lambda group: f"{group[0].id}+{len(group) - 1}")
def test_faults_are_found_by_the_requirements_that_they_break(
    tripped: dict[str, list[str]], group: Sequence[Fault]
) -> None:
    assert {fault.id: tripped[fault.id] for fault in group} == {fault.id: [] for fault in group}
