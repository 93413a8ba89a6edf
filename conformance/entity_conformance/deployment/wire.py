"""HTTP: one request is sent within all bounds, and recorded whatever happens. Nothing else sends any.

Bounds: a deadline for the whole exchange (an answer that drips is cut), a size for the answer, the budget of requests,
and the deployment's own rate limit, which is waited for when that is short. httpx's transport is used without its
client: no redirect is followed, and no cookie that an answer sets authenticates another request. What a request means,
and whether its answer is right, is decided elsewhere. It is long since each bound is kept in the one place that sends.
"""

import asyncio
import contextlib
import time
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Any, Self, cast
from urllib.parse import urlsplit

import httpx

from entity_conformance.deployment.allowance import Allowances, Standing, until_retry
from entity_conformance.deployment.connections import KEPT_FOR, Direct
from entity_conformance.deployment.credentials import Secret, user_of
from entity_conformance.deployment.decoding import decoder
from entity_conformance.deployment.exchange import Exchange, Log
from entity_conformance.deployment.issued import issued, issued_key
from entity_conformance.deployment.network import Network
from entity_conformance.deployment.no_answer import NoAnswer, translated
from entity_conformance.deployment.outgoing import Bounds, Kind, Outgoing, SetAside
from entity_conformance.deployment.problems import BUDGET, Blocked, Limited, OverBudget, RequestCount, TooLarge
from entity_conformance.deployment.reply import Headers, Reply

LARGEST_ANSWER = 8 * 1024 * 1024
MOST_HEADERS = 250
LARGEST_RUN = 64 * 1024 * 1024
"""Bytes of all answers together: they are kept until the run is judged."""
_OF_A_VALUE = 64
"""Bytes that each value counts besides its text: what is read of an answer takes many times as much as the answer."""
_LARGE = 256 * 1024
"""Bytes of an answer beyond which it counts twice: what is read of it is as large, and stands beside it."""

MOST_UNAVAILABLE = 20
"""Answers by 503 after which a request is sent once more."""

LONGEST_UNAVAILABLE = 30.0
"""Seconds of a 503's Retry-After that are waited for."""

TRIES = 10
"""Answers by 429 in a row after which a request is given up."""

LONGEST_AT_THE_END = 30.0
"""Seconds that cleaning up waits for rate limits when the run was stopped, or its time is used up."""

LONGEST_AFTER = 4.0
"""Seconds that cleaning up goes on after the run's time."""

SILENCES = 3
"""Requests without an answer, one after the other, after which cleaning up sends no more."""

GRACE = 3.0
"""Seconds that a stopped run waits for the answer to a write: what is still being made would not be found."""

CONNECTIONS = 64

_LATENCIES = 20
"""Exchanges that the mean of latencies is about."""

_DEFAULTS = ((b"Accept", b"application/json"), (b"Accept-Encoding", b"identity"), (b"Connection", b"keep-alive"))

Transport = httpx.AsyncBaseTransport
"""What a test, or a program with the server in its own process, may put in the network's place."""


