"""One request within all bounds: what the wire does to deployments that do not answer as they should.

It is long because each way in which an answer can fail to come is a test of its own, beside budget and limits.
"""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import ClassVar

import httpx
import pytest
import respx
from entity_conformance.deployment.connections import Direct
from entity_conformance.deployment.exchange import Log, Redactor
from entity_conformance.deployment.no_answer import NoAnswer
from entity_conformance.deployment.outgoing import Bounds, Outgoing
from entity_conformance.deployment.problems import Blocked, TooLarge
from entity_conformance.deployment.reply import Reply
from entity_conformance.deployment.wire import Wire
from respx.mocks import AbstractRequestMocker

from conformance.tests import sockets
from conformance.tests.sockets import ENVELOPE, Vice, response, serving

URL = "https://api.example.com/api/v1/tasks"
LIMITED = httpx.Response(429, headers={"Retry-After": "7"})


class _Connections(AbstractRequestMocker):
    """respx in the place of the wire's own connections."""

    name = "connections"
    targets: ClassVar[list[str]] = [f"{Direct.__module__}.Direct"]
    target_methods: ClassVar[list[str]] = ["handle_async_request"]

    @classmethod
    def to_httpx_request(cls, **asked: httpx.Request) -> httpx.Request:
        return asked["request"]

    @classmethod
    async def from_async_httpx_response(
        cls, httpx_response: httpx.Response, target: object, **_: object
    ) -> httpx.Response:
        del target
        return httpx_response


answers = respx.mock(using="connections", assert_all_called=False)


class Pace:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    def clock(self) -> float:
        return self.now


def sent(
    wire: Wire, *, method: str = "GET", url: str = URL, credential: str = "none", accepts_limit: bool = False
) -> Reply:
    async def send() -> Reply:
        async with wire:
            request = Outgoing(method, url, credential=credential)
            return await wire.send(request, check="a check", evidence=[], accepts_limit=accepts_limit)

    return asyncio.run(send())


def met(vice: Vice, *, method: str = "GET", timeout: float = 5.0) -> tuple[NoAnswer, Wire]:
    """How a request to a server with this vice fails."""

    async def meet() -> tuple[NoAnswer, Wire]:
        async with serving(vice) as url, Wire(Log(Redactor()), Bounds(timeout=timeout)) as wire:
            with pytest.raises(NoAnswer) as caught:
                await wire.send(Outgoing(method, url), check="a check", evidence=[])
            return caught.value, wire

    return asyncio.run(meet())


def test_an_answer_that_drips_is_cut_at_the_deadline() -> None:
    problem, wire = met(sockets.drips, timeout=0.2)

    assert problem.failure == "timeout"
    assert problem.message == "no whole answer within 0.2 s"
    assert wire.log.exchanges()[0].error == "no whole answer within 0.2 s"


def test_silence_is_cut_at_the_deadline() -> None:
    problem, _ = met(sockets.never_answers, timeout=0.1)

    assert problem.failure == "timeout"


def test_an_answer_without_end_is_cut_at_the_bound() -> None:
    problem, wire = met(sockets.sends_no_end)

    assert problem.message == "the answer is larger than 8 MiB"
    assert len(wire.log.exchanges()[0].response_body or "") < 100_000


def test_a_connection_closed_half_way_is_no_answer() -> None:
    problem, _ = met(sockets.hangs_up_half_way)

    assert problem.failure == "closed"


def test_what_is_no_http_is_no_answer() -> None:
    problem, _ = met(sockets.speaks_no_http)

    assert problem.failure == "malformed"


def test_a_read_is_sent_again_when_the_connection_was_dropped() -> None:
    _, wire = met(sockets.hangs_up)

    assert wire.counted.total == 2


def test_a_write_is_never_sent_again_when_the_connection_was_dropped() -> None:
    _, wire = met(sockets.hangs_up, method="POST")

    assert wire.counted.total == 1


