"""Is there a v1 entity API at that URL, and are these credentials its own? Asked once, before anything is planned.

Errors: `Refused` says that the deployment cannot be tested: unreachable, another API, or credentials turned away.
"""

import re
from urllib.parse import urlsplit

from entity_conformance.deployment.api import Api, NoAnswer, Reply
from entity_conformance.deployment.credentials import (
    BY_NAME,
    CREDENTIALS,
    SECURE_SESSION_COOKIE,
    SESSION_COOKIE,
    CredentialName,
    CredentialOption,
    Given,
    Secret,
)
from entity_conformance.deployment.problems import Blocked, Refused, Violation
from entity_conformance.deployment.settings import Misuse, Settings
from entity_conformance.deployment.unreachable import stopped_by_proxy, tls_instead, unreachable

NO_SUCH_API = "no v1 entity API at"

_WITH_EVERY_REQUEST = "give what it asks for with every request (--header 'Name: value')"
_OR = f", or {_WITH_EVERY_REQUEST}"
_NOBODY = "conformance-nobody"
LONGEST_PAGE = 100
"""Records asked for of each entity at the start: whose id a creation answers that is among them is another's."""

_LONGEST = 200
_OF_ITS_OWN = {401, 403, 404, 405}
"""Statuses that say what is wrong by themselves: a credential, an entity, or an operation that is left out (R19)."""


def fill(api: Api, given: Given) -> None:
    """Put what the user gave into the run's wallet."""
    wallet = api.context.wallet
    for row, secret in given:
        wallet.put(row.name, secret)
    reading = given.get("read_key")
    if reading is not None and not wallet.has("api_key"):
        wallet.put("api_key", reading)  # it can list and read, and that is what it is asked to do


def demand_main(given: Given, *, writes: bool) -> None:
    """Raise Misuse unless something was given that most requests can be sent with (`Wallet.main`)."""
    usable: tuple[CredentialName, ...] = ("api_key", "session") if writes else ("api_key", "session", "read_key")
    if not any(given.get(name) for name in usable):
        raise Misuse(
            "no API key was given, and no session", hint="give one with all scopes (--api-key), --session, or both"
        )


async def find(api: Api, entity: str, settings: Settings) -> None:
    """Ask for the records of `entity`. Raises Refused unless a v1 entity API answers and takes the API key."""
    credential = api.context.wallet.main
    try:
        reply = await api.list(entity, limit=LONGEST_PAGE, credential=credential)
    except NoAnswer as problem:
        raise Refused(await unreachable(api.base, problem, api.context.wire, settings)) from problem
    except Blocked as problem:
        raise Refused(f"{api.base} does not let the run begin: {problem.reason}") from problem
    if (stopped := stopped_by_proxy(api.base, reply, api.context.wire)) is not None:
        raise _refused(api, stopped)
    if 300 <= reply.status < 400:
        place = reply.headers.get("location", "elsewhere")
        raise _refused(api, f"{NO_SUCH_API} {api.base}: it redirects to {place[:_LONGEST]}")
    if credential == "api_key" and reply.status in {401, 403}:
        noun = BY_NAME["read_key" if api.context.wallet.only_reads else "api_key"].noun
        raise _refused(
            api, f"the {noun} was refused by {api.base}: {summary(reply)}; give one with all scopes (--api-key){_OR}"
        )
    if 400 <= reply.status < 500 and reply.status not in _OF_ITS_OWN and await _is_for_all(api, entity, reply):
        raise _refused(api, f"{api.base} refuses every request: {summary(reply)}; {_WITH_EVERY_REQUEST}")
    if not is_envelope(reply) and not _shows_records(api, entity, reply) and not await _is_healthy_api(api):
        hint = _where_else(api.base, settings.url) or (f"; correct the URL{_OR}" if 400 <= reply.status < 500 else "")
        if reply.status == 400 and (secure := await tls_instead(api.base, api.context.wire, settings)):
            hint = f"; {secure}"
        raise _refused(api, f"{NO_SUCH_API} {api.base}: GET {entity} answered {summary(reply)}{hint}")


def _where_else(base: str, url: str) -> str:
    """What is said of a URL with a path that may be too long; nothing of one without."""
    parts = urlsplit(base.removesuffix("/api/v1"))
    if not parts.path:
        return ""
    before = (re.split(rf"{end}(?=/|$)", parts.path, maxsplit=1) for end in ("/api/v1", "/api"))
    stem = next((split[0] for split in before if len(split) > 1), "")
    added = "" if url.strip().rstrip("/").endswith("/api/v1") else " (/api/v1 was added to the URL that was given)"
    return f"{added}; did you mean {parts.scheme}://{parts.netloc}{stem}/api/v1?"


