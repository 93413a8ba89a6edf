"""One run for all tests here: of the deployment that CONTRACT_TESTS_URL names, else of a served reference server.

Charter: starts the run and shows its summary. What a run is, `run` knows.
"""

import os
from collections.abc import Iterator

import pytest
from entity_conformance.deployment.settings import Misuse
from entity_contract import Contract
from entity_tests.deployments.databases import dump
from entity_tests.deployments.serving import serving
from entity_tests.properties.run import Outcome, run
from entity_tests.properties.settings import PREFIX, from_environment
from entity_tests.properties.summary import summary
from entity_tests.properties.tests.reference import Ran, of

IS_LIVE = f"{PREFIX}URL" in os.environ
_OUTCOME = pytest.StashKey[Outcome]()


@pytest.fixture(scope="session")
def ran(contract: Contract, tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> Iterator[Ran]:
    """The run."""
    if IS_LIVE:
        yield Ran(_kept(pytestconfig, _run_live(contract)))
        return
    with serving(tmp_path_factory.mktemp("live")) as served:
        before = dump(served.database)
        yield Ran(_kept(pytestconfig, run(of(served), contract)), before, dump(served.database))


@pytest.fixture(scope="session")
def outcome(ran: Ran) -> Outcome:
    """What the run found. Ends the session where nothing can be said of any operation."""
    verdict = ran.outcome.verdict
    if verdict.exit_code in (2, 4):
        pytest.exit(verdict.reason, returncode=verdict.exit_code)
    if verdict.exit_code == 130:
        raise KeyboardInterrupt
    return ran.outcome


@pytest.fixture
def reference(ran: Ran, outcome: Outcome) -> Ran:  # noqa: ARG001  # it ends the session where there is none
    """The run of the reference server. What asks for it is left out of another deployment's."""
    return ran


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is said of the reference server alone, where another deployment is tested."""
    left_out = [item for item in items if IS_LIVE and "reference" in getattr(item, "fixturenames", ())]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


def _run_live(contract: Contract) -> Outcome:
    try:
        settings = from_environment(os.environ)
        if settings is None or not (settings.api_key or settings.session):
            raise Misuse("no URL or no credential was given", hint=f"set {PREFIX}URL and {PREFIX}API_KEY")  # noqa: TRY301
        return run(settings, contract)
    except Misuse as misuse:
        pytest.exit(str(misuse), returncode=2)


def _kept(config: pytest.Config, outcome: Outcome) -> Outcome:
    config.stash[_OUTCOME] = outcome
    return outcome


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Show what a run of a live deployment found."""
    outcome = config.stash.get(_OUTCOME, None)
    if outcome is not None and IS_LIVE:
        terminalreporter.section("property tests")
        terminalreporter.write(summary(outcome))
