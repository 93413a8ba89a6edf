"""Each fault makes the requirement that it breaks fail, and no innocent one: the second half of them.

Of the deployments of the cover with several faults every seventh is judged here; the others are marked `soak`. After
a change of faults or checks: `python -m entity_tests.proofs.kill_matrix`, which runs each alone.
"""

from collections.abc import Callable, Sequence

import pytest
from entity_server.faults import Fault
from entity_tests.proofs import kill_matrix

COVER, REST = (groups[1::2] for groups in kill_matrix.deployments())
FEW = [group for group in COVER if len(group) > 1][6::7]
GROUPS = [group if group in FEW else pytest.param(group, marks=pytest.mark.soak) for group in (*COVER, *REST)]


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: f"{group[0].id}+{len(group) - 1}")
def test_faults_are_found_and_no_innocent_requirement_is_accused(
    judged: Callable[[Sequence[Fault]], dict[str, list[str]]], group: Sequence[Fault]
) -> None:
    assert judged(group) == {fault.id: [] for fault in group}
