"""What checks cost: requests by credential, as counted on the reference server. Pure, but for the package's own file.

Several checks use what was arranged once, so that costs are told apart: what a check sends itself, which arrangements
it uses, and what is left to be removed. `costs.json` is written by `python -m entity_tests.proofs.costs`, and compared
with a run by a test.
"""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.resources import files
from typing import Literal, cast

from entity_conformance.deployment.outgoing import Asked

COSTS = "costs.json"
CLEANING = "clean-up"
AMENDED = "amended"
"""The change of one record of a group, for which a smoke test has no requests."""
OF_KEYS = frozenset({"key", "keys", "revocation"})
"""Arrangements that only a session makes, by the beginning of their names."""
MADE = "made key"
"""Who asks by a key that the session made, in the place of a credential's name."""
ROW = "reads in a row [1]"
"""The requests on a key that nobody else uses, by the name of their cost."""
SHOWN = "key [read_key]"
"""The key that is made first where keys are made at all, by the name of its cost."""
OF_GROUPS = ("auth.session-cookie",)
"""Checks that ask about a group where the run makes one: a smoke test has no requests for it."""
MEANWHILE = "limits.per-key"
"""The check that has others ask, where no metadata told the key a limit before which they have not asked since."""
STANDING = "what is there"
"""What a run that only reads asks of records that are there, by the name of its cost."""
Way = Literal["full", "thorough", "alone", "thorough-alone", "child", "directory", "read-only", "reader", "public"]
"""What was counted: a run with every credential, a thorough one, one of tasks alone, a thorough one of these, one of
comments (which need a parent) and of the directory alone, one that only reads, one with a key that only reads, one
without credentials."""
ALONE: Mapping[Way, str] = {"alone": "tasks", "thorough-alone": "tasks", "child": "comments", "directory": "users"}
"""The entity that was asked about by itself, by the way of the run."""

_LIKE_FULL = frozenset({"thorough", "alone", "thorough-alone"})
"""Those of which the file holds what differs from a full run."""

Sent = Counter[tuple[str, bool]]
"""Requests by the name of their credential, and by whether they read. Shares of a clean-up are fractions."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What one check on one entity takes, or one arrangement: `sent` by itself, `uses` of others, by name.

    `left` are the things that are there when it has ended, by collection.
    """

    sent: Sent = field(default_factory=Counter)
    uses: tuple[str, ...] = ()
    left: Mapping[str, int] = field(default_factory=dict)


Costs = Mapping[str, Cost]
"""By the name of the check or arrangement: `list.limit-caps-page [tasks]`, `group [tasks]`, `clean-up [tasks]`."""

FREE = Cost()


def counted(asked: Sequence[Asked], uses: Mapping[str, Iterable[str]], checks: Iterable[str] = ()) -> Costs:
    """What a run took; `checks` are those that it made, whether they asked anything or not."""
    sent: dict[str, Sent] = defaultdict(Counter)
    left: dict[str, Counter[str]] = defaultdict(Counter)
    made_by: dict[tuple[str, str], str] = {}
    for one in asked:
        payer = _cleaning(one.path[0]) if one.check == CLEANING and one.path else one.payer
        sent[payer][one.request.credential, one.request.is_safe] += 1
        if one.reply is None or not 200 <= one.reply.status < 300 or one.check == CLEANING:
            continue
        match one.request.method, one.path:
            case "POST", (collection,) if len(made := one.reply.shown) == 1:
                made_by[collection, str(made[0]["id"])] = payer
                left[payer][collection] += 1
            case "DELETE", (collection, id_) if (collection, id_) in made_by:
                left[made_by.pop((collection, id_))][collection] -= 1
            case _:
                pass
    names = {*sent, *uses, *checks, *(used for of in uses.values() for used in of)}
    return {name: Cost(sent[name], tuple(sorted(uses.get(name, ()))), dict(+left[name])) for name in sorted(names)}


def expected(names: Iterable[str], costs: Costs) -> Sent:
    """What these take together, each once."""
    taken: Sent = Counter()
    for name in names:
        taken.update(costs[name].sent)
    return taken


def closure(names: Iterable[str], costs: Costs) -> frozenset[str]:
    """These, and all that they use, as far as it is known."""
    known: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in known and name in costs:
            known.add(name)
            waiting.extend(costs[name].uses)
    return frozenset(known)


def completed(names: Iterable[str], costs: Costs, full: Costs | None = None) -> Costs:
    """The costs, and those of checks that were never counted: of an entity that only this deployment has.

    They are taken to be those of the dearest that bears the same name, with what that uses for its entity. Where none
    does, a check asks nothing that needs records of the run's own in a `full` run, and one thing otherwise.
    """
    known = dict(costs)
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name in known:
            continue
        kind, _, entity = name.partition(" ")
        alike = [each for each in costs if each.partition(" ")[0] == kind]
        like = max(alike, key=lambda each: costs[each].sent.total(), default=None)
        if like is None:
            known[name] = FREE if _makes(kind, full or {}) else Cost(Counter({("api_key", True): 1}))
            continue
        own, model = like.partition(" ")[2], costs[like]
        uses = tuple(each.replace(own, entity) if own and each.endswith(own) else each for each in model.uses)
        left = {entity.strip("[]") if f"[{each}]" == own else each: number for each, number in model.left.items()}
        known[name] = Cost(model.sent, uses, left)
        waiting.extend(uses)
    return known


