"""Metrics of several processes: whichever is asked tells those of all."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from server.tests.workers.deployment import Deployment, deployed

Place = Callable[[], tuple[str, str]]


@pytest.fixture(scope="module")
def running(place: Place, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    folder = tmp_path_factory.mktemp("metrics")
    with deployed(folder, *place(), "--control-port", "0", "--metrics") as deployment:
        yield deployment


def scraped(running: Deployment, name: str, **labels: str) -> float:
    headers = {"Authorization": f"Bearer {running.credentials['controlToken']}"}
    page = httpx.get(f"{running.credentials['controlUrl']}/metrics", headers=headers, timeout=60)
    assert page.headers["Content-Type"].startswith("text/plain")
    families = text_string_to_metric_families(page.text)
    return sum(
        sample.value
        for family in families
        for sample in family.samples
        if sample.name == f"reference_server_{name}" and labels.items() <= sample.labels.items()
    )


def test_requests_to_all_are_added_up_and_outlive_the_worker(running: Deployment) -> None:
    before = scraped(running, "requests_total", operation="listTasks", status="200")
    for _ in range(12):
        assert httpx.get(f"{running.url}/tasks", headers=running.bearer(), timeout=60).status_code == 200
    killed = running.workers()
    for worker in killed:
        worker.kill()

    assert scraped(running, "requests_total", operation="listTasks", status="200") == before + 12


def test_processes_that_were_asked_nothing_yet_are_told_of(running: Deployment) -> None:
    for worker in running.workers():
        worker.kill()
    told, deadline = (0.0, 0.0), time.monotonic() + 60
    while told != (2, 20) and time.monotonic() < deadline:
        time.sleep(0.1)
        told = (scraped(running, "redis_reachable"), scraped(running, "database_connections_limit"))

    assert told == (2, 20)


def test_the_port_needs_the_token_and_tells_metrics_alone(running: Deployment) -> None:
    headers = {"Authorization": f"Bearer {running.credentials['controlToken']}"}
    url = running.credentials["controlUrl"]

    without = httpx.get(f"{url}/metrics", timeout=60)
    other = httpx.post(f"{url}/reset", headers=headers, timeout=60)

    assert (without.status_code, other.status_code) == (401, 404)
    assert other.json()["error"] == "This control port is for /metrics alone: others serve too"


def test_one_process_tells_them_beside_what_a_control_port_is_for(tmp_path: Path) -> None:
    with deployed(tmp_path, "sqlite://:memory:", "", "--control-port", "0", "--metrics", workers=1) as running:
        httpx.get(f"{running.url}/tasks", headers=running.bearer(), timeout=60)
        headers = {"Authorization": f"Bearer {running.credentials['controlToken']}"}
        dump = httpx.get(f"{running.credentials['controlUrl']}/dump", headers=headers, timeout=60)

        assert dump.status_code == 200
        assert scraped(running, "requests_total", operation="listTasks", status="200") == 1
