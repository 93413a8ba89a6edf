"""What a killed run left behind is removed by its journal, and nothing else is."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from entity_conformance.deployment.context import RunContext
from entity_conformance.deployment.credentials import User
from entity_conformance.deployment.journal import Journal
from entity_conformance.deployment.opening import opened
from entity_conformance.deployment.problems import Leftover, Refused
from entity_conformance.deployment.recovery import Recovered, recover
from entity_conformance.deployment.settings import Given, Settings

from conformance.tests.miniature import BASE, CONTRACT, KEY, OTHER, SESSION, START, Miniature, problem

TITLE = "cetuvilov gibifolef plain"


FULL = Given(api_key=KEY, session=SESSION, other_api_key=OTHER)


def killed_run(deployment: Miniature, folder: Path, *, given: Given = FULL) -> Path:
    """A run that created a task, another user's task and a key, sent one more task, and was killed."""
    journal = Journal(folder, target=BASE, run="abcdefghi", given=given)
    for user, owner, is_answered in (("own", "ada", True), ("other", "bob", True), ("own", "ada", False)):
        ticket = journal.will_create("tasks", {"title": TITLE}, cast("User", user))
        record = deployment.store("tasks", {"title": TITLE}, owner)
        if is_answered:
            journal.made(ticket, str(record["id"]))
    deployment.keys["key_1"] = {
        "id": "key_1",
        "name": "conformance-abcdefghi read",
        "key": "sk_test_made",
        "expiresAt": None,
    }
    deployment.owners["sk_test_made"] = "ada"
    journal.made(journal.will_create("keys", {}, "own"), "key_1")
    journal.close()
    return journal.path


Recover = Callable[[Miniature, Given], Recovered]


@pytest.fixture
def recovered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Recover:
    """A clean-up of the deployment in memory, with these credentials."""

    def act(deployment: Miniature, given: Given) -> Recovered:
        def opened_in_memory(*args: Any, **named: Any) -> tuple[RunContext, Journal]:
            return opened(*args, **named, transport=deployment.transport, sleep=deployment.sleep)

        monkeypatch.setattr("entity_conformance.deployment.recovery.opened", opened_in_memory)
        return asyncio.run(recover(Settings(BASE, given, allow_writes=True), tmp_path, CONTRACT))

    return act


def test_everything_of_a_killed_run_is_removed(tmp_path: Path, recovered: Recover) -> None:
    deployment = Miniature()
    kept = deployment.store("tasks", {"title": "Buy milk"}, "ada")
    path = killed_run(deployment, tmp_path)

    done = recovered(deployment, FULL)

    assert done == Recovered((path,), (), removed=4)
    assert list(deployment.records["tasks"]) == [kept["id"]]
    assert deployment.keys == {}
    assert not path.exists()


@pytest.mark.parametrize("is_announced", [True, False])
def test_what_the_run_changed_is_known_though_nothing_of_it_stands_there_any_more(
    tmp_path: Path,
    recovered: Recover,
    is_announced: bool,  # noqa: FBT001
) -> None:
    deployment = Miniature()
    journal = Journal(tmp_path, target=BASE, run="abcdefghi", given=FULL)
    id_ = str(deployment.store("tasks", {"title": "0"}, "ada")["id"])
    journal.made(journal.will_create("tasks", {"title": TITLE}, "own"), id_)
    if is_announced:  # which is after it was shown to be the run's
        journal.will_change("tasks", id_, {"title": "0"})
    journal.close()

    done = recovered(deployment, FULL)

    assert list(deployment.records["tasks"]) == ([] if is_announced else [id_])
    assert len(done.leftovers) == (0 if is_announced else 1)


def test_what_is_older_than_its_creation_is_anothers_and_not_left_behind(tmp_path: Path, recovered: Recover) -> None:
    deployment = Miniature()
    old = str(deployment.store("tasks", {"title": "Buy milk"}, "ada")["id"])
    journal = Journal(tmp_path, target=BASE, run="abcdefghi", given=FULL)
    journal.made(journal.will_create("tasks", {"title": TITLE}, "own"), old, START + timedelta(seconds=1))
    journal.close()

    done = recovered(deployment, FULL)

    assert done == Recovered((journal.path,), ())
    assert list(deployment.records["tasks"]) == [old]


def test_what_the_deployment_is_still_making_is_looked_for_again(tmp_path: Path, recovered: Recover) -> None:
    class Slow(Miniature):
        async def sleep(self, seconds: float) -> None:
            await super().sleep(seconds)
            self.store("tasks", {"title": TITLE}, "ada")

    deployment = Slow()
    journal = Journal(tmp_path, target=BASE, run="abcdefghi", given=FULL)
    journal.will_create("tasks", {"title": TITLE}, "own")
    journal.close()

    done = recovered(deployment, FULL)

    assert (done.removed, done.is_clean) == (1, True)
    assert deployment.records["tasks"] == {}