@pytest.mark.parametrize(
    ("cause", "failure", "message"),
    [
        (socket.gaierror(-2, "Name or service not known"), "dns", "the host name cannot be resolved"),
        (ConnectionRefusedError(111, "refused"), "connect", "the connection was refused"),
        (ssl.SSLError(1, "certificate has expired"), "tls", "TLS failed"),
        (OSError(101, "Network is unreachable"), "connect", "no connection: it did not work"),
        (ExceptionGroup("all attempts", [ConnectionRefusedError(111, "refused")]), "connect", "was refused"),
    ],
)
def test_a_connection_that_cannot_be_made_is_named(cause: Exception, failure: str, message: str) -> None:
    def refuse(_: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("it did not work") from cause

    with pytest.raises(NoAnswer, match=message) as caught:
        sent(Wire(Log(Redactor()), transport=httpx.MockTransport(refuse)))

    assert caught.value.failure == failure


@pytest.mark.parametrize("url", ["http://xn--.invalid/api/v1/tasks", "http://a..b\u3002.invalid/", "http://[::1%/"])
def test_a_url_that_no_request_can_be_sent_to_is_no_answer(url: str) -> None:
    with pytest.raises(NoAnswer, match="no URL that a request can be sent to") as caught:
        sent(Wire(Log(Redactor())), url=url)

    assert caught.value.failure == "dns"


@answers
def test_a_redirect_is_not_followed() -> None:
    answers.get(URL).mock(httpx.Response(302, headers={"Location": "https://elsewhere.example.com/"}))

    assert sent(Wire(Log(Redactor()))).status == 302


@answers
def test_a_short_rate_limit_is_waited_for() -> None:
    pace = Pace()
    answers.get(URL).mock(side_effect=[LIMITED, httpx.Response(200, content=ENVELOPE)])

    reply = sent(Wire(Log(Redactor()), sleep=pace.sleep, clock=pace.clock))

    assert reply.status == 200
    assert pace.slept == [7.0]


@answers
def test_a_long_rate_limit_blocks_when_it_was_said_twice() -> None:
    pace = Pace()
    answers.get(URL).mock(httpx.Response(429, headers={"Retry-After": "1800"}))

    with pytest.raises(Blocked, match=r"^raise --max-wait \(300 s\): there is a rate limit, used up for longer"):
        sent(Wire(Log(Redactor()), sleep=pace.sleep, clock=pace.clock))

    assert pace.slept == [1.0]


@answers
@pytest.mark.parametrize("left", [{}, {"X-RateLimit-Remaining": "900"}, {"X-RateLimit-Remaining": "0"}])
def test_a_single_429_ends_nothing_whatever_it_says(left: dict[str, str]) -> None:
    pace = Pace()
    refusal = httpx.Response(429, headers={"Retry-After": "86400", **left})
    answers.get(URL).mock(side_effect=[refusal, httpx.Response(200, content=ENVELOPE)])
    wire = Wire(Log(Redactor()), sleep=pace.sleep, clock=pace.clock)

    reply = sent(wire)

    assert (reply.status, pace.slept, [one.reply.status for one in wire.set_aside]) == (200, [1.0], [429])


@answers
def test_a_used_up_credential_is_not_sent_again() -> None:
    pace = Pace()
    route = answers.get(URL).mock(httpx.Response(429, headers={"Retry-After": "1800"}))
    wire = Wire(Log(Redactor()), sleep=pace.sleep, clock=pace.clock)

    async def twice() -> None:
        for _ in range(2):
            with pytest.raises(Blocked):
                await wire.send(Outgoing("GET", URL), check="a check", evidence=[])

    asyncio.run(twice())

    assert route.call_count == 2


@answers
def test_who_waits_for_a_limit_is_told() -> None:
    pace, told = Pace(), list[tuple[float, str]]()
    answers.get(URL).mock(side_effect=[LIMITED, httpx.Response(200, content=ENVELOPE)])
    wire = Wire(Log(Redactor()), sleep=pace.sleep, clock=pace.clock)
    wire.on_wait = lambda seconds, why: told.append((seconds, why))

    sent(wire)

    assert told == [(7.0, "there is a rate limit")]
    assert (wire.limited, wire.waited) == ("there is a rate limit", 7.0)


@answers
def test_what_waits_at_a_time_is_told_and_counted_once() -> None:
    told, at = list[float](), [1000.0]
    answers.get(URL).mock(side_effect=[LIMITED, LIMITED, *[httpx.Response(200, content=ENVELOPE)] * 2])

    async def sleep(seconds: float) -> None:
        until = at[0] + seconds
        await asyncio.sleep(0)  # the other one waits too
        at[0] = until

    async def twice(wire: Wire) -> None:
        async with wire:
            ask = [wire.send(Outgoing("GET", URL), check="a check", evidence=[]) for _ in range(2)]
            await asyncio.gather(*ask)

    wire = Wire(Log(Redactor()), sleep=sleep, clock=lambda: at[0])
    wire.on_wait = lambda seconds, _: told.append(seconds)
    asyncio.run(twice(wire))

    assert (told, wire.waited) == ([7.0], 7.0)


@answers
def test_what_is_told_to_whom_it_does_not_know_is_no_limit_of_the_credential() -> None:
    pace = Pace()
    spent = {"Date": "Wed, 15 Jan 2025 10:30:00 GMT", "X-RateLimit-Reset": "1736940600"}
    replies = [httpx.Response(401, headers={**spent, "X-RateLimit-Remaining": str(left)}) for left in (1, 0)]
    answers.get(URL).mock(side_effect=[*replies, httpx.Response(200, content=ENVELOPE)])
    wire = Wire(Log(Redactor()), sleep=pace.sleep, clock=pace.clock)
    wire.reserve = lambda _: 20

    async def thrice() -> list[int]:
        return [(await wire.send(Outgoing("GET", URL), check="a check", evidence=[])).status for _ in range(3)]

    assert asyncio.run(thrice()) == [401, 401, 200]
    assert pace.slept == []


@answers
def test_a_cookie_that_an_answer_sets_is_not_sent() -> None:
    session = {"Set-Cookie": "better-auth.session_token=fresh; Path=/; HttpOnly"}
    route = answers.get(URL).mock(httpx.Response(200, headers=session, content=ENVELOPE))
    wire = Wire(Log(Redactor()))

    async def twice() -> None:
        for _ in range(2):
            await wire.send(Outgoing("GET", URL), check="a check", evidence=[])

    asyncio.run(twice())

    assert "Cookie" not in route.calls.last.request.headers


@answers
def test_without_retry_after_the_reset_says_how_long() -> None:
    pace = Pace()
    now = datetime(2025, 1, 15, 10, 30, tzinfo=UTC)
    limited = {"Date": "Wed, 15 Jan 2025 10:30:00 GMT", "X-RateLimit-Reset": str(int(now.timestamp()) + 12)}
    answers.get(URL).mock(side_effect=[httpx.Response(429, headers=limited), httpx.Response(200, content=ENVELOPE)])

    sent(Wire(Log(Redactor()), sleep=pace.sleep, clock=pace.clock))

    assert pace.slept == [12.0]


@answers
def test_a_deployment_that_limits_for_ever_blocks() -> None:
    pace = Pace()
    answers.get(URL).mock(httpx.Response(429, headers={"Retry-After": "1"}))

    with pytest.raises(Blocked, match="did not let a request by none through 10 times"):
        sent(Wire(Log(Redactor()), sleep=pace.sleep, clock=pace.clock))


@answers
def test_a_bucket_that_fills_slowly_lets_each_of_many_through_in_turn() -> None:
    pace, free = Pace(), 0.0

    def one_in_nine_seconds(_: httpx.Request) -> httpx.Response:
        nonlocal free
        if pace.clock() < free:
            return httpx.Response(429, headers={"Retry-After": "9"})
        free = pace.clock() + 9
        return httpx.Response(200, content=ENVELOPE)

    answers.get(URL).mock(side_effect=one_in_nine_seconds)
    wire = Wire(Log(Redactor()), sleep=pace.sleep, clock=pace.clock)

    async def many() -> list[Reply]:
        return await asyncio.gather(*(wire.send(Outgoing("GET", URL), check="a check", evidence=[]) for _ in range(14)))

    assert [reply.status for reply in asyncio.run(many())] == [200] * 14


@answers
def test_a_check_that_provokes_the_limit_sees_it() -> None:
    answers.get(URL).mock(httpx.Response(429, headers={"Retry-After": "1800"}))

    assert sent(Wire(Log(Redactor())), accepts_limit=True).status == 429


def allowance(remaining: int, *, reset: int) -> httpx.Response:
    headers = {"Date": "Wed, 15 Jan 2025 10:30:00 GMT", "X-RateLimit-Remaining": str(remaining)}
    now = datetime(2025, 1, 15, 10, 30, tzinfo=UTC)
    return httpx.Response(
        200, content=ENVELOPE, headers={**headers, "X-RateLimit-Reset": str(int(now.timestamp()) + reset)}
    )


@answers
@pytest.mark.parametrize(
    ("remaining", "reset", "slept"),
    [((1, 0, 4), 9, [9.0]), ((1, 0, 4), 299, [299.0]), ((1, 0, 4), 1800, []), ((0, 0, 0), 9, []), ((2, 1, 1), 9, [])],
)
def test_an_allowance_that_was_counted_down_is_waited_for_when_that_is_short(
    remaining: tuple[int, ...], reset: int, slept: list[float]
) -> None:
    pace = Pace()
    answers.get(URL).mock(side_effect=[allowance(number, reset=reset) for number in remaining])
    wire = Wire(Log(Redactor()), sleep=pace.sleep, clock=pace.clock)

    async def three() -> None:
        for _ in range(3):
            await wire.send(Outgoing("GET", URL), check="a check", evidence=[])

    asyncio.run(three())

    assert pace.slept == slept


@answers
def test_the_budget_blocks_the_request_after_the_last() -> None:
    answers.get(URL).mock(httpx.Response(200, content=ENVELOPE))
    wire = Wire(Log(Redactor()), Bounds(max_requests=2))

    async def three() -> None:
        for _ in range(2):
            await wire.send(Outgoing("GET", URL), check="a check", evidence=[])
        with pytest.raises(Blocked, match="the budget of 2 requests is used up"):
            await wire.send(Outgoing("GET", URL), check="a check", evidence=[])

    asyncio.run(three())

    assert wire.counted.total == 2


@answers
def test_what_cleaning_up_takes_is_kept_back_from_the_budget() -> None:
    answers.get(URL).mock(httpx.Response(200, content=ENVELOPE))
    wire = Wire(Log(Redactor()), Bounds(max_requests=2))
    wire.reserve = lambda _: 2

    with pytest.raises(Blocked):
        sent(wire)

    wire.is_closing = True
    assert sent(Wire(wire.log, wire.bounds)).status == 200


@answers
def test_requests_are_counted_by_kind() -> None:
    answers.get(URL).mock(httpx.Response(200, content=ENVELOPE))
    wire = Wire(Log(Redactor()))

    async def three() -> None:
        for kind in ("key", "key", "session"):
            await wire.send(Outgoing("GET", URL, kind=kind), check="a check", evidence=[])

    asyncio.run(three())

    assert (wire.counted.total, wire.counted.key, wire.counted.session, wire.counted.none) == (3, 2, 1, 0)


@answers
def test_the_time_is_the_deployments() -> None:
    pace = Pace()
    answers.get(URL).mock(httpx.Response(200, content=ENVELOPE, headers={"Date": "Wed, 15 Jan 2025 10:30:00 GMT"}))
    wire = Wire(Log(Redactor()), sleep=pace.sleep, clock=pace.clock)

    sent(wire)
    pace.now += 90

    assert wire.now() == datetime(2025, 1, 15, 10, 31, 30, tzinfo=UTC)
    assert wire.clock_tolerance.total_seconds() == 5


def test_without_a_date_the_tolerance_is_wide() -> None:
    assert Wire(Log(Redactor())).clock_tolerance.total_seconds() == 300


@answers
def test_a_key_shown_by_an_answer_is_a_secret_from_then_on() -> None:
    answers.post(URL).mock(
        httpx.Response(201, json={"success": True, "data": {"id": "key_1", "key": "plain-new-key-1"}})
    )
    log = Log(Redactor())

    sent(Wire(log), method="POST")

    assert "plain-new-key-1" not in (log.exchanges()[0].response_body or "")
    assert log.redactor.text("it is plain-new-key-1") == "it is [redacted]"


@answers
def test_every_request_carries_the_extra_headers_and_reports_none_of_their_values() -> None:
    route = answers.get(URL).mock(httpx.Response(200, content=ENVELOPE))
    redactor = Redactor()
    redactor.add_headers((("X-Team-Id", "open"),))
    log = Log(redactor)

    sent(Wire(log, Bounds(headers=(("X-Team-Id", "open"),))))

    assert route.calls.last.request.headers["X-Team-Id"] == "open"
    assert ("X-Team-Id", "$HEADER_1") in log.exchanges()[0].request_headers


@answers
def test_the_other_users_requests_carry_that_users_headers() -> None:
    route = answers.get(URL).mock(httpx.Response(200, content=ENVELOPE))
    bounds = Bounds(headers=(("X-Team-Id", "a"), ("X-Via", "ci")), other_headers=(("x-team-id", "b"),))

    sent(Wire(Log(Redactor()), bounds), credential="other_api_key")
    sent(Wire(Log(Redactor()), bounds), credential="api_key+session")

    others, own = (call.request.headers for call in route.calls)
    assert (others.get_list("X-Team-Id"), others["X-Via"]) == (["b"], "ci")
    assert own.get_list("X-Team-Id") == ["a"]


def test_the_values_of_both_kinds_of_headers_are_told_apart() -> None:
    redactor = Redactor()
    redactor.add_headers((("X-Team-Id", "a"),))
    redactor.add_headers((("X-Team-Id", "b"),), "OTHER_HEADER")

    told = [redactor.request_headers((("X-Team-Id", value),))[0][1] for value in ("a", "b")]

    assert told == ["$HEADER_1", "$OTHER_HEADER_1"]


def test_a_dropped_connection_is_forgiven_once() -> None:
    async def recover() -> Reply:
        async def once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await behaviours.pop(0)(reader, writer)

        healthy = sockets.answers(response(ENVELOPE))
        behaviours: list[Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]]
        behaviours = [sockets.hangs_up, healthy]
        async with serving(once) as url, Wire(Log(Redactor())) as wire:
            return await wire.send(Outgoing("GET", url), check="a check", evidence=[])

    assert asyncio.run(recover()).status == 200


