"""The runner accuses no server that takes other choices, and what such a server answers is valid by what it shows.

A hundred draws, and each variant alone: `tox -e soak`.
"""

import asyncio
import json
import logging
import re
from collections.abc import Callable, Iterator
from functools import cache
from urllib.parse import urlsplit

import pytest
from entity_conformance.deployment.exchange import Exchange
from entity_contract import Contract
from entity_contract.references import mapping, target
from entity_contract.rules.examples import Example, fault, validator
from entity_server.variants.choosing import chosen
from entity_server.variants.document import shown_contract
from entity_tests.proofs.variants.choices import accused, attempt, draws
from entity_tests.proofs.variants.trial import Tried, attempted

OTHER = chosen("other")
ATTEMPTS = (attempt(OTHER), *draws((1, 2)))
NAMES = ("other", "random 1", "random 2")
PLACES = (0, *(pytest.param(place, marks=pytest.mark.soak) for place in (1, 2)))

Trials = Callable[[int], Tried]


class _Lines(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(record.getMessage())


@pytest.fixture(scope="module")
def log() -> Iterator[list[str]]:
    """What the servers say while they are asked."""
    lines = _Lines()
    logging.getLogger("entity_server").addHandler(lines)
    yield lines.said
    logging.getLogger("entity_server").removeHandler(lines)


@pytest.fixture(scope="module")
def trials(contract: Contract, log: list[str]) -> Trials:  # noqa: ARG001 - it hears of them
    """The trial of an attempt, made when a test first asks for it."""

    @cache
    def tried(place: int) -> Tried:
        (trial,) = asyncio.run(attempted(contract, ATTEMPTS[place : place + 1]))
        return trial

    return tried


@pytest.mark.parametrize("place", PLACES, ids=NAMES)
def test_no_server_with_other_choices_is_accused(trials: Trials, place: int) -> None:
    assert accused(trials(place)) == []


@pytest.mark.parametrize("place", PLACES, ids=NAMES)
def test_each_answer_is_valid_by_the_document_that_is_shown(contract: Contract, trials: Trials, place: int) -> None:
    asked = (OTHER, chosen("random", seed=1), chosen("random", seed=2))[place]
    shown = shown_contract(contract, asked.variants)

    assert sorted({line for one in trials(place).exchanges for line in _departures(shown, one)}) == []


def test_no_server_with_other_choices_says_that_it_breaks_the_contract(trials: Trials, log: list[str]) -> None:
    assert trials(0).run.exchanges != ()
    assert [line for line in log if "breaks the contract" in line] == []


def test_answers_of_other_choices_are_not_all_valid_by_the_contract_itself(contract: Contract, trials: Trials) -> None:
    assert {line for one in trials(0).exchanges for line in _departures(contract, one)} != set()


def _departures(contract: Contract, one: Exchange) -> Iterator[str]:
    """How an answer to an operation departs from the document."""
    path = urlsplit(one.url).path.removeprefix("/api")
    item = next((item for item in _most_exact_first(contract) if re.fullmatch(_pattern(item), path)), None)
    operation = mapping(mapping(contract.document["paths"]).get(item or "")).get(one.method.lower())
    if operation is None or one.status is None or not (one.response_body or "").startswith("{"):
        return
    name = mapping(operation)["operationId"]
    if str(one.status) not in mapping(mapping(operation)["responses"]):
        yield f"{name} documents no {one.status}"
        return
    where = f"#/paths/{str(item).replace('/', '~1')}/{one.method.lower()}/responses/{one.status}"
    response, facts = target(contract.document, where)
    sent = {header.lower() for header, _ in one.response_headers}
    for header in mapping(facts.get("headers")):
        _, described = target(contract.document, f"{response}/headers/{header}")
        if described.get("required") and header.lower() not in sent:
            yield f"{name} {one.status} lacks {header}"
    place = f"{response}/content/application~1json"
    try:
        body = json.loads(str(one.response_body))
    except ValueError:
        return  # cut by the evidence, which keeps a part of a long answer
    problem = fault(validator(contract.document, f"{place}/schema"), Example(place, f"{place}/schema", body))
    if problem:
        yield f"{name} {one.status}: {problem.message[:120]}"


def _most_exact_first(contract: Contract) -> list[str]:
    return sorted(mapping(contract.document["paths"]), key=lambda path: path.count("{"))


def _pattern(path: str) -> str:
    return re.sub(r"\\{\w+\\}", "[^/]+", re.escape(path))