def test_what_cannot_be_removed_keeps_its_journal(tmp_path: Path, recovered: Recover) -> None:
    deployment = Miniature()
    path = killed_run(deployment, tmp_path)
    deployment.before = lambda request: problem(500, "INTERNAL_ERROR") if request.method == "DELETE" else None

    done = recovered(deployment, FULL)

    assert Leftover("key", None, "key_1", "DELETE answered 500") in done.leftovers
    assert done.kept == (path,)
    assert path.exists()


def test_a_second_clean_up_removes_what_the_first_could_not(tmp_path: Path, recovered: Recover) -> None:
    deployment = Miniature()
    path = killed_run(deployment, tmp_path)
    recovered(deployment, Given(api_key=KEY))

    done = recovered(deployment, FULL)

    assert done.is_clean
    assert (deployment.records["tasks"], deployment.keys) == ({}, {})
    assert not path.exists()


def test_a_strangers_credentials_prove_nothing(tmp_path: Path, recovered: Recover) -> None:
    deployment = Miniature()
    path = killed_run(deployment, tmp_path, given=Given(api_key=KEY, session=SESSION))
    there = dict(deployment.records["tasks"])

    done = recovered(deployment, Given(api_key=OTHER))

    assert (done.removed, done.gone, done.kept) == (0, 0, (path,))
    assert deployment.records["tasks"] == there
    assert [(left.id, left.reason) for left in done.leftovers if left.entity == "tasks"] == [
        ("tsk_2", "no other user's API key was given (--other-api-key)"),
        ("tsk_1", "404 was answered, and nothing shows that --api-key is of the user who made it"),
        (
            "(unknown)",
            "its creation told no id of its own, and nothing shows that --api-key is of the user who made it",
        ),
    ]


def test_a_new_key_of_the_same_user_is_known_by_what_it_sees(tmp_path: Path, recovered: Recover) -> None:
    deployment = Miniature()
    path = killed_run(deployment, tmp_path)
    deployment.owners["sk_test_of_ada_the_second"] = "ada"
    del deployment.records["tasks"]["tsk_1"]

    done = recovered(deployment, Given(api_key="sk_test_of_ada_the_second", session=SESSION, other_api_key=OTHER))

    assert (done.removed, done.gone, done.leftovers) == (3, 1, ())
    assert not path.exists()


def test_what_is_gone_is_gone_to_who_made_it(tmp_path: Path, recovered: Recover) -> None:
    deployment = Miniature()
    path = killed_run(deployment, tmp_path)
    deployment.records["tasks"].clear()
    deployment.keys.clear()

    done = recovered(deployment, FULL)

    assert (done.removed, done.gone, done.leftovers) == (0, 3, ())
    assert not path.exists()


def test_what_another_user_made_is_left_without_that_users_key(tmp_path: Path, recovered: Recover) -> None:
    deployment = Miniature()
    path = killed_run(deployment, tmp_path)

    done = recovered(deployment, Given(api_key=KEY, session=SESSION))

    assert [(left.id, left.reason) for left in done.leftovers] == [
        ("tsk_2", "no other user's API key was given (--other-api-key)")
    ]
    assert path.exists()


def test_a_run_at_work_is_left_alone(tmp_path: Path, recovered: Recover) -> None:
    deployment = Miniature()
    path = killed_run(deployment, tmp_path)
    run = Journal.reopened(path)

    done = recovered(deployment, FULL)

    assert run is not None
    run.close()
    assert done == Recovered((), (path,))
    assert not done.is_clean
    assert deployment.requests == []


def test_without_a_session_a_key_is_left(tmp_path: Path, recovered: Recover) -> None:
    deployment = Miniature()
    killed_run(deployment, tmp_path)

    done = recovered(deployment, Given(api_key=KEY, other_api_key=OTHER))

    assert [left.reason for left in done.leftovers if left.id == "key_1"] == ["no session was given (--session)"]
    assert deployment.records == {"tasks": {}}


def test_without_a_key_the_session_removes_records(tmp_path: Path, recovered: Recover) -> None:
    deployment = Miniature()
    killed_run(deployment, tmp_path)

    recovered(deployment, Given(session=SESSION, other_api_key=OTHER))

    assert deployment.records == {"tasks": {}}


def test_a_refused_key_removes_nothing(tmp_path: Path, recovered: Recover) -> None:
    deployment = Miniature()
    killed_run(deployment, tmp_path)

    with pytest.raises(Refused, match="the API key was refused"):
        recovered(deployment, Given(api_key="sk_test_wrong"))
