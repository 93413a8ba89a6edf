"""What a run arranges before its first check: entities, capabilities, and the keys that the session can make.

Session and key must be one user's, or the keys made would see other records than the key: that is shown first, by a
record or by the masked key in the session's own list. It is long because each of these steps decides what the next
may ask.
"""

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import entity_contract as contract
from entity_contract import Entity

from entity_conformance.deployment.account import moment
from entity_conformance.deployment.allowance import Standing, told_in
from entity_conformance.deployment.api import Api, Reply, RunContext
from entity_conformance.deployment.context import together
from entity_conformance.deployment.credentials import BY_NAME, CREDENTIALS, CredentialName, Secret, not_given
from entity_conformance.deployment.problems import Blocked, OutOfProfile, Refused, Violation
from entity_conformance.deployment.reaching import reach
from entity_conformance.deployment.reply import ids_of
from entity_conformance.deployment.settings import Misuse, Settings
from entity_conformance.deployment.target import LONGEST_PAGE
from entity_conformance.suite import expect, given, sample
from entity_conformance.suite import untold as untold_rules
from entity_conformance.suite.expectation import no_room
from entity_conformance.suite.plan import SCOPES, Scope

LIFETIMES = (2, 6, 15)
"""Seconds that the expiring key lives; a longer one is tried where the deployment is too slow to use it in time."""

EXPIRED: CredentialName = "expired_key"
_CREATED = 201
_TOLD = timedelta(seconds=5)
"""How far a clock may be from what a `Date` tells (E8)."""
_SCOPED: Mapping[CredentialName, contract.Scope] = {row.name: row.scope for row in CREDENTIALS if row.scope is not None}
MADE: frozenset[CredentialName] = frozenset((*_SCOPED, EXPIRED))
"""What the session makes where it is not given."""
_ALL = frozenset(SCOPES)
_LET_PASS = frozenset({200, 400, 404, 422})
"""Answers to a list, an empty body and a record that is not there, by which the scope was no obstacle (A1)."""


@dataclass(frozen=True, slots=True)
class Preparation:
    """A run that is ready: its context, what it can test, and what is said about both."""

    context: RunContext
    scope: Scope
    capabilities: tuple[str, ...]
    notes: tuple[str, ...]


Needs = Callable[[RunContext, frozenset[contract.Scope], Standing, int], bool]
"""Whether a run on what was found does better without its session, whose limit stands so, than with the keys that it
makes, so many."""


async def prepare(context: RunContext, settings: Settings, *, is_better_alone: Needs = lambda *_: False) -> Preparation:
    """Find the API, admit the credentials, discover entities, make keys.

    Where `is_better_alone` says so the session is left out, before it has made anything. Raises Refused when the
    deployment cannot be tested, Misuse when what was given does not fit together.
    """
    reached = await reach(context, settings)
    context = reached.context
    api = Api(context, "preparation")
    scopes = await _scopes(api)
    await _demand_another_user(api, scopes)
    await _spare_session(api, settings, scopes, is_better_alone)
    asking = [partial(why_not, Api(context, api.check), settings) for why_not in _CAPABILITIES.values()]
    work: list[Callable[[], Coroutine[Any, Any, Any]]] = [
        partial(_make_keys, api, settings),
        partial(together, context.concurrency, asking),
        partial(_sampled, context, scopes),
    ]
    (no_keys, expires_at), lacks, (context, untold) = await together(context.concurrency, work)
    missing: dict[str, OutOfProfile | Blocked] = {} if no_keys is None else {"keys": no_keys}
    for row in CREDENTIALS:
        if (reason := context.wallet.missing(row.name)) is not None:
            missing[row.name] = reason
    missing |= {name: lack for name, lack in zip(_CAPABILITIES, lacks, strict=True) if lack is not None}
    operators = frozenset(operator.name for operator in context.contract.operators)
    return Preparation(
        context=replace(context, expires_at=expires_at),
        scope=Scope(
            context.entities,
            operators,
            missing,
            scopes,
            is_read_only=context.is_read_only,
            why_read_only=settings.why_read_only or "this run only reads",
            only=settings.only,
            skip=settings.skip,
            allow=settings.allow,
            is_thorough=context.is_thorough,
        ),
        capabilities=tuple(name for name in _CAPABILITIES if name not in missing),
        notes=(*reached.notes, *untold),
    )


async def _spare_session(
    api: Api, settings: Settings, scopes: frozenset[contract.Scope], is_better_alone: Needs
) -> None:
    """Withdraw the session where it has too few requests left for what the run would have it do: the key goes on alone.

    Answers that say that little is left are believed once they were seen to fall: it is asked once more then.
    """
    wallet = api.context.wallet
    if not (api.has("session") and settings.given.get("api_key")) or settings.smoke or api.context.is_read_only:
        return
    making = sum(not api.has(name) for name in MADE if name != given.SHOWN)
    standing = _session_standing(api)
    if standing is None or standing.resets_in <= settings.max_wait:
        return
    if is_better_alone(api.context, scopes, standing, making):
        secret = wallet.get("session")
        assert secret is not None
        if api.context.wire.standing(secret, "GET") is None and not await _falls(api, standing):
            return
        wallet.withdraw("session", OutOfProfile(no_room("session", standing)))