@answers
@pytest.mark.parametrize(("method", "times"), [("GET", 2), ("POST", 1), ("DELETE", 1)])
def test_only_what_reads_is_sent_again_after_a_503(method: str, times: int) -> None:
    pace = Pace()
    route = answers.route(method=method, url=URL).mock(httpx.Response(503, headers={"Retry-After": "3600"}))

    assert sent(Wire(Log(Redactor()), sleep=pace.sleep, clock=pace.clock), method=method).status == 503

    assert (route.call_count, pace.slept) == (times, [1.0] * (times - 1))


@answers
def test_what_a_503_asks_to_wait_is_told() -> None:
    pace, told = Pace(), list[tuple[float, str]]()
    answers.get(URL).mock(side_effect=[httpx.Response(503, headers={"Retry-After": "7"}), httpx.Response(200)])
    wire = Wire(Log(Redactor()), sleep=pace.sleep, clock=pace.clock)
    wire.on_wait = lambda seconds, why: told.append((seconds, why))

    sent(wire)

    assert (told, pace.slept) == ([(7.0, "the deployment answered 503")], [7.0])


@answers
def test_cleaning_up_waits_no_longer_than_max_wait_in_all() -> None:
    pace = Pace()
    answers.delete(URL).mock(httpx.Response(429, headers={"Retry-After": "100"}))
    wire = Wire(Log(Redactor()), Bounds(max_wait=300.0), sleep=pace.sleep, clock=pace.clock)
    wire.is_closing = True

    async def delete_five() -> None:
        for _ in range(5):
            with pytest.raises(Blocked):
                await wire.send(Outgoing("DELETE", URL), check="clean-up", evidence=[])

    asyncio.run(delete_five())

    assert sum(pace.slept) <= 300.0


