"""What a run made is gone in the end, however it ends.

It is long because each way in which a run can end, or a deployment can hide what was made, is a test of its own.
"""

import asyncio
import gc
import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from entity_conformance.deployment.api import Api, Credential
from entity_conformance.deployment.problems import Leftover
from entity_conformance.deployment.settings import Given, Settings
from entity_conformance.deployment.tidy import CHANGED, OLDER, UNFOUND
from entity_conformance.report.verdict import Result, Run
from entity_conformance.suite import run as suite
from entity_conformance.suite.checks.create import gives_an_id
from entity_conformance.suite.course import Watcher
from entity_contract import Entity

from conformance.tests.miniature import BASE, CONTRACT, KEY, SESSION, Miniature, data, problem, shown
from conformance.tests.running import (
    LEDGER,
    TITLE,
    check,
    creates,
    passes,
    run,
)


def test_what_was_made_is_gone_in_the_end(journals: Path) -> None:
    deployment = Miniature()

    ended = run(deployment, journals, check(creates, scopes=frozenset({"write"})))

    assert ended.verdict.exit_code == 0
    assert deployment.records == {"tasks": {}}
    assert deployment.keys == {}
    assert list(journals.iterdir()) == []


def test_other_peoples_records_stay(journals: Path) -> None:
    deployment = Miniature()
    kept = deployment.store("tasks", {"title": "Buy milk"}, "ada")

    run(deployment, journals, check(creates))

    assert list(deployment.records["tasks"]) == [kept["id"]]


def overwriting(deployment: Miniature) -> None:
    """A creation writes what it holds to every record that is there, as an UPDATE without a condition does."""

    def before(request: httpx.Request) -> httpx.Response | None:
        if request.method == "POST" and request.url.path.endswith("/tasks"):
            for record in deployment.records["tasks"].values():
                record.update(json.loads(request.content))
        return None

    deployment.before = before


def test_an_older_record_that_was_made_to_hold_the_runs_texts_is_told_and_stays(journals: Path) -> None:
    deployment = Miniature()
    kept = deployment.store("tasks", {"title": "Buy milk"}, "ada")
    deployment.now += timedelta(minutes=1)
    overwriting(deployment)

    ended = run(deployment, journals, check(creates))

    assert list(deployment.records["tasks"]) == [kept["id"]]
    assert ended.leftovers == (Leftover("record", "tasks", str(kept["id"]), OLDER),)
    assert ended.verdict.exit_code == 5


def test_a_record_that_was_seen_before_the_run_made_any_stays_whatever_its_time_says(journals: Path) -> None:
    deployment = Miniature()
    kept = deployment.store("tasks", {"title": "Buy milk"}, "ada")
    overwriting(deployment)

    async def looks_and_creates(api: Api, entity: Entity) -> None:
        await api.list(entity)
        await api.create(entity, {"title": TITLE})

    ended = run(deployment, journals, check(looks_and_creates))

    assert list(deployment.records["tasks"]) == [kept["id"]]
    assert ended.leftovers == (Leftover("record", "tasks", str(kept["id"]), OLDER),)


def test_a_budget_that_ends_is_inconclusive_and_still_cleans_up(journals: Path) -> None:
    deployment = Miniature()

    async def creates_many(api: Api, entity: Entity) -> None:
        for _ in range(50):
            await api.create(entity, {"title": TITLE})

    ended = run(
        deployment,
        journals,
        check(passes),
        check(creates_many, after=(), requirement="create.one"),
        given=Given(api_key=KEY),
        max_requests=40,
        concurrency=1,
    )

    assert ended.verdict.exit_code == 3
    assert ended.requests.total <= 42  # asking ends early enough; cleaning up is not cut
    assert deployment.records == {"tasks": {}}


