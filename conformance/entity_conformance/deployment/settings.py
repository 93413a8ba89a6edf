"""What a run was asked to do, as plain values. It reads no environment.

Errors: `Misuse` blames the command line (or the caller), and says in one line what is wrong and what to do.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Literal, cast, get_args
from urllib.parse import urljoin, urlsplit

from entity_contract import Scope

from entity_conformance.deployment.credentials import Given
from entity_conformance.deployment.place import is_loopback, origin_of
from entity_conformance.deployment.spelling import KEYS_PATH, Spelling

__all__ = [
    "GENERATED",
    "Given",
    "Misuse",
    "Sample",
    "Settings",
    "Tls",
    "Waiver",
    "base_url",
    "header",
    "is_loopback",
    "secret",
    "session",
]

GENERATED = 800
"""Requests of a run of `properties` or `model` that is given no other number."""

MOST_AT_ONCE = 32
"""Checks at a time that are of use: with more of them a run waits for itself."""

THOROUGH = 1_500
"""Requests of a whole run with `thorough`."""

SMOKE = 60
"""Requests of a whole run with `smoke`: opening, checks and clean-up."""

_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_PATH = re.compile(r"(/[A-Za-z0-9._~!$&'()*+,;=:@-]*[A-Za-z0-9_~!$&'()*+,;=:@-]+)+")
"""A path of plain segments."""
_VISIBLE = re.compile(r"[\x21-\x7e]+")
_OURS = {"authorization", "cookie", "host", "content-length", "content-type", "transfer-encoding", "connection"}


class Misuse(Exception):  # noqa: N818  # the user's, not an error of the suite
    """The run cannot be done as asked. `message` names what is wrong, `hint` what to do about it."""

    def __init__(self, message: str, *, hint: str) -> None:
        super().__init__(f"{message}; {hint}")
        self.message = message
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Sample:
    """A value that the user gives for a field: `products.sku=AB-12`. A field may have several."""

    entity: str
    field: str
    value: str


Allowance = Literal["rate-limit", "credits"]
"""What a check may use up that the user has to allow: the limit of a key that is made for it, or money."""


@dataclass(frozen=True, slots=True)
class Tls:
    """How https is spoken: whose certificates are trusted (None: the installed ones), and the client's own.

    `insecure` believes any certificate.
    """

    ca: Path | None = None
    client_cert: Path | None = None
    client_key: Path | None = None
    insecure: bool = False


@dataclass(frozen=True, slots=True)
class Waiver:
    """A failure that is known. `requirement` is a glob on ids, or a chapter; without `entity` it holds for all of them.

    `expires` is the last day on which it holds, in UTC.
    """

    requirement: str
    reason: str
    expires: date
    entity: str | None = None
    ticket: str | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """One run. `url` is as given; `entities`, `only` and `skip` empty mean all.

    `headers` go with every request; the other user's have `other_headers` besides, or in place of those of the same
    name. `kept` are those of `max_requests` that the plan leaves to runs behind this one; a deployment that takes
    more than was planned may use them. `timeout` and `max_wait` are `Bounds`'s; `wait` is how many seconds a
    deployment may take to start; `max_time` is how many seconds the run asks before it cleans up. `plan` is for a
    run that ends when it is planned, `smoke` for one that judges what it can in `SMOKE` requests, `thorough` for
    one that asks more, and has `properties` and `model` behind it. `requirements` is the release whose requirements
    are scored. `strict_waivers` has a waiver that is stale fail the run, `new_waiver` says as what each failure
    that is not known yet is waived.
    """

    url: str
    given: Given = field(default_factory=Given)
    entities: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    skip_ai: bool = False
    strict: bool = False
    require_full: bool = False
    read_only: bool = False
    allow_writes: bool = False
    allow: tuple[Allowance, ...] = ()
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    other_headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    spelling: Spelling = field(default_factory=Spelling)
    samples: tuple[Sample, ...] = ()
    timeout: float = 10.0
    settle: float = 0.0
    concurrency: int = 4
    seed: int = 0
    max_requests: int | None = None
    kept: int = 0
    max_time: float = 900.0
    max_wait: float = 300.0
    wait: float = 0.0
    plan: bool = False
    smoke: bool = False
    thorough: bool = False
    requirements: str | None = None
    tls: Tls = Tls()
    waivers: tuple[Waiver, ...] = ()
    new_waiver: Waiver | None = None
    strict_waivers: bool = False

    @property
    def is_read_only(self) -> bool:
        """Whether the run must not change the deployment's data."""
        return self.why_read_only is not None

    @property
    def why_read_only(self) -> str | None:
        """Why the run must not change the deployment's data, None where it may."""
        if self.read_only:
            return "this run only reads (--read-only)"
        if self.allow_writes or is_loopback(self.url):
            return None
        return "this run only reads: the host is not this machine, and --allow-writes was not given"

    @property
    def caveats(self) -> tuple[str, ...]:
        """What these settings have every report say."""
        is_told = self.tls.insecure and self.url.strip().lower().startswith("https:")
        return ("no certificate was verified (--insecure)",) if is_told else ()


