"""`conformance run --thorough`: the requirements, then `properties` and `model` within what the limits leave.

One run behind the other, told as one. The two come with the extra, and are found by name.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from math import ceil
from pathlib import Path

from entity_contract import Contract

from entity_conformance.commands.driver import Ask
from entity_conformance.commands.extra import asking
from entity_conformance.commands.stderr import say
from entity_conformance.deployment.settings import THOROUGH, Misuse, Settings
from entity_conformance.report.expected import Expected, Share
from entity_conformance.report.verdict import UNTESTED, Run
from entity_conformance.suite import run as suite
from entity_conformance.suite.course import Watcher
from entity_conformance.suite.joining import joined

FEWEST = 42
"""Requests with which a generated run says something."""
_KEPT = 0.97
"""What of the whole is used: cleaning up may take more than was counted on."""
_NOTHING_TO_TEST = 4
_ENDED = frozenset({2, _NOTHING_TO_TEST, 70, 130})
"""Exit codes of a run behind which no other is begun."""


async def thorough(
    settings: Settings, *, journals: Path, contract: Contract, watcher: Watcher, stop: asyncio.Event
) -> Run:
    """The runs, one behind the other, as one. Raises Misuse as `suite.run` does."""
    products, notes = _products(settings)
    most = min(settings.max_requests or THOROUGH, THOROUGH)
    first = await suite.run(
        replace(settings, max_requests=most, kept=max(min(ceil(FEWEST * len(products) / _KEPT), most - FEWEST), 0)),
        journals=journals,
        contract=contract,
        watcher=watcher,
        stop=stop,
        besides=lambda expected: _with_generated(expected, most) if products else expected,
    )
    for note in notes:
        say(note)
    if settings.plan or first.verdict.exit_code in _ENDED:
        return first
    others: list[Run] = []
    for number, (name, ask) in enumerate(products.items()):
        left = 0 if first.expected is None else _left(first.expected, most, [first, *others])
        share = left // (len(products) - number)
        if stop.is_set() or share < FEWEST:
            notes.append(f"{name} was left out: {max(share, 0)} requests are left of what fits")
            continue
        try:
            asked = replace(settings, max_requests=share)
            done = await ask(asked, journals=journals, contract=contract, watcher=watcher, stop=stop)
        except Misuse as problem:
            notes.append(f"{name} was left out: {problem.message}")
        else:
            others.append(_beside(first, done, name, notes))
    return joined(first, others, settings=settings, notes=notes)


def _beside(first: Run, done: Run, name: str, notes: list[str]) -> Run:
    """The run as it counts behind the first: where the deployment answered and has nothing for it, that is a note."""
    is_answered = bool(done.exchanges) and done.exchanges[-1].status is not None
    if done.verdict.exit_code != _NOTHING_TO_TEST or not is_answered:
        return done
    notes.append(f"{name} was left out: {done.verdict.reason.removeprefix(UNTESTED)}")
    return replace(done, verdict=first.verdict)


def _products(settings: Settings) -> tuple[Mapping[str, Ask], list[str]]:
    """The commands that can be run, by name, and of the others why not, with the line that installs them."""
    found: dict[str, Ask] = {}
    notes: list[str] = []
    for name in ("properties", "model"):
        try:
            found[name] = asking(name)
        except Misuse as problem:
            notes.append(f"{name} was left out: {problem}")
    if settings.is_read_only and found.pop("model", None) is not None:
        notes.append(f"model was left out: it writes, and {settings.why_read_only}")
    return found, notes


def _left(expected: Expected, most: int, runs: list[Run]) -> int:
    """The requests that may still be sent: of the whole, and of what the main credential had left."""
    whole = int(most * _KEPT) - sum(run.requests.total for run in runs)
    main = _main(expected)
    if main is None or main.remaining is None:
        return whole
    name = "session" if main.credential == "session" else "api_key"
    sent = sum(exchange.credential.partition("+")[0] == name for run in runs for exchange in run.exchanges)
    return min(whole, main.remaining + main.before - sent)


def _with_generated(expected: Expected, most: int) -> Expected:
    """What is expected, with what `properties` and `model` are left: they ask by the main credential."""
    main, by = _main(expected), expected.requests
    left = int(most * _KEPT) - by.total
    if main is None:
        return expected
    if main.remaining is not None:
        left = min(left, main.remaining + main.before - main.requests)
    if left < FEWEST:
        return expected
    kind = "session" if main.credential == "session" else "key"
    requests = replace(by, total=by.total + left, **{kind: getattr(by, kind) + left})
    shares = tuple(
        replace(share, requests=share.requests + left) if share is main else share for share in expected.shares
    )
    return replace(expected, requests=requests, shares=shares, generated=left)


def _main(expected: Expected) -> Share | None:
    """The credential that most requests go by."""
    return max(expected.shares, key=lambda share: share.requests, default=None)