def limited_for_an_hour(pace: Pace, *, max_wait: float = 3600.0) -> Wire:
    answers.route(url=URL).mock(httpx.Response(429, headers={"Retry-After": "3500"}))
    return Wire(Log(Redactor()), Bounds(max_wait=max_wait), sleep=pace.sleep, clock=pace.clock)


@answers
def test_a_limit_that_resets_after_the_end_of_the_run_is_not_waited_for() -> None:
    pace = Pace()
    wire = limited_for_an_hour(pace)
    wire.ends_in(900.0)

    with pytest.raises(Blocked, match=r"^raise --max-time: there is a rate limit, used up for longer than the run has"):
        sent(wire)

    assert wire.is_short_of_time
    assert sum(pace.slept) <= 5.0


@answers
def test_a_limit_that_resets_before_the_end_of_the_run_is_waited_for() -> None:
    pace = Pace()
    answers.get(URL).mock(side_effect=[LIMITED, httpx.Response(200, content=ENVELOPE)])
    wire = Wire(Log(Redactor()), sleep=pace.sleep, clock=pace.clock)
    wire.ends_in(10.0)

    assert (sent(wire).status, pace.slept, wire.is_short_of_time) == (200, [7.0], False)


@answers
@pytest.mark.parametrize(("retry_after", "status"), [("29", 200), ("31", None)])
def test_when_the_run_is_over_cleaning_up_waits_thirty_seconds(retry_after: str, status: int | None) -> None:
    pace = Pace()
    refusal = httpx.Response(429, headers={"Retry-After": retry_after})
    route = answers.delete(URL).mock(side_effect=[refusal, httpx.Response(200, content=ENVELOPE)])
    if status is None:
        route.side_effect = [refusal] * 10
    wire = Wire(Log(Redactor()), Bounds(max_wait=3600.0), sleep=pace.sleep, clock=pace.clock)
    wire.hurry()
    wire.is_closing = True

    if status is None:
        with pytest.raises(Blocked, match=r"there is a rate limit, used up for longer than cleaning up waits \(30 s\)"):
            sent(wire, method="DELETE")
    else:
        assert sent(wire, method="DELETE").status == status

    assert sum(pace.slept) <= 30.0