def base_url(text: str) -> str:
    """The URL that ends in `/api/v1`, from `https://host`, `.../api`, `.../api/v1` or any prefix before these.

    However the host was spelled, it stands there in one spelling. Raises Misuse when it is no such URL.
    """
    hint = "give it as https://host, https://host/api or https://host/api/v1"
    text = text.strip()
    if not text:
        raise Misuse("no URL was given", hint=hint)
    shown = without_secrets(text)
    if not text.isprintable():
        raise Misuse(f"the URL {shown!r} holds what no URL can", hint=hint)
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise Misuse(f"not a URL: {shown!r} ({error})", hint=hint) from None
    if parts.scheme not in {"http", "https"} or "://" not in text:
        raise Misuse(f"the URL {shown!r} does not begin with http:// or https://", hint=hint)
    if "@" in parts.netloc:
        raise Misuse("the URL holds a user name or password", hint="give credentials by --api-key or --header")
    if port == 0:
        raise Misuse(f"the URL {shown!r} names port 0, where nobody listens", hint=hint)
    if not parts.hostname or not re.fullmatch(r"[^\s/\\]+", parts.hostname):
        raise Misuse(f"the URL {shown!r} names no host", hint=hint)
    if parts.query or parts.fragment:
        raise Misuse(f"the URL {shown!r} has a query or a fragment", hint=hint)
    path = re.sub(r"(/api(/v1)?)?/*$", "", _without_dots(parts.path).rstrip("/"))
    try:
        return f"{origin_of(parts)}{path}/api/v1"
    except ValueError:
        raise Misuse(f"the URL {shown!r} names a host that cannot be", hint=hint) from None


def _without_dots(path: str) -> str:
    """A path as every client sends it: `/api/v1/.` and `/api/x/../v1` are `/api/v1`."""
    return urlsplit(urljoin("http://host", "/." + re.sub("%2e", ".", path, flags=re.IGNORECASE))).path


def without_secrets(text: str) -> str:
    """A URL as it may be told: a password and what is asked for can be secrets."""
    return re.sub(r"[?#].*", "?...", re.sub(r"[^/]*@", "...@", text), flags=re.DOTALL)


def secret(name: str, text: str | None) -> str | None:
    """A credential without the white space around it, None when empty. Raises Misuse when no header can carry it."""
    value = (text or "").strip()
    if value and not _VISIBLE.fullmatch(value):
        raise Misuse(f"{name} holds white space or characters beyond ASCII", hint="give it as it was issued")
    return value or None


def session(text: str | None) -> tuple[str | None, str | None]:
    """`TOKEN` or `NAME=TOKEN` as (token, name). A token may itself hold or end in `=`. Raises Misuse."""
    value = secret("--session", text)
    if value is None:
        return None, None
    name, equals, token = value.partition("=")
    if equals and token.strip("=") and _TOKEN.fullmatch(name) and (name.endswith("session_token") or "." not in name):
        return token, name
    return value, None


def header(text: str, option: str = "--header") -> tuple[str, str]:
    """`Name: value` as a pair. Raises Misuse, which does not tell the value."""
    name, colon, value = text.partition(":")
    name, value = name.strip(), value.strip()
    if not colon or not _TOKEN.fullmatch(name):
        raise Misuse(f"a {option} is not of the form 'Name: value'", hint=f"for example {option} 'X-Team-Id: 42'")
    if name.lower() in _OURS:
        raise Misuse(f"{option} {name} is for the runner to send", hint="use --api-key and --session for credentials")
    if not value or not value.isascii() or not value.isprintable():
        raise Misuse(f"the value of {option} {name} is empty or not printable ASCII", hint="give it as 'Name: value'")
    return name, value


def sample(text: str) -> Sample:
    """`ENTITY.FIELD=VALUE`. Raises Misuse."""
    place, _, value = text.partition("=")
    entity, _, name = place.strip().partition(".")
    if not (entity and name and value):
        raise Misuse(
            f"--sample {text!r} is not of the form ENTITY.FIELD=VALUE", hint="for example --sample products.sku=AB-12"
        )
    return Sample(entity, name, value)


def spelling(keys_path: str, scopes: Sequence[str]) -> Spelling:
    """`/auth/keys` and `read=tasks:read` as they are used. Raises Misuse."""
    if not _PATH.fullmatch(keys_path):
        raise Misuse(
            f"--keys-path {keys_path!r} is no path",
            hint=f"give it as it stands behind /api/v1 ({KEYS_PATH}), or whole (/api/auth/keys)",
        )
    spelled: dict[Scope, str] = {}
    for text in scopes:
        name, _, own = text.partition("=")
        if name in spelled:
            raise Misuse(f"--scope {name} is given twice", hint="a scope has one name: leave one of them out")
        if name not in get_args(Scope) or not own:
            raise Misuse(
                f"--scope {text!r} is not of the form SCOPE=NAME, one for each of {', '.join(get_args(Scope))}",
                hint="for example --scope read=tasks:read",
            )
        spelled[cast("Scope", name)] = own
    return Spelling(keys_path, tuple(spelled.items()))
