import signal
import subprocess
import sys
from pathlib import Path

import pytest
from entity_server.domain.problems import ServiceUnavailable
from entity_server.store import open_store, sqlite

from server.tests.example_entities import THINGS, contract_of
from server.tests.store.given import ANN, query, thing

ROOT = Path(__file__).resolve().parents[3]
PROGRAM = """
import asyncio, sys
from entity_server.store import open_store
from server.tests.example_entities import THINGS, contract_of
from server.tests.store.given import thing

async def main():
    store = await open_store(sys.argv[1], contract_of(THINGS))
    async def write():
        while True:
            print((await thing(store))["id"], flush=True)
    await asyncio.gather(*(write() for _ in range(int(sys.argv[2]))))

asyncio.run(main())
"""


@pytest.mark.anyio
@pytest.mark.parametrize("writers", ["1", "8"])
async def test_what_was_acknowledged_survives_a_kill(tmp_path: Path, writers: str) -> None:
    url = f"sqlite://{tmp_path}/store.sqlite3"
    arguments = [sys.executable, "-c", PROGRAM, url, writers]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:  # noqa: ASYNC220
        assert process.stdout is not None
        told = [process.stdout.readline().strip() for _ in range(50)]
        process.send_signal(signal.SIGKILL)
        told += process.stdout.read().split()

    store = await open_store(url, contract_of(THINGS))
    kept = [await store.records.exists(THINGS, id_, ANN) for id_ in told]
    total = (await store.records.list(THINGS, query(), ANN)).total
    await store.close()

    assert process.returncode == -signal.SIGKILL
    assert all(kept)
    assert total >= len(told) >= 50


@pytest.mark.anyio
@pytest.mark.parametrize("file", ["store.sqlite3", "store.sqlite3-wal"])
@pytest.mark.parametrize("now", ["nothing", "a copy"])
async def test_a_file_that_is_gone_takes_no_writes_and_is_no_health(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: str, now: str
) -> None:
    monkeypatch.setattr(sqlite, "_LOOKED_AT", 0.0)
    store = await open_store(f"sqlite://{tmp_path}/store.sqlite3", contract_of(THINGS))
    kept = await thing(store, "kept")
    (tmp_path / file).rename(tmp_path / "elsewhere")
    if now == "a copy":
        (tmp_path / file).write_bytes((tmp_path / "elsewhere").read_bytes())

    with pytest.raises(ServiceUnavailable) as refused:
        await thing(store, "lost")
    with pytest.raises(ServiceUnavailable):
        await store.records.delete(THINGS, kept["id"], ANN)
    with pytest.raises(ServiceUnavailable):
        await store.credits.grant("usr_ann", 1)
    with pytest.raises(ServiceUnavailable):
        await store.ping()
    (tmp_path / "elsewhere").rename(tmp_path / file)
    await thing(store, "later")
    await store.ping()
    total = (await store.records.list(THINGS, query(), ANN)).total
    await store.close()

    assert str(refused.value.__cause__) == (
        f"{tmp_path}/{file} has been removed or replaced: put it back, or start the server again"
    )
    assert total == 2
