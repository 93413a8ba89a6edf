"""The credentials of a run, told once: what can be given, what each is for, and whose it is. Nothing is sent here.

`CREDENTIALS` is the one table. From a row follow the option (`--other-api-key`), its variable
(`CONFORMANCE_OTHER_API_KEY`), the member of `Given`, the name in checks (`credential="other_api_key"`), the redactor's
placeholder, the variable of a `curl` line and the word in reports.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal, TypeGuard

from entity_conformance.deployment.problems import Blocked, OutOfProfile

CredentialName = Literal[
    "api_key", "session", "other_api_key", "read_key", "write_key", "delete_key", "expired_key", "none"
]
"""`none` is a request without any."""

User = Literal["own", "other"]
"""`own` is the user whose records the run works with; `other` is somebody who must not see them."""

CredentialScope = Literal["read", "write", "delete"]

SESSION_COOKIE = "better-auth.session_token"
SECURE_SESSION_COOKIE = "__Secure-better-auth.session_token"

LONGEST_KEY = 16_000
"""Characters that a key may have: servers take 8,000 or 16,000 for a header, or for all of them."""

MADE_KEY_VARIABLE = "CONFORMANCE_MADE_KEY"
"""What a `curl` line reads in place of a key that the run made and revoked."""


@dataclass(frozen=True, slots=True)
class CredentialOption:
    """A credential that can be given.

    `noun` names it in sentences, `purpose` is the option's help, `reported` the word in reports (which programs read,
    so that it stays). `scope` is the only scope that it has, None where it has all or where that does not matter.
    """

    name: CredentialName
    kind: Literal["key", "session"]
    user: User
    noun: str
    purpose: str
    reported: str
    scope: CredentialScope | None = None

    @property
    def option(self) -> str:
        """The option of the command line."""
        return f"--{self.name.replace('_', '-')}"

    @property
    def variable(self) -> str:
        """The variable of the environment."""
        return f"CONFORMANCE_{self.name.upper()}"


CREDENTIALS: tuple[CredentialOption, ...] = (
    CredentialOption("api_key", "key", "own", "API key", "An API key with all scopes.", "key"),
    CredentialOption(
        "session", "session", "own", "session", "The same user's session token, or NAME=TOKEN.", "session"
    ),
    CredentialOption("other_api_key", "key", "other", "other user's API key", "An API key of another user.", "other"),
    CredentialOption(
        "read_key", "key", "own", "read-only key", "An API key that may only read; else the session makes one.",
        "read", "read",
    ),
    CredentialOption("write_key", "key", "own", "write-only key", "One that may only write.", "write", "write"),
    CredentialOption("delete_key", "key", "own", "delete-only key", "One that may only delete.", "delete", "delete"),
    CredentialOption("expired_key", "key", "own", "expired key", "One that has expired.", "expiring"),
)  # fmt: skip

BY_NAME: Mapping[str, CredentialOption] = MappingProxyType({row.name: row for row in CREDENTIALS})


BY_SCOPE: Mapping[CredentialScope, CredentialName] = MappingProxyType(
    {row.scope: row.name for row in CREDENTIALS if row.scope is not None}
)
"""The credential that has this scope alone."""


def reported(credential: str) -> str:
    """The word of reports for what a request was sent with: `api_key+session` is told as `key+session`."""
    return "+".join(BY_NAME[part].reported if part in BY_NAME else part for part in credential.split("+"))


def user_of(credential: str) -> User:
    """Whose records a request with this credential makes; a key that the run made is its own user's."""
    row = BY_NAME.get(credential)
    return "own" if row is None else row.user


@dataclass(frozen=True, slots=True)
class Secret:
    """An API key, or a session's token with the name of its cookie."""

    value: str = field(repr=False)
    kind: Literal["key", "session"] = "key"
    cookie: str = SESSION_COOKIE

    @property
    def header(self) -> tuple[str, str]:
        """The request header that carries it. A token is sent verbatim."""
        if self.kind == "session":
            return "Cookie", f"{self.cookie}={self.value}"
        return "Authorization", f"Bearer {self.value}"


