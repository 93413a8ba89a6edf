"""What is let pass case by case leaves schemathesis' checks sharp: the same run is red on a server that is wrong."""

import asyncio
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from entity_conformance.deployment.credentials import Given
from entity_conformance.deployment.settings import Settings
from entity_conformance.report.verdict import Outcome
from entity_contract import Contract
from entity_server.faults import chosen
from entity_tests.deployments.in_process import URL, GatewayTransport, deployed
from entity_tests.deployments.property_runs import found
from entity_tests.properties import command


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    logging.disable(logging.ERROR)  # a faulty server says on every answer that it is wrong
    yield
    logging.disable(logging.NOTSET)


def wrong(contract: Contract, journals: Path, fault: str, *only: str, requests: int) -> list[str]:
    """What such a run says of a server with a fault."""

    async def run() -> list[str]:
        async with deployed(contract) as there:
            keys = {name: secret.value for name in ("api_key", "session") if (secret := there.given.get(name))}
            settings = Settings(URL, Given(**keys), only=only, max_requests=requests)
            transport = GatewayTransport(there.gateway(chosen([fault])))
            ended = await command.run(settings, journals=journals, contract=contract, transport=transport)
            return found(ended, Outcome.failed, Outcome.warned)

    return asyncio.run(run())


@pytest.mark.parametrize(
    ("fault", "operation", "check"),
    [
        ("update.unknown-is-refused", "updateTask", "positive-data-acceptance"),
        ("create.too-long-accepted", "createTask", "negative-data-rejection"),
        ("create.nobodys-foreign-key-dropped", "createTask", "accepted-what-is-refused"),
        pytest.param(
            *("filter.unknown-field-ignored", "listComments", "accepted-what-is-refused"), marks=pytest.mark.soak
        ),
        ("health.up", "getHealth", "response-schema-conformance"),
        ("create.answers-200", "createTask", "status-code-conformance"),
        ("delete.still-readable", "deleteTask", "record-read-back"),
    ],
)
def test_a_fault_is_found(contract: Contract, tmp_path: Path, fault: str, operation: str, check: str) -> None:
    said = wrong(contract, tmp_path, fault, operation, requests=90)
    assert any(line.startswith(f"properties.{check}: {operation}: ") for line in said), said


def test_a_404_at_an_id_that_nobody_has_accuses_no_deletion(contract: Contract, tmp_path: Path) -> None:
    """A key that no list shows is not revoked, since it may be another's: the request goes at a made-up id."""
    said = wrong(contract, tmp_path, "keys.new-left-out", "createApiKey", "revokeApiKey", requests=80)
    assert [line for line in said if line.startswith("properties.ensure-resource-availability")] == []
