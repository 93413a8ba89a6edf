"""What a prepared run is going to send, by the costs that were counted, and what of it does not fit.

Limits are those that the deployment's answers have told so far; what was sent to prepare the run is known.
"""

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from statistics import median

from entity_contract import Entity

from entity_conformance.deployment.account import Account
from entity_conformance.deployment.allowance import Standing
from entity_conformance.deployment.context import RunContext
from entity_conformance.deployment.credentials import BY_NAME, CREDENTIALS, CredentialName
from entity_conformance.deployment.opening import removing
from entity_conformance.deployment.problems import RequestCount
from entity_conformance.deployment.reaching import FIRST
from entity_conformance.deployment.settings import SMOKE, Settings
from entity_conformance.deployment.tidy import LOOKS_FOR_KEYS, kept_back
from entity_conformance.report.expected import NO_ROOM, Expected, Share
from entity_conformance.report.text import count, duration
from entity_conformance.suite import costs as known
from entity_conformance.suite import given
from entity_conformance.suite.costs import Cost, Costs, Sent, closure, counted, expected
from entity_conformance.suite.fitting import Bound, fitting
from entity_conformance.suite.ledger import Ledger
from entity_conformance.suite.plan import Plan, without
from entity_conformance.suite.standing import how_many
from entity_conformance.suite.watch import passive_checks

_NOT_MUCH = 0.05
"""Seconds that a request takes where none was answered so far."""
_OWN = 0.004
"""Seconds that a request and its judgement take this machine, however fast the deployment and many the checks are."""
_BEFORE = "preparation"
_SPARE = 0.03
"""What is kept of the user's own budget, for a deployment that takes more requests than the reference server."""
_ROW = 10
"""Requests by which a limit is seen to fall, where a run that only reads has not sent so many before."""
_KEPT_BACK = 6
"""Requests that a wire keeps back for cleaning up besides what that takes: for more than one page of each entity."""
_MADE_AND_REVOKED = 2
"""Requests that a key takes."""
_THROWN_AWAY = "another key"
"""A key that is made to be used up."""


