"""The mechanism: nothing is wrong unless it was asked for, and then just that."""

from collections.abc import Mapping

import pytest
from entity_contract import Contract
from entity_server.faults import FAULTS, UnknownFault, chosen
from entity_server.store import Store

from server.tests.http.served_api import ServedApi, opened

pytestmark = pytest.mark.anyio


def test_the_ids_are_words_and_used_once() -> None:
    ids = [fault.id for fault in FAULTS]

    assert len(set(ids)) == len(ids)
    assert all(fault.breaks and fault.summary.endswith(".") for fault in FAULTS)


def test_an_unknown_fault_names_those_that_are_near() -> None:
    with pytest.raises(UnknownFault, match=r"did you mean filter\.ignored"):
        chosen(["filter.ignore"])


async def test_a_fault_in_the_answer_changes_what_is_sent(
    contract: Contract, store: Store, credentials: Mapping[str, str]
) -> None:
    async with opened(contract, store, credentials, faults=chosen(["list.total-off-by-one"])) as api:
        answer = await api.send("GET", "/comments")

    assert (answer.json()["data"], answer.json()["pagination"]["total"]) == ([], 1)


async def test_a_fault_in_the_store_changes_what_is_found(
    contract: Contract, store: Store, credentials: Mapping[str, str]
) -> None:
    async with opened(contract, store, credentials, faults=chosen(["filter.ignored"])) as api:
        await api.created("/tasks", title="Any")

        answer = await api.send("GET", "/tasks", params={"filter": '{"title":"none has this title"}'})
        refused = await api.send("GET", "/tasks", params={"filter": '{"colour":"red"}'})

    assert answer.json()["pagination"]["total"] >= 1
    assert refused.status_code == 400


async def test_a_fault_in_a_decision_lets_in_whom_it_should_not(
    contract: Contract, store: Store, credentials: Mapping[str, str]
) -> None:
    async with opened(contract, store, credentials, faults=chosen(["scope.not-enforced"])) as api:
        answer = await api.send("POST", "/tasks", credential="read", json={"title": "x"})

    assert answer.status_code == 201


async def test_without_faults_nothing_is_wrong(api: ServedApi) -> None:
    total = (await api.send("GET", "/comments")).json()["pagination"]["total"]
    refused = await api.send("POST", "/tasks", credential="read", json={"title": "x"})

    assert (total, refused.status_code) == (0, 403)
