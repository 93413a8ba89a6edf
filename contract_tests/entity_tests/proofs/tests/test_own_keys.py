"""A key that the run makes to expire itself: other runs here are given one, which they must leave as it is."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from entity_conformance.deployment.settings import Settings
from entity_conformance.report.verdict import Outcome
from entity_contract import load
from entity_server.domain.keys import Key
from entity_server.faults.spoiling import AnyAnswer
from entity_server.faults.wrapping import KeysWrapper
from entity_server.http.services import Services
from entity_tests.deployments.in_process import URL, Deployment, deployed

LISTED = "keys.expired-key-is-listed"
chapter = AnyAnswer()


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def deployment() -> AsyncIterator[Deployment]:
    async with deployed(load()) as found:
        yield found


@chapter.in_services("keys.expired-stay", breaks=LISTED)
def expired_stay(services: Services) -> Services:
    """What has expired is not found any more when it is to be revoked."""

    class Staying(KeysWrapper):
        async def revoke(self, key_id: str, user_id: str, /) -> bool:
            known: tuple[Key, ...] = await self.inner.list(user_id)
            is_past = any(key.id == key_id and key.expired(services.clock()) for key in known)
            return not is_past and await self.inner.revoke(key_id, user_id)

    return replace(services, keys=Staying(services.keys))


@pytest.mark.anyio
async def test_the_key_that_the_run_made_to_expire_must_be_revoked(deployment: Deployment, tmp_path: Path) -> None:
    settings = Settings(URL, deployment.given.only("api_key", "session"))

    right = await deployment.run(tmp_path / "right", settings=settings, only=(LISTED,))
    wrong = await deployment.run(tmp_path / "wrong", settings=settings, only=(LISTED,), faults=chapter.faults)

    outcomes = [{one.requirement: one.outcome for one in run.results} for run in (right, wrong)]
    assert [each[LISTED] for each in outcomes] == [Outcome.passed, Outcome.failed]
    assert right.leftovers == ()


@pytest.mark.anyio
async def test_one_that_was_given_stays(deployment: Deployment, tmp_path: Path) -> None:
    run = await deployment.run(tmp_path, only=(LISTED,), faults=chapter.faults)

    assert {one.requirement: one.outcome for one in run.results}[LISTED] is Outcome.passed
