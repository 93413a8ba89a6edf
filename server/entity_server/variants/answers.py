"""Every answer: codes, envelopes, headers, limits, health, generation (E1-E17).

It is long because chapter E of the rulings is; each variant is one freedom of one row, and stands on no other.
"""

import itertools
import json
import math
import re
from contextvars import ContextVar
from dataclasses import replace
from datetime import datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime

import httpx
from entity_contract.entities import ACTIONS

from entity_server.domain.limits import Allowance, RateLimit, RateLimiter
from entity_server.domain.problems import (
    InsufficientCredits,
    MethodNotAllowed,
    NotFound,
    Problem,
    ServiceUnavailable,
    UnprocessableEntity,
    ValidationFailed,
)
from entity_server.faults.fault import with_body, with_headers
from entity_server.faults.spoiling import data, each, header, refused, with_data, with_pagination
from entity_server.http.exchange import Received
from entity_server.http.fault import Acts
from entity_server.http.services import Answer, Call, Handler, Services
from entity_server.variants.variant import (
    Chapter,
)
from entity_server.variants.wire import recoded, rewritten

chapter = Chapter()

RECORDS = frozenset({"list", "read", "create", "update"})
GENERATE = frozenset({"generateText"})
EVERY_OPERATION = frozenset(ACTIONS) | GENERATE | {"listApiKeys", "createApiKey", "revokeApiKey"}
OWN_CODES = {402: "TOP_UP", 405: "METHOD_NOT_SUPPORTED", 413: "TOO_LARGE", 422: "BAD_ENTITY", 503: "TRY_LATER"}


@chapter.on_any_answer(
    "codes-of-its-own",
    "E1.own-codes=codes of its own",
    statuses=lambda status: status in OWN_CODES,
)
def codes_of_its_own(answer: Answer) -> Answer:
    """Statuses for which the reference has no code have codes of the deployment's own."""
    return with_body(answer, code=OWN_CODES[answer.status])


@chapter.on_any_answer(
    "errors-hold-nulls",
    "E2.extra-members=some",
    statuses=lambda status: status >= 400,
)
def errors_hold_nulls(answer: Answer) -> Answer:
    """An error has the members of other envelopes too, as null."""
    return with_body(answer, **{"data": None, "pagination": None, **(answer.body or {})})


_META: dict[str, object] = {"meta": {"took": 3}, "links": []}


@chapter.on_any_answer(
    "envelopes-say-more",
    "E2.extra-members=some",
)
def envelopes_say_more(answer: Answer) -> Answer:
    """Every envelope has further members, and health too."""
    return answer if answer.body is None else with_body(answer, **{"message": "In short.", **_META, **answer.body})


@chapter.on_answer(
    "records-say-more",
    "E2.extra-members=some",
    to=RECORDS,
)
def records_say_more(answer: Answer) -> Answer:
    """Every record has members that are no fields of it, whatever `fields` says."""
    return each(answer, lambda record: {**record, "_links": {"self": "/"}, "object": "record"})


@chapter.on_answer(
    "creations-say-more",
    "E2.extra-members=some",
    to={"create"},
)
def creations_say_more(answer: Answer) -> Answer:
    """The answer to a creation has members that no other answer shows."""
    return each(answer, lambda record: {**record, "warnings": [], "location": None})


@chapter.on_answer(
    "pages-say-more",
    "E2.extra-members=some",
    to={"list"},
)
def pages_say_more(answer: Answer) -> Answer:
    """The account of a page has further members."""
    return with_pagination(answer, count=len(data(answer)), cursor=None)


@chapter.on_any_answer(
    "answers-in-another-language",
    "E12.text=another language",
    statuses=refused,
)
def answers_in_another_language(answer: Answer) -> Answer:
    """Texts for people are in another language."""
    details = (answer.body or {}).get("details")
    said: dict[str, object] = {"details": dict.fromkeys(details, "Bitte prüfen")} if isinstance(details, dict) else {}
    return with_body(answer, error="Das geht so nicht: Größe?", **said)


@chapter.in_services("limits-of-another-size", "E4.limit-of-keys=another", "E4.limit-of-sessions=another")
def limits_of_another_size(services: Services) -> Services:
    """Limits are others, over other windows."""
    limits = {"key": "5000/15m", "session": "300/90s"}
    limiters = {kind: RateLimiter(RateLimit.parse(limits[kind])) for kind in services.limiters}
    return replace(services, limiters=limiters)


