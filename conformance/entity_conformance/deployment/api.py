"""The deployment, in the reference's words: one method an operation, each giving a Reply that is not believed.

A check gets an `Api` of its own, so that its requests are its evidence; everything behind it is one run's. What a
request creates is in the journal before it is sent, so that it can be deleted whatever happens. It is long because it
is one list of operations, a method each with its parameters.
"""

import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable, Mapping, Sequence
from contextlib import asynccontextmanager
from contextvars import ContextVar
from copy import copy
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from json import dumps
from typing import Self
from urllib.parse import quote, urlencode
from uuid import UUID

from entity_contract import Contract, Entity

from entity_conformance.deployment.context import Made, RunContext
from entity_conformance.deployment.credentials import CredentialName, Secret
from entity_conformance.deployment.near_misses import NearMiss
from entity_conformance.deployment.no_answer import NoAnswer
from entity_conformance.deployment.outgoing import Kind, Outgoing, SetAside
from entity_conformance.deployment.problems import Blocked, Violation
from entity_conformance.deployment.reply import Headers, Record, Reply
from entity_conformance.deployment.sending import send

__all__ = [
    "Api",
    "Credential",
    "Headers",
    "NearMiss",
    "NoAnswer",
    "Record",
    "Reply",
    "RunContext",
    "Secret",
    "SetAside",
]

Credential = CredentialName | Secret | NearMiss | tuple[CredentialName | Secret, ...]
"""What a request authenticates with: a name of the table of credentials (`api_key`, `session` ...) or `none`, a secret
of one's own (`Secret(new_key)`), what comes near to one, or a pair, sent together."""

Parameters = Mapping[str, object] | Sequence[tuple[str, object]]

_REQUESTS = UUID("6f0c1b4e-2b0a-5a51-9d0e-5f3c2a9d7e10")
_CREDENTIAL_HEADERS, _BESIDE = frozenset({"authorization", "cookie"}), "+another"
"""Headers that carry a credential, and what the name of the credential ends with beside which one is sent."""
_LEAST_REFUSAL = 300
_TEXTS = ("{}~#1", "conformance/{0!s:.8}", "{0}{0}{0}{0!s:.20}")
"""Short texts that are no UUID, the last of 128 characters."""
_CAPITALS = frozenset({3, 5})
"""Kinds of ids that are in capitals: one of those that most requests have, and one that metadata has alone."""

_LOST: ContextVar[tuple[list[Reply | NoAnswer], ...]] = ContextVar("lost", default=())
"""The writes of the acts under way that nobody knows of, the outermost act first: acts side by side have none in common
but those of what both are part of."""


