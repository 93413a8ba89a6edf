"""What rate limits tell: of a row of reads on a key that nobody else uses, and of every answer that was seen."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from urllib.parse import quote

from entity_contract import Entity

from entity_conformance.deployment.allowance import window_in
from entity_conformance.deployment.api import Api, Reply
from entity_conformance.deployment.credentials import CREDENTIALS, CredentialName, Wallet, not_given
from entity_conformance.deployment.ownership import below
from entity_conformance.deployment.problems import Blocked, OutOfProfile, Violation
from entity_conformance.suite import expect
from entity_conformance.suite.given.keys import key
from entity_conformance.suite.given.rows import Row, reads_in_a_row

_MOST_TO_EXHAUST = 2_000
MEANWHILE = 10
"""Requests of other keys that are counted against what remains to one."""
_REFUSED = 400
_LIMIT, _REMAINING = "X-RateLimit-Limit", "X-RateLimit-Remaining"
_FEWEST = 3
"""Granted requests by which it can be told whether they count."""
_HARMLESS = frozenset({"GET", "OPTIONS", "PUT"})
"""Methods that change nothing, even for somebody who should have been refused."""
_ROUNDING = 0.05
"""A refill of less than this part of a request is none."""
_KEYS = frozenset({row.name for row in CREDENTIALS if row.kind == "key"} - {"expired_key"})
_IDLE: tuple[CredentialName, ...] = ("delete_key", "write_key", "read_key", "other_api_key")


@dataclass(frozen=True, slots=True)
class Spending:
    """What a row of requests did to X-RateLimit-Remaining: by how much it fell, and at most rose from one to the next.

    `refill` is what a limit that fills again all the time may have got back meanwhile; `least` and `most` are what the
    row may have lowered it by, where others may use the key too.
    """

    spent: int
    refill: int
    highest_rise: int
    least: int
    most: int
    is_across_windows: bool


async def requests_in_a_row(api: Api, entity: Entity) -> Spending:
    """What eleven requests in a row do to what remains to a key; measured again where Reset moved to a new window."""
    window = window_in(await api.description(entity)) or 3600.0
    row = await reads_in_a_row(api)
    spending = spending_of(row, window, again=len(api.set_aside))
    if not spending.is_across_windows:
        return spending
    return spending_of(await reads_in_a_row(api, time=2), window, again=len(api.set_aside))


async def spent_meanwhile(api: Api, entity: Entity) -> tuple[int, int]:
    """By how much what remains to one key fell while others sent ten requests at least, and may have fallen.

    It may have fallen by its own requests, and by half of the others': requests under way are not told apart.
    """
    name = idle_key(api.context.wallet)
    if name is None or not api.has("api_key"):
        raise OutOfProfile(not_given("other_api_key"))
    spent, most = await _spent_by(api, entity, name)
    return (spent, most) if spent >= 0 else await _spent_by(api, entity, name)


def idle_key(wallet: Wallet) -> CredentialName | None:
    """The key beside which others are counted: one that is there, other than the main one, and asks least."""
    there = (name for name in _IDLE if wallet.has(name))
    return next((name for name in there if wallet.get(name) != wallet.get(wallet.main)), None)


def limit(reply: Reply) -> int:
    """The limit that an answer tells. Raises Blocked where it tells none, which another check judges."""
    try:
        return expect.integer_header(reply, "X-RateLimit-Limit")
    except Violation as violation:
        raise Blocked(violation.message) from violation


def told_limits(api: Api, credential: CredentialName | None = None) -> Sequence[Reply]:
    """What a credential was granted to read so far, the main one unless said otherwise, whose limits are judged."""
    name = credential or api.context.wallet.main
    told = [one for one in _below_v1(api) if (one.method, one.status, one.credential) == ("GET", 200, name)]
    if not told:
        raise Blocked("nothing was read that tells limits")
    return told


def _below_v1(api: Api) -> Sequence[Reply]:
    return [reply for reply in api.seen if reply.url.startswith(f"{api.base}/")]


async def asked_by_strangers(api: Api) -> None:
    """Ask without a credential what was refused by 404 or 405, where limits that a credential is told are missing.

    What a router refuses before it asks who it is tells nobody limits. One request for each kind, none where all told.
    """
    asked: set[tuple[int, int]] = set()
    for reply in _below_v1(api):
        path = below(reply.url, api.base)
        kind = reply.status, len(path)
        if (
            reply.status in expect.ROUTED
            and reply.credential != "none"
            and reply.method in _HARMLESS
            and kind not in asked
        ):
            try:
                expect.rate_limit(reply)
            except Violation:
                asked.add(kind)
                await api.request(reply.method, "/" + "/".join(map(quote, path)), credential="none")


async def exhausted(api: Api, entity: Entity) -> Reply:
    """The first refusal by 429 of a key that spends all it has."""
    return await api.once("exhausted", lambda: _exhausted(api, entity))


def spending_of(row: Row, window: float, *, again: int) -> Spending:
    """Of a row; `again` requests at most were sent once more, since a 503 came. Raises Blocked where none is told."""
    counted = _counted(row.replies)
    if not counted:
        raise Blocked("no read in a row was answered by a limit")
    told = [_left(reply) for reply in counted]
    remaining = [one.remaining for one in told]
    between = len(told) - 1
    asked = row.replies.index(counted[-1]) - row.replies.index(counted[0])
    return Spending(
        spent=remaining[0] - remaining[-1],
        refill=math.ceil(row.seconds * told[0].limit / window - _ROUNDING),
        highest_rise=max(later - earlier for earlier, later in pairwise(remaining)),
        least=between * 8 // 10,
        most=asked + again if row.is_alone else told[0].limit,
        is_across_windows=told[0].reset != told[-1].reset,
    )


def _counted(replies: Sequence[Reply]) -> Sequence[Reply]:
    """The answers of a row that count: without refusals that tell no limits, and without all where none lowers them.

    A router refuses before anybody is known, and some deployments do not count what they refuse.
    """
    told = [one for one in replies if one.status < _REFUSED or _REMAINING in one.headers]
    granted = [one for one in told if one.status < _REFUSED]
    counts = any(
        after.status >= _REFUSED and after.headers[_REMAINING] != before.headers.get(_REMAINING)
        for before, after in pairwise(told)
    )
    return told if counts or len(granted) < _FEWEST else granted


async def _spent_by(api: Api, entity: Entity, idle: CredentialName) -> tuple[int, int]:
    known = [one for one in api.seen if (one.method, one.credential, one.status) == ("OPTIONS", idle, 200)]
    before = known[0] if known else await api.metadata(entity, credential=idle)
    since = api.seen[api.seen.index(before) + 1 :]
    others = _others(since, idle)
    limit_ = before.headers.get(_LIMIT)  # writes may have a limit of their own, with as much left as nobody used
    granted = [reply for reply in since if reply.credential == idle and reply.status < _REFUSED]
    later = [reply for reply in granted if reply.headers.get(_LIMIT) == limit_]
    if later and _others(since[: since.index(later[-1])], idle) >= MEANWHILE:
        since = since[: since.index(later[-1])]
        others, after = _others(since, idle), later[-1]
    else:
        for _ in range(MEANWHILE - others):
            await api.list(entity, limit=1)
        after = await api.metadata(entity, credential=idle)
    own = 1 + sum(reply.credential == idle for reply in since)
    return _left(before).remaining - _left(after).remaining, own + max(MEANWHILE, others) // 2


def _others(replies: Sequence[Reply], idle: CredentialName) -> int:
    return sum(reply.credential not in {idle, "none", "session"} for reply in replies)


def _left(reply: Reply) -> expect.RateLimit:
    try:
        return expect.rate_limit(reply)
    except Violation as violation:
        raise Blocked(f"what remains to a key is not told: {violation.message}") from violation


async def _exhausted(api: Api, entity: Entity) -> Reply:
    secret = await key(api, "exhausted")
    for _ in range(_MOST_TO_EXHAUST):
        reply = await api.request("GET", f"/{entity.name}", params={"limit": 1}, credential=secret, accepts_limit=True)
        if reply.status != 200:
            return reply
    raise Blocked(f"{_MOST_TO_EXHAUST:,} requests did not reach the limit")
