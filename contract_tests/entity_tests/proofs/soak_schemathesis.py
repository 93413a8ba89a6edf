"""Plain schemathesis on every operation: `pytest contract_tests/entity_tests/proofs/soak_schemathesis.py`, a minute.

One entity alone is tried in `properties/tests/test_plain_schemathesis`.
"""

from pathlib import Path

from entity_tests.deployments.plain_schemathesis import HOOKS, schemathesis
from entity_tests.deployments.serving import UNLIMITED, serving


def test_with_the_hooks_all_phases_find_nothing_in_any_operation(tmp_path: Path) -> None:
    with serving(tmp_path / "server", *UNLIMITED) as served:
        told = schemathesis(tmp_path, served, "--max-examples", "2", **HOOKS)

    assert (told["exit_code"], told["failures"]) == (0, [])
    assert {phase["status"] for phase in told["phases"].values()} == {"success"}
    assert (told["operations"]["tested"], told["operations"]["total"]) == (44, 44)
    assert told["test_cases"]["generated"] > 1000


def test_without_them_the_demo_shows_no_failure_within_its_default_limit(tmp_path: Path) -> None:
    with serving(tmp_path / "server") as served:
        told = schemathesis(tmp_path, served, "--phases", "examples,coverage")  # the others meet the limit alone

    assert told["failures"] == []
    assert told["test_cases"]["generated"] > 1000