class _Bucket(RateLimiter):
    """A bucket that fills while it is emptied: one request in six comes back at once, and all within seconds."""

    def take(self, identity: str, now: datetime) -> Allowance:
        taken = super().take(identity, now)
        used = taken.limit - taken.remaining
        remaining = taken.limit - used + used // 6
        return replace(taken, remaining=remaining, reset=math.ceil(now.timestamp()) + 1)


@chapter.in_services(
    "limits-refill",
    "E5.algorithm=another",
)
def limits_refill(services: Services) -> Services:
    """Limits are buckets that fill again all the time."""
    return replace(services, limiters={kind: _Bucket(one.limit) for kind, one in services.limiters.items()})


class _Refilling(RateLimiter):
    """A bucket of 6,000 requests that gets 100 back every second."""

    def __init__(self) -> None:
        super().__init__(RateLimit(6000, 60))
        self._spent: dict[str, tuple[float, datetime]] = {}

    def take(self, identity: str, now: datetime) -> Allowance:
        spent, since = self._spent.get(identity, (0.0, now))
        spent = max(0.0, spent - (now - since).total_seconds() * 100) + 1
        self._spent[identity] = spent, now
        return Allowance(6000, int(6000 - spent), math.ceil(now.timestamp()) + 60, None)


@chapter.in_services(
    "limits-refill-fast",
    "E4.counts",
)
def limits_refill_fast(services: Services) -> Services:
    """A key gets a hundred requests a second back, while it sends ten."""
    return replace(services, limiters={**services.limiters, "key": _Refilling()})


@chapter.on_the_wire("unknown-paths-have-a-code", against="E3.unknown-path")
def unknown_paths_have_a_code(response: httpx.Response) -> httpx.Response:
    """A path that does not exist has a code of its own."""
    parts = response.request.url.path.removeprefix("/api/").split("/")
    is_path = response.status_code == 404 and (parts[0] != "v1" or len(parts) > 3)
    return recoded(response, 404, "ROUTE_NOT_FOUND") if is_path else response


@chapter.on_the_wire("large-bodies-fail-validation", "E1.too-large=400")
def large_bodies_fail_validation(response: httpx.Response) -> httpx.Response:
    """A body that is too large is refused for its content."""
    return recoded(response, 400, "VALIDATION_FAILED") if response.status_code == 413 else response


class _ForStrangers:
    """Tells strangers how often they may come."""

    def __init__(self, limit: int) -> None:
        self._limiter = RateLimiter(RateLimit(limit, 3600))

    def __call__(self, response: httpx.Response) -> httpx.Response:
        """Who is not known is told limits too, counted by address."""
        if response.status_code != 401 and not response.request.url.path.endswith("/health"):
            return response
        left = self._limiter.take("127.0.0.1", _date(response))
        told = {"Limit": left.limit, "Remaining": left.remaining, "Reset": left.reset}
        for name, value in told.items():
            response.headers[f"X-RateLimit-{name}"] = str(value)
        return response


def _date(response: httpx.Response) -> datetime:
    return parsedate_to_datetime(response.headers["date"])


chapter.on_the_wire("limits-for-strangers", "E6.strangers=present", "E6.health=present")(_ForStrangers(100))


class _RequestIds:
    """Numbers requests."""

    def __init__(self) -> None:
        self._count = itertools.count(1)

    def __call__(self, response: httpx.Response) -> httpx.Response:
        """Ids of requests are numbered texts, where the client gives none."""
        if "x-request-id" not in response.request.headers:
            response.headers["X-Request-ID"] = f"edge-7/{next(self._count):0120d}:"
        return response


chapter.on_the_wire(
    "request-ids-of-another-form",
    "E7.form=another form",
)(_RequestIds())


@chapter.on_answer(
    "health-says-more",
    "E8.healthy",
    to={"getHealth"},
)
def health_says_more(answer: Answer) -> Answer:
    """Health tells of its parts, and a version of another form."""
    return with_body(answer, version="2026.11-rc.1+9f3c", uptime=12.5, checks={"database": {"status": "healthy"}})


@chapter.in_services("clock-is-slow", "E8.timestamp")
def clock_is_slow(services: Services) -> Services:
    """The deployment's clock is an hour behind, in its Date header too."""
    return replace(services, clock=lambda: services.clock() - timedelta(hours=1))


@chapter.on_the_wire("answers-without-a-date", "E8.timestamp")
def answers_without_a_date(response: httpx.Response) -> httpx.Response:
    """No answer has a Date header."""
    response.headers.pop("date", None)
    return response