@answers
def test_a_clean_up_that_waits_when_the_run_is_stopped_waits_no_longer() -> None:
    answers.delete(URL).mock(httpx.Response(429, headers={"Retry-After": "3500"}))

    async def stop_it() -> None:
        waits = asyncio.Event()
        async with Wire(Log(Redactor()), Bounds(max_wait=3600.0)) as wire:
            wire.is_closing = True
            wire.on_wait = lambda seconds, _: waits.set() if seconds > 100 else None
            sending = asyncio.ensure_future(wire.send(Outgoing("DELETE", URL), check="clean-up", evidence=[]))
            await waits.wait()
            wire.hurry()
            with pytest.raises(Blocked, match="longer than cleaning up waits"):
                await asyncio.wait_for(sending, 60)

    asyncio.run(stop_it())


@answers
@pytest.mark.parametrize(
    "issued",
    [{"token": "tok-0123456789"}, {"credential": {"value": "tok-0123456789"}}, {"tokens": ["tok-0123456789"]}],
)
def test_a_key_by_another_name_is_redacted(issued: dict[str, object]) -> None:
    made = {"id": "key_1", "ownerId": "usr_0123456789", "createdAt": "2025-01-15T10:30:00Z", **issued}
    answers.post(URL).mock(httpx.Response(201, json={"success": True, "data": made}))
    log = Log(Redactor())
    request = Outgoing("POST", URL, content=b'{"name": "mine", "scopes": ["read"]}')

    async def send() -> None:
        async with Wire(log) as wire:
            await wire.send(request, check="a check", evidence=[])

    asyncio.run(send())

    told = log.exchanges()[0].response_body or ""
    assert "tok-0123456789" not in told
    assert all(text in told for text in ("key_1", "usr_0123456789", "2025-01-15T10:30:00Z"))