def test_what_cannot_be_deleted_is_left_over_and_exits_5(journals: Path) -> None:
    def refuse(request: httpx.Request) -> httpx.Response | None:
        return problem(500, "INTERNAL_ERROR") if request.method == "DELETE" else None

    ended = run(Miniature(before=refuse), journals, check(creates), given=Given(api_key=KEY))

    assert ended.leftovers == (Leftover("record", "tasks", "tsk_1", "DELETE answered 500"),)
    assert ended.verdict.exit_code == 5
    assert len(list(journals.iterdir())) == 1


def test_what_is_not_found_where_nothing_is_found_any_more_is_left_over(journals: Path) -> None:
    deployment = Miniature()

    def lose(request: httpx.Request) -> httpx.Response | None:
        is_lost = deployment.records["tasks"] and "/tasks" in request.url.path
        return problem(404, "NOT_FOUND") if is_lost else None

    deployment.before = lose

    ended = run(deployment, journals, check(creates), given=Given(api_key=KEY))

    assert [(left.entity, left.id) for left in ended.leftovers] == [("tasks", "tsk_1")]
    assert ended.verdict.exit_code == 5
    assert len(list(journals.iterdir())) == 1


class Numbered(Miniature):
    """Its ids are whole numbers."""

    def answer(self, request: httpx.Request) -> httpx.Response:
        path, number = str(request.url).rsplit("/", 1)
        known = {str(id_).removeprefix(prefix): str(id_) for prefix, id_ in self._ids()}
        if number in known:
            request = httpx.Request(request.method, f"{path}/{known[number]}", headers=request.headers)
        answer = super().answer(request)
        return httpx.Response(
            answer.status_code,
            headers={"Content-Type": "application/json", "Date": answer.headers["Date"]},
            content=re.sub(rb'"id": ?"\w+_(\d+)"', rb'"id": \1', answer.content),
        )

    def _ids(self) -> list[tuple[str, str]]:
        return [("tsk_", id_) for id_ in self.records["tasks"]] + [("key_", id_) for id_ in self.keys]


def test_what_cannot_be_deleted_and_goes_with_its_parent_is_not_left_over(journals: Path) -> None:
    deployment = Miniature()
    parents: list[str] = []

    def only_parents(request: httpx.Request) -> httpx.Response | None:
        if request.method != "DELETE":
            return None
        if not request.url.path.endswith(tuple(parents)):
            return problem(405, "METHOD_NOT_ALLOWED")
        deployment.records["tasks"].clear()
        return httpx.Response(200, json={"success": True, "message": "Deleted"})

    async def creates_two(api: Api, entity: Entity) -> None:
        parents.append((await api.create(entity, {"title": TITLE})).id)
        await api.create(entity, {"title": TITLE})

    deployment.before = only_parents
    ended = run(deployment, journals, check(creates_two), given=Given(api_key=KEY))

    assert ended.leftovers == ()
    assert list(journals.iterdir()) == []


class WithComments(Miniature):
    """Tasks with comments, which cannot be without one; `carries` says how many go with their task."""

    def __init__(self, *, carries: int) -> None:
        super().__init__(records={"tasks": {}, "comments": {}})
        self.before = self._instead
        self._carries = carries

    def _instead(self, request: httpx.Request) -> httpx.Response | None:
        _, _, path = request.url.path.rpartition("/v1/")
        match request.method, path.split("/"):
            case "OPTIONS", ["comments"]:
                task = {"type": "belongsTo", "entity": "tasks", "foreignKey": "taskId"}
                schema = {"title": {"type": "string", "required": True}, "taskId": {"type": "string", "required": True}}
                facts = {"methods": ["GET", "POST", "PATCH", "DELETE", "OPTIONS"], "relations": {"task": task}}
                return data(200, {"entity": "comments", "schema": schema, **facts})
            case "DELETE", ["tasks", id_]:
                going = [one for one, record in self.records["comments"].items() if record.get("taskId") == id_]
                for one in going[: self._carries]:
                    del self.records["comments"][one]
        return None


ASKED: dict[str, Any] = {"given": Given(api_key=KEY), "entities": ("tasks", "comments")}