async def _falls(api: Api, standing: Standing) -> bool:
    """Whether the session has less left after one more request, or none that the limit lets through."""
    try:
        reply = await api.list_keys()
    except Blocked:
        return True
    again = told_in(reply, api.now())
    return again is not None and again.remaining < standing.remaining


def _session_standing(api: Api) -> Standing | None:
    """How the session's limit stands by its last answer."""
    told = (told_in(one, api.now()) for one in reversed(api.seen) if one.credential == "session" and one.status < 300)
    return next((one for one in told if one is not None), None)


async def _sampled(context: RunContext, scopes: frozenset[contract.Scope]) -> tuple[RunContext, tuple[str, ...]]:
    """The context with samples that the deployment takes, where the run writes."""
    if context.is_read_only or not context.wallet.has("api_key") or "write" not in scopes:
        return context, ()
    return await untold_rules.sampled(context)


async def _scopes(api: Api) -> frozenset[contract.Scope]:
    """What the API key may do. Raises Misuse for another key that was given and is not what its option says."""
    for name, scope in _SCOPED.items():
        wrong = await _contrary(api, name, frozenset({scope})) if api.has(name) else ()
        if wrong:
            lacks, has = (" and ".join(sorted(some)) for some in (wrong & {scope}, wrong - {scope}))
            says = " and ".join(f"{verb} {some}" for verb, some in (("lacks", lacks), ("has", has)) if some)
            raise Misuse(
                f"{BY_NAME[name].option}: the key {says}, by its metadata and by what it can do",
                hint=f"give a key whose only scope is {scope}, or leave it out",
            )
    return _ALL - await lacking(api)


async def lacking(api: Api) -> frozenset[contract.Scope]:
    """The scopes that the API key lacks, by its metadata and by what it can do; none where there is no key."""
    return await _contrary(api, "api_key", _ALL) if api.has("api_key") else frozenset()


async def demand_all_scopes(api: Api, *, otherwise: str = "") -> None:
    """Raises Refused where the run asks with an API key that may not make records and remove them again.

    `otherwise` is what the user can do besides giving another key.
    """
    if api.context.wallet.main == "api_key" and (lacks := await lacking(api)):
        names, option = " and ".join(one for one in SCOPES if one in lacks), BY_NAME["api_key"].option
        raise Refused(f"the API key lacks the scope {names}; give one with all scopes ({option}){otherwise}")


async def _demand_another_user(api: Api, scopes: frozenset[contract.Scope]) -> None:
    """Raises Misuse where the other user's key lacks one of `scopes`, or shows to be of the API key's own user.

    That a record of one is seen by the other does not show it: that is what the checks are about.
    """
    if not api.has("other_api_key"):
        return
    lacks = await _contrary(api, "other_api_key", _ALL) & scopes
    admitted = (one for one in api.seen if one.credential == "other_api_key" and one.method == "GET")
    if any(reply.status == 403 for reply in admitted):
        lacks |= {"read"}
    problem = f"the key lacks {' and '.join(sorted(lacks))}" if lacks else None
    if not lacks and api.has("api_key") and api.has("session") and await lists_key(api, "other_api_key"):
        is_own = await _sees_the_same(api, "other_api_key")
        problem = "the key is of the session's own user, whose list of keys shows it" if is_own else None
    if problem is not None:
        raise Misuse(f"--other-api-key: {problem}", hint="give another user's key with all scopes, or leave it out")


async def _contrary(
    api: Api, credential: CredentialName, expected: frozenset[contract.Scope]
) -> frozenset[contract.Scope]:
    """The scopes that a key has or lacks against what is expected of it.

    Metadata and an act must agree on that: one of them alone is a finding, for a check to make. Where metadata says
    nothing of a scope, an act that is forbidden says that it is lacking.
    """
    entity = next((entity for entity in api.entities if {"create", "delete"} <= set(entity.operations)), None)
    if entity is None or api.context.is_read_only:
        return frozenset()
    acts: Mapping[contract.Scope, Callable[[], Coroutine[Any, Any, Reply]]] = {
        "read": lambda: api.list(entity, limit=1, credential=credential),
        "write": lambda: api.create(entity, {}, credential=credential),
        "delete": lambda: api.delete(entity, api.invented("nobody"), credential=credential),
    }
    found: set[contract.Scope] = set()
    try:
        permissions = (await api.description(entity, credential=credential)).record.get("permissions")
        for scope, act in acts.items():
            is_expected = scope in expected
            said = permissions.get(scope) if isinstance(permissions, dict) else None
            if said is is_expected or not (is_expected or isinstance(said, bool)):
                continue
            status = (await act()).status
            if status == 403 if is_expected else status in _LET_PASS:
                found.add(scope)
    except (Violation, Blocked):
        return frozenset()
    return frozenset(found)