class Wire:
    """One deployment's connections, within `bounds`. An async context manager.

    `reserve` tells how many requests are needed to clean up: in all (None), or by the credential of that name; so many
    of the budget and of a credential's rate limit are kept back. `on_request` is called for every request; `on_wait` is
    told how many seconds are waited, and for what, unless something waits already. `limited` is the rate limit that was
    waited for last, and `waited` for how many seconds anything waited for one.
    `is_short_of_time` says that a limit was not waited for since the run ends before it resets.
    `set_aside` are the answers after which the request was sent again, `cut` the exchanges whose answer ended before
    its body was whole. `proxy` is the variable that names the proxy, None where there is none. `transport` replaces the
    network, `sleep` and `clock` the passing of time, in tests.
    """

    def __init__(  # noqa: PLR0913  # the rest are what tests replace
        self,
        log: Log,
        bounds: Bounds | None = None,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
        way: Network | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        way = way or Network()
        self.log = log
        self.bounds = bounds or Bounds()
        self.reserve: Callable[[str | None], int] = lambda _: 0
        self.on_wait: Callable[[float, str], object] = lambda *_: None
        self.on_request: Callable[[], object] = lambda: None
        self.set_aside: list[SetAside] = []
        self.cut: list[str] = []
        self.limited: str | None = None
        self.waited = 0.0
        self._waiting = 0
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._waits_since = 0.0
        self._unavailable = 0
        self.is_closing = False
        self.is_short_of_time = False
        self._ends_at: float | None = None
        self._until = float("inf")
        self._latency = 0.0
        self._received = 0
        self._largest = (0, "")
        self.copies = 1  # that whoever asks keeps of an answer
        self._hurried = asyncio.Event()
        self._waited_closing = self._waited_closing_before = 0.0
        self.silent_in_a_row = 0
        self._closed_at: float | None = None
        self._sleep = sleep
        self._clock = clock
        self._opened_at = clock()
        self._counts: Counter[Kind] = Counter()
        self._allowances = Allowances()
        self._date: tuple[datetime, float] | None = None
        self._defaults = (*_DEFAULTS, (b"User-Agent", self.bounds.user_agent.encode()))
        self._timeout = httpx.Timeout(self.bounds.timeout).as_dict()
        self.proxy = way.named_by
        self._transport = transport or _transport(way)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._transport.aclose()

    @property
    def counted(self) -> RequestCount:
        """The requests sent so far."""
        by = self._counts
        return RequestCount(total=by.total(), key=by["key"], session=by["session"], none=by["none"])

    def now(self) -> datetime:
        """The deployment's time by its last `Date` header; the runner's own where it sends none."""
        if self._date is None:
            return datetime.now(UTC)
        date, seen = self._date
        return date + timedelta(seconds=self._clock() - seen)

    def then(self, reply: Reply) -> datetime:
        """The deployment's time when it gave that answer, by its `Date` header; else what `now` tells."""
        return _date_of(reply) or self.now()

    @property
    def clock_tolerance(self) -> timedelta:
        """How far the deployment's timestamps may be from `now()`."""
        return timedelta(minutes=5) if self._date is None else timedelta(seconds=5)

    async def sleep(self, seconds: float) -> None:
        """Let time pass."""
        await self._sleep(seconds)

    def ends_in(self, seconds: float) -> None:
        """No limit is waited for beyond that, but by cleaning up, which goes on for LONGEST_AFTER at most."""
        self._ends_at = self._clock() + seconds
        self._until = self._ends_at + LONGEST_AFTER

    def hurry(self) -> None:
        """The run ends now. A clean-up that waits for a limit goes on without what would take long."""
        self._ends_at = self._clock()
        self._hurried.set()

    def closing_takes(self, at_once: int) -> float:
        """Seconds that cleaning up will take, as fast as answers came until now: they are kept back."""
        return self.reserve(None) * self._latency / at_once

    async def lets_finish(self, least: float) -> None:
        """Let so much time pass, or what `timeout` is since a connection was closed: whoever was at work may be yet."""
        rest = 0.0 if self._closed_at is None else self._closed_at + self.bounds.timeout - self._clock()
        await self._sleep(max(0.0, min(max(least, rest), self._until - self._clock())))

    async def send(self, request: Outgoing, *, check: str, evidence: list[str], accepts_limit: bool = False) -> Reply:
        """Send a request and read its whole answer. Each exchange's id is added to `evidence`.

        Raises NoAnswer when none came, Blocked when the budget or the rate limit does not allow the request. A check
        that provokes 429 on purpose says `accepts_limit` and is given the answer.
        """
        async with contextlib.AsyncExitStack() as turn:
            return await self._let_through(request, check, evidence, turn, accepts_limit=accepts_limit)

    async def _let_through(
        self,
        request: Outgoing,
        check: str,
        evidence: list[str],
        turn: contextlib.AsyncExitStack,
        *,
        accepts_limit: bool,
    ) -> Reply:
        """Send until the limit lets it through. Whoever was refused takes turns: the next of a slow bucket is one's."""
        waited, refused, was_unavailable = 0.0, 0, False
        others = self._turns[request.identity]
        while True:
            if self.is_closing:
                self._may_go_on()
            if not accepts_limit:
                if not refused and others.locked():
                    async with others:
                        pass
                waited += await self._wait_for_limit(request, waited)
            sent = self._allowances.sends(request.identity, request.method)
            reply = await self._sent_again_where_that_proves_nothing(request, check, evidence)
            is_unavailable = reply.status == 503
            self.silent_in_a_row = self.silent_in_a_row + 1 if is_unavailable and self.is_closing else 0
            now, clock, longest = self.now(), self._clock(), self._longest_wait()
            if is_unavailable and not was_unavailable and self._may_ask_again(request):
                was_unavailable = True
                self._unavailable += 1
                self.set_aside.append(SetAside(reply, None))
                await self.recovers(reply)
            elif accepts_limit or reply.status != 429:
                self._allowances.note(request.identity, reply, now=now, clock=clock, sent=sent)
                return reply
            else:
                refused += 1
                self.set_aside.append(SetAside(reply, self._allowances.left(request.identity, request.method)))
                if refused == TRIES:
                    raise Limited(f"the rate limit did not let a request by {request.credential} through {TRIES} times")
                self._allowances.refused(request.identity, reply, now=now, clock=clock, longest=longest, times=refused)
                if refused == 1:
                    await turn.enter_async_context(others)

    async def tls_spoken(self, host: str, port: int, *, within: float, is_old: bool = False) -> str | None:
        """The version of TLS that a port agrees on (`TLSv1.2`), an old one where that is asked for.

        None where it agrees on none, and behind a proxy, where it cannot be asked.
        """
        if not isinstance(self._transport, Direct):
            return None
        return await self._transport.tls_spoken(host, port, within=within, is_old=is_old)

    def standing(self, secret: Secret, method: str) -> Standing | None:
        """How the limit of a credential's requests by such a method stands; None where the deployment tells nothing."""
        return self._allowances.standing(secret.header[1], method, clock=self._clock())

    async def recovers(self, reply: Reply) -> None:
        """Let the time pass that an answer by 503 asks for; a second where it asks for none, or for too much."""
        told = until_retry(reply.headers, self.now())
        seconds = told if told is not None and told <= LONGEST_UNAVAILABLE else 1.0
        if not self._waiting:
            self.on_wait(seconds, "the deployment answered 503")
        await self._sleep(seconds)

    def _may_go_on(self) -> None:
        """Raises Blocked where cleaning up comes to no end: nobody answers, or the run's time is long over."""
        if self.silent_in_a_row >= SILENCES:
            raise Blocked("the deployment stopped answering")
        if self._clock() > self._until:
            raise Blocked(f"raise --max-time: cleaning up took longer than {LONGEST_AFTER:g} s after it")

    def _may_ask_again(self, request: Outgoing) -> bool:
        """Whether a 503 is asked once more: not a write, which may be done already, and not while cleaning up."""
        return request.is_safe and not self.is_closing and self._unavailable < MOST_UNAVAILABLE

    def _longest_wait(self) -> float:
        """Seconds that a limit may be waited for."""
        left = float("inf") if self._ends_at is None else max(self._ends_at - self._clock(), 0.0)
        if self.is_closing:
            left = min(max(left, LONGEST_AT_THE_END), max(self._until - self._clock(), 0.0))
        return min(self.bounds.max_wait, left)

    async def _wait_for_limit(self, request: Outgoing, waited: float) -> float:
        """Wait until the credential's limit lets the request through, and return the seconds.

        Raises Blocked where that takes longer than it may with what was `waited`, so that what cleaning up needs is
        there, and nothing is left behind for an hour. Cleaning up waits no longer than that for all its requests.
        """
        reserve = 0 if self.is_closing else self.reserve(request.credential)
        longest, identity = self._longest_wait(), request.identity
        wait = self._allowances.wait(identity, request.method, clock=self._clock(), reserve=reserve, longest=longest)
        if wait <= 0:
            return 0.0
        self.limited = self._allowances.told(identity, request.method)
        if self.is_closing:
            waited = self._waited_closing_before if self._waiting else self._waited_closing
        if waited + wait > longest:
            raise self._too_long(longest, "; the rest is kept for cleaning up" if reserve else "")
        if not self._waiting:
            if self.is_closing:
                self._waited_closing_before, self._waited_closing = waited, waited + wait
            self.on_wait(wait, self.limited)
            self._waits_since = self._clock()
        self._waiting += 1
        try:
            await (self._sleep_unless_hurried(wait) if self.is_closing else self._sleep(wait))
        finally:
            self._waiting -= 1
            if not self._waiting:
                self.waited += self._clock() - self._waits_since
        return wait

    def _too_long(self, longest: float, kept: str) -> Limited:
        """Why a limit is not waited for."""
        if longest == self.bounds.max_wait:
            return Limited(f"raise --max-wait ({longest:g} s): {self.limited}, used up for longer{kept}")
        if self.is_closing:
            return Limited(f"{self.limited}, used up for longer than cleaning up waits ({longest:.0f} s)")
        self.is_short_of_time = True
        return Limited(f"raise --max-time: {self.limited}, used up for longer than the run has left{kept}")

    async def _sleep_unless_hurried(self, seconds: float) -> None:
        """Let time pass. Raises Blocked when the run is stopped meanwhile, unless not much is left of it."""
        ends_at = self._clock() + seconds
        sleeping, hurried = asyncio.ensure_future(self._sleep(seconds)), asyncio.ensure_future(self._hurried.wait())
        try:
            await asyncio.wait({sleeping, hurried}, return_when=asyncio.FIRST_COMPLETED)
            if not sleeping.done() and ends_at - self._clock() > LONGEST_AT_THE_END:
                raise self._too_long(self._longest_wait(), "")
            await sleeping
        finally:
            sleeping.cancel()
            hurried.cancel()

    async def _sent_again_where_that_proves_nothing(self, request: Outgoing, check: str, evidence: list[str]) -> Reply:
        """Send; once more where the first failure proves nothing: no connection, or an answer that was slow once."""
        may_be_repeated = True
        while True:
            try:
                return await self._send_once(request, check, evidence)
            except NoAnswer as problem:
                proves_nothing = {"connect", "handshake"} | ({"closed", "timeout"} if request.is_safe else set())
                if self.is_closing:
                    proves_nothing -= {"handshake", "timeout"}  # there is little time, and others wait
                if not may_be_repeated or problem.failure not in proves_nothing:
                    self.silent_in_a_row += 1
                    self._closed_at = self._clock() if problem.failure == "closed" else self._closed_at
                    raise
                may_be_repeated = False

    async def _send_once(self, request: Outgoing, check: str, evidence: list[str]) -> Reply:
        sent = self._built(request)
        self._spend(request)
        id_, began = self.log.next_id(), self._clock()
        evidence.append(id_)
        got = _Received()
        try:
            with translated(self._timeout_now()):
                await _ended(self._receive(sent, got), grace=0 if request.is_safe else GRACE)
        except NoAnswer as problem:
            got.error = problem.message
            problem.exchange = id_
            if problem.failure == "closed" and got.status is not None:
                self.cut.append(id_)
            raise
        except asyncio.CancelledError:
            got.error = "the run was interrupted"
            raise
        finally:
            head = sum(len(name) + len(value) for name, value in got.headers)
            values = _OF_A_VALUE * got.content.count(b",")
            size = len(got.content)
            self._largest = max(self._largest, (size, f"{request.method} {urlsplit(request.url).path}"))
            self._received += self.copies * (2 * head + size + max(0, size - _LARGE) + values)
            got.seconds = self._clock() - began
            self._record(id_, check, request, sent, got, at=began - self._opened_at)
        reply = Reply(
            exchange=id_,
            method=request.method,
            url=request.url,
            credential=request.credential,
            status=got.status or 0,
            headers=Headers(got.headers),
            content=bytes(got.content),
            seconds=got.seconds,
        )
        self._note_date(reply)
        self._latency += (got.seconds - self._latency) / _LATENCIES
        return reply

    def _timeout_now(self) -> float:
        """Seconds that the next exchange may take: at the end, no more than there is time left."""
        left = max(self._until - self._clock(), 0.1) if self.is_closing else self.bounds.timeout
        return round(min(self.bounds.timeout, left), 2)

    def _built(self, request: Outgoing) -> httpx.Request:
        own = self.bounds.other_headers if user_of(request.credential) == "other" else ()
        replaced = {name.lower() for name, _ in own}
        given = [pair for pair in self.bounds.headers if pair[0].lower() not in replaced]
        pairs = [*given, *own, *request.headers]
        try:
            headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in pairs]
            named = {name.lower() for name, _ in headers}
            return httpx.Request(
                request.method,
                _url(request.url),
                headers=[*(one for one in self._defaults if one[0].lower() not in named), *headers],
                content=request.content,
                extensions={"timeout": self._timeout},
            )
        except (httpx.InvalidURL, UnicodeError):  # the latter for a host that no name can be made of
            raise NoAnswer("dns", "that is no URL that a request can be sent to") from None

    async def _receive(self, sent: httpx.Request, got: "_Received") -> None:
        async with asyncio.timeout(self._timeout_now()):
            response = await self._transport.handle_async_request(sent)
            try:
                got.status, got.headers = response.status_code, _pairs(response.headers)[:MOST_HEADERS]
                if (came := len(response.headers.raw)) > MOST_HEADERS:
                    raise NoAnswer("too-large", f"the answer has {came:,} headers, more than {MOST_HEADERS}")
                decoding = decoder(response.headers.get("content-encoding", ""))
                async for chunk in cast("httpx.AsyncByteStream", response.stream):
                    got.content += decoding.decoded(chunk, LARGEST_ANSWER - len(got.content))
                    if len(got.content) > LARGEST_ANSWER:
                        raise NoAnswer("too-large", f"the answer is larger than {LARGEST_ANSWER // 1024**2} MiB")
                decoding.end()
            finally:
                await response.aclose()

    def _spend(self, request: Outgoing) -> None:
        budget = self.bounds.max_requests
        if budget is not None and not self.is_closing and self._counts.total() + self.reserve(None) >= budget:
            raise OverBudget(f"{BUDGET} {budget:,} request{'' if budget == 1 else 's'} is used up")
        if self._received > LARGEST_RUN and not self.is_closing:
            most, (size, asked) = LARGEST_RUN // 1024**2 // self.copies, self._largest
            told = f"{most} MiB together (the largest, to {asked}, {size / 1024**2:.1f} MiB)"
            raise TooLarge(f"the answers of this run take more than {told}; ask about less (--entity)")
        self._counts[request.kind] += 1
        self.on_request()

    def _record(  # noqa: PLR0913  # what an exchange consists of
        self, id_: str, check: str, request: Outgoing, sent: httpx.Request, got: "_Received", *, at: float
    ) -> None:
        content = bytes(got.content)
        for secret in issued(request.content, got.status, content, url=request.url, method=request.method):
            self.log.redactor.add(secret, in_part=secret == issued_key(content))
        self.log.record(
            Exchange(
                id=id_,
                check=check,
                credential=request.credential,
                method=request.method,
                url=request.url,
                request_headers=_pairs(sent.headers),
                request_body=None if request.content is None else request.content.decode("utf-8", "replace"),
                status=got.status,
                response_headers=got.headers,
                response_body=None if got.status is None else got.content.decode("utf-8", "replace"),
                seconds=got.seconds,
                error=got.error,
                at=at,
            )
        )

    def _note_date(self, reply: Reply) -> None:
        if (date := _date_of(reply)) is not None:
            self._date = (date, self._clock())