class Given:
    """The credentials that the user gave: `Given(api_key="...", session="...")`, by the names of `CREDENTIALS`.

    `session_cookie` is the name of the session's cookie where one was given. None and an empty text are not given.
    """

    __slots__ = ("_secrets", "session_cookie")

    def __init__(self, *, session_cookie: str | None = None, **values: str | None) -> None:
        unknown = [name for name in values if name not in BY_NAME]
        if unknown:
            message = f"no such credential: {', '.join(unknown)}"
            raise TypeError(message)
        self.session_cookie = session_cookie
        self._secrets: dict[CredentialName, Secret] = {}
        for row in CREDENTIALS:
            value = values.get(row.name)
            if value:
                is_named = row.kind == "session" and session_cookie is not None
                cookie = session_cookie if is_named and session_cookie is not None else SESSION_COOKIE
                self._secrets[row.name] = Secret(value, row.kind, cookie)

    def get(self, name: CredentialName) -> Secret | None:
        """The credential of that name, None when it was not given."""
        return self._secrets.get(name)

    def only(self, *names: CredentialName) -> "Given":
        """Those of these names, and no others."""
        kept = {name: secret.value for name, secret in self._secrets.items() if name in names}
        return Given(session_cookie=self.session_cookie, **kept)

    def __iter__(self) -> Iterator[tuple[CredentialOption, Secret]]:
        """What was given, in the table's order."""
        return iter([(BY_NAME[name], secret) for name, secret in self._secrets.items()])

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Given):
            return NotImplemented
        return (self._secrets, self.session_cookie) == (other._secrets, other.session_cookie)

    def __hash__(self) -> int:
        return hash((tuple(self._secrets.items()), self.session_cookie))

    def __repr__(self) -> str:
        return f"Given({', '.join(self._secrets)})"


class Wallet:
    """The run's credentials by name. One that is missing has a reason, which is told to whoever asks for it."""

    def __init__(self) -> None:
        self._secrets: dict[CredentialName, Secret] = {}
        self._missing: dict[CredentialName, OutOfProfile | Blocked] = {}

    def put(self, name: CredentialName, secret: Secret) -> None:
        """From now on the run has this credential."""
        self._secrets[name] = secret

    def lack(self, name: CredentialName, reason: OutOfProfile | Blocked) -> None:
        """The run does not have it: `OutOfProfile` when nobody gave it, `Blocked` when it could not be had."""
        self._missing.setdefault(name, reason)

    def withdraw(self, name: CredentialName, reason: OutOfProfile | Blocked) -> None:
        """The run has it no longer, though it was given."""
        self._secrets.pop(name, None)
        self._missing[name] = reason

    def has(self, name: CredentialName) -> bool:
        """Whether the run has it. Nothing at all is always there."""
        return name == "none" or name in self._secrets

    def missing(self, name: CredentialName) -> OutOfProfile | Blocked | None:
        """Why the run does not have it, None when it does."""
        if self.has(name):
            return None
        return self._missing.get(name) or OutOfProfile(not_given(name))

    def get(self, name: CredentialName) -> Secret | None:
        """The credential, None for `none`. Raises OutOfProfile or Blocked when the run does not have it."""
        reason = self.missing(name)
        if reason is not None:
            raise type(reason)(reason.reason)
        return self._secrets.get(name)

    @property
    def main(self) -> Literal["api_key", "session", "none"]:
        """What most requests are sent with: the API key, given or made, else the session, else a key that only reads.

        The last stands in the API key's place.
        """
        if self.has("session") and (self.only_reads or not self.has("api_key")):
            return "session"
        return "api_key" if self.has("api_key") else "none"

    @property
    def only_reads(self) -> bool:
        """Whether the read-only key stands in the API key's place."""
        return self.has("api_key") and self._secrets["api_key"] is self._secrets.get("read_key")

    @property
    def names(self) -> tuple[CredentialName, ...]:
        """What the run has, in the table's order."""
        return tuple(row.name for row in CREDENTIALS if row.name in self._secrets)


def is_key(value: object) -> TypeGuard[str]:
    """Whether what an answer shows can be a key: a text that a header carries."""
    return isinstance(value, str) and why_no_key(value) is None


def why_no_key(value: str) -> str | None:
    """What a text has, or lacks, for which no header carries it as it is; None where it can be a key."""
    if not value.strip():
        return "a text without a letter"
    if len(value) > LONGEST_KEY:
        return f"a text of {len(value):,} characters"
    if value != value.strip():
        return "a text with white space at its beginning or end"
    odd = next((one for one in value if not (one.isascii() and one.isprintable())), None)
    return None if odd is None else f"a text with U+{ord(odd):04X} in it"


def not_given(name: CredentialName) -> str:
    """What is said of a credential that nobody gave: `no API key was given (--api-key)`."""
    row = BY_NAME[name]
    return f"no {row.noun} was given ({row.option})"
