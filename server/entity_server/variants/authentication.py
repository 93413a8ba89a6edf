"""Who is who: credentials, scopes, ownership, API keys (A1-A15)."""

import itertools
import re
from dataclasses import replace
from datetime import datetime

import httpx
from entity_contract import Entity, Relation

from entity_server.demo_records import ADA
from entity_server.domain.keys import Key
from entity_server.domain.problems import NotFound
from entity_server.domain.projection import Record
from entity_server.domain.query import Query
from entity_server.faults.fault import with_body, with_headers
from entity_server.faults.spoiling import Forbidden, header
from entity_server.faults.wrapping import KeysWrapper, RecordsWrapper
from entity_server.http.exchange import Received
from entity_server.http.services import Answer, Listing, Records, Services
from entity_server.variants.variant import Chapter
from entity_server.variants.wire import rewritten, with_header, without_header

chapter = Chapter()

COOKIE = "better-auth.session_token"


def _unknown_to(response: httpx.Response) -> bool:
    return response.status_code == 401 and not {"authorization", "cookie"} & set(response.request.headers)


def _instead(response: httpx.Response, status: int, code: str) -> httpx.Response:
    error = "Refused before anybody was asked who it is"
    return rewritten(response, {"success": False, "error": error, "code": code}, status=status)


@chapter.on_the_wire("bodies-before-credentials", against="A1.order")
def bodies_before_credentials(response: httpx.Response) -> httpx.Response:
    """A body that is no record is refused before anybody asks who sends it."""
    is_bad = b"conformanceUnknown" in response.request.content or response.request.content == b"{}"
    return _instead(response, 400, "VALIDATION_FAILED") if _unknown_to(response) and is_bad else response


class _Records:
    """Knows which records there are, by what was answered."""

    def __init__(self) -> None:
        self._seen: set[str] = set()

    def __call__(self, response: httpx.Response) -> httpx.Response:
        """A record that nobody has is not found, whoever asks."""
        self._seen.update(re.findall(r'"id": ?"([^"]+)"', response.text))
        _, _, id_ = response.request.url.path.removeprefix("/api/v1/").partition("/")
        nobodys = bool(id_) and id_ not in self._seen and not response.request.url.path.startswith("/api/v1/ai")
        return _instead(response, 404, "NOT_FOUND") if _unknown_to(response) and nobodys else response


chapter.on_the_wire("records-before-credentials", against="A1.order")(_Records())


@chapter.on_request("entities-before-credentials", against="A1.order")
def entities_before_credentials(received: Received) -> None:
    """An entity that is not in the registry is not found, whoever asks."""
    if received.path.startswith("/api/v1/conformance-unknown") and not header(received, "Authorization"):
        raise NotFound


_METHODS = frozenset({"GET", "HEAD", "POST", "PATCH", "DELETE", "OPTIONS"})


@chapter.on_the_wire("routes-before-credentials", against="A1.order")
def routes_before_credentials(response: httpx.Response) -> httpx.Response:
    """A router refuses paths and methods that it does not have before anybody asks who it is, and tells no limits."""
    method, (start, _, rest) = response.request.method, response.request.url.path.partition("/api/v1/")
    path = rest.split("/")
    if start or not rest:
        return response
    if method not in _METHODS:
        refused = _instead(response, 405, "METHOD_NOT_ALLOWED")
        refused.headers["Allow"] = "GET, POST, PATCH, DELETE, OPTIONS"
    elif len(path) > 2 or path[0].startswith("conformance-unknown"):
        refused = _instead(response, 404, "NOT_FOUND" if len(path) > 2 else "ENTITY_NOT_FOUND")
    else:
        return response
    for name in [one for one in refused.headers if one.startswith(("x-ratelimit", "www-"))]:
        del refused.headers[name]
    return refused


@chapter.on_any_answer(
    "challenges-in-full",
    "A2.challenge",
    statuses=lambda status: status == 401,
)
def challenges_in_full(answer: Answer) -> Answer:
    """A challenge names several schemes, a realm and an error."""
    return with_headers(answer, WWW_Authenticate='Cookie realm="api", bearer realm="api", error="invalid_token"')