async def comments_twice(api: Api, entity: Entity) -> None:
    task = (await api.create(entity, {"title": TITLE})).id
    for _ in range(2):
        await api.create("comments", {"title": TITLE, "taskId": task})


def test_what_goes_with_its_parent_is_not_deleted_by_itself(journals: Path) -> None:
    deployment = WithComments(carries=2)

    ended = run(deployment, journals, check(comments_twice, entities="primary"), **ASKED)

    assert (ended.leftovers, deployment.records) == ((), {"tasks": {}, "comments": {}})
    assert not any(line.startswith("DELETE /api/v1/comments") for line in deployment.requests)


@pytest.mark.parametrize("carries", [0, 1])
def test_what_ought_to_go_with_its_parent_and_stays_is_deleted(journals: Path, carries: int) -> None:
    deployment = WithComments(carries=carries)

    ended = run(deployment, journals, check(comments_twice, entities="primary"), **ASKED)

    assert (ended.leftovers, deployment.records) == ((), {"tasks": {}, "comments": {}})
    assert list(journals.iterdir()) == []


def test_what_has_a_number_for_an_id_is_removed_where_that_shows_it(journals: Path) -> None:
    deployment = Numbered()
    kept = str(deployment.store("tasks", {"title": "Buy milk"}, "ada")["id"])

    ended = run(deployment, journals, check(creates), given=Given(api_key=KEY, session=SESSION))

    assert ended.leftovers == ()
    assert list(deployment.records["tasks"]) == [kept]
    assert deployment.keys == {}


def test_a_record_is_left_over_where_its_number_shows_another(journals: Path) -> None:
    deployment = Miniature()
    deployment.records["tasks"]["7"] = {"id": "7", "title": "Buy milk", "owner": "ada"}

    def numbered(request: httpx.Request) -> httpx.Response | None:
        if request.method != "POST":
            return None
        deployment.store("tasks", json.loads(request.content), "ada")["id"] = 7
        return data(201, {"id": 7})

    deployment.before = numbered
    ended = run(deployment, journals, check(creates), given=Given(api_key=KEY))

    assert ended.leftovers == (Leftover("record", "tasks", "7", "its id is a number at which it does not show"),)
    assert [line for line in deployment.requests if line.startswith("DELETE")] == []


@pytest.mark.parametrize("named", ["results", None])
def test_what_was_made_is_gone_whatever_the_envelope_is(journals: Path, named: str | None) -> None:
    deployment = Miniature()
    kept = str(deployment.store("tasks", {"title": "Buy milk"}, "ada")["id"])

    def otherwise(request: httpx.Request) -> httpx.Response | None:
        answer = deployment._routed(request)
        if "/tasks" not in request.url.path or not answer.is_success or request.method in {"OPTIONS", "DELETE"}:
            return answer
        held = answer.json()["data"]
        return httpx.Response(answer.status_code, json=held if named is None else {named: held})

    deployment.before = otherwise
    ended = run(deployment, journals, check(creates, scopes=frozenset({"write"})), given=Given(api_key=KEY))

    assert ended.leftovers == ()
    assert list(deployment.records["tasks"]) == [kept]
    assert list(journals.iterdir()) == []


def answers_with(deployment: Miniature, id_: str) -> None:
    """From now on each creation makes nothing and answers the record of that id."""

    def old(request: httpx.Request) -> httpx.Response | None:
        is_creation = request.method == "POST" and b'"title"' in request.content
        return data(201, shown(deployment.records["tasks"][id_])) if is_creation else None

    deployment.before = old


