"""What a plan is expected to take by keys alone, and what of a limit is kept back for cleaning up."""

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from entity_conformance.deployment.account import Account
from entity_conformance.deployment.api import Api
from entity_conformance.deployment.context import RunContext
from entity_conformance.deployment.credentials import CredentialName, Secret
from entity_conformance.deployment.opening import opened
from entity_conformance.deployment.settings import Settings
from entity_conformance.deployment.tidy import PAGES, kept_back
from entity_conformance.suite import costs, given, ledger
from entity_conformance.suite.expectation import Expectation
from entity_conformance.suite.plan import Plan, Scope, plan
from entity_conformance.suite.run import checks

from conformance.tests.miniature import BASE, CONTRACT, KEY, OTHER, SESSION, Miniature, problem

VALUES: dict[CredentialName, str] = {"api_key": KEY, "other_api_key": OTHER, "session": SESSION}


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def deployment() -> Miniature:
    return Miniature()


@pytest.fixture
def context(tmp_path: Path, deployment: Miniature) -> Iterator[RunContext]:
    made, journal = opened(Settings(BASE), tmp_path, CONTRACT, run="abcdefghi", transport=deployment.transport)
    yield replace(made, entities=CONTRACT.entities)
    journal.close()


def whole(context: RunContext) -> Plan:
    operators = frozenset(one.name for one in CONTRACT.operators)
    return plan(checks(), ledger.load(), Scope(context.entities, operators, {}))


def expected(context: RunContext, held: Collection[CredentialName]) -> costs.Costs:
    for name in held:
        context.wallet.put(name, Secret(VALUES[name], "session" if name == "session" else "key"))
    return Expectation(whole(context), context, Settings(BASE), writes=True)._costs


def by(known: costs.Costs, *requirements: str) -> Counter[str]:
    """The credentials of what these alone ask about tasks."""
    names = costs.closure((f"{one} [tasks]" for one in requirements), known)
    total: Counter[str] = Counter()
    for (credential, _), times in costs.expected(names, known).items():
        total[credential] += times
    return total


def test_without_a_session_nothing_is_asked_of_keys_and_the_row_is_the_main_keys(context: RunContext) -> None:
    known = expected(context, ["api_key", "other_api_key"])

    assert [known[name] for name in (costs.SHOWN, "keys", "revocation")] == [costs.FREE] * 3
    assert known[costs.ROW].sent == {("api_key", True): given.ROW}


def test_with_a_session_the_row_is_that_of_a_key_that_it_makes(context: RunContext) -> None:
    known = expected(context, ["api_key", "session"])

    assert known["keys"] != costs.FREE
    assert {credential for credential, _ in known[costs.ROW].sent} == {costs.MADE}


def test_what_anybody_is_refused_is_the_other_users_where_no_other_key_reads(context: RunContext) -> None:
    alone = by(expected(context, ["api_key"]), "filter.not-json")
    beside = by(expected(context, ["other_api_key"]), "filter.not-json")

    assert alone.keys() == {"api_key"}
    assert beside.total() == alone.total()
    assert beside["other_api_key"] >= 2


@pytest.mark.anyio
async def test_what_goes_with_its_parents_is_kept_back_for_where_a_parent_was_kept(
    context: RunContext, deployment: Miniature
) -> None:
    account = Account("", "")
    for collection, number in (("tasks", 2), ("comments", 5)):
        account.numbers[collection, "own"] = number
        account.tried[collection, "own"] = 1
        account.texts[collection, "own"] = set()
    context.wallet.put("api_key", Secret(KEY))
    looks = 2 * PAGES

    assert kept_back(context, account, ["api_key"], "api_key") == looks + 2 + 1

    deployment.before = lambda request: problem(409, "CONFLICT") if request.method == "DELETE" else None
    api = Api(context, "a check")
    assert isinstance((await api.delete("tasks", api.invented("nobody"))).status, int)
    assert kept_back(context, account, ["api_key"], "api_key") == looks + 2 + 5


@pytest.mark.parametrize("staying", [("orders",), ()])
def test_records_that_no_delete_removes_are_expected_to_stay(context: RunContext, staying: tuple[str, ...]) -> None:
    able = {one.name: [each for each in one.operations if each != "delete"] for one in context.entities}
    kept = (replace(one, operations=tuple(able[one.name])) if one.name == "orders" else one for one in context.entities)
    context = replace(context, entities=tuple(kept))

    of_all = Expectation(whole(context), context, Settings(BASE), writes=bool(staying))

    assert of_all.of(whole(context)).staying == staying
