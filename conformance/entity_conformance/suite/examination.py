"""A look at a deployment before a run: is it there, what do the credentials do, what could be tested. It only reads.

At most `5 + 2 * entities + 2 * credentials` requests are sent, all of them GET or OPTIONS, and nothing is made.
It is long because one budget of requests is shared by all that is looked at.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Literal, get_args

from entity_contract import Contract, Scope

from entity_conformance.deployment import target
from entity_conformance.deployment.account import moment
from entity_conformance.deployment.allowance import told_in, until_retry
from entity_conformance.deployment.api import Api, Reply
from entity_conformance.deployment.credentials import BY_NAME, CREDENTIALS, CredentialName, CredentialOption
from entity_conformance.deployment.dialect import named
from entity_conformance.deployment.discovery import Described, is_spelled
from entity_conformance.deployment.no_answer import NoAnswer
from entity_conformance.deployment.opening import opened
from entity_conformance.deployment.problems import Blocked, Limited, Refused, RequestCount, Violation
from entity_conformance.deployment.reaching import FIRST, entity_of, learn, meant
from entity_conformance.deployment.settings import Misuse, Settings
from entity_conformance.deployment.unreachable import stopped_by_proxy, unreachable
from entity_conformance.deployment.wire import Transport
from entity_conformance.report.text import count, duration
from entity_conformance.report.verdict import NAMED_AT_MOST, Outcome
from entity_conformance.suite import ledger
from entity_conformance.suite import plan as plans
from entity_conformance.suite.passive import watched_by
from entity_conformance.suite.preparation import lists_key
from entity_conformance.suite.prospect import Prospect

State = Literal["ok", "note", "warning", "failed"]

_PATIENCE = 2.0
"""Seconds that a rate limit is waited for."""
_KEPT = 2
"""Requests of a limit that are left to whoever uses the key besides: an entity takes two more at most."""
_CLOCK = 5.0
"""Seconds by which a time may differ, as for the health check."""
_BY_WEIGHT = (4, 2, 3, 0)


@dataclass(frozen=True, slots=True)
class Found:
    """One thing that was looked at. `exit_code` is what a run would come to for it, 0 where it could go on."""

    about: str
    state: State
    said: str
    exit_code: int = 0


@dataclass(frozen=True, slots=True)
class Examination:
    """All that was found, and what it took."""

    target: str
    found: tuple[Found, ...]
    requests: RequestCount

    @property
    def exit_code(self) -> int:
        """0 only when a run could work."""
        codes = {one.exit_code for one in self.found}
        return next(code for code in _BY_WEIGHT if code in codes or code == 0)


async def examine(
    settings: Settings,
    *,
    journals: Path,
    contract: Contract,
    transport: Transport | None = None,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> Examination:
    """Look at the deployment of the settings. Raises Misuse where they cannot be followed."""
    plans.selection(ledger.load(), only=settings.only, skip=settings.skip)
    most = 5 + 2 * len(settings.entities or contract.entities) + 2 * len([*settings.given])
    most = min(settings.max_requests or most, most)
    careful = replace(settings, read_only=True, max_requests=most, max_wait=min(settings.max_wait, _PATIENCE))
    context, journal = opened(careful, journals, contract, transport=transport, sleep=sleep)
    try:
        async with context.wire:
            looking = _Looking(Api(context, "doctor"), settings)
            await looking.at_all()
            told = context.wire.log.redactor.answer
            found = tuple(replace(one, said=told(one.said)) for one in looking.found)
            return Examination(context.base, found, context.wire.counted)
    finally:
        journal.close()


class _Looking:
    """One deployment, looked at step by step; `found` grows meanwhile."""

    def __init__(self, api: Api, settings: Settings) -> None:
        self.found: list[Found] = []
        self._api, self._settings = api, settings
        self._first = settings.entities[0] if settings.entities else FIRST
        self._valid: dict[CredentialName, frozenset[Scope]] = {}
        self._unasked: list[str] = []

    def _say(self, about: str, state: State, said: str, exit_code: int = 0) -> None:
        self.found.append(Found(about, state, said, exit_code))

    async def at_all(self) -> None:
        """Everything, as far as the deployment lets it."""
        target.fill(self._api, self._settings.given)
        try:
            began = datetime.now(UTC)
            health = await self._api.health()
        except NoAnswer as problem:
            said = await unreachable(self._api.base, problem, self._api.context.wire, self._settings)
            self._say("reachable", "failed", said, 4)
            return
        except Limited:
            self._say("reachable", "ok", "GET /api/health answered 429")
            self._limited("limit")
            return
        except Blocked as problem:
            self._say("reachable", "failed", problem.reason, 4)
            return
        stopped = stopped_by_proxy(self._api.base, health, self._api.context.wire)
        if stopped is not None:
            self._say("reachable", "failed", stopped, 4)
            return
        self._say("reachable", "ok", f"GET /api/health answered {health.status} in {duration(health.seconds)}")
        self._tls()
        if not await self._is_api():
            return
        self._health(health)
        self._clock(health, began)
        for row, _ in self._settings.given:
            await self._credential(row)
        if not self._valid and not any(one.exit_code for one in self.found):
            refused = "none of those that were given is valid" if [*self._settings.given] else "none was given"
            self._say("credentials", "warning", f"{refused}: only what needs none could be tested (--api-key)")
        described = await self._entities()
        learn(self._api.context, [named(one.entity) for one in described])
        await self._answers(described)
        if described:
            self._prospect(described)

    def _limited(self, about: str, exit_code: int = 3) -> None:
        """That a limit is used up, which a look does not wait for."""
        last = self._api.set_aside[-1].reply if self._api.set_aside else None
        wait = None if last is None else until_retry(last.headers, self._api.now())
        again = f", reset in {duration(wait)}" if wait else ""
        limit = self._api.context.wire.limited or "there is a rate limit"
        said = f"{limit}, and nothing of it is left{again}: wait for that, or have it raised for the run"
        self._say(about, "failed" if exit_code else "warning", said, exit_code)

    def _tls(self) -> None:
        tls = self._settings.tls
        if not self._api.base.startswith("https:"):
            self._say("tls", "note", "plain http: credentials are sent as they are")
        elif tls.insecure:
            self._say("tls", "warning", "no certificate was verified (--insecure)")
        else:
            whose = f"{tls.ca} (--ca)" if tls.ca is not None else "the installed authorities"
            own = ", and the client shows its own (--client-cert)" if tls.client_cert is not None else ""
            self._say("tls", "ok", f"the certificate is verified by {whose}{own}")

    async def _is_api(self) -> bool:
        """Whether it is this API. That it refuses a credential is told with that one."""
        try:
            await target.find(self._api, self._first, self._settings)
        except Refused as refused:
            if isinstance(refused.__cause__, Limited):
                self._limited("api")
                return False
            listed = self._listed(self._first, self._api.context.wallet.main)
            if listed is None or listed.status not in {401, 403} or not target.is_envelope(listed):
                self._say("api", "failed", refused.reason, 4)
                return False
        self._say("api", "ok", f"{self._api.base} answers as a v1 entity API does")
        with suppress(Violation, Blocked):  # what one answer alone tells of a limit is not believed
            await self._api.list(self._first, limit=1, credential=self._api.context.wallet.main)
        return True

    def _health(self, health: Reply) -> None:
        with suppress(Violation):
            facts = health.body
            state: State = "ok" if health.status == 200 and facts.get("status") == "healthy" else "warning"
            said = f"{facts.get('status', 'no status')}, version {facts.get('version', 'not told')}"
            self._say("health", state, said)
            return
        self._say("health", "warning", f"GET /api/health answered {target.summary(health)}")

    def _clock(self, health: Reply, began: datetime) -> None:
        """How far the deployment's clock is from this machine's; whose time a run judges by is told by `Date`."""
        here = began + (datetime.now(UTC) - began) / 2
        date = None
        with suppress(ValueError, KeyError):
            date = parsedate_to_datetime(health.headers["date"]).replace(tzinfo=UTC)
        with suppress(Violation):
            told = moment(health.body.get("timestamp"))
            if date is not None and told is not None and abs((told - date).total_seconds()) > _CLOCK:
                difference = duration(abs((told - date).total_seconds()))
                self._say("clock", "warning", f"health tells a time that is {difference} from the header Date")
        if date is None:
            self._say("clock", "warning", "no answer has a header Date: times are judged to five minutes")
            return
        seconds = (date - here).total_seconds()
        if abs(seconds) < _CLOCK:
            self._say("clock", "ok", "the deployment's clock is that of this machine, to a few seconds")
        else:
            way = "ahead of" if seconds > 0 else "behind"
            said = (
                f"the deployment's clock is {duration(abs(seconds))} {way} this machine's; a run judges by the former"
            )
            self._say("clock", "note", said)

    async def _credential(self, row: CredentialOption) -> None:
        """Whether a credential is valid, what it may do, whose it is, and what is left of its limit."""
        about = row.option.removeprefix("--")
        try:
            reply = await self._first_answer(row)
            described = None
            if row.kind == "key" and row.name != "expired_key" and reply.status != 401:
                described = await self._api.description(self._first, credential=row.name)
        except Limited:
            self._limited(about, 3 if row.name == "api_key" else 0)
            self._valid[row.name] = frozenset({row.scope} if row.scope else get_args(Scope))  # as far as is known
            return
        except (Violation, Blocked) as problem:
            said = problem.message if isinstance(problem, Violation) else problem.reason
            self._say(about, "warning", f"could not be tried: {said}", 3 if row.name == "api_key" else 0)
            return
        if row.name == "expired_key":
            self._expired(about, reply)
            return
        if reply.status == 401 or (row.name == "api_key" and reply.status == 403):
            self._say(about, "failed", f"refused: {target.summary(reply)}", 4)
            self._api.context.wallet.withdraw(row.name, Blocked("it was refused"))
            return
        scopes = frozenset(get_args(Scope)) if described is None else _scopes(described)
        self._valid[row.name] = scopes
        wrong = self._contrary(row, scopes)
        whose, is_anothers = await self._whose(row)
        told = ["valid", f"scopes {', '.join(one for one in get_args(Scope) if one in scopes) or 'none'}"]
        told += filter(None, [whose, self._left([described, reply]), wrong])
        is_wrong = bool(wrong) or is_anothers
        self._say(about, "failed" if is_wrong else "ok", "; ".join(told), 2 if is_wrong else 0)

    async def _first_answer(self, row: CredentialOption) -> Reply:
        """An answer to the credential alone. Records are asked for where they tell whose it is."""
        if row.kind == "session" or row.scope in {"write", "delete"}:
            return await target.first_use(self._api, self._first, row)
        known = self._listed(self._first, row.name)
        return known or await self._api.list(self._first, limit=target.LONGEST_PAGE, credential=row.name)

    def _expired(self, about: str, reply: Reply) -> None:
        if reply.status != 401:
            said = f"has not expired: it was answered {reply.status}"
            self._say(about, "failed", f"{said}; give one that has, or leave it out", 2)
            return
        code = target.code_of(reply)
        self._valid["expired_key"] = frozenset()
        self._say(about, "ok" if code == "EXPIRED_KEY" else "warning", f"refused with {code}")

    def _contrary(self, row: CredentialOption, scopes: frozenset[Scope]) -> str | None:
        """Why a run would not take the key as what its option says."""
        if row.scope is not None and scopes != {row.scope}:
            return f"give a key whose only scope is {row.scope}, or leave it out"
        lacks = self._valid.get("api_key", frozenset()) - scopes
        if row.name == "other_api_key" and lacks:
            return f"it lacks {' and '.join(sorted(lacks))}: give another user's key with all scopes, or leave it out"
        return None

    async def _whose(self, row: CredentialOption) -> tuple[str, bool]:
        """Whose a credential is, by the session's list of keys or by records, and whether that is wrong."""
        if row.name == "api_key" or not self._api.has("api_key") or self._api.context.wallet.only_reads:
            return "", False
        is_listed = None
        if row.kind == "session":
            is_listed = await lists_key(self._api, "api_key")
        is_same = is_listed or await self._sees_the_same(row.name)
        match row.user, is_same:
            case "own", True:
                told = "the same user as the API key", False
            case "own", False:
                told = "another user than the API key, whose records it does not see", True
            case "other", True if "session" in self._valid and await lists_key(self._api, "other_api_key"):
                told = "the session's own user, whose list of keys shows it", True
            case "other", True:
                told = "it sees records of the API key: the same user, or records are shared", False
            case "other", False:
                told = "another user than the API key", False
            case _:
                told = "nothing shows whose it is", False
        return told

    async def _sees_the_same(self, credential: CredentialName) -> bool | None:
        """Whether it sees records that the API key sees; None where neither sees any, or it may not read."""
        if "read" not in self._valid.get(credential, frozenset()):
            return None
        with suppress(Violation, Blocked):
            known = self._listed(self._first, credential)
            theirs = known or await self._api.list(self._first, limit=target.LONGEST_PAGE, credential=credential)
            own = self._listed(self._first, "api_key")
            by_key, others = (_ids(one) for one in (own, theirs))
            return not by_key.isdisjoint(others) if by_key or others else None
        return None

    def _left(self, replies: list[Reply | None]) -> str | None:
        known = (told_in(one, self._api.now()) for one in replies if one is not None and one.status < 400)
        standing = next((one for one in known if one is not None), None)
        if standing is None:
            return "no limit is told"
        again = f", reset in {duration(standing.resets_in)}" if standing.resets_in else ""
        return f"{standing.remaining:,} of {standing.limit:,} requests left{again}"

    async def _entities(self) -> list[Described]:
        main = self._api.context.wallet.main
        found: list[Described] = []
        missing: list[str] = []
        known = [entity.name for entity in self._api.contract.entities]
        wanted = self._settings.entities or known
        if main == "none":  # nobody is told which there are: those that the contract has
            found = [Described(entity) for entity in self._api.contract.entities if entity.name in wanted]
            wanted = ()
        for name in wanted:
            if self._unasked or not self._has_room(main):
                self._unasked.append(name)
                continue
            try:
                described = await entity_of(self._api, name, self._settings)
            except Misuse as problem:
                self._say("entity", "failed", str(problem), 2)
                continue
            if described is None:
                missing.append(name)
                continue
            found.append(described)
            operations = ", ".join(described.entity.operations)
            notes = "".join(f"; {note}" for note in described.notes)
            told = f"{name}: {operations}{_total(self._listed(name, main))}{notes}"
            self._say("entity", "note" if described.notes else "ok", told)
        if self._unasked:
            few = "not looked at, since hardly a request is left of the limit"
            self._say("entity", "warning", f"{few}: {', '.join(self._unasked)}")
            found += [Described(one) for one in self._api.contract.entities if one.name in self._unasked]
        if missing:
            self._say("entity", "note", f"not there (LIST answers 404): {', '.join(missing)}")
        if not found and not any(one.exit_code for one in self.found):
            instead = meant(self._api, self._settings.entities)
            self._say("entity", "failed", f"there is no entity that could be tested{instead}", 4)
        return found

    def _has_room(self, credential: CredentialName) -> bool:
        """Whether the limit lets an entity be asked about and leaves something, by the last answer that told it."""
        told = (told_in(one, self._api.now()) for one in reversed(self._api.seen) if one.credential == credential)
        standing = next((one for one in told if one is not None), None)
        return standing is None or standing.remaining > _KEPT or standing.resets_in <= _PATIENCE

    async def _answers(self, described: Sequence[Described]) -> None:
        """What these answers show already that a run is going to find. Nothing is asked for it."""
        context = replace(self._api.context, entities=tuple(one.entity for one in described))
        wrong = [one for one in await watched_by(context, self._settings) if one.outcome is Outcome.failed]
        names = list(dict.fromkeys(one.requirement for one in wrong))
        if names:
            more = f" and {len(names) - NAMED_AT_MOST} more" if len(names) > NAMED_AT_MOST else ""
            told = f"{', '.join(names[:NAMED_AT_MOST])}{more} ({wrong[0].message})"
            self._say("answers", "warning", f"those so far break {count(len(names), 'requirement')}: {told}")

    def _prospect(self, described: list[Described]) -> None:
        """What a run would test, and which credential would bring in what."""
        prospect = Prospect(self._api, self._settings, described, self._valid, unasked=self._unasked)
        before: list[CredentialName] = []
        for name in self._valid:
            about, number = BY_NAME[name].option.removeprefix("--"), prospect.unlocks(name, beside=before)
            before.append(name)
            self.found = [
                replace(one, said=f"{one.said}; unlocks {count(number, 'requirement')}") if one.about == about else one
                for one in self.found
            ]
        for row in CREDENTIALS:
            if row.name not in self._valid and (number := prospect.unlocks(row.name, beside=before)):
                self._say("out of scope", "note", f"{row.option} would bring in {count(number, 'requirement')}")
        for reason, names in prospect.left_out.items():
            self._say("out of scope", "note", f"{count(len(names), 'requirement')}: {reason}")
        state: State = "failed" if prospect.unfit else "ok"
        self._say("run", state, prospect.unfit or prospect.plan, prospect.exit_code)

    def _listed(self, name: str, credential: CredentialName) -> Reply | None:
        path = f"/{name}?limit={target.LONGEST_PAGE}"
        return self._api.answered_before("GET", path, credential=credential)