@pytest.mark.parametrize("others", [0, 150])
def test_a_record_that_was_there_before_is_not_left_behind_whatever_a_creation_answers(
    journals: Path, others: int
) -> None:
    deployment = Miniature()
    old = str(deployment.store("tasks", {"title": "Buy milk"}, "ada")["id"])
    deployment.now += timedelta(hours=others)  # of more than a hundred, its age tells
    for _ in range(others):
        deployment.store("tasks", {"title": "Newer"}, "ada")
    answers_with(deployment, old)

    ended = run(deployment, journals, check(gives_an_id, "create.one"), given=Given(api_key=KEY))

    said = "the id is that of a record that was there before: POST /tasks → 201 (2 times)"
    assert [result.message for result in ended.results] == [said]
    assert (ended.leftovers, ended.verdict.exit_code) == ((), 1)
    assert [line for line in deployment.requests if line.startswith(("PATCH", "DELETE"))] == []
    assert list(journals.iterdir()) == []


def test_what_was_made_under_the_id_of_another_is_told_where_nobody_can_look_for_it(journals: Path) -> None:
    deployment = Miniature()
    old = str(deployment.store("tasks", {"title": "Buy milk"}, "ada")["id"])

    def before(request: httpx.Request) -> httpx.Response | None:
        if request.method == "POST" and b'"title"' in request.content:
            deployment.store("tasks", json.loads(request.content), "ada")
            return data(201, shown(deployment.records["tasks"][old]))
        is_late = request.method == "GET" and "sort=createdAt" in str(request.url)
        return problem(500, "INTERNAL_ERROR") if is_late else None

    deployment.before = before
    ended = run(deployment, journals, check(gives_an_id, "create.one"), given=Given(api_key=KEY))

    said = "its creation told no id of its own, and looking for it failed: "
    assert [(one.id, one.reason.startswith(said)) for one in ended.leftovers] == [("(unknown)", True)] * 2
    assert list(journals.iterdir()) != []


def test_what_may_be_what_the_deployment_made_of_a_creation_is_left_over(journals: Path) -> None:
    deployment = Miniature()

    def stores_another_text(request: httpx.Request) -> httpx.Response | None:
        if request.method == "POST" and TITLE.encode() in request.content:
            return data(201, shown(deployment.store("tasks", {"title": "Another"}, "ada")))
        return None

    deployment.before = stores_another_text
    ended = run(deployment, journals, check(creates), given=Given(api_key=KEY))

    assert ended.leftovers == (Leftover("record", "tasks", "tsk_1", CHANGED),)


def test_what_a_refused_creation_made_all_the_same_is_found_and_deleted(journals: Path) -> None:
    deployment = Miniature()

    def store_and_refuse(request: httpx.Request) -> httpx.Response | None:
        if request.method == "POST" and request.url.path.endswith("/tasks"):
            deployment.store("tasks", json.loads(request.content), "ada")
            return problem(500, "INTERNAL_ERROR")
        return None

    deployment.before = store_and_refuse
    ended = run(deployment, journals, check(creates), given=Given(api_key=KEY))

    assert deployment.records == {"tasks": {}}
    assert ended.leftovers == ()


def test_what_a_deletion_only_pretended_to_delete_is_left_over(journals: Path) -> None:
    def pretend(request: httpx.Request) -> httpx.Response | None:
        return data(200, None) if request.method == "DELETE" else None

    ended = run(Miniature(before=pretend), journals, check(creates), given=Given(api_key=KEY))

    assert ended.verdict.exit_code == 5


@pytest.mark.parametrize("credential", ["none", "api_key"])
def test_what_a_check_was_told_to_have_deleted_is_removed_where_it_is_still_there(
    journals: Path, credential: Credential
) -> None:
    deployment = Miniature()
    pretended: list[str] = []

    def pretends_once(request: httpx.Request) -> httpx.Response | None:
        if request.method != "DELETE" or pretended:
            return None
        pretended.append(request.url.path)
        return data(200, None)

    async def changes_and_deletes(api: Api, entity: Entity) -> None:
        made = await api.create(entity, {"title": TITLE})
        await api.list(entity)
        await api.update(entity, made.id, {"title": "as anybody might call it"})
        await api.delete(entity, made.id, credential=credential)

    deployment.before = pretends_once
    ended = run(deployment, journals, check(changes_and_deletes), given=Given(api_key=KEY))

    assert pretended
    assert deployment.records == {"tasks": {}}
    assert (ended.leftovers, [*journals.iterdir()]) == ((), [])


