"""A second demo server on one PostgreSQL would replace the keys of the first: it is refused, and changes nothing."""

import asyncio
import signal
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

import httpx
import pytest
from entity_tests.deployments.nursery import nursery

from server.tests.services import Postgres
from server.tests.workers.deployment import ENVIRONMENT, Deployment, deployed, kill

pytestmark = pytest.mark.anyio

Place = Callable[[], tuple[str, str]]


async def second(folder: Path, database: str, redis: str, *options: str) -> subprocess.CompletedProcess[str]:
    """Another demo that is started in that folder on the same database, once it has ended."""
    arguments = ["run", "--demo", "--port", "0", "--database", database, "--redis", redis, *options]
    arguments += ["--credentials", str(folder / "credentials.json")]
    return await asyncio.to_thread(nursery().ran, "reference-server", arguments, folder, ENVIRONMENT)


async def status(deployment: Deployment) -> int:
    async with httpx.AsyncClient(base_url=deployment.url, headers=deployment.bearer(), timeout=60) as client:
        return (await client.get("/tasks")).status_code


@pytest.mark.parametrize(
    ("workers", "options"),
    [
        (1, ("--workers", "2")),
        (2, ()),
        pytest.param(1, (), marks=pytest.mark.soak),
        pytest.param(2, ("--workers", "2"), marks=pytest.mark.soak),
    ],
    ids=["several beside one process", "one beside several", "one beside one", "several beside several"],
)
async def test_a_second_demo_is_refused_in_a_line(
    place: Place, tmp_path: Path, workers: int, options: Sequence[str]
) -> None:
    database, redis = place()
    with deployed(tmp_path, database, redis, workers=workers) as first:
        refused = await second(tmp_path, database, redis, *options)

        assert (refused.returncode, refused.stdout, refused.stderr.count("\n")) == (2, "", 1)
        assert "another demo server serves this database, and its keys would be replaced" in refused.stderr
        assert await status(first) == 200
        assert (tmp_path / "credentials.json").exists()


async def test_a_demo_in_another_schema_is_welcome(place: Place, tmp_path: Path) -> None:
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
    with (
        deployed(tmp_path / "one", *place(), workers=1) as one,
        deployed(tmp_path / "other", *place(), workers=1) as other,
    ):
        assert [await status(one), await status(other)] == [200, 200]


@pytest.mark.parametrize("workers", [pytest.param(1, marks=pytest.mark.soak), 2])
async def test_a_demo_that_was_killed_leaves_its_place_to_the_next(place: Place, tmp_path: Path, workers: int) -> None:
    database, redis = place()
    with deployed(tmp_path, database, redis, workers=workers) as first:
        kill(first.process)

        with deployed(tmp_path, database, redis, workers=workers) as next_one:
            assert await status(next_one) == 200


async def test_a_demo_whose_database_was_restarted_stops_as_any_other(
    postgres: Postgres, tmp_path: Path, place: Place
) -> None:
    database, redis = place()
    with deployed(tmp_path, database, redis, workers=1) as first:
        postgres.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid();")
        first.process.send(signal.SIGTERM)

        assert await asyncio.to_thread(first.process.wait, 60) == 0