class Expectation:
    """The costs of a plan's steps on the deployment as it was found, for a run that `writes` or only reads.

    `making` is how many keys the session is going to make besides, `session` how its limit stands where the answers
    have not shown yet that it falls.
    """

    def __init__(  # noqa: PLR0913  # the last two are of a run that has made no keys so far
        self,
        plan: Plan,
        context: RunContext,
        settings: Settings,
        *,
        writes: bool,
        making: int = 0,
        session: Standing | None = None,
    ) -> None:
        self._plan, self._context, self._settings, self._writes = plan, context, settings, writes
        self._making, self._session = making, session
        before = counted(context.asked, {})
        self._before = sum((cost.sent for cost in before.values()), Sent())
        left = sum((Counter(cost.left) for cost in before.values()), Counter())
        writing = _writing(context.entities, is_thorough=settings.thorough)
        reading: known.Way = "read-only" if context.is_read_only else "reader"
        way: known.Way = writing if writes else reading
        is_public = not any(context.wallet.has(row.name) for row in CREDENTIALS)
        packaged = known.packaged("public" if is_public else way)
        if len(context.entities) == 1:
            packaged = known.of_entity(packaged, known.ALONE.get(way, FIRST), context.entities[0].name)
        whole = known.completed((step.name for step in plan.steps), packaged, known.packaged("full"))
        if (orphaned := _orphaned(context.entities)) and way not in known.ALONE:
            whole = known.unable(whole, orphaned)
        if not writes:
            there = {entity.name for entity in context.entities}
            elsewhere = {entity.name for entity in context.contract.entities} - there
            whole = known.moved(whole, elsewhere, context.entities[0].name)
        prepared = Cost(Counter(), (), dict(left))
        self._costs = {
            name: replace(cost, sent=self._by_whom(cost.sent))
            for name, cost in known.with_cleaning({**whole, _BEFORE: prepared}, packaged).items()
        }
        if settings.smoke:
            self._costs = {name: _of_smoke(name, cost) for name, cost in self._costs.items()}
        if not context.wallet.has("session"):
            self._costs |= self._without_keys()
        if (
            context.wallet.main == "api_key"
            and context.wallet.has("other_api_key")
            and not context.wallet.has("read_key")
        ):
            self._costs |= self._by_another()
        self._costs |= dict(self._uncounted())
        self._paid = {name for name in before if name != _BEFORE}
        self._kept = self._kept_for_cleaning(packaged)

    def _kept_for_cleaning(self, packaged: Costs) -> Mapping[str, float]:
        """What the wire keeps back of each credential's limit beyond what cleaning up is counted to take.

        It cannot know that a page of each entity shows all that was made.
        """
        made: Counter[str] = Counter()
        for name in closure((_BEFORE, *(step.name for step in self._plan.steps)), self._costs):
            made.update(self._costs[name].left if name == _BEFORE or name not in self._paid else {})
        whole: Counter[str] = Counter()
        for cost in packaged.values():
            whole.update(cost.left)
        account = Account("", "")
        planned: Sent = Counter()
        for collection, number in made.items():
            account.numbers[collection, "own"] = number
            account.tried[collection, "own"] = 1
            account.texts[collection, "own"] = set()
            of = packaged.get(f"{known.CLEANING} [{collection}]", known.FREE)
            for (name, reads), times in self._by_whom(of.sent).items():
                share = times if reads else times * number / (whole[collection] or 1)
                planned[name, reads] += share  # type: ignore[assignment]  # a fraction
        able = removing(self._context.wallet)
        return {
            name: max(kept_back(self._context, account, able, name) - planned[name, True] - planned[name, False], 0)
            for name in self._context.wallet.names
        }

    def _uncounted(self) -> Iterator[tuple[str, Cost]]:
        """The costs that this run has otherwise than the reference server, or that were not counted there."""
        for step in self._plan.steps:
            if step.check.opt_in is not None:  # these use something up
                yield step.name, Cost(Counter({(_THROWN_AWAY, True): step.check.requests}))
            elif step.check.unseen is not None:  # it stands in for one that asks, and asks nothing itself
                yield step.name, Cost(Counter())
            elif step.check.requirement == known.MEANWHILE and not self._writes and (idle := self._undescribed()):
                main = self._context.wallet.main
                yield step.name, Cost(Counter({(idle, True): 2, (main, True): given.MEANWHILE}))
        if not self._writes:
            yield known.STANDING, Cost(Counter({(self._reader(), True): how_many(self._context)}))

    def _without_keys(self) -> Costs:
        """The costs of what is about keys, where no session makes any: nothing, but for the row of reads.

        Whoever may read asks that one, every entity for a list.
        """
        free = {name: known.FREE for name in self._costs if name.partition(" ")[0] in known.OF_KEYS}
        row = self._costs.get(known.ROW)
        if row is None:
            return free
        return free | {known.ROW: Cost(Counter({(self._reader(), True): given.ROW}), row.uses)}

    def _by_another(self) -> Costs:
        """The costs of what anybody may ask, and nobody else asks about, by the other user's key."""
        steps = self._plan.steps
        others = closure((step.name for step in steps if not step.check.is_anybodys), self._costs)
        names = closure((step.name for step in steps if step.check.is_anybodys), self._costs) - others
        found: dict[str, Cost] = {}
        for name in names:
            sent: Sent = Counter()
            for (credential, reads), times in self._costs[name].sent.items():
                sent["other_api_key" if reads and credential == "api_key" else credential, reads] += times
            found[name] = replace(self._costs[name], sent=sent)
        return found

    def _undescribed(self) -> CredentialName | None:
        """The key beside which others are going to ask anew, since no metadata told it a limit so far."""
        idle = given.idle_key(self._context.wallet)
        described = {one.credential for one in self._context.replies if (one.method, one.status) == ("OPTIONS", 200)}
        return idle if idle not in described else None

    def _by_whom(self, sent: Sent) -> Sent:
        """The same requests by the credentials that this run has: its main one stands in for what is not there."""
        wallet = self._context.wallet
        absent = {row.name for row in CREDENTIALS if not wallet.has(row.name)} | {"api_key"}
        told: Sent = Counter()
        for (name, reads), times in sent.items():
            is_readers = name == known.MADE and not wallet.has("session")
            told[self._reader() if is_readers else wallet.main if name in absent else name, reads] += times
        return told

    def _reader(self) -> CredentialName:
        """Who reads where a key of the session's would, if there were any."""
        return "read_key" if self._context.wallet.has("read_key") else self._context.wallet.main

    def fitted(self, ledger: Ledger) -> tuple[Plan, str | None]:
        """The plan without what does not fit, and why no verdict can be given then: MUSTs are left out. None if not."""
        steps = self._plan.steps
        bounds = [*self._bounds()]
        left = fitting(steps, ledger, self._costs, bounds, {*self._paid, *closure([_BEFORE], self._costs)})
        fits = without(self._plan, left)
        lost = {
            name: reason
            for name, reason in fits.out_of_scope
            if reason.startswith(NO_ROOM) and ledger.requirements[name].level == "must"
        }
        if not lost or self._settings.smoke:
            return fits, None
        return fits, f"{count(len(lost), 'MUST')} left out: {next(iter(lost.values())).removeprefix(NO_ROOM)}"

    def _bounds(self) -> Iterator[Bound]:
        """What may be sent besides what preparing took and its clean-up will."""
        owed = expected(closure([_BEFORE], self._costs), self._costs)
        if self._settings.max_requests is not None:
            most = self._settings.max_requests - self._settings.kept
            kept = _KEPT_BACK + (0 if self._writes else _ROW)
            left = most * (1 - _SPARE) - kept - self._before.total() - owed.total()
            is_usual = self._settings.smoke and self._settings.max_requests == SMOKE
            option = "--smoke" if is_usual else f"--max-requests {most:,}"
            if self._settings.thorough:  # which sends others besides
                option = f"the {most:,} requests that --thorough leaves the requirements"
            yield Bound(lambda *_: True, left, f"{NO_ROOM}does not fit {option}")
        for name in self._context.wallet.names:
            for way, standing in self._standings(name):
                if standing.resets_in > self._settings.max_wait:
                    bound = Bound(partial(_is_of, name, way), standing.remaining, no_room(name, standing))
                    making = self._of_keys() if name == "session" else 0
                    yield replace(bound, left=bound.left - bound.of(owed) - self._kept.get(name, 0) - making)

    def _of_keys(self) -> int:
        """What the session's keys take that no step is counted to use; one is made by whatever asks about keys."""
        if not self._making:
            return 0
        counted_ = closure((step.name for step in self._plan.steps), self._costs)
        spare = 0 if known.SHOWN in counted_ or known.SHOWN in self._paid else _MADE_AND_REVOKED + LOOKS_FOR_KEYS
        return _MADE_AND_REVOKED * self._making + spare

    def left_to_session(self) -> float:
        """What the session may send besides making keys and revoking them; negative where it cannot pay for these."""
        standings = self._standings("session")
        reasons = {no_room("session", standing) for _, standing in standings}
        return min((bound.left for bound in self._bounds() if bound.reason in reasons), default=math.inf)

    def _standings(self, name: CredentialName) -> Iterator[tuple[bool | None, Standing]]:
        """The limits of a credential: one, or one of reads (True) and one of writes (False)."""
        secret = self._context.wallet.get(name)
        if secret is None:
            return
        if name == "session" and self._session is not None:
            yield None, self._session
            return
        reads, writes = (self._context.wire.standing(secret, method) for method in ("GET", "POST"))
        if reads is not None and writes is not None and reads.limit != writes.limit:
            yield True, reads
            yield False, writes
        elif (one := writes or reads) is not None:
            yield None, one

    def asks_of_what_is_there(self, plan: Plan) -> bool:
        """Whether a run that makes no records asks about those that are there, for what is judged on any answer."""
        is_watched = any(step.check.requirement in passive_checks() for step in plan.steps)
        return is_watched and not self._writes and not self._settings.smoke

    def of(self, plan: Plan) -> Expected:
        """What the plan comes to."""
        last = (known.STANDING,) if self.asks_of_what_is_there(plan) else ()
        names = closure((_BEFORE, *(step.name for step in plan.steps), *last), self._costs) - self._paid
        more = expected(names, self._costs)
        whole = self._before + more
        left_out: dict[str, tuple[str, ...]] = {}
        for requirement, reason in plan.out_of_scope:
            left_out[reason] = (*left_out.get(reason, ()), requirement)
        for step, why in plan.elsewhere:
            reason = f"{why}, on some entities"
            left_out[reason] = tuple(dict.fromkeys((*left_out.get(reason, ()), step.check.requirement)))
        return Expected(
            requests=_by_kind(whole),
            seconds=self._seconds(more.total()),
            checks=len(plan.steps),
            requirements=len({step.check.requirement for step in plan.steps}),
            shares=tuple(self._shares(whole)),
            left_out=tuple(sorted(left_out.items(), key=lambda pair: -len(pair[1]))),
            staying=self._staying(),
        )

    def _staying(self) -> tuple[str, ...]:
        """The entities of which this run makes records that it cannot delete."""
        made = self._context.entities if self._writes else ()
        return tuple(one.name for one in made if "create" in one.operations and "delete" not in one.operations)

    def _shares(self, whole: Sent) -> Iterator[Share]:
        for name in self._context.wallet.names:
            requests, before = (sum(by[name, reads] for reads in (True, False)) for by in (whole, self._before))
            standing = min((one for _, one in self._standings(name)), key=lambda one: one.remaining, default=None)
            if standing is None:
                yield Share(BY_NAME[name].noun, round(requests), before)
            else:
                limit, left, resets = standing.limit, standing.remaining, standing.resets_in
                yield Share(BY_NAME[name].noun, round(requests), before, limit, left, resets)

    def _seconds(self, requests: float) -> float:
        """How long that takes, by the answers that came so far; an expiring key is waited for meanwhile."""
        answered = [one.reply.seconds for one in self._context.asked if one.reply is not None]
        each = median(answered) if answered else _NOT_MUCH
        lasts = requests * max(each / self._settings.concurrency, _OWN)
        expires = self._context.expires_at
        rest = 0.0 if expires is None else (expires - self._context.wire.now()).total_seconds()
        return sum(answered) + max(lasts, rest)


