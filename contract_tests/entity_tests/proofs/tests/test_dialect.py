"""A report on a deployment with a dialect of its own names its mistakes, on one screen."""

import asyncio
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from entity_conformance.deployment.settings import Settings
from entity_conformance.report import console
from entity_conformance.report.terminal import Terminal
from entity_conformance.report.verdict import Outcome, Run
from entity_conformance.suite import ledger
from entity_contract import load
from entity_tests.deployments.in_process import URL, GatewayTransport, deployed
from entity_tests.model.command import model
from entity_tests.proofs.tests.dialect import MISTAKES, READDRESSES, REWRITES
from rich.cells import cell_len

SCREEN = 60


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return asyncio.run(tried(tmp_path_factory.mktemp("journals"), rewrites=REWRITES, readdresses=READDRESSES))


async def tried(journals: Path, **others: Any) -> Run:
    async with deployed(load()) as deployment:
        return await deployment.run(journals, **others)


def told(run: Run, width: int) -> list[str]:
    """The report's lines, as a terminal of that width wraps them."""
    lines = console.text(run, ledger.load().requirements, Terminal(width=width)).splitlines()
    return [line[start : start + width] for line in lines for start in range(0, max(cell_len(line), 1), width)]


def unnamed(lines: Sequence[str]) -> list[str]:
    text = "\n".join(lines)
    return [mistake.summary for mistake in MISTAKES if re.search(mistake.named, text) is None]


@pytest.mark.parametrize("width", [80, 100, 120])
def test_the_report_is_one_screen(run: Run, width: int) -> None:
    assert len(told(run, width)) <= SCREEN


@pytest.mark.parametrize("width", [80, 100, 120])
def test_the_report_names_ten_of_the_twelve_mistakes(run: Run, width: int) -> None:
    assert len(MISTAKES) == 12
    assert len(unnamed(told(run, width))) <= 2


def test_a_deployment_without_them_is_told_none(tmp_path: Path) -> None:
    run = asyncio.run(tried(tmp_path))

    assert {result.outcome for result in run.results} == {Outcome.passed, Outcome.observed}
    assert unnamed(told(run, 120)) == [mistake.summary for mistake in MISTAKES]


def test_the_state_machine_names_what_its_requests_meet(tmp_path: Path) -> None:
    """Ten of the twelve at least: nobody is sent without credentials."""
    run = asyncio.run(modelled(tmp_path))
    assert len(unnamed(told(run, 120))) <= 2


async def modelled(journals: Path) -> Run:
    async with deployed(load()) as there:
        transport = GatewayTransport(there.gateway(limit="1000000/hour"), REWRITES, READDRESSES)
        return await model(Settings(URL, there.given), journals=journals, contract=there.contract, transport=transport)