async def _make_keys(api: Api, settings: Settings) -> tuple[OutOfProfile | None, datetime | None]:
    """Make the keys that were not given. Returns why none can be made, and when the expiring one expires."""
    wanted = [name for name in (*_SCOPED, EXPIRED) if not api.has(name)]
    reason: OutOfProfile | Blocked | None = OutOfProfile("--smoke has no requests for keys") if settings.smoke else None
    reason = reason or (await _why_no_keys(api) if wanted else None)
    no_keys = await _no_keys(api) if reason is None else None
    if (reason := no_keys or reason) is not None:
        for name in wanted:
            text = f"{reason.reason}, and no {BY_NAME[name].option} was given"
            api.context.wallet.lack(name, type(reason)(text))
        return no_keys, None
    making = [partial(_make_key, Api(api.context, api.check), name) for name in wanted if name != EXPIRED]
    await together(api.context.concurrency, making)
    return None, await _make_expiring_key(api) if EXPIRED in wanted else None


async def _no_keys(api: Api) -> OutOfProfile | None:
    """Why no keys are made here: nothing answers the POST of the first, which is a finding of its own."""
    if not api.has("session") or api.context.is_read_only:
        return None
    try:
        reply = (await given.key_creation(api, given.SHOWN)).reply
    except (Violation, Blocked):
        return None
    return OutOfProfile(given.why_no_keys(api, reply)) if reply.status in given.ABSENT else None


async def _why_no_keys(api: Api) -> OutOfProfile | Blocked | None:
    """Why the session cannot make keys that stand for the user of the API key; None when it can."""
    if not api.has("session"):
        reason = api.context.wallet.missing("session")
        return reason or OutOfProfile(not_given("session"))
    if not api.has("api_key"):
        return OutOfProfile(not_given("api_key"))
    is_one_user = await _is_one_user(api)
    if is_one_user is False:
        raise Misuse(
            "session and API key belong to different users: the session does not see what the key sees",
            hint="give --session and --api-key of one user",
        )
    if api.context.is_read_only:
        return OutOfProfile("this run only reads, so that it makes no keys")
    if is_one_user is None:
        reason = Blocked("that session and API key are one user's could not be shown")
        api.context.wallet.withdraw("session", reason)
        return reason
    return None


async def _is_one_user(api: Api) -> bool | None:
    """True or False by what the deployment shows, None when it shows nothing."""
    if not any(one.owned for one in api.entities):
        return True  # nobody owns what there is, so that no record of another user's is met
    return await lists_key(api, "api_key") or await _sees_the_same(api, "session")


async def _sees_the_same(api: Api, credential: CredentialName) -> bool | None:
    """Whether the credential sees what the API key sees; None where nothing shows it."""
    try:
        return await (_same_lists if api.context.is_read_only else _sees_record)(api, credential)
    except (Violation, Blocked):
        return None


async def _sees_record(api: Api, credential: CredentialName) -> bool | None:
    """Whether the credential can read a record that the key creates."""
    for entity in api.entities:
        if {"create", "read"} <= set(entity.operations) and not _requires_parent(entity):
            created = await api.answered(partial(_plain, api, entity))
            if created.status in {400, 422}:
                continue
            seen = await api.read(entity, created.id, credential=credential)
            if seen.status == 404:  # which a READ that is late shows as well
                await api.settle()
                if (await api.read(entity, created.id)).status != 200:
                    return None
                seen = await api.read(entity, created.id, credential=credential)
            return True if seen.status == 200 else False if seen.status == 404 else None
    return None


async def _plain(api: Api, entity: Entity) -> Reply:
    return await api.create(entity, sample.minimal(entity, api.run, group=api.fresh(entity.name)))


def _requires_parent(entity: Entity) -> bool:
    keys = sample.foreign_keys(entity)
    return any(field.required for field in entity.fields if field.name in keys)


async def _same_lists(api: Api, credential: CredentialName) -> bool | None:
    """Whether both see the same records, without writing; None when neither sees any.

    One record in common will do: others may write between the two lists.
    """
    for entity in api.entities:
        if entity.owned:
            by_key = ids_of((await api.list(entity, limit=20)).records)
            others = ids_of((await api.list(entity, limit=20, credential=credential)).records)
            if by_key or others:
                return not by_key.isdisjoint(others)
    return None


