"""Two deployments with dialects of their own: the reference server behind twelve mistakes at once.

It is what a report has to be good for: each mistake breaks requirements by the dozen, and a person must find all
twelve. A fault breaks one clause and a variant none; a mistake is of the size that real deployments make. What `OTHERS`
do shows in values: the report must say in which way they are others.
"""

import html
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

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


def without_headers(response: httpx.Response, *names: str) -> httpx.Response:
    """The answer without these headers, `X_Page` for X-Page."""
    gone = {name.replace("_", "-").lower() for name in names}
    kept = [(name, value) for name, value in response.headers.items() if name not in gone]
    return httpx.Response(response.status_code, headers=kept, content=response.content, request=response.request)


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
        r"X-Page (?:differs|is 0, not 1)",
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


_TIME = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z")
_ENTITY = re.compile(r"/api/v1/(?!keys|ai/)[a-z]+(?:/[^/]+)?")
_PAGES = ("X_Total_Count", "X_Page", "X_Per_Page", "Link")
_LIMITS = ("X_RateLimit_Limit", "X_RateLimit_Remaining", "X_RateLimit_Reset")


def _values(response: httpx.Response, change: Callable[[Any], Any], *, of_entities: bool = False) -> httpx.Response:
    """The answer with each value in its body changed; `of_entities` those of records alone."""
    is_of_entities = _ENTITY.fullmatch(response.request.url.path) and response.request.method != "OPTIONS"
    if not response.content or not response.is_success or (of_entities and not is_of_entities):
        return response

    def changed_in(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: one if name == "pagination" else changed_in(one) for name, one in value.items()}
        return [*map(changed_in, value)] if isinstance(value, list) else change(value)

    return with_json(response, changed_in(json.loads(response.content)))


def _without_offset(value: Any) -> Any:
    return value.removesuffix("Z") if isinstance(value, str) and _TIME.fullmatch(value) else value


def _as_text(value: Any) -> Any:
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def _nested(response: httpx.Response) -> httpx.Response:
    body = body_of(response)
    if response.is_success or "code" not in body:
        return response
    told = {"code": body["code"], "message": body["error"], "details": body.get("details", {})}
    return with_json(response, {"success": False, "error": told})


def _unpaged(response: httpx.Response) -> httpx.Response:
    body = body_of(response)
    if "pagination" not in body:
        return response
    return without_headers(with_json(response, {"success": True, "data": body["data"], "count": 1}), *_PAGES)


def _page(response: httpx.Response) -> httpx.Response:
    path = response.request.url.path
    is_unknown = response.status_code == 404 and (not _ENTITY.fullmatch(path) or "unknown" in path)
    if not is_unknown:
        return response
    kept = [(name, value) for name, value in response.headers.items() if not name.startswith("content-")]
    told = [*kept, ("Content-Type", "text/html; charset=utf-8")]
    return httpx.Response(404, headers=told, content="<h1>No such page</h1>", request=response.request)


def _shortened(response: httpx.Response) -> httpx.Response:
    """What an update answers, with the members that it named alone."""
    if response.request.method != "PATCH" or not response.is_success:
        return response
    body, named = body_of(response), json.loads(response.request.content)
    data: Any = body["data"]
    kept = {name: value for name, value in data.items() if name == "id" or name in named}
    return with_json(response, {**body, "data": kept})


OTHERS = (
    Mistake(
        "text is escaped",
        r"HTML-escaped",
        lambda response: _values(
            response, lambda value: html.escape(value) if isinstance(value, str) else value, of_entities=True
        ),
    ),
    Mistake("times have no offset", r"times with no offset", lambda response: _values(response, _without_offset)),
    Mistake(
        "numbers are told as texts",
        r"a text in place of a number",
        lambda response: _values(response, _as_text, of_entities=True),
    ),
    Mistake("errors are objects", r"success, error: \{code, message", _nested),
    Mistake("pages are not told", r"lists are .*: no pagination", _unpaged),
    Mistake("what leads nowhere is a page for people", r"text/html .*an unknown", _page),
    Mistake("an update answers what it was sent", r"PATCH answers lack members", _shortened),
    Mistake(
        "OPTIONS says nothing",
        r"OPTIONS (?:/tasks )?answers 200 without a body",
        lambda response: (
            changed(without_body(response), status=200) if response.request.method == "OPTIONS" else response
        ),
    ),
    Mistake("limits are not told", r"X-RateLimit-Limit", lambda response: without_headers(response, *_LIMITS)),
    Mistake(
        "what is not there is deleted",
        r"DELETE \S+ answers 200, not 404",
        lambda response: (
            with_json(changed(response, status=200), {"success": True, "message": "Deleted"})
            if (response.request.method, response.status_code) == ("DELETE", 404)
            else response
        ),
    ),
    Mistake(
        "health is a word",
        r"GET /health answers \{ok\}",
        lambda response: (
            with_json(response, {"ok": True}) if response.request.url.path.endswith("/api/health") else response
        ),
    ),
    Mistake("`order` is not looked at", r"order=? (?:has|have) no effect"),
)


def limited(response: httpx.Response) -> httpx.Response:
    """Besides, and no mistake: writes have a limit of their own."""
    is_write = response.request.method in _WRITES and "X-RateLimit-Limit" in response.headers
    return changed(response, X_RateLimit_Limit="200") if is_write else response


def readdressed(request: httpx.Request, ignored: frozenset[str] = _IGNORED) -> httpx.Request:
    """The request as this deployment reads it: without the parameters that it does not look at."""
    asked = request.url.params.multi_items()
    kept = [(name, value) for name, value in asked if name not in ignored]
    if len(kept) == len(asked):
        return request
    url = request.url.copy_with(params=kept)
    return httpx.Request(request.method, url, headers=request.headers, stream=request.stream)


REWRITES: tuple[Rewrite, ...] = (*(mistake.change for mistake in MISTAKES), limited)
READDRESSES: tuple[Readdress, ...] = (readdressed,)
OTHER_REWRITES: tuple[Rewrite, ...] = tuple(mistake.change for mistake in OTHERS)
OTHER_READDRESSES: tuple[Readdress, ...] = (partial(readdressed, ignored=frozenset({"order"})),)
