"""Statuses and headers: redirects, storms of refusals, limits that make no sense."""

from dataclasses import replace

from entity_tests.proofs.hostile.catalogue import DOES_NOT_CONFORM, INCONCLUSIVE, UNREACHABLE, changing
from entity_tests.proofs.hostile.proxy import Answer, Exchange

EITHER = (DOES_NOT_CONFORM, INCONCLUSIVE, UNREACHABLE)
LATE = (DOES_NOT_CONFORM, INCONCLUSIVE)
STARTS_AT = 100
_LIMITS = ("x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset")


def _status(name: str, named: str, status: int, *headers: tuple[str, str], starts_at: int = 0, every: int = 1) -> None:
    """Another status, with these headers: from a request on, or for each so many-th."""

    @changing(name, named, *(LATE if starts_at else EITHER))
    def _(exchange: Exchange) -> Answer:
        answer = exchange.answer
        if exchange.number < starts_at or exchange.number % every:
            return answer
        for header, value in headers:
            answer = answer.with_header(header, value)
        return replace(answer, status=status)


_HERE = ("Location", "/api/v1/health")
_ELSEWHERE = ("Location", "http://127.0.0.1:9/api/v1/health")
_status("redirects-to-itself", "302|redirect", 302, _HERE)
_status("redirects-elsewhere", "307|redirect", 307, _ELSEWHERE)
_status("redirects-late", "308|redirect", 308, _ELSEWHERE, starts_at=STARTS_AT)
_status("redirects-nowhere", "301|redirect", 301)
_status("is-a-teapot", "418", 418)
_status("is-a-teapot-late", "418", 418, starts_at=STARTS_AT)
_status("fails-always", "500", 500)
_status("fails-late", "500", 500, starts_at=STARTS_AT)
_status("fails-one-in-three", "500", 500, every=3)
_status("bad-gateway-late", "502", 502, starts_at=STARTS_AT)
_status("unavailable-for-ever", "503", 503, ("Retry-After", "99999999999"))
_status("unavailable-late", "503", 503, ("Retry-After", "99999999999"), starts_at=STARTS_AT)
_status("limits-for-ever", "429|rate limit", 429, ("Retry-After", "1e20"))
_status("limits-late", "429|rate limit", 429, ("Retry-After", "99999999999999999999"), starts_at=STARTS_AT)
_status("limits-below-zero", "429|rate limit", 429, ("Retry-After", "-5"), starts_at=STARTS_AT)
_status("limits-by-a-word", "429|rate limit", 429, ("Retry-After", "soon"), starts_at=STARTS_AT)
_status("limits-for-no-time", "429|rate limit", 429, ("Retry-After", "0"), starts_at=STARTS_AT)
_status(
    "limits-until-the-year-9999",
    "429|rate limit",
    429,
    ("Retry-After", "Fri, 31 Dec 9999 23:59:59 GMT"),
    starts_at=STARTS_AT,
)
_status("created-everything", "201", 201)
_status("fine-with-everything", "200", 200)
_status("no-content-for-everything", "204|empty", 204)
_status("status-599", "599", 599, starts_at=STARTS_AT)
_status("status-299", "299", 299, starts_at=STARTS_AT)
_status("partial-content", "206", 206, starts_at=STARTS_AT)
_status("not-modified", "304", 304, starts_at=STARTS_AT)


def _limit_headers(name: str, *values: str) -> None:
    @changing(name, "(?i)X-RateLimit|requests remain", *LATE)
    def _(exchange: Exchange) -> Answer:
        answer = exchange.answer.without_header(*_LIMITS)
        for header, value in zip(_LIMITS, values, strict=False):
            answer = answer.with_header(header, value)
        return answer


_limit_headers("no-limit-headers")
_limit_headers("limits-as-text", "plenty", "some", "tomorrow")
_limit_headers("limits-of-zero", "0", "0", "0")
_limit_headers("limits-negative", "-1", "-5", "-10")
_limit_headers("limits-beyond-all-bounds", "9" * 400, "9" * 400, "9" * 400)
_limit_headers("limits-that-reset-in-a-century", "1000", "1", "4890000000")
_limit_headers("limits-with-decimals", "1000.5", "999.25", "1.5e9")


@changing("content-type-html", "content type|Content-Type|application/json", *EITHER)
def _html(exchange: Exchange) -> Answer:
    return exchange.answer.with_header("Content-Type", "text/html; charset=utf-8")


@changing("content-type-missing", "content type|Content-Type|application/json", *EITHER)
def _untyped(exchange: Exchange) -> Answer:
    return exchange.answer.without_header("content-type")


@changing("ten-thousand-headers", "headers, more than 250|no HTTP", UNREACHABLE)
def _many(exchange: Exchange) -> Answer:
    return replace(exchange.answer, headers=(*exchange.answer.headers, *((f"X-{n}", "a") for n in range(10_000))))


@changing("sets-a-cookie-that-would-sign-in", "", 0)
def _cookie(exchange: Exchange) -> Answer:
    return exchange.answer.with_header("Set-Cookie", "better-auth.session_token=stolen; Path=/")


@changing("link-to-another-origin", "list.link-to-next|list.link-keeps|model.page", *LATE)
def _link(exchange: Exchange) -> Answer:
    if "link" not in {name.lower() for name, _ in exchange.answer.headers}:
        return exchange.answer
    return exchange.answer.with_header("Link", '<http://127.0.0.1:9/api/v1/tasks?page=2>; rel="next"')


_status("unauthorized-late", "401", 401, starts_at=STARTS_AT)
_status("not-found-late", "404", 404, starts_at=STARTS_AT)
_limit_headers("limits-in-other-digits", "\u0661\u0660\u0660\u0660".encode().decode("latin-1"), "1_000", "0x10")


def _header(name: str, named: str, header: str, value: str, *codes: int) -> None:
    """A header on every answer."""

    @changing(name, named, *(codes or EITHER))
    def _(exchange: Exchange) -> Answer:
        return exchange.answer.with_header(header, value)


_header("date-that-is-none", "", "Date", "yesterday", 0, *EITHER)
_header("date-of-the-year-one", "", "Date", "Mon, 01 Jan 0001 00:00:00 GMT", 0, *EITHER)
_header("link-of-sixty-thousand-signs", "Link|link|larger", "Link", "<a>" + "; a=" * 15_000 + '"')
_header("content-type-of-no-charset", "", "Content-Type", 'application/json; charset="bogus-8"', 0, *EITHER)


@changing("deletions-are-not-allowed", "405", *EITHER)
def _undeletable(exchange: Exchange) -> Answer:
    body = b'{"success":false,"error":"Not allowed","code":"METHOD_NOT_ALLOWED"}'
    return replace(exchange.answer, status=405, body=body) if exchange.method == "DELETE" else exchange.answer