def _scopes(described: Reply) -> frozenset[Scope]:
    """What metadata grants a key: all that it does not deny."""
    with suppress(Violation):
        permissions = described.record.get("permissions")
        if isinstance(permissions, dict):
            return frozenset(one for one in get_args(Scope) if permissions.get(one) is not False)
    return frozenset(get_args(Scope))


def _total(listed: Reply | None) -> str:
    """How many records a list says that there are; nothing where it says nothing of it."""
    total = None
    with suppress(Violation, Blocked):
        total = None if listed is None else listed.pagination.get("total")
    return f", {count(total, 'record')}" if isinstance(total, int) else ""


def _ids(reply: Reply | None) -> set[str]:
    """The ids of a list, in whatever spelling: what the deployment writes another way is not learnt yet."""
    records = () if reply is None else reply.records
    return {str(value) for record in records for name, value in record.items() if is_spelled(name, "id")}


def lines(examination: Examination) -> Iterator[str]:
    """An examination for people, a line for each thing."""
    width = max(len(one.about) for one in examination.found)
    for one in examination.found:
        yield f"{one.state:<8} {one.about:<{width}}  {one.said}"


def verdict(examination: Examination) -> str:
    """What it comes to, in a line."""
    code = examination.exit_code
    said = (
        "a run could work"
        if code == 0
        else "a run could not work: "
        + "; ".join(f"{one.about}: {one.said}" for one in examination.found if one.exit_code == code)
    )
    return f"{said} ({count(examination.requests.total, 'request')}, exit {code})"