def no_room(name: CredentialName, standing: Standing) -> str:
    """Why something is left out for which a credential's limit has no room."""
    said = f"{standing.remaining:,} of {standing.limit:,} left, for {duration(standing.resets_in)}"
    return f"{NO_ROOM}does not fit the limit of the {BY_NAME[name].noun} ({said})"


def _of_smoke(name: str, cost: Cost) -> Cost:
    """What it takes in a smoke test, which makes no group for one question, and changes no record of one."""
    first = name.partition(" ")[0]
    if first == known.AMENDED:
        return Cost(Counter())
    return replace(cost, uses=()) if first in known.OF_GROUPS else cost


def _writing(entities: Sequence[Entity], *, is_thorough: bool) -> known.Way:
    """How a run of these entities was counted, where it writes."""
    if len(entities) == 1 and "create" in entities[0].operations and not _orphaned(entities):
        return "thorough-alone" if is_thorough else "alone"
    if is_thorough or len(entities) != 1:
        return "thorough" if is_thorough else "full"
    return "child" if "create" in entities[0].operations else "directory"


def _orphaned(entities: Sequence[Entity]) -> frozenset[str]:
    """The entities whose records need a parent that this run does not have."""
    there = {entity.name for entity in entities}
    return frozenset(
        entity.name
        for entity in entities
        for relation in entity.relations
        if relation.type == "belongsTo" and relation.entity not in there
        if any(field.required for field in entity.fields if field.name == relation.foreign_key)
    )


def _is_of(name: str, way: bool | None, credential: str, reads: bool) -> bool:  # noqa: FBT001  # what `Bound` counts by
    return credential == name and way in {None, reads}


def _by_kind(sent: Sent) -> RequestCount:
    by: Counter[str] = Counter()
    for (name, _), times in sent.items():
        main = name.partition("+")[0]  # what another went along with that stands for nobody
        by[main if main in {"none", "session"} else "key"] += times
    numbers = {kind: round(by[kind]) for kind in ("key", "session", "none")}
    return RequestCount(total=sum(numbers.values()), **numbers)
