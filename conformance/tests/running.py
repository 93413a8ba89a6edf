"""Runs of the suite with checks of our own, on a deployment in memory."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from entity_conformance.deployment.api import Api
from entity_conformance.deployment.problems import Blocked, OutOfProfile, Violation
from entity_conformance.deployment.settings import Given, Settings
from entity_conformance.report.verdict import Outcome, Run
from entity_conformance.suite import ledger
from entity_conformance.suite import run as suite
from entity_conformance.suite.course import Watcher
from entity_conformance.suite.registry import Check, anything
from entity_contract import Entity

from conformance.tests.miniature import BASE, CONTRACT, KEY, OTHER, SESSION, Miniature

FULL = Given(api_key=KEY, session=SESSION, other_api_key=OTHER)
NONSENSE = "'whatever', the ledger knows refused, capped"
TITLE = "cetuvilov gibifolef plain"

LEDGER = ledger.parse(
    [
        (
            "requirements/create.yaml",
            """
chapter: create
title: CREATE
requirements:
  - {id: create.one, text: t, source: s, pointer: '#'}
  - {id: create.two, text: t, source: s, pointer: '#', decision: L3.empty-page}
  - {id: create.three, text: t, source: s, pointer: '#', decision: L2.above-100}
""",
        )
    ]
)


async def passes(api: Api, _: Entity) -> None:
    await api.list("tasks")


async def creates(api: Api, entity: Entity) -> None:
    await api.create(entity, {"title": TITLE})


async def violates(*_: object) -> None:
    raise Violation("it is wrong", expected="right", actual="wrong")


async def is_blocked(*_: object) -> None:
    raise Blocked("it could not be arranged")


async def is_out(*_: object) -> None:
    raise OutOfProfile("it is not there")


async def breaks(*_: object) -> None:
    message = f"the key is {KEY}"
    raise KeyError(message)


async def observes(*_: object) -> str:
    return "capped"


async def observes_nonsense(*_: object) -> str:
    return "whatever"


def check(body: Any, requirement: str = "create.one", **declared: Any) -> Check:
    facts: dict[str, Any] = {
        "chapter": "create",
        "sentence": "It holds.",
        "scopes": frozenset(),
        "needs": frozenset(),
        "after": (),
        "entities": "each",
        "operations": frozenset(),
        "applies": anything,
        "operators": frozenset(),
        "opt_in": None,
        "last": False,
        "requests": 1,
    }
    return Check(requirement=requirement, body=body, **{**facts, **declared})


def run(
    deployment: Miniature,
    journals: Path,
    *checks: Check,
    given: Given = FULL,
    url: str = BASE,
    watcher: Watcher | None = None,
    **settings: Any,
) -> Run:
    async def within_time() -> Run:
        return await suite.run(
            Settings(url, given, **settings),
            journals=journals,
            contract=CONTRACT,
            proofs=checks or (check(passes),),
            ledger=LEDGER,
            watcher=watcher,
            transport=deployment.transport,
            sleep=deployment.sleep,
        )

    return asyncio.run(within_time())


def results(of: Run) -> Sequence[tuple[str, str | None, Outcome, str]]:
    return [(result.requirement, result.entity, result.outcome, result.message) for result in of.results]