def _makes(kind: str, costs: Costs) -> bool:
    """Whether each check of that name uses something that the run has made."""
    alike = [name for name in costs if name.partition(" ")[0] == kind]
    return bool(alike) and all(any(costs[each].left for each in closure([name], costs)) for name in alike)


def of_entity(costs: Costs, counted: str, entity: str) -> Costs:
    """What a run of one entity takes, by what was counted of another: every name of that one is this one's."""

    def told(name: str) -> str:
        return re.sub(rf"\[{re.escape(counted)}(?=[\] ])", f"[{entity}", name)

    return {
        told(name): Cost(
            cost.sent,
            tuple(map(told, cost.uses)),
            {entity if each == counted else each: number for each, number in cost.left.items()},
        )
        for name, cost in costs.items()
    }


def unable(costs: Costs, collections: Collection[str]) -> Costs:
    """The costs where nothing can be made of these collections: whoever needs a record of them ends without asking."""
    making = {name for name, cost in costs.items() if not cost.left.keys().isdisjoint(collections)}
    return {name: cost if closure([name], costs).isdisjoint(making) else FREE for name, cost in costs.items()}


def moved(costs: Costs, elsewhere: Collection[str], entity: str) -> Costs:
    """The costs of a run that only reads, without these entities: what could go to any is asked of this one."""
    pattern = re.compile(rf"\[(?:{'|'.join(map(re.escape, elsewhere))})(?=[\] ])") if elsewhere else None
    if pattern is None:
        return costs

    def told(name: str) -> str:
        return pattern.sub(f"[{entity}", name)

    named = {name: replace(cost, uses=tuple(map(told, cost.uses))) for name, cost in costs.items()}
    own = {name: cost for name, cost in named.items() if told(name) == name}
    return {told(name): cost for name, cost in named.items()} | own


def with_cleaning(costs: Costs, known: Costs) -> Costs:
    """The costs, with each thing's share of the clean-up booked on what leaves it there, by what was `known` of it.

    What looks for things once, however many there are, is used by whatever leaves any of that collection.
    """
    whole: Counter[str] = Counter()
    for cost in known.values():
        whole.update(cost.left)
    told = {
        name: Cost(Counter({each: times for each, times in cost.sent.items() if each[1]}))
        for name, cost in known.items()
        if name.startswith(CLEANING)
    }
    for name, cost in costs.items():
        if name.startswith(CLEANING):
            continue
        taken: Counter[tuple[str, bool]] = Counter(cost.sent)
        for collection, number in cost.left.items():
            one_each = Cost(Counter({("api_key", False): whole[collection] or 1}))
            for each, times in known.get(_cleaning(collection), one_each).sent.items():
                share = 0 if each[1] else times * number / (whole[collection] or 1)
                taken[each] += share  # type: ignore[assignment]  # a fraction
        looked = tuple(_cleaning(collection) for collection in cost.left if _cleaning(collection) in known)
        told[name] = Cost(taken, (*cost.uses, *looked), cost.left)
    return told


def _cleaning(collection: str) -> str:
    return f"{CLEANING} [{collection}]"


def told(costs: Mapping[Way, Costs]) -> str:
    """Costs as the file holds them: one a line."""
    ways = []
    for way, whole in costs.items():
        full = costs["full"] if way in _LIKE_FULL else {}
        known = {name: cost for name, cost in whole.items() if full.get(name) != cost}
        lines = [
            f"{json.dumps(name)}: {json.dumps(_told(cost), separators=(',', ':'))}" for name, cost in known.items()
        ]
        ways.append(f"{json.dumps(way)}: {{\n" + ",\n".join(lines) + "\n}")
    return "{" + ",\n".join(ways) + "}\n"


@cache
def packaged(way: Way) -> Costs:
    """What was counted when the suite was packaged."""
    whole = json.loads((files("entity_conformance.suite") / COSTS).read_text("utf-8"))
    facts = whole["full"] | whole.get(way, {}) if way in _LIKE_FULL else whole[way]
    return {name: _read(each) for name, each in facts.items()}


def named(requirement: str, entity: str | None) -> str:
    """A check on an entity as costs name it, which is how evidence names it."""
    return requirement if entity is None else f"{requirement} [{entity}]"


def _told(cost: Cost) -> Mapping[str, object]:
    sent: dict[str, list[int]] = {}
    for (credential, reads), times in sorted(cost.sent.items()):
        sent.setdefault(credential, [0, 0])[not reads] = times
    facts = {"sent": sent, "uses": cost.uses, "left": cost.left}
    return {name: fact for name, fact in facts.items() if fact}


def _read(facts: Mapping[str, object]) -> Cost:
    sent: Sent = Counter()
    for credential, (reads, writes) in cast("Mapping[str, tuple[int, int]]", facts.get("sent", {})).items():
        sent.update({(credential, True): reads, (credential, False): writes})
    uses = tuple(cast("Collection[str]", facts.get("uses", ())))
    return Cost(+sent, uses, cast("Mapping[str, int]", facts.get("left", {})))
