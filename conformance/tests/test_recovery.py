"""What a killed run left behind is removed by its journal, and nothing else is."""

import asyncio
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from entity_conformance.deployment.context import RunContext
from entity_conformance.deployment.journal import Journal
from entity_conformance.deployment.opening import opened
from entity_conformance.deployment.problems import Leftover, Refused
from entity_conformance.deployment.recovery import Recovered, recover
from entity_conformance.deployment.settings import Given, Settings

from conformance.tests.miniature import BASE, CONTRACT, KEY, SESSION, Miniature, problem

TITLE = "cetuvilov gibifolef plain"


def killed_run(deployment: Miniature, folder: Path, *, pid: int = 4194305) -> Path:
    """A run that created a task and a key, sent one more task, and was killed."""
    books = Journal(folder, target=BASE, run="abcdefghi")
    for number in range(2):
        ticket = books.will_create("tasks", {"title": TITLE}, "api_key")
        record = deployment.store("tasks", {"title": TITLE}, "ada")
        if number == 0:
            books.made(ticket, str(record["id"]))
    deployment.keys["key_1"] = {
        "id": "key_1",
        "name": "conformance-abcdefghi read",
        "key": "sk_test_made",
        "expiresAt": None,
    }
    deployment.owners["sk_test_made"] = "ada"
    books.made(books.will_create("keys", {}, "api_key"), "key_1")
    books.close()
    books.path.write_text(books.path.read_text().replace(f'"pid": {os.getpid()}', f'"pid": {pid}'))
    return books.path


Recover = Callable[[Miniature, Given], Recovered]


@pytest.fixture
def recovered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Recover:
    """A clean-up of the deployment in memory, with these credentials."""

    def act(deployment: Miniature, given: Given) -> Recovered:
        def opened_in_memory(*args: Any, **named: Any) -> tuple[RunContext, Journal]:
            return opened(*args, **named, transport=deployment.transport)

        monkeypatch.setattr("entity_conformance.deployment.recovery.opened", opened_in_memory)
        return asyncio.run(recover(Settings(BASE, given, allow_writes=True), tmp_path, CONTRACT))

    return act


def test_everything_of_a_killed_run_is_removed(tmp_path: Path, recovered: Recover) -> None:
    deployment = Miniature()
    kept = deployment.store("tasks", {"title": "Buy milk"}, "ada")
    path = killed_run(deployment, tmp_path)

    done = recovered(deployment, Given(api_key=KEY, session=SESSION))

    assert done == Recovered((path,), (), 2, ())
    assert list(deployment.records["tasks"]) == [kept["id"]]
    assert deployment.keys == {}
    assert not path.exists()


def test_what_cannot_be_removed_keeps_its_journal(tmp_path: Path, recovered: Recover) -> None:
    deployment = Miniature()
    path = killed_run(deployment, tmp_path)
    deployment.before = lambda request: problem(500, "INTERNAL_ERROR") if request.method == "DELETE" else None

    done = recovered(deployment, Given(api_key=KEY, session=SESSION))

    assert Leftover("key", None, "key_1", "DELETE answered 500") in done.leftovers
    assert path.exists()


def test_a_run_at_work_is_left_alone(tmp_path: Path, recovered: Recover) -> None:
    deployment = Miniature()
    path = killed_run(deployment, tmp_path, pid=os.getpid())

    done = recovered(deployment, Given(api_key=KEY, session=SESSION))

    assert done == Recovered((), (path,), 0, ())
    assert deployment.requests == []


def test_without_a_session_a_key_is_left(tmp_path: Path, recovered: Recover) -> None:
    deployment = Miniature()
    killed_run(deployment, tmp_path)

    done = recovered(deployment, Given(api_key=KEY))

    assert [left.reason for left in done.leftovers if left.id == "key_1"] == ["no session was given (--session)"]
    assert deployment.records == {"tasks": {}}


def test_a_refused_key_removes_nothing(tmp_path: Path, recovered: Recover) -> None:
    deployment = Miniature()
    killed_run(deployment, tmp_path)

    with pytest.raises(Refused, match="the API key was refused"):
        recovered(deployment, Given(api_key="sk_test_wrong"))
