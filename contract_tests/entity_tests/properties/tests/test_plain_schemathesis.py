"""Plain `schemathesis run` on the reference server: with `entity_tests.hooks` it finds nothing, without them little.

What is found without them stands in docs/property-tests.md, each operation with its reason. With the hooks every
operation is tried in every phase by `proofs/soak_schemathesis`.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from entity_tests.deployments.plain_schemathesis import HOOKS, schemathesis
from entity_tests.deployments.serving import ROOT, UNLIMITED, serving


def failing(told: Mapping[str, Any]) -> set[str]:
    return {operation for failure in told["failures"] for operation in failure["operations"]}


def named() -> set[str]:
    """The operations in the table of the documentation."""
    text = (ROOT / "docs" / "property-tests.md").read_text(encoding="utf-8")
    _, _, section = text.partition("## Plain schemathesis")
    return set(re.findall(r"`((?:GET|POST|PATCH|DELETE) /v1/[^`]+)`", section.partition("\n## ")[0]))


def test_with_the_hooks_all_phases_find_nothing(tmp_path: Path) -> None:
    with serving(tmp_path / "server", *UNLIMITED) as served:
        told = schemathesis(tmp_path, served, "--max-examples", "2", "--include-tag", "Tasks", **HOOKS)

    assert (told["exit_code"], told["failures"]) == (0, [])
    assert {phase["status"] for phase in told["phases"].values()} == {"success"}
    assert (told["operations"]["tested"], told["operations"]["total"]) == (6, 44)
    assert told["test_cases"]["generated"] > 300


@pytest.mark.soak
def test_without_them_the_demo_shows_no_failure_within_its_limit(tmp_path: Path) -> None:
    """A small limit, met by one entity; the soak tests meet the default one by all."""
    with serving(tmp_path / "server", "--key-limit", "200/hour") as served:
        told = schemathesis(tmp_path, served, "--phases", "examples,coverage", "--include-tag", "Tasks")

    assert told["failures"] == []
    assert told["test_cases"]["generated"] > 250


def test_without_them_the_demo_knows_what_every_example_names(tmp_path: Path) -> None:
    with serving(tmp_path / "server") as served:
        told = schemathesis(tmp_path, served, "--phases", "examples")

    assert told["failures"] == []
    assert told["test_cases"]["generated"] > 40, told["test_cases"]
    assert told["operations"]["total"] == 44


def test_without_them_each_failure_of_the_demo_is_explained(tmp_path: Path) -> None:
    with serving(tmp_path / "server", *UNLIMITED) as served:
        told = schemathesis(tmp_path, served, "--phases", "coverage", "--include-operation-id", "updateComment")

    assert failing(told)
    assert failing(told) <= named()


@pytest.mark.parametrize(
    ("fault", "operation", "failed"),
    [
        ("list.bad-limit-accepted", "listProducts", "GET /v1/products"),
        pytest.param(
            *("metadata.last-value-refused", "updateProduct", "PATCH /v1/products/{id}"), marks=pytest.mark.soak
        ),
    ],
)
def test_the_hooks_let_no_fault_pass(tmp_path: Path, fault: str, operation: str, failed: str) -> None:
    with serving(tmp_path / "server", *UNLIMITED, "--fault", fault) as served:
        told = schemathesis(tmp_path, served, "--phases", "coverage", "--include-operation-id", operation, **HOOKS)

    assert failing(told) == {failed}