@chapter.in_services("clock-is-slow-and-untold", "E8.timestamp")
def clock_is_slow_and_untold(services: Services) -> Services:
    """The deployment's clock is 100 s behind, and no answer has a Date header."""
    return replace(services, clock=lambda: services.clock() - timedelta(seconds=100))


chapter.on_the_wire("clock-is-slow-and-untold", "E8.timestamp")(answers_without_a_date)


@chapter.on_the_wire("dates-by-a-fast-gateway", "E8.timestamp")
def dates_by_a_fast_gateway(response: httpx.Response) -> httpx.Response:
    """The Date header is by a gateway whose clock is 4 s ahead of the server's."""
    told = parsedate_to_datetime(response.headers["date"]) + timedelta(seconds=4)
    response.headers["Date"] = format_datetime(told, usegmt=True)
    return response


@chapter.around("no-generation", "E10.capability=404", to=GENERATE)
async def no_generation(_: Call, _handler: Handler) -> Answer:
    """There is no text generation."""
    raise NotFound


@chapter.around("no-generation-by-405", "E10.capability=405", to=GENERATE)
async def no_generation_by_405(_: Call, _handler: Handler) -> Answer:
    """There is no text generation, which is said by 405."""
    raise MethodNotAllowed(("OPTIONS",))


_NOT_IMPLEMENTED = "Text generation is not implemented"


@chapter.around("no-generation-by-501", "E10.capability=501", to=GENERATE)
async def no_generation_by_501(_: Call, _handler: Handler) -> Answer:
    """There is no text generation, which is said by 501."""
    raise NotFound(_NOT_IMPLEMENTED)


@chapter.on_any_answer("no-generation-by-501", "E10.capability=501", statuses=lambda one: one == 404)
def as_not_implemented(answer: Answer) -> Answer:
    """The same, in its status."""
    if (answer.body or {}).get("error") != _NOT_IMPLEMENTED:
        return answer
    return replace(with_body(answer, code="NOT_IMPLEMENTED"), status=501)


@chapter.around("credits-are-spent", "E10.credits", to=GENERATE)
async def credits_are_spent(call: Call, handler: Handler) -> Answer:
    """The account that tests has no credits left for generation."""
    await handler(call)
    raise InsufficientCredits


@chapter.on_answer("prompt-tokens-count", "E10.tokens-used=prompt-counts", to=GENERATE)
def prompt_tokens_count(answer: Answer) -> Answer:
    """The tokens of the prompt are counted as used, by a model of another name."""
    return with_data(answer, {**data(answer), "tokensUsed": data(answer)["tokensUsed"] + 7, "model": "gpt-4"})


@chapter.anew("the-generator-wakes-up", "E10.returns-text")
def the_generator_wakes_up() -> Acts:
    """The first generation is refused for now, as the model is still being loaded."""
    woken: list[Call] = []

    async def around(call: Call, handler: Handler) -> Answer:
        answer = await handler(call)
        if call.operation.id in GENERATE and not woken:
            woken.append(call)
            raise ServiceUnavailable
        return answer

    return Acts(around=around)


@chapter.on_answer("few-tokens-give-no-text", "E10.returns-text", to=GENERATE)
def few_tokens_give_no_text(answer: Answer) -> Answer:
    """The tokens are used up before the first word of the answer."""
    return with_data(answer, {**data(answer), "text": ""})


_NOT_THIS_VERSION = "There is no such version of the API"
_version: ContextVar[str] = ContextVar("version", default="")


@chapter.on_request("other-versions-are-refused", "E11.other=refused")
def other_versions_are_refused(received: Received) -> None:
    """A request for another version is refused, once it is known who sends it."""
    _version.set(header(received, "X-API-Version"))


@chapter.around("other-versions-are-refused", "E11.other=refused", to=EVERY_OPERATION)
async def unless_it_is_this_version(call: Call, handler: Handler) -> Answer:
    """The refusal. Every operation documents a 404, and not every one a 400."""
    if not _is_known(_version.get()):
        raise NotFound(_NOT_THIS_VERSION)
    return await handler(call)


@chapter.on_any_answer("other-versions-are-refused", "E11.other=refused", statuses=lambda one: one == 404)
def as_a_bad_request(answer: Answer) -> Answer:
    """The same, in its status."""
    if _is_known(_version.get()):  # not by its words: another variant may say them in another language
        return answer
    return replace(with_body(answer, code=ValidationFailed.code), status=400)