@chapter.on_any_answer(
    "missing-scope-is-forbidden",
    "A4.code=FORBIDDEN",
    statuses=lambda status: status == 403,
)
def missing_scope_is_forbidden(answer: Answer) -> Answer:
    """A missing scope has the code of anything that is forbidden."""
    return with_body(answer, code="FORBIDDEN")


@chapter.on_the_way_in("session-decides", "A6.key-decides=session-decides")
def session_decides(request: httpx.Request) -> httpx.Request:
    """Where a key comes with a session's cookie, the cookie decides."""
    return without_header(request, "authorization") if "session_token" in request.headers.get("cookie", "") else request


@chapter.on_the_way_in("bad-key-spoils-a-session", "A6.on-keys=refused")
def bad_key_spoils_a_session(request: httpx.Request) -> httpx.Request:
    """A bad key beside a session is refused where keys are managed, too."""
    both = {"cookie", "authorization"} <= set(request.headers)
    return without_header(request, "cookie") if both and request.url.path.startswith("/api/v1/keys") else request


class _Shared(RecordsWrapper):
    """One owner for everybody's records."""

    async def list(self, entity: Entity, query: Query, _: str, /) -> Listing:
        return await self.inner.list(entity, query, ADA)

    async def get(
        self, entity: Entity, record_id: str, _: str, relations: tuple[Relation, ...] = (), /
    ) -> Record | None:
        return await self.inner.get(entity, record_id, ADA, relations)

    async def exists(self, entity: Entity, record_id: str, _: str, /) -> bool:
        return await self.inner.exists(entity, record_id, ADA)

    async def create(self, entity: Entity, record: Record, _: str, /) -> Record:
        return await self.inner.create(entity, record, ADA)

    async def update(self, entity: Entity, record_id: str, changes: Record, _: str, now: datetime, /) -> Record | None:
        return await self.inner.update(entity, record_id, changes, ADA, now)

    async def delete(self, entity: Entity, record_id: str, _: str, /) -> bool:
        return await self.inner.delete(entity, record_id, ADA)

    async def missing_references(self, entity: Entity, values: Record, _: str, /) -> tuple[str, ...]:
        return await self.inner.missing_references(entity, values, ADA)


@chapter.in_services("records-are-shared", "A7.ownership=shared")
def records_are_shared(services: Services) -> Services:
    """Everybody sees, changes and deletes everybody's records."""
    return replace(services, records=_Shared(services.records))


class _SharedToRead(_Shared):
    """One owner for everybody's records, of which each is changed and deleted by who made it."""

    def __init__(self, inner: Records) -> None:
        super().__init__(inner)
        self._makers: dict[str, str] = {}

    def _to_its_maker(self, record_id: str, user: str) -> None:
        if self._makers.get(record_id, user) != user:
            raise Forbidden

    async def create(self, entity: Entity, record: Record, user: str, /) -> Record:
        created = await super().create(entity, record, user)
        self._makers[str(created["id"])] = user
        return created

    async def update(
        self, entity: Entity, record_id: str, changes: Record, user: str, now: datetime, /
    ) -> Record | None:
        self._to_its_maker(record_id, user)
        return await super().update(entity, record_id, changes, user, now)

    async def delete(self, entity: Entity, record_id: str, user: str, /) -> bool:
        self._to_its_maker(record_id, user)
        return await super().delete(entity, record_id, user)


@chapter.in_services("records-are-shared-to-read", "A7.ownership=shared")
def records_are_shared_to_read(services: Services) -> Services:
    """Everybody sees everybody's records, and changes and deletes none but their own."""
    return replace(services, records=_SharedToRead(services.records))


class _MaskedOtherwise(KeysWrapper):
    async def list(self, user_id: str, /) -> tuple[Key, ...]:
        keys = await self.inner.list(user_id)
        return tuple(replace(key, display=f"{key.display[:3]}...{key.id[-4:]}") for key in keys)