async def lists_key(api: Api, name: CredentialName) -> bool | None:
    """True when the session's list of keys shows that key, masked; None otherwise."""
    wallet = api.context.wallet
    value, own = (secret.value for each in (name, "api_key") if (secret := wallet.get(each)) is not None)
    try:
        known = api.answered_before("GET", "/keys", credential="session")
        listed = (known or await api.list_keys()).records
    except (Violation, Blocked):
        return None
    return given.shows_key(listed, value, own=own) or None


async def _make_key(api: Api, name: CredentialName) -> None:
    """A key with one scope, or the reason why there is none."""
    try:
        created = (await given.key_creation(api, name, scopes=[str(_SCOPED[name])])).reply
        given.demand_room(api, created)
        api.context.wallet.put(name, _key_of(created.record.get("key")))
    except OutOfProfile as lack:
        api.context.wallet.lack(name, lack)
    except (Violation, Blocked) as problem:
        api.context.wallet.lack(name, Blocked(f"the session could not make a {BY_NAME[name].noun}: {problem}"))


async def _make_expiring_key(api: Api) -> datetime | None:
    """A key that is used once and then expires. Returns when, as `api.now()` counts."""
    reason, is_too_early, behind = "it was not taken before it expired", False, _behind(api)
    for lifetime in LIFETIMES:
        expires_at = (api.now() - behind + timedelta(seconds=lifetime)).astimezone(UTC).replace(microsecond=0)
        text = expires_at.strftime("%Y-%m-%dT%H:%M:%SZ")
        body = {"name": f"{sample.mark(api.run)} expired_key", "scopes": ["read"], "expiresAt": text}
        try:
            created = await given.told_by_another(api, await api.create_key(body))
            given.demand_room(api, created)
            is_too_early = created.status == 400 and expect.named(created) == {"expiresAt"}
            secret = _key_of(created.record.get("key"))
            used = await _used(api, secret)
        except OutOfProfile as full:
            api.context.wallet.lack("expired_key", full)
            return None
        except (Violation, Blocked) as problem:
            reason = str(problem)
            continue
        if used.status == 200:
            api.context.wallet.put("expired_key", secret)
            return expires_at + behind
        reason = f"its first use was answered {used.status}"
    lack = Blocked(f"the session could not make a key that expires: {reason}")
    soon = OutOfProfile(f"the deployment makes no key that expires within {LIFETIMES[-1]} s")
    api.context.wallet.lack("expired_key", soon if is_too_early else lack)
    return None


async def _used(api: Api, key: Secret) -> Reply:
    """The answer to a use of the key that needs nothing but the scope to read, and none where nothing is listed."""
    first = api.entities[0]
    if "list" in first.operations:
        return await api.list(first, limit=1, credential=key)
    return await api.metadata(first, credential=key)


def _behind(api: Api) -> timedelta:
    """How far the deployment's clock is behind `api.now()`, where no `Date` tells: by what it dated last."""
    if api.clock_tolerance <= _TOLD:
        return timedelta()
    dated = (_dated(reply) for reply in api.seen if reply.status == _CREATED)
    last = max((one for one in dated if one is not None), default=api.now())
    return api.now() - last if abs(api.now() - last) <= api.clock_tolerance else timedelta()


def _dated(created: Reply) -> datetime | None:
    """When a record or a key was made, as the answer to its creation tells."""
    try:
        return moment(created.record.get("createdAt"))
    except (Violation, Blocked):
        return None


def _key_of(value: object) -> Secret:
    return Secret(expect.key(value, at="data.key"))


async def _no_directory(api: Api, _: Settings) -> OutOfProfile | Blocked | None:
    """Why there are no users to relate to."""
    try:
        listed = api.answered_before("GET", f"/users?limit={LONGEST_PAGE}")
        if api.has("api_key") and (listed or await api.list("users", limit=1)).records:
            return None
    except (Violation, Blocked):
        pass
    return OutOfProfile("the deployment shows no users to relate records to")


async def _no_generation(api: Api, settings: Settings) -> OutOfProfile | Blocked | None:
    """Why text generation is not tested. A body without a prompt costs nothing."""
    if settings.skip_ai:
        return OutOfProfile("--skip-ai was given")
    if api.context.is_read_only:
        return OutOfProfile(settings.why_read_only or "this run only reads")
    if not api.has("api_key"):
        return OutOfProfile(not_given("api_key"))
    try:
        reply = await given.without_prompt(api)
    except (Violation, Blocked) as problem:
        return Blocked(f"text generation could not be asked for: {problem}")
    return OutOfProfile("the deployment has no text generation") if reply.status in given.ABSENT else None


_CAPABILITIES: Mapping[str, Callable[[Api, Settings], Coroutine[Any, Any, OutOfProfile | Blocked | None]]] = {
    "directory": _no_directory,
    "ai": _no_generation,
}