def _is_known(version: str) -> bool:
    return version in {"", "v1"}


def _body_refused(received: Received, problem: Problem) -> Received | None:
    """The request, whose body nobody can read if no header says what it is: refused in its turn, behind a 401."""

    async def read() -> bytes:
        raise problem

    return None if header(received, "Content-Type") else replace(received, read=read)


@chapter.on_request("bodies-need-a-media-type", "E13.body-without-one=422")
def bodies_need_a_media_type(received: Received) -> Received | None:
    """A body without a media type is refused."""
    return _body_refused(received, UnprocessableEntity())


@chapter.on_request("bodies-without-a-media-type-are-bad", "E13.body-without-one=400")
def bodies_without_a_media_type_are_bad(received: Received) -> Received | None:
    """A body without a media type is a bad request."""
    return _body_refused(received, ValidationFailed())


@chapter.on_request("bodies-without-a-media-type-are-unsupported", "E13.body-without-one=415")
def bodies_without_a_media_type_are_unsupported(received: Received) -> Received | None:
    """A body without a media type is not supported."""
    return _body_refused(received, UnprocessableEntity("A media type is needed"))


@chapter.on_any_answer(
    "bodies-without-a-media-type-are-unsupported", "E13.body-without-one=415", statuses=lambda one: one == 422
)
def as_unsupported(answer: Answer) -> Answer:
    """The same, in its status."""
    if (answer.body or {}).get("error") != "A media type is needed":
        return answer
    return replace(with_body(answer, code="UNSUPPORTED_MEDIA_TYPE"), status=415)


@chapter.on_any_answer(
    "media-types-have-parameters",
    "E13.parameters=some",
)
def media_types_have_parameters(answer: Answer) -> Answer:
    """Answers name their character set, in capitals."""
    return (
        answer if answer.body is None else with_headers(answer, Content_Type='Application/JSON; charset="UTF-8"; v=1')
    )


@chapter.on_any_answer(
    "headers-beyond-the-contract",
    "E17.not-judged=some of them",
)
def headers_beyond_the_contract(answer: Answer) -> Answer:
    """Answers have the headers of caches, browsers and proxies."""
    return with_headers(
        answer,
        ETag='W/"1"',
        Cache_Control="no-store",
        Vary="Authorization, Cookie",
        Access_Control_Allow_Origin="*",
        Strict_Transport_Security="max-age=31536000",
        Set_Cookie="balancer=a; Path=/; HttpOnly",
    )


@chapter.on_the_wire(
    "header-names-in-small-letters",
    "E4.remaining",
)
def header_names_in_small_letters(response: httpx.Response) -> httpx.Response:
    """Header names are written in small letters, as HTTP/2 does."""
    headers = [(name.lower(), value) for name, value in response.headers.raw]
    return httpx.Response(response.status_code, headers=headers, content=response.content, request=response.request)


@chapter.on_the_wire(
    "json-in-another-spelling",
    "E2.envelope",
)
def json_in_another_spelling(response: httpx.Response) -> httpx.Response:
    """JSON is indented, escaped beyond ASCII, and its members stand in the order of the alphabet."""
    if not response.content:
        return response
    text = re.sub("/", r"\/", json.dumps(response.json(), indent=2, sort_keys=True))
    return rewritten(response, text.encode())


chapter.keep_apart(
    "no-generation", "no-generation-by-405", "no-generation-by-501", "credits-are-spent", "prompt-tokens-count"
)
chapter.keep_apart(
    "no-generation", "no-generation-by-405", "no-generation-by-501", "credits-are-spent", "few-tokens-give-no-text"
)
chapter.keep_apart(
    "no-generation", "no-generation-by-405", "no-generation-by-501", "credits-are-spent", "the-generator-wakes-up"
)


def _with_decimals(value: object) -> object:
    match value:
        case bool():
            return value
        case int():
            return float(value)
        case dict():
            return {name: _with_decimals(one) for name, one in value.items()}
        case list():
            return [_with_decimals(one) for one in value]
        case _:
            return value


@chapter.on_the_wire(
    "integers-have-decimals",
    "E18.spelling=12.0",
)
def integers_have_decimals(response: httpx.Response) -> httpx.Response:
    """An integer is written as 12.0, as languages do that have one kind of number."""
    return rewritten(response, json.dumps(_with_decimals(response.json())).encode()) if response.content else response
