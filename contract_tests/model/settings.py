"""The variables of a run on another deployment, read once: `CONTRACT_TESTS_...`.

Charter: names and values; keys are kept from every representation. Raises Misuse, in one line, for what cannot be.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from conformance.settings import Misuse, base_url, header, is_loopback, secret

PREFIX = "CONTRACT_TESTS_"
MAX_REQUESTS = 800
TIMEOUT = 30.0


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Another deployment. `base` ends in `/api/v1`; the key holds all scopes."""

    base: str
    api_key: str = field(repr=False)
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    strict: bool = False
    max_requests: int = MAX_REQUESTS
    timeout: float = TIMEOUT
    seed: int = 1


def from_environment(environment: Mapping[str, str]) -> Elsewhere | None:
    """The deployment that the variables name, None when they name none. Raises Misuse."""
    given = {name.removeprefix(PREFIX): text.strip() for name, text in environment.items() if name.startswith(PREFIX)}
    if not given.get("URL"):
        return None
    base, key = base_url(given["URL"]), secret(f"{PREFIX}API_KEY", given.get("API_KEY"))
    if not key:
        raise Misuse("no API key was given", hint=f"set {PREFIX}API_KEY to one with all scopes")
    if not is_loopback(base) and not _flag(given, "ALLOW_WRITES"):
        hint = f"set {PREFIX}ALLOW_WRITES=1 to let it create, change and delete records of its own"
        raise Misuse(f"the state machine writes, and {base} is not this machine", hint=hint)
    return Elsewhere(
        base,
        key,
        headers=tuple(_header(line) for line in given.get("HEADER", "").splitlines() if line.strip()),
        strict=_flag(given, "STRICT"),
        max_requests=_whole(given, "MAX_REQUESTS", MAX_REQUESTS),
        timeout=float(_whole(given, "TIMEOUT", int(TIMEOUT))),
        seed=_whole(given, "SEED", 1),
    )


def _header(line: str) -> tuple[str, str]:
    try:
        return header(line)
    except Misuse:
        raise Misuse(f"{PREFIX}HEADER is no header", hint="give it as 'Name: value', one a line") from None


def _flag(given: Mapping[str, str], name: str) -> bool:
    text = given.get(name, "").lower()
    if text not in ("", "0", "1", "true", "false", "yes", "no"):
        raise Misuse(f"{PREFIX}{name} is {text!r}", hint="say 1 or 0")
    return text in ("1", "true", "yes")


def _whole(given: Mapping[str, str], name: str, default: int) -> int:
    text = given.get(name) or str(default)
    if not text.isascii() or not text.isdecimal() or int(text) < 1:
        raise Misuse(f"{PREFIX}{name} is {text!r}", hint="say a whole number from 1")
    return int(text)