@chapter.in_services(
    "keys-are-masked-otherwise",
    "A9.masked",
)
def keys_are_masked_otherwise(services: Services) -> Services:
    """A listed key shows its first three and its last characters around the dots."""
    return replace(services, keys=_MaskedOtherwise(services.keys))


class _RememberingKeys(KeysWrapper):
    """Knows each key that expires for a moment longer: once."""

    def __init__(self, services: Services) -> None:
        super().__init__(services.keys)
        self._clock = services.clock
        self._asked_for: set[str] = set()

    async def find(self, digest: str, /) -> Key | None:
        key = await self.inner.find(digest)
        if key is None or not key.expired(self._clock()) or key.id in self._asked_for:
            return key
        self._asked_for.add(key.id)
        return replace(key, expires_at=None)


@chapter.in_services("keys-expire-late", "E8.timestamp")
def keys_expire_late(services: Services) -> Services:
    """An expired key is taken once more, by a part of the deployment whose clock is behind."""
    return replace(services, keys=_RememberingKeys(services))


class _NotedLate(KeysWrapper):
    async def touch(self, key_id: str, now: datetime, /) -> None:
        """Noted some other time."""


@chapter.in_services("use-is-noted-late", "A12.last-use=later")
def use_is_noted_late(services: Services) -> Services:
    """When a key was last used is noted long after."""
    return replace(services, keys=_NotedLate(services.keys))


class _ShortKeys:
    """Keys that look otherwise than the reference server's, known by their number."""

    def __init__(self) -> None:
        self._whole: dict[str, str] = {}
        self._count = itertools.count(4096)

    def shortened(self, response: httpx.Response) -> httpx.Response:
        """A new key is shown as a short text of another form, and a listed one masked likewise."""
        keys = response.request.url.path == "/api/v1/keys" and response.status_code in {200, 201}
        body = response.json() if keys else {}
        if response.status_code == 201 and keys:
            short = f"key-{next(self._count):x}/ab=="
            self._whole[short], body["data"]["key"] = body["data"]["key"], short
        elif keys:
            body["data"] = [{**key, "key": "key-..."} for key in body["data"]]
        else:
            return response
        return rewritten(response, body)

    def lengthened(self, request: httpx.Request) -> httpx.Request:
        """A key of the other form stands for the whole one."""
        whole = self._whole.get(request.headers.get("authorization", "").removeprefix("Bearer "))
        if whole is None:
            return request
        known = without_header(request, "authorization")
        known.headers["Authorization"] = f"Bearer {whole}"
        return known


_SHORT = _ShortKeys()
chapter.on_the_wire("keys-of-another-form", "A13.form=another form")(_SHORT.shortened)
chapter.on_the_way_in("keys-of-another-form", "A13.form=another form")(_SHORT.lengthened)


@chapter.on_the_way_in("secure-cookies", "A14.secure-name=the __Secure- name")
def secure_cookies(request: httpx.Request) -> httpx.Request:
    """Over https the session's cookie has the name that browsers keep for https."""
    sent = [pair.strip() for pair in request.headers.get("cookie", "").split(";")]
    others = [pair for pair in sent if not pair.startswith(COOKIE)]
    if others == sent:
        return request
    bare = without_header(request, "cookie")
    return with_header(bare, "cookie", "; ".join(others)) if others else bare


@chapter.on_the_wire(
    "sessions-are-refreshed",
    "A14.answers-set-cookies=some",
)
def sessions_are_refreshed(response: httpx.Response) -> httpx.Response:
    """The cookie of a session is set anew by the answers to it, as the reference's library does."""
    cookie = response.request.headers.get("cookie", "")
    if cookie.startswith(COOKIE):
        response.headers["Set-Cookie"] = f"{cookie}; Path=/; HttpOnly; SameSite=Lax"
    return response


chapter.keep_apart("keys-are-masked-otherwise", "keys-of-another-form")
