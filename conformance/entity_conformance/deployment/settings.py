"""What a run was asked to do, as plain values. It reads no environment.

Errors: `Misuse` blames the command line (or the caller), and says in one line what is wrong and what to do.
"""

import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from entity_conformance.deployment.credentials import Given
from entity_conformance.deployment.place import is_loopback, origin_of

__all__ = ["Given", "Misuse", "Settings", "base_url", "header", "is_loopback", "secret", "session"]

_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_VISIBLE = re.compile(r"[\x21-\x7e]+")
_OURS = {"authorization", "cookie", "host", "content-length", "content-type", "transfer-encoding", "connection"}


class Misuse(Exception):  # noqa: N818  # the user's, not an error of the suite
    """The run cannot be done as asked. `message` names what is wrong, `hint` what to do about it."""

    def __init__(self, message: str, *, hint: str) -> None:
        super().__init__(f"{message}; {hint}")
        self.message = message
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Settings:
    """One run. `url` is as given; `entities`, `only` and `skip` empty mean all; `headers` go with every request."""

    url: str
    given: Given = field(default_factory=Given)
    entities: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    skip_ai: bool = False
    strict: bool = False
    require_full: bool = False
    allow_writes: bool = False
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    timeout: float = 10.0
    settle: float = 0.0
    concurrency: int = 4
    seed: int = 0
    max_requests: int | None = None
    max_seconds: float | None = None
    max_wait: float = 30.0

    @property
    def is_read_only(self) -> bool:
        """Whether the run must not change the deployment's data."""
        return not self.allow_writes and not is_loopback(self.url)


def base_url(text: str) -> str:
    """The URL that ends in `/api/v1`, from `https://host`, `.../api`, `.../api/v1` or any prefix before these.

    However the host was spelled, it stands there in one spelling. Raises Misuse when it is no such URL.
    """
    hint = "give it as https://host, https://host/api or https://host/api/v1"
    text = text.strip()
    if not text:
        raise Misuse("no URL was given", hint=hint)
    shown = _without_secrets(text)
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
    path = re.sub(r"(/api(/v1)?)?/*$", "", parts.path.rstrip("/"))
    try:
        return f"{origin_of(parts)}{path}/api/v1"
    except ValueError:
        raise Misuse(f"the URL {shown!r} names a host that cannot be", hint=hint) from None


def _without_secrets(text: str) -> str:
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


def header(text: str) -> tuple[str, str]:
    """`Name: value` as a pair. Raises Misuse, which does not tell the value."""
    name, colon, value = text.partition(":")
    name, value = name.strip(), value.strip()
    if not colon or not _TOKEN.fullmatch(name):
        raise Misuse("a --header is not of the form 'Name: value'", hint="for example --header 'X-Team-Id: 42'")
    if name.lower() in _OURS:
        raise Misuse(f"--header {name} is for the runner to send", hint="use --api-key and --session for credentials")
    if not value or not value.isascii() or not value.isprintable():
        raise Misuse(f"the value of --header {name} is empty or not printable ASCII", hint="give it as 'Name: value'")
    return name, value