def _transport(way: Network) -> Transport:
    if way.proxy is None:
        return Direct(trust=way.trust, most=CONNECTIONS)
    return httpx.AsyncHTTPTransport(
        trust_env=False,  # what the environment says of proxies and certificates is `network`'s to read
        proxy=way.proxy,
        verify=way.trust,
        limits=httpx.Limits(max_connections=CONNECTIONS, keepalive_expiry=KEPT_FOR),
    )


def _date_of(reply: Reply) -> datetime | None:
    told = reply.headers.get("date")
    return None if told is None else _moment(told)


@lru_cache(maxsize=64)
def _moment(told: str) -> datetime | None:
    """What a `Date` header tells, which is the same for a second."""
    with contextlib.suppress(ValueError):
        date = parsedate_to_datetime(told)
        return date if date.tzinfo else date.replace(tzinfo=UTC)
    return None


_url = lru_cache(maxsize=512)(httpx.URL)
"""A URL as httpx has it: more than half of a run's requests go where one went before."""


@dataclass(slots=True)
class _Received:
    """An answer as far as it has come."""

    status: int | None = None
    headers: tuple[tuple[str, str], ...] = ()
    content: bytearray = field(default_factory=bytearray)
    seconds: float = 0.0
    error: str | None = None


async def _ended(exchange: Coroutine[Any, Any, None], *, grace: float) -> None:
    """Wait for an exchange; when this task is cancelled meanwhile, for `grace` seconds more.

    An exchange that ends in that time is told as if nothing had happened, so that the journal takes its answer in; the
    task is cancelled where it waits next.
    """
    under_way = asyncio.ensure_future(exchange)
    try:
        await asyncio.wait({under_way})
    except asyncio.CancelledError:
        await asyncio.wait({under_way}, timeout=grace)
        if not under_way.done():
            raise
        if (task := asyncio.current_task()) is not None:
            task.cancel()
    finally:
        under_way.cancel()
    under_way.result()


def _pairs(headers: httpx.Headers) -> tuple[tuple[str, str], ...]:
    return tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in headers.raw)
