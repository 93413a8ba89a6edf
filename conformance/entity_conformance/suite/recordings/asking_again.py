"""Whether runs that tried failures again could have shown them: what they did not ask, they did not judge. Pure."""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from entity_contract import Contract

from entity_conformance.deployment.exchange import Exchange
from entity_conformance.deployment.ownership import below
from entity_conformance.report.recorded import FAILING, Place
from entity_conformance.report.verdict import Result, Run
from entity_conformance.suite import ledger
from entity_conformance.suite.costs import named
from entity_conformance.suite.recordings import earlier
from entity_conformance.suite.recordings.judging import UNTOLD, judged
from entity_conformance.suite.recordings.report import recording

_PARAMETERS: Mapping[str, frozenset[str]] = {
    "filter": frozenset({"filter"}),
    "sort": frozenset({"sort", "order"}),
    "search": frozenset({"search"}),
    "select": frozenset({"fields", "include"}),
    "dates": frozenset({"startDate", "endDate"}),
}
"""The parameters whose values a chapter is about: of others it is enough that they stand beside these."""
_OF_RECORDS = ("filter", "filter id $in")
"""What narrows a list to records of the run: it says nothing of what is asked about them."""
_MADE_UP = frozenset({"search", "startDate", "endDate"})
"""Parameters whose values are words and times of the run's own."""


@dataclass(frozen=True, slots=True)
class Question:
    """What was asked, without the ids, words and times that each run has of its own."""

    method: str
    path: tuple[str, ...]
    parameters: frozenset[tuple[str, str]]

    @property
    def names(self) -> frozenset[str]:
        """The parameters, without what only narrows a list to records of the run."""
        return frozenset(
            told if name in _MADE_UP else name for name, told in self.parameters if (name, told) != _OF_RECORDS
        )

    @property
    def has_values(self) -> bool:
        """Whether it asks by values of one run: which records it is about depends on what that run wrote."""
        return any(
            name in _MADE_UP or (name == "filter" and (name, told) != _OF_RECORDS) for name, told in self.parameters
        )

    def __str__(self) -> str:
        names = "&".join(sorted({name for name, _ in self.parameters}))
        return f"{self.method} /{'/'.join(self.path)}{names and '?'}{names}"

    def is_asked_by(self, other: "Question", chapter: str) -> bool:
        """Whether the other one asks this too, by the values that the chapter is about; it may ask more besides.

        Which fields a check asks about together, and which alone, depends on what is answered wrongly.
        """
        about = {one for one in self.parameters if one[0] in _PARAMETERS.get(chapter, ())} or self.parameters
        is_like = (self.method, self.path) == (other.method, other.path) and self.names <= other.names
        return is_like and _operators(about - {_OF_RECORDS}) <= _operators(other.parameters)


def blind(
    document: Mapping[str, Any],
    places: Sequence[Place],
    tries: Sequence[Sequence[Run]],
    contract: Contract,
    *,
    name: str,
) -> Mapping[Place, str]:
    """The failures of a report that at least one of the tries could not have shown, with the question that was missing.

    What was told by looking on has to show in those of the report's exchanges that all tries asked again, and what was
    compared with others is never told so: neither what one answer shows otherwise than another, nor what is wrong with
    the answer to a question about values by what else the run knew. Where it shows in its own exchange, where it does
    not show in a recording, and for what a check told by a question of its own, that question has to be asked again.
    What only other commands judge each run makes up anew.
    """
    before = earlier.run(document, name=name)
    known = ledger.load().requirements
    results = {(one.requirement, one.entity): one for one in before.results if one.requirement in known}
    told = {place: results[place] for place in places if place in results and results[place].exchanges}
    if not told:
        return {}
    whole = recording(document, name=name)
    exchanges = {one.id: one for one in whole.exchanges}
    asked = [{question(one, run.target) for run in runs for one in run.exchanges} for runs in tries]
    common = frozenset[Question].intersection(*map(frozenset, asked)) if asked else frozenset()
    seen = judged(whole, contract).results
    again = tuple(one for one in whole.exchanges if question(one, whole.base) in common)
    shown = _wrong(judged(replace(whole, exchanges=again), contract).results)
    found: dict[Place, str] = {}

    def is_compared(place: Place, failed: Exchange) -> bool:
        """Whether that answer would be right if nothing else were known."""
        alone = judged(replace(whole, exchanges=(failed,)), contract)
        return place[0] not in UNTOLD and place[0] not in {requirement for requirement, _ in _wrong(alone.results)}

    for place, result in told.items():
        failed = exchanges.get(result.exchanges[-1])
        if failed is None:
            continue
        about = question(failed, whole.base)
        is_of_another = failed.check != named(*place)
        if is_of_another and (len(result.exchanges) > 1 or about.has_values) and is_compared(place, failed):
            is_shown = False
        elif is_of_another and len(result.exchanges) > 1:  # one of them is wrong by itself
            is_shown = about in common
        elif any(_is_same(one, result) for one in seen):
            is_shown = place in shown
        elif is_of_another:
            is_shown = about in common
        else:
            is_shown = all(any(about.is_asked_by(one, result.chapter) for one in questions) for questions in asked)
        if not is_shown:
            found[place] = str(about)
    return found


def question(exchange: Exchange, base: str) -> Question:
    """What an exchange asked."""
    path = below(exchange.url, base) or (urlsplit(exchange.url).path,)
    pairs = parse_qsl(urlsplit(exchange.url).query, keep_blank_values=True)
    parameters = frozenset((name, told) for name, value in pairs for told in _told(name, value))
    return Question(exchange.method, (path[0], *("{id}" for _ in path[1:2]), *path[2:]), parameters)


def _operators(parameters: Iterable[tuple[str, str]]) -> set[str]:
    """What is asked for, of a filter by its operators alone."""
    return {told.rpartition(" ")[2] if " $" in told else name for name, told in parameters if name == "filter"} | {
        told for name, told in parameters if name != "filter"
    }


def _told(name: str, value: str) -> Iterator[str]:
    """What a parameter asks for, in as many parts as it has."""
    if name == "filter":
        yield from _conditions(value)
    elif name in _MADE_UP:
        yield f"{name} {'of something' if value.strip() else 'blank'}"
    elif name in {"page", "limit"} and value.isdecimal() and 1 <= len(value) <= 2:  # up to 99
        yield name
    else:
        yield f"{name} {value}"


def _conditions(text: str) -> Iterator[str]:
    """The fields of a filter, each with its operators."""
    conditions: object = None
    with suppress(ValueError, RecursionError):
        conditions = json.loads(text)
    if not isinstance(conditions, dict) or not conditions:
        yield "filter of no condition"
        return
    for field, condition in conditions.items():
        operators: Collection[str] = condition if isinstance(condition, dict) else ()
        yield from (f"filter {field} {operator}" for operator in operators) if operators else (f"filter {field}",)


def _wrong(results: Sequence[Result]) -> frozenset[Place]:
    return frozenset((one.requirement, one.entity) for one in results if one.outcome.name in {*FAILING, "warned"})


def _is_same(one: Result, other: Result) -> bool:
    """Whether both tell of the same failure, in the same exchange."""
    return (one.requirement, one.entity, one.message, one.exchanges[-1:]) == (
        other.requirement,
        other.entity,
        other.message,
        other.exchanges[-1:],
    )