class Api:
    """The deployment as one check sees it.

    Every method that sends takes `credential` (the API key unless said otherwise) and `headers`. Raises Violation
    (NoAnswer) when no whole answer comes, Blocked when budget or rate limit are used up, OutOfProfile when the run has
    no such credential or must not write.
    """

    def __init__(self, context: RunContext, check: str) -> None:
        self.context = context
        self.check = check
        self.exchanges: list[str] = []
        self.asker: CredentialName = "api_key"
        self.is_again = False
        self._built = context.built.setdefault(check, count(1))

    @property
    def run(self) -> str:
        """The run's id, by which its records can be told from all others."""
        return self.context.run

    @property
    def base(self) -> str:
        """The URL that ends in `/api/v1`."""
        return self.context.base

    @property
    def contract(self) -> Contract:
        """The contract in use."""
        return self.context.contract

    @property
    def entities(self) -> tuple[Entity, ...]:
        """The entities of this run, as the deployment describes them."""
        return self.context.entities

    def entity(self, name: str) -> Entity | None:
        """The entity of that name, None when the run does not have it."""
        return next((entity for entity in self.entities if entity.name == name), None)

    async def once(self, key: Hashable, make: Callable[[], Awaitable[Made]]) -> Made:
        """What `make` gave when the first check asked for `key`: `await api.once(("records", entity.name), make)`.

        What arranged it is every asker's evidence. Raises Blocked for everybody when that failed.
        """
        return await self.context.shared.once(
            key, lambda: self.answered(make), evidence=self.exchanges, check=self.check
        )

    async def answered(self, do: Callable[[], Awaitable[Made]]) -> Made:
        """What `do` gives. It is done once more where a write of it was answered by 503, or not at all.

        Nobody knows what such a write did, so that it is not sent again: `fresh` gives other samples the second time.
        """
        lost, repeats = list[Reply | NoAnswer](), self.context.repeats
        within = _LOST.set((*_LOST.get(), lost))
        try:
            try:
                done = await do()
            except (Violation, Blocked):
                if not lost or not repeats.take():
                    raise
            else:
                if not lost or not repeats.take():
                    return done
            before = len(lost)
            if isinstance(last := lost[-1], Reply):
                await self.context.wire.recovers(last)
            try:
                return await do()
            finally:
                repeats.left_in_vain -= len(lost) > before
        finally:
            _LOST.reset(within)

    def asking_as(self, asker: CredentialName, *, again: bool = False) -> Self:
        """The same check, whose questions this credential asks (`asker`), also those that it asked before (`again`).

        What is arranged stays the API key's.
        """
        other = copy(self)
        other.asker, other.is_again = asker, again
        return other

    def fresh(self, name: str) -> str:
        """A name for samples that are shared, another one where they are made once more."""
        lost = sum(map(len, _LOST.get()))
        return f"{name} {lost}" if lost else name

    @property
    def seen(self) -> tuple[Reply, ...]:
        """Every answer that the run has had so far, for what is judged whenever it is seen."""
        return tuple(self.context.replies)

    @property
    def set_aside(self) -> tuple[SetAside, ...]:
        """The answers by 429 and 503 after which a request was sent again."""
        return tuple(self.context.wire.set_aside)

    def invented(self, id: str) -> str:  # noqa: A002  # the reference's word
        """From now on this is an id that nobody has, at which a request that ought to be refused may go. Returns it."""
        return self.context.owned.invented(id)

    def has(self, credential: CredentialName) -> bool:
        """Whether this run has the credential of that name."""
        return self.context.wallet.has(credential)

    def now(self) -> datetime:
        """The deployment's time, by its last `Date` header."""
        return self.context.wire.now()

    def then(self, reply: Reply) -> datetime:
        """The deployment's time when it gave that answer, which may be long ago."""
        return self.context.wire.then(reply)

    @property
    def clock_tolerance(self) -> timedelta:
        """How far a timestamp of the deployment may be from `now()`."""
        return self.context.wire.clock_tolerance

    async def sleep(self, seconds: float) -> None:
        """Let time pass, where a requirement is about time."""
        async with self.context.shared.places.given_up():
            await self.context.wire.sleep(seconds)

    async def settle(self) -> None:
        """Give the deployment the time that it was said to need before it finds what was written."""
        if self.context.settle > 0:
            await self.sleep(self.context.settle)

    async def list(
        self,
        entity: Entity | str,
        *,
        credential: Credential = "api_key",
        headers: Mapping[str, str] | None = None,
        params: Parameters = (),
        **parameters: object,
    ) -> Reply:
        """LIST. Query parameters by keyword: a tuple or list is joined by commas, a mapping (`filter`) is sent as JSON.

        `params` are sent besides, and can repeat a name.
        """
        query = [*_pairs(params), *_pairs(parameters)]
        return await self.request("GET", _path(entity), params=query, credential=credential, headers=headers)

    async def read(
        self,
        entity: Entity | str,
        id: str,  # noqa: A002  # the reference's word
        *,
        credential: Credential = "api_key",
        headers: Mapping[str, str] | None = None,
        params: Parameters = (),
        **parameters: object,
    ) -> Reply:
        """READ, with query parameters as in `list`."""
        query = [*_pairs(params), *_pairs(parameters)]
        return await self.request("GET", _path(entity, id), params=query, credential=credential, headers=headers)

    async def create(
        self,
        entity: Entity | str,
        body: object,
        *,
        credential: Credential = "api_key",
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """CREATE. What it makes is deleted when the run ends."""
        shared, name = self.context.shared, entity if isinstance(entity, str) else entity.name
        async with shared.creations.one(name, shared.places):
            return await self.request("POST", _path(entity), json=body, credential=credential, headers=headers)

    @asynccontextmanager
    async def creating_alone(self, entity: Entity) -> AsyncIterator[None]:
        """No other check of this run creates or deletes records of the entity meanwhile.

        So times of creation tell those that are made in it, and what is asked in it meets no write but the asker's.
        """
        shared = self.context.shared
        async with shared.creations.alone(entity.name, shared.places):
            yield

    async def update(
        self,
        entity: Entity | str,
        id: str,  # noqa: A002  # the reference's word
        body: object,
        *,
        credential: Credential = "api_key",
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """UPDATE."""
        return await self.request("PATCH", _path(entity, id), json=body, credential=credential, headers=headers)

    async def delete(
        self,
        entity: Entity | str,
        id: str,  # noqa: A002  # the reference's word
        *,
        credential: Credential = "api_key",
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """DELETE."""
        shared, name = self.context.shared, entity if isinstance(entity, str) else entity.name
        async with shared.creations.one(name, shared.places):
            return await self.request("DELETE", _path(entity, id), credential=credential, headers=headers)

    async def metadata(
        self,
        entity: Entity | str,
        *,
        credential: Credential = "api_key",
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """OPTIONS."""
        return await self.request("OPTIONS", _path(entity), credential=credential, headers=headers)

    def answered_before(self, method: str, path: str, *, credential: CredentialName = "api_key") -> Reply | None:
        """The last answer of this run to a request of that method and path, as evidence here too; None without one.

        `path` is as in `request`, with its query. A 429 or 503 is no answer.
        """
        url = self._url(path, ())
        for reply in reversed(self.context.replies):
            is_asked = (reply.method, reply.url, reply.credential) == (method, url, credential)
            if is_asked and reply.status not in {429, 503}:
                self.exchanges.append(reply.exchange)
                return reply
        return None

    async def description(self, entity: Entity | str, *, credential: CredentialName = "api_key") -> Reply:
        """OPTIONS as this run was answered it before; it is asked for once."""
        known = self.answered_before("OPTIONS", _path(entity), credential=credential)
        return known or await self.metadata(entity, credential=credential)

    async def list_keys(self, *, credential: Credential = "session", headers: Mapping[str, str] | None = None) -> Reply:
        """The session user's API keys."""
        return await self.request("GET", "/keys", credential=credential, headers=headers)

    async def create_key(
        self, body: object, *, credential: Credential = "session", headers: Mapping[str, str] | None = None
    ) -> Reply:
        """A new API key, which is revoked when the run ends. `Secret(reply.record["key"])` is a credential.

        The deployment has had the time then after which it knows what was written, the key too (`settle`).
        """
        reply = await self.request("POST", "/keys", json=body, credential=credential, headers=headers)
        if reply.status < _LEAST_REFUSAL:
            await self.settle()
        return reply

    async def make_key(self, body: dict[str, object]) -> Reply:
        """A key that the run needs. Where the deployment makes none without an expiry, the body is given one.

        An expiry that is null is left out first.
        """
        reply = await self.create_key(body)
        if _is_for_expiry(reply, body) and body.pop("expiresAt", ...) is None:
            reply = await self.create_key(body)
        if _is_for_expiry(reply, body):
            body["expiresAt"] = f"{self.now() + timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}"
            reply = await self.create_key(body)
        return reply

    async def revoke_key(
        self,
        id: str,  # noqa: A002  # the reference's word
        *,
        credential: Credential = "session",
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """Revoke an API key."""
        return await self.request("DELETE", _path("keys", id), credential=credential, headers=headers)

    async def generate(
        self, body: object, *, credential: Credential = "api_key", headers: Mapping[str, str] | None = None
    ) -> Reply:
        """Generate text. Costs the deployment's owner money when it succeeds."""
        return await self.request("POST", "/ai/generate", json=body, credential=credential, headers=headers)

    async def health(self, *, credential: Credential = "none", headers: Mapping[str, str] | None = None) -> Reply:
        """The health check, outside of /v1 and without authentication."""
        return await self.request("GET", "/api/health", credential=credential, headers=headers)

    async def request(  # noqa: PLR0913  # a request has that many parts
        self,
        method: str,
        path: str,
        *,
        params: Parameters = (),
        json: object = ...,
        content: bytes | str | None = None,
        credential: Credential = "api_key",
        headers: Mapping[str, str] | None = None,
        accepts_limit: bool = False,
    ) -> Reply:
        """Any request. `path` is relative to `/api/v1` (`/tasks`), or begins with `/api/`.

        `json` is sent with its media type; `content` as it is, without one unless `headers` say so. A check that
        provokes 429 on purpose says `accepts_limit`; any other waits for the limit.
        """
        request = self.outgoing(
            method, path, params=params, json=json, content=content, credential=credential, headers=headers
        )
        costs = _below_v1(path).startswith("ai")  # what may have been done for money is not asked for once more
        try:
            reply = await send(
                self.context, request, check=self.check, evidence=self.exchanges, accepts_limit=accepts_limit
            )
        except NoAnswer as problem:
            if not (request.is_safe or costs) and problem.failure in {"timeout", "closed", "malformed", "too-large"}:
                _note_lost(problem)
            raise
        if reply.status == 503 and not request.is_safe:
            _note_lost(reply)
        return reply

    async def follow(self, url: str, *, credential: Credential = "api_key") -> Reply:
        """GET of a URL as it stands, which an answer gave. One on another origin is never sent a credential: Unsafe."""
        request = replace(self.outgoing("GET", "", credential=credential), url=url)
        return await send(self.context, request, check=self.check, evidence=self.exchanges)

    def outgoing(  # noqa: PLR0913  # a request has that many parts
        self,
        method: str,
        path: str,
        *,
        params: Parameters = (),
        json: object = ...,
        content: bytes | str | None = None,
        credential: Credential = "api_key",
        headers: Mapping[str, str] | None = None,
    ) -> Outgoing:
        """A request as `request` sends it, for whoever sends it otherwise. Raises OutOfProfile and Blocked."""
        own = self._identified(method, path) | dict(headers or {})
        if json is not ...:
            content = _dumped(json)
            own = {"Content-Type": "application/json"} | own
        secrets = self._secrets(credential)
        return Outgoing(
            method=method,
            url=self._url(path, params),
            headers=tuple((own | dict(secret.header for secret in secrets)).items()),
            content=content.encode() if isinstance(content, str) else content,
            credential=_name(credential) + (_BESIDE if _CREDENTIAL_HEADERS & {*map(str.lower, headers or ())} else ""),
            kind=_kind(path, secrets),
        )

    def _identified(self, method: str, path: str) -> dict[str, str]:
        """An X-Request-ID for every other request: a UUID, or now and then another text. It has to come back (E7).

        No two requests of a run have the same: a deployment may take the second for the first, sent again.

        One in four UUIDs is in capitals, for who takes an id apart and writes it anew.

        Of metadata, for which few ask, the first of each entity has one, and then every other.
        """
        name = f"{self.run}/{self.check}/{next(self._built)}"
        digest = hashlib.sha1(_REQUESTS.bytes + name.encode(), usedforsecurity=False).digest()[:16]
        kind = digest[3] % 8
        bounds = self.context.wire.bounds
        is_given = any(name.lower() == "x-request-id" for name, _ in (*bounds.headers, *bounds.other_headers))
        is_wanted = kind in {1, 2, 3, 4}
        if method == "OPTIONS":
            url = self._url(path, ())
            is_wanted = (
                sum((one.request.method, one.request.url) == (method, url) for one in self.context.asked) % 2 == 0
            )
        if is_given or not is_wanted:
            return {}
        id_ = UUID(bytes=digest, version=5)
        text = str(id_).upper() if kind in _CAPITALS else str(id_)
        return {"X-Request-ID": _TEXTS[id_.int % len(_TEXTS)].format(id_) if kind == 4 else text}

    def _secrets(self, credential: Credential) -> tuple[Secret | NearMiss, ...]:
        if isinstance(credential, NearMiss):
            # Its parts are those of the secret.
            self.context.wire.log.redactor.add(credential.hides, credential.placeholder, in_part=False)
            return (credential,)
        parts = credential if isinstance(credential, tuple) else (credential,)
        held = (part if isinstance(part, Secret) else self.context.wallet.get(part) for part in parts)
        return tuple(secret for secret in held if secret is not None)

    def _url(self, path: str, params: Parameters) -> str:
        url = self.base.removesuffix("/api/v1") + path if path.startswith("/api/") else self.base + path
        query = urlencode(_pairs(params), quote_via=quote, safe=",", errors="replace")
        return f"{url}?{query}" if query else url


def _dumped(json: object) -> bytes:
    """JSON in UTF-8; half of a surrogate pair, which a deployment may show, has to be escaped."""
    try:
        return dumps(json, ensure_ascii=False, allow_nan=False).encode()
    except UnicodeEncodeError:
        return dumps(json, allow_nan=False).encode()


def _note_lost(write: Reply | NoAnswer) -> None:
    """Note that nobody knows what a write of the innermost act under way did."""
    for innermost in _LOST.get()[-1:]:
        innermost.append(write)


def _is_for_expiry(reply: Reply, body: Mapping[str, object]) -> bool:
    """Whether a key that never expires is refused for that."""
    return reply.status in {400, 422} and body.get("expiresAt") is None and "expiresAt" in reply.text


def _path(entity: Entity | str, *below: object) -> str:
    """The path of an entity, or of a record by its id, which may be anything that a deployment called one."""
    name = entity if isinstance(entity, str) else entity.name
    return "".join(f"/{quote(_as_id(part), safe='', errors='replace')}" for part in (name, *below))


def _as_id(value: object) -> str:
    if not isinstance(value, str):
        raise Violation("an id is not a text", expected="a text", actual=dumps(value, default=str)[:80])
    return value


def _below_v1(path: str) -> str:
    return path.removeprefix("/api/v1").strip("/")


def _pairs(parameters: Parameters) -> Sequence[tuple[str, str]]:
    items = parameters.items() if isinstance(parameters, Mapping) else parameters
    return [(name, _as_parameter(value)) for name, value in items if value is not None]


def _as_parameter(value: object) -> str:
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case Mapping():
            return dumps(value, ensure_ascii=False)
        case tuple() | list():
            return ",".join(str(item) for item in value)
        case _:
            return str(value)


def _name(credential: Credential) -> str:
    match credential:
        case Secret():
            return f"made {credential.kind}"
        case NearMiss():
            return "none"
        case tuple():
            return "+".join(_name(part) for part in credential)
        case _:
            return credential


def _kind(path: str, secrets: Sequence[Secret | NearMiss]) -> Kind:
    kinds = {secret.kind for secret in secrets}
    if len(kinds) > 1:
        return "session" if _below_v1(path).startswith("keys") else "key"
    return next(iter(kinds), "none")
