"""The credentials of a run: who holds which, and why one is missing. Values only; nothing is sent here."""

from dataclasses import dataclass, field
from typing import Literal

from entity_conformance.deployment.problems import Blocked, OutOfProfile

CredentialName = Literal["key", "session", "other", "read", "write", "delete", "expiring", "none"]

SESSION_COOKIE = "better-auth.session_token"
SECURE_SESSION_COOKIE = "__Secure-better-auth.session_token"


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
        return self._missing.get(name) or OutOfProfile(f"no credential {name!r} was given")

    def get(self, name: CredentialName) -> Secret | None:
        """The credential, None for `none`. Raises OutOfProfile or Blocked when the run does not have it."""
        reason = self.missing(name)
        if reason is not None:
            raise type(reason)(reason.reason)
        return self._secrets.get(name)

    @property
    def names(self) -> tuple[CredentialName, ...]:
        """What the run has, in a fixed order."""
        order: tuple[CredentialName, ...] = ("key", "session", "other", "read", "write", "delete", "expiring")
        return tuple(name for name in order if name in self._secrets)