@answers
def test_answers_of_many_values_are_larger_than_those_of_one_text_and_large_ones_than_small_ones() -> None:
    """Two have six million bytes; read, the values take many times as much."""
    text = httpx.Response(200, content=b'{"data":"' + b"a" * 6_000_000 + b'"}')
    values = httpx.Response(200, content=b'{"data":[' + b"1," * 3_000_000 + b"1]}")

    small = httpx.Response(200, content=b'{"data":"' + b"a" * 250_000 + b'"}')

    async def sent_until_too_large(answer: httpx.Response) -> int:
        answers.get(URL).mock(answer)
        async with Wire(Log(Redactor())) as wire:
            for number in range(300):
                try:
                    await wire.send(Outgoing("GET", URL), check="a check", evidence=[])
                except TooLarge:
                    return number
        return 300

    assert [asyncio.run(sent_until_too_large(answer)) for answer in (text, values, small)] == [6, 1, 269]


@answers
def test_what_made_the_answers_of_a_run_too_large_is_named() -> None:
    answers.get(URL).mock(httpx.Response(200, content=b"{}"))
    answers.options(URL).mock(httpx.Response(200, content=b" " * 8_000_000 + b"{}"))

    async def send() -> None:
        async with Wire(Log(Redactor())) as wire:
            wire.copies = 2  # as of whoever keeps them too
            for method in ("OPTIONS", "GET", "OPTIONS", "OPTIONS", "GET"):
                await wire.send(Outgoing(method, URL), check="a check", evidence=[])

    with pytest.raises(TooLarge, match=r"more than 32 MiB together \(the largest, to OPTIONS /\S+, 7\.6 MiB\); ask"):
        asyncio.run(send())
