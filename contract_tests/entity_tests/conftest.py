"""Fixtures of the contract tests: the contract, and the reference server in a process of its own.

What is served here is served as users do it. A test that changes data, or counts requests, starts a server of
its own with `entity_tests.deployments.serving`.
"""

from pathlib import Path

import pytest
from entity_contract import Contract, load

LONGEST = (
    "test_clients.py",
    "test_variants.py",
    "test_cover.py",
    "test_runs.py",
    "test_linters.py",
    "test_plain_schemathesis.py",
    "test_report_page.py",
    "test_examples_of_the_page.py",
    "test_model_on_a_deployment.py",
    "test_suite_on_server.py",
    "test_root_causes.py",
    "test_dialect.py",
    "test_reports_used_again.py",
    "test_ci.py",
    "test_another_entity.py",
    "test_on_postgres.py",
    "test_hostile.py",
    "test_budget.py",
    "test_killed_runs.py",
    "test_ended_runs.py",
    "test_reference.py",
    "test_odd_answers.py",
    "test_no_secret_is_told.py",
    "test_model_command.py",
    "test_docs_page.py",
    "test_first_half.py",
    "test_readings.py",
    "test_costs.py",
    "test_property_faults.py",
    "test_catalogue.py",
    "test_second_half.py",
    "test_choices.py",
)
"""The files that take longest, the longest first."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest, so that no process is left with it when the others have nothing more to do."""
    places = {name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(item.path.name, len(places)))


@pytest.fixture(scope="session")
def contract() -> Contract:
    """The contract as it is installed."""
    return load()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder for one server's files."""
    return tmp_path / "server"
