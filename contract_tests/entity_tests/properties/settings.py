"""What a run was asked to do: the variables `CONTRACT_TESTS_...`, read once and checked.

Charter: values only. What is wrong with a variable is a Misuse, which says in one line what to do.
"""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field

from entity_conformance.deployment.settings import Misuse, base_url, header, is_loopback, secret, session

PREFIX = "CONTRACT_TESTS_"
MAX_REQUESTS = 800
MAX_WAIT = 60.0
MAX_SECONDS = 900.0
TIMEOUT = 30.0
SEED = 1

VARIABLES: Mapping[str, str] = {
    "URL": "the deployment: https://host, https://host/api or https://host/api/v1",
    "API_KEY": "an API key; with all scopes, unless the run only reads",
    "SESSION": "the same user's session token, or NAME=TOKEN",
    "HEADER": "headers to send with every request, 'Name: value', one a line",
    "ALLOW_WRITES": "create, change and delete records of its own on a host that is not this machine",
    "ONLY": "test these operations alone: operationIds or globs, separated by commas",
    "SKIP_AI": "generate no text",
    "STRICT": "a SHOULD that does not hold fails",
    "MAX_REQUESTS": f"send no more requests than this ({MAX_REQUESTS})",
    "MAX_WAIT": f"seconds to wait for a rate limit to reset ({MAX_WAIT:g})",
    "MAX_SECONDS": f"seconds that the run may take, cleaning up aside ({MAX_SECONDS:g})",
    "TIMEOUT": f"seconds that an answer may take ({TIMEOUT:g})",
    "SEED": f"repeat a run's requests ({SEED})",
}
"""Every variable without its prefix, and what it means."""

_YES = frozenset({"1", "true", "yes", "on"})
_NO = frozenset({"", "0", "false", "no", "off"})


@dataclass(frozen=True, slots=True)
class LiveSettings:
    """One run.

    `base` ends in `/api/v1`; `session_cookie` is the cookie's name where one was given; `only` empty means all.
    """

    base: str
    api_key: str | None = field(default=None, repr=False)
    session: str | None = field(default=None, repr=False)
    session_cookie: str | None = None
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    allow_writes: bool = False
    only: tuple[str, ...] = ()
    skip_ai: bool = False
    strict: bool = False
    max_requests: int = MAX_REQUESTS
    max_wait: float = MAX_WAIT
    max_seconds: float = MAX_SECONDS
    timeout: float = TIMEOUT
    seed: int = SEED

    @property
    def root(self) -> str:
        """The root server's URL: `base` without `/v1`."""
        return self.base.removesuffix("/v1")

    @property
    def is_read_only(self) -> bool:
        """Whether the run must not change the deployment's data."""
        return not self.allow_writes and not is_loopback(self.base)


def from_environment(environment: Mapping[str, str]) -> LiveSettings | None:
    """The settings, None when no URL was given. Raises Misuse."""
    given = {name.removeprefix(PREFIX): text.strip() for name, text in environment.items() if name.startswith(PREFIX)}
    for name in given:
        if name not in VARIABLES:
            near = difflib.get_close_matches(name, VARIABLES, n=1)
            hint = f"did you mean {PREFIX}{near[0]}?" if near else f"there are {', '.join(sorted(VARIABLES))}"
            raise Misuse(f"there is no variable {PREFIX}{name}", hint=hint)
    if not given.get("URL"):
        return None
    token, cookie = _session(given.get("SESSION"))
    return LiveSettings(
        base=base_url(given["URL"]),
        api_key=secret(f"{PREFIX}API_KEY", given.get("API_KEY")),
        session=token,
        session_cookie=cookie,
        headers=tuple(_header(line) for line in given.get("HEADER", "").splitlines() if line.strip()),
        allow_writes=_flag(given, "ALLOW_WRITES"),
        only=tuple(glob.strip() for glob in given.get("ONLY", "").split(",") if glob.strip()),
        skip_ai=_flag(given, "SKIP_AI"),
        strict=_flag(given, "STRICT"),
        max_requests=int(_number(given, "MAX_REQUESTS", MAX_REQUESTS, least=1, whole=True)),
        max_wait=_number(given, "MAX_WAIT", MAX_WAIT, least=0),
        max_seconds=_number(given, "MAX_SECONDS", MAX_SECONDS, least=1),
        timeout=_number(given, "TIMEOUT", TIMEOUT, least=0.1),
        seed=int(_number(given, "SEED", SEED, least=0, whole=True)),
    )


def _session(text: str | None) -> tuple[str | None, str | None]:
    secret(f"{PREFIX}SESSION", text)
    return session(text)


def _header(line: str) -> tuple[str, str]:
    try:
        return header(line)
    except Misuse as misuse:
        message = misuse.message.replace("--header", f"{PREFIX}HEADER")
        raise Misuse(message, hint=f"give {PREFIX}HEADER as 'Name: value', and credentials as variables") from None


def _flag(given: Mapping[str, str], name: str) -> bool:
    text = given.get(name, "").lower()
    if text not in _YES | _NO:
        raise Misuse(f"{PREFIX}{name} is {text!r}", hint="say 1 or 0")
    return text in _YES


def _number(given: Mapping[str, str], name: str, default: float, *, least: float, whole: bool = False) -> float:
    text = given.get(name) or str(default)
    try:
        number = int(text) if whole else float(text)
    except ValueError:
        number = -1
    if not least <= number < float("inf"):
        kind = "a whole number" if whole else "a number"
        raise Misuse(f"{PREFIX}{name} is {text!r}", hint=f"say {kind} from {least:g}")
    return number