def test_a_deletion_by_nobody_is_no_end_in_the_journal(journals: Path) -> None:
    written: list[str] = []

    def read() -> None:
        (journal,) = journals.iterdir()
        written.extend(journal.read_text().splitlines())

    async def deletes_as_nobody(api: Api, entity: Entity) -> None:
        made = await api.create(entity, {"title": TITLE})
        await api.delete(entity, made.id, credential="none")
        read()

    deployment = Miniature()
    deployment.before = lambda request: (
        data(200, None) if request.method == "DELETE" and "authorization" not in request.headers else None
    )
    run(deployment, journals, check(deletes_as_nobody), given=Given(api_key=KEY))

    assert any('"made"' in line for line in written)
    assert not any('"gone"' in line for line in written)


def test_what_a_deletion_did_not_find_and_is_still_there_keeps_its_journal(journals: Path) -> None:
    def blind(request: httpx.Request) -> httpx.Response | None:
        return problem(404, "NOT_FOUND") if request.method == "DELETE" else None

    ended = run(Miniature(before=blind), journals, check(creates), given=Given(api_key=KEY))

    assert ended.verdict.exit_code == 5
    assert [left.reason for left in ended.leftovers] == ["its deletion was answered by 404, and it is still there"]
    assert len(list(journals.iterdir())) == 1


def test_what_is_answered_by_a_success_without_a_record_is_gone(journals: Path) -> None:
    deployment = Miniature()

    def null_for_nobody(request: httpx.Request) -> httpx.Response | None:
        id_ = request.url.path.rpartition("/")[2]
        is_gone = request.method == "GET" and id_.startswith("tsk_") and id_ not in deployment.records["tasks"]
        return data(200, None) if is_gone else None

    deployment.before = null_for_nobody
    ended = run(deployment, journals, check(creates), given=Given(api_key=KEY))

    assert ended.leftovers == ()


def test_a_record_that_no_list_shows_and_that_can_still_be_read_is_left_over(journals: Path) -> None:
    deployment = Miniature()
    hidden: set[str] = set()

    def hides(request: httpx.Request) -> httpx.Response | None:
        id_ = request.url.path.rpartition("/")[2]
        if request.method == "DELETE" and id_ in deployment.records["tasks"]:
            hidden.add(id_)
        if request.method == "GET" and id_ in hidden:
            return data(200, {"id": id_})
        return None

    deployment.before = hides

    ended = run(deployment, journals, check(creates), given=Given(api_key=KEY))

    reason = "its deletion was confirmed, and it is still there"
    assert ended.leftovers == (Leftover("record", "tasks", "tsk_1", reason),)
    assert ended.verdict.exit_code == 5


class Renaming(Miniature):
    """Every answer shows other ids."""

    def answer(self, request: httpx.Request) -> httpx.Response:
        answer = super().answer(request)
        body = json.loads(answer.content) if answer.content else {}
        known = body.get("data") or []
        for record in [known] if isinstance(known, dict) else known:
            record["id"] = f"{record.get('id')}-{len(self.requests)}"
        return httpx.Response(answer.status_code, json=body)


def test_records_that_a_list_shows_by_other_ids_each_time_are_left_over(journals: Path) -> None:
    deployment = Renaming()

    ended = run(deployment, journals, check(creates), given=Given(api_key=KEY))

    assert len(deployment.records["tasks"]) == 1
    assert [left.reason for left in ended.leftovers] == [UNFOUND]
    assert ended.verdict.exit_code == 5