def _refused(api: Api, reason: str) -> Refused:
    """A refusal that may quote the deployment, which may echo what it was sent."""
    return Refused(api.context.wire.log.redactor.answer(reason))


async def _is_for_all(api: Api, entity: str, refusal: Reply) -> bool:
    """Whether requests of another kind are refused alike: then something is asked of every one of them."""
    credential = api.context.wallet.main
    try:
        others = [await api.list(entity, credential=credential), await api.read(entity, _NOBODY, credential=credential)]
    except (Violation, Blocked):
        return False
    return all((one.status, code_of(one)) == (refusal.status, code_of(refusal)) for one in others)


async def admit(api: Api, entity: str) -> None:
    """Try every other credential that was given. Raises Refused for one that the deployment does not know."""
    for row in CREDENTIALS:
        name = row.name
        if name not in {"api_key", "expired_key"} and api.has(name):
            try:
                reply = await first_use(api, entity, row)
            except Blocked as blocked:
                api.context.wallet.withdraw(name, blocked)
                continue
            if reply.status == 401:
                raise _refused(api, f"the credential of {row.option} was refused by {api.base}: {summary(reply)}")


async def first_use(api: Api, entity: str, row: CredentialOption) -> Reply:
    """The first answer to a credential. What a key may do is asked for anyway where the run writes, and asked here."""
    if row.kind == "session":
        return await _session(api, entity)
    if row.scope is not None or not api.context.is_read_only:
        return await api.description(entity, credential=row.name)
    return await api.list(entity, limit=1, credential=row.name)


async def _session(api: Api, entity: str) -> Reply:
    """The session's first answer.

    Over https the same library names the cookie otherwise: after a 401 the other name is tried (A14).
    """
    reply = await api.list_keys()
    session = api.context.wallet.get("session")
    if reply.status == 401 and session is not None and api.base.startswith("https://") and _has_default_name(session):
        second = Secret(session.value, "session", SECURE_SESSION_COOKIE)
        reply = await api.list_keys(credential=second)
        if reply.status != 401:
            api.context.wallet.put("session", second)
    if reply.status == 401:
        reply = await api.list(entity, limit=1, credential="session")
    return reply


def _has_default_name(session: Secret) -> bool:
    return session.header[0] == "Cookie" and session.cookie == SESSION_COOKIE


def is_envelope(reply: Reply) -> bool:
    """Whether this is the answer of a v1 entity API to LIST. Others wrap their answers in `success` too.

    A 404 says that there is no such path: perhaps not in an API of this kind either. Nor does a list in another
    envelope tell: any API may have it.
    """
    if reply.wrapped:
        return False
    try:
        body = reply.body
    except Violation:
        return False
    if body.get("success") is False:
        return isinstance(body.get("code"), str) and reply.status != 404
    return isinstance(body.get("data"), list) and ("pagination" in body or body.get("success") is True)


def _shows_records(api: Api, name: str, reply: Reply) -> bool:
    """Whether a list in another envelope holds records of this entity: with all that they always have."""
    entity = api.contract.entity(name)
    return entity is not None and reply.is_granted and any({*entity.always} <= one.keys() for one in reply.shown)


async def _is_healthy_api(api: Api) -> bool:
    """Whether the health check is that of this API, so that a malformed list is a finding and not another API."""
    try:
        body = (await api.health()).body
    except (Violation, Blocked):
        return False
    return body.get("status") in {"healthy", "unhealthy"} and "timestamp" in body


def code_of(reply: Reply) -> str:
    """The code of an answer, or what stands in its place."""
    try:
        lacks = f"application/json without {'a code' if reply.status >= 400 else 'the envelope'}"
        return str(reply.body.get("code", lacks))[:60]
    except Violation:
        return reply.headers.get("content-type", "no content type")


def summary(reply: Reply) -> str:
    """Status, the code or the media type of an answer, and what it says to people: `400 BAD, "Include X-Team-Id"`."""
    why = ""
    try:
        said = [*(reply.body.get(name) for name in ("error", "message", "detail", "title")), reply.text]
    except Violation as problem:
        said = ["" if "html" in code_of(reply) else reply.text]
        why = f": {reply.flaw or problem.message}" if reply.content else ": the body is empty"
    words = next((" ".join(one.split())[:_LONGEST] for one in said if isinstance(one, str)), "")
    told = f"{reply.status}, {code_of(reply)}" if "/" in code_of(reply) else f"{reply.status} {code_of(reply)}"
    return f'{told}, "{words}"' if words and reply.status >= 400 else f"{told}{why}"
