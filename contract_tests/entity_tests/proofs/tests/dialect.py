"""A deployment with a dialect of its own: the reference server behind twelve mistakes at once.

It is what a report has to be good for: each mistake breaks requirements by the dozen, and a person must find all
twelve. A fault breaks one clause and a variant none; a mistake is of the size that real deployments make.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass

import httpx
from entity_server.variants.variant import Readdress, Rewrite

_OWN_CODES = {"VALIDATION_FAILED": "validation_error", "INVALID_SORT": "bad_sort", "NOT_FOUND": "missing"}
_IGNORED = frozenset({"search", "fields"})
_WRITES = frozenset({"POST", "PATCH", "DELETE"})


@dataclass(frozen=True, slots=True)
class Mistake:
    """One mistake. `named` is a pattern of the words by which a report names it."""

    summary: str
    named: str
    change: Rewrite = lambda response: response


def changed(response: httpx.Response, *, status: int = 0, **headers: str) -> httpx.Response:
    """The answer with another status and other headers, `X_Page` for X-Page; an empty one is taken away."""
    names = {name.replace("_", "-").lower(): value for name, value in headers.items()}
    kept = [(name, value) for name, value in response.headers.items() if name not in names]
    added = [(name, value) for name, value in names.items() if value]
    return httpx.Response(
        status or response.status_code, headers=[*kept, *added], content=response.content, request=response.request
    )


def with_json(response: httpx.Response, body: Mapping[str, object]) -> httpx.Response:
    """The answer with another body."""
    kept = [(name, value) for name, value in response.headers.items() if name != "content-length"]
    return httpx.Response(response.status_code, headers=kept, json=body, request=response.request)


def without_body(response: httpx.Response) -> httpx.Response:
    """204."""
    kept = [(name, value) for name, value in response.headers.items() if not name.startswith("content-")]
    return httpx.Response(204, headers=kept, request=response.request)


def body_of(response: httpx.Response) -> dict[str, object]:
    """The JSON object of an answer, empty where there is none."""
    return json.loads(response.content) if response.content else {}


def _of_its_own(response: httpx.Response) -> httpx.Response:
    body = body_of(response)
    code = body.get("code")
    return with_json(response, {**body, "code": _OWN_CODES[str(code)]}) if code in _OWN_CODES else response


def _info(response: httpx.Response) -> httpx.Response:
    body = body_of(response)
    if "pagination" not in body:
        return response
    return with_json(response, {("info" if name == "pagination" else name): value for name, value in body.items()})


def _crash(response: httpx.Response) -> httpx.Response:
    asked = response.request.url.params.get("filter", "{}")
    return response if asked.endswith("}") else with_json(changed(response, status=500), {"error": "Oops"})


MISTAKES = (
    Mistake(
        "OPTIONS is answered by a gateway",
        r"OPTIONS answers 204 without a body",
        lambda response: without_body(response) if response.request.method == "OPTIONS" else response,
    ),
    Mistake("codes are words of its own", r"validation_error", _of_its_own),
    Mistake("the page is told in `info`", r"info in place of pagination", _info),
    Mistake("a filter that is no JSON is a crash", r"filter=\S* answers 500", _crash),
    Mistake("no answer has an id", r"X-Request-ID is missing", lambda response: changed(response, X_Request_ID="")),
    Mistake(
        "a deletion is confirmed by nothing",
        r"204 without a body: DELETE",
        lambda response: (
            without_body(response) if (response.request.method, response.status_code) == ("DELETE", 200) else response
        ),
    ),
    Mistake(
        "whoever is unknown is forbidden",
        r"403, not 401",
        lambda response: changed(response, status=403) if response.status_code == 401 else response,
    ),
    Mistake(
        "bad values are unprocessable",
        r"422, not 400",
        lambda response: changed(response, status=422) if response.status_code == 400 else response,
    ),
    Mistake(
        "pages are counted from 0 in the header",
        r"X-Page differs",
        lambda response: (
            changed(response, X_Page=str(int(response.headers["X-Page"]) - 1))
            if "X-Page" in response.headers
            else response
        ),
    ),
    Mistake(
        "the reset is told in milliseconds",
        r"X-RateLimit-Reset",
        lambda response: (
            changed(response, X_RateLimit_Reset=response.headers["X-RateLimit-Reset"] + "000")
            if "X-RateLimit-Reset" in response.headers
            else response
        ),
    ),
    Mistake("`search` is not looked at", r"search\b.* no effect"),
    Mistake("`fields` is not looked at", r"fields\b.* no effect"),
)


def limited(response: httpx.Response) -> httpx.Response:
    """Besides, and no mistake: writes have a limit of their own."""
    is_write = response.request.method in _WRITES and "X-RateLimit-Limit" in response.headers
    return changed(response, X_RateLimit_Limit="200") if is_write else response


def readdressed(request: httpx.Request) -> httpx.Request:
    """The request as this deployment reads it: without the parameters that it does not look at."""
    asked = request.url.params.multi_items()
    kept = [(name, value) for name, value in asked if name not in _IGNORED]
    if len(kept) == len(asked):
        return request
    url = request.url.copy_with(params=kept)
    return httpx.Request(request.method, url, headers=request.headers, stream=request.stream)


REWRITES: tuple[Rewrite, ...] = (*(mistake.change for mistake in MISTAKES), limited)
READDRESSES: tuple[Readdress, ...] = (readdressed,)