def test_an_interrupted_run_cleans_up_and_exits_130(journals: Path, caplog: pytest.LogCaptureFixture) -> None:
    deployment = Miniature()

    async def stopped() -> Run:
        stop = asyncio.Event()

        async def creates_and_waits(api: Api, entity: Entity) -> None:
            await api.create(entity, {"title": TITLE})
            stop.set()
            await asyncio.Event().wait()

        return await suite.run(
            Settings(BASE, Given(api_key=KEY)),
            journals=journals,
            contract=CONTRACT,
            proofs=(check(creates_and_waits), check(passes, "create.two", after=("create.one",))),
            ledger=LEDGER,
            stop=stop,
            transport=deployment.transport,
        )

    ended = asyncio.run(stopped())
    gc.collect()

    assert ended.verdict.exit_code == 130
    assert [result.message for result in ended.results] == ["the run ended before that"] * 2
    assert caplog.records == []  # asyncio complains in the log about what nobody waited for
    assert deployment.records == {"tasks": {}}


def test_what_a_deployment_is_still_making_when_a_run_is_interrupted_is_removed(journals: Path) -> None:
    stop = asyncio.Event()
    deployment = Miniature()

    class Slow(httpx.AsyncBaseTransport):
        """Makes what it was asked for, also where nobody waits for the answer."""

        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            if request.url.path.endswith("/tasks") and TITLE.encode() in request.content and not stop.is_set():
                stop.set()
                return await asyncio.shield(asyncio.ensure_future(self._made(request)))
            return deployment.answer(request)

        async def _made(self, request: httpx.Request) -> httpx.Response:
            await asyncio.sleep(0.1)
            return deployment.answer(request)

    ended = asyncio.run(
        suite.run(
            Settings(BASE, Given(api_key=KEY)),
            journals=journals,
            contract=CONTRACT,
            proofs=(check(creates),),
            ledger=LEDGER,
            stop=stop,
            transport=Slow(),
        )
    )

    assert (ended.verdict.exit_code, ended.leftovers) == (130, ())
    assert "DELETE /api/v1/tasks/tsk_1" in deployment.requests
    assert deployment.records == {"tasks": {}}


def test_what_was_not_answered_and_is_not_seen_is_told_and_keeps_its_journal(journals: Path) -> None:
    deployment = Miniature()

    def silent(request: httpx.Request) -> httpx.Response | None:
        if request.url.path.endswith("/tasks") and TITLE.encode() in request.content:
            raise httpx.ReadTimeout("slow")
        return None

    deployment.before = silent

    ended = run(deployment, journals, check(creates))

    unseen = Leftover(
        "record", "tasks", "(unknown)", "its creation told no id of its own, and nothing of it was seen yet"
    )
    assert ended.leftovers == (unseen, unseen), "the check is made once more"
    assert len(list(journals.iterdir())) == 1


def test_what_a_closed_connection_may_have_made_is_waited_for_and_looked_for_again(journals: Path) -> None:
    class Late(Miniature):
        async def sleep(self, seconds: float) -> None:
            await super().sleep(seconds)
            if seconds > 5:
                self.store("tasks", {"title": TITLE}, "ada")

    def closes(request: httpx.Request) -> httpx.Response | None:
        if request.url.path.endswith("/tasks") and TITLE.encode() in request.content:
            raise httpx.ReadError("gone")
        return None

    deployment = Late(before=closes)
    ended = run(deployment, journals, check(creates), given=Given(api_key=KEY))

    assert (ended.leftovers, deployment.records) == ((), {"tasks": {}})
    assert [line for line in deployment.requests if line.startswith("DELETE")] == ["DELETE /api/v1/tasks/tsk_1"]


def test_of_an_entity_that_is_not_there_nothing_is_left(journals: Path) -> None:
    def silent(request: httpx.Request) -> httpx.Response | None:
        if request.method == "POST" and request.url.path.endswith("/conformance-unknown"):
            raise httpx.ReadError("gone")
        return None

    async def creates_of_nothing(api: Api, _: Entity) -> None:
        await api.create("conformance-unknown", {"title": TITLE})

    ended = run(Miniature(before=silent), journals, check(creates_of_nothing), given=Given(api_key=KEY))

    assert ended.leftovers == ()


def test_a_key_that_was_there_before_is_not_revoked_whatever_a_list_calls_it(journals: Path) -> None:
    deployment = Miniature()
    deployment.keys["key_0"] = {"id": "key_0", "name": "mine", "key": KEY, "expiresAt": None}

    def names_all_alike(request: httpx.Request) -> httpx.Response | None:
        if (request.method, request.url.path.rpartition("/")[2]) != ("GET", "keys"):
            return None
        *_, last = deployment.keys.values()
        return data(200, [{**key, "name": last["name"], "key": "sk_test..."} for key in deployment.keys.values()])

    deployment.before = names_all_alike
    run(deployment, journals, check(passes, needs=frozenset({"read_key"})))

    assert "key_0" in deployment.keys


def test_a_key_that_no_list_shows_is_left_over(journals: Path) -> None:
    def lists_nothing(request: httpx.Request) -> httpx.Response | None:
        is_list = (request.method, request.url.path.rpartition("/")[2]) == ("GET", "keys")
        return data(200, []) if is_list else None

    deployment = Miniature(before=lists_nothing)

    ended = run(deployment, journals, check(passes, needs=frozenset({"read_key"})))

    assert {("key", id_) for id_ in deployment.keys} == {(left.kind, left.id) for left in ended.leftovers} != set()
    assert len(list(journals.iterdir())) == 1


def test_records_that_all_have_one_id_are_left_over(journals: Path) -> None:
    class Alike(Miniature):
        """Every answer shows the same id, by which nothing is found."""

        def answer(self, request: httpx.Request) -> httpx.Response:
            answer = super().answer(request)
            body = json.loads(answer.content) if answer.content else {}
            known = body.get("data") or []
            for record in [known] if isinstance(known, dict) else known:
                record["id"] = "one-for-all"
            return httpx.Response(answer.status_code, json=body)

    deployment = Alike()

    ended = run(deployment, journals, check(creates), given=Given(api_key=KEY))

    assert len(deployment.records["tasks"]) == 1
    assert [(left.id, left.reason) for left in ended.leftovers] == [("one-for-all", UNFOUND)]


def test_the_budget_of_requests_cuts_no_clean_up(journals: Path) -> None:
    deployment = Miniature()

    async def creates_behind_the_runs_back(api: Api, entity: Entity) -> None:
        for _ in range(10):
            deployment.store("tasks", {"title": TITLE}, "ada")
        await api.create(entity, {"title": TITLE})

    ended = run(deployment, journals, check(creates_behind_the_runs_back), given=Given(api_key=KEY), max_requests=16)

    assert ended.leftovers == ()
    assert deployment.records == {"tasks": {}}


def test_a_run_that_is_cancelled_cleans_up(journals: Path) -> None:
    deployment = Miniature()

    async def cancelled() -> None:
        began = asyncio.Event()

        async def creates_and_waits(api: Api, entity: Entity) -> None:
            await api.create(entity, {"title": TITLE})
            began.set()
            await asyncio.Event().wait()

        task = asyncio.ensure_future(
            suite.run(
                Settings(BASE, Given(api_key=KEY)),
                journals=journals,
                contract=CONTRACT,
                proofs=(check(creates_and_waits),),
                ledger=LEDGER,
                transport=deployment.transport,
            )
        )
        await began.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cancelled())

    assert deployment.records == {"tasks": {}}


def test_a_defect_outside_of_any_check_exits_70_and_cleans_up(journals: Path) -> None:
    class Clumsy(Watcher):
        def finished(self, result: Result) -> None:
            raise ZeroDivisionError(result.requirement)

    deployment = Miniature()

    async def watched() -> Run:
        return await suite.run(
            Settings(BASE, Given(api_key=KEY)),
            journals=journals,
            contract=CONTRACT,
            proofs=(check(creates),),
            ledger=LEDGER,
            watcher=Clumsy(),
            transport=deployment.transport,
        )

    ended = asyncio.run(watched())

    assert ended.verdict.exit_code == 70
    assert "ZeroDivisionError" in ended.verdict.reason
    assert deployment.records == {"tasks": {}}
