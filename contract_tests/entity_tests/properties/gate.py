"""The only sender: every request to the deployment, whoever makes it, passes here or is not sent.

    counts    against the run's budget and a phase's or an operation's share of it, keeping back what cleaning up takes
    paces     by X-RateLimit-Remaining and -Reset and by Retry-After, for each credential
    bounds    the run's time, an answer's time and size (`line`)
    guards    sends nothing that changes what the run did not make, and nothing that changes anything when it only reads
    keeps     the credentials: schemathesis knows their placeholders alone, so that no text of its can tell them

Errors: those of `share`, and `requests.RequestException` where no answer came.

Charter: one thread at a time. What a request means is not known here, beyond its method and path.
"""

import json
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Literal
from urllib.parse import unquote, urlsplit

import requests
from entity_conformance.deployment.allowance import Allowances
from entity_conformance.deployment.credentials import SESSION_COOKIE
from entity_conformance.deployment.exchange import Redactor
from entity_conformance.deployment.reply import Headers
from entity_conformance.deployment.settings import is_loopback
from entity_conformance.deployment.wire import issued_key
from requests.adapters import BaseAdapter

from entity_tests.properties.ledger import KEYS, Ledger
from entity_tests.properties.line import Line
from entity_tests.properties.settings import LiveSettings
from entity_tests.properties.share import Held, Share, Spent, Unsafe, Withheld

KEY = "$CONTRACT_TESTS_API_KEY"
SESSION = "$CONTRACT_TESTS_SESSION"
"""What stands for the credentials wherever they could be read."""

SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
GENERATE = ("ai", "generate")
GENERATIONS = 2
LARGEST_GENERATION = 8
LARGEST_KEY_RING = 6
"""API keys that a run makes at most."""

SILENCES = 5
"""Requests without an answer, one after the other, after which no more are sent."""

_SPARE = 3
"""Requests kept back besides what cleaning up takes, for second tries."""

_TRIES = 3

_PROBE = "X-Schemathesis-Probe"
"""Marks what schemathesis asks of a server in general; the contract does not mention it, and the budget is small."""

Kind = Literal["key", "session", "none"]


@dataclass(slots=True)
class Gate:
    """One run's way to the deployment. `sleep`, `clock` and `say` are replaced in tests."""

    settings: LiveSettings
    ledger: Ledger
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic
    say: Callable[[str], None] = lambda _: None
    redactor: Redactor = field(init=False)
    sent: int = 0
    by_kind: Counter[Kind] = field(default_factory=Counter)
    generations: int = 0
    share: Share | None = None
    operation: str = ""
    halted: str | None = None
    spent: dict[Kind, str] = field(default_factory=dict)
    is_closing: bool = False
    session_cookie: str = SESSION_COOKIE
    _silent: int = 0
    _allowances: Allowances = field(default_factory=Allowances)
    _began: float = field(init=False)
    _line: Line = field(init=False)

    def __post_init__(self) -> None:
        given = self.settings
        self.session_cookie = given.session_cookie or SESSION_COOKIE
        self.redactor = Redactor([name for name, _ in given.headers])
        for secret, name in ((given.api_key, KEY), (given.session, SESSION), *((v, None) for _, v in given.headers)):
            if secret:
                self.redactor.add(secret, name or "[redacted]")
        self._began = self.clock()
        self._line = Line(timeout=given.timeout, use_proxies=not is_loopback(given.base))

    @property
    def main(self) -> Kind:
        """The credential that most requests are sent with."""
        return "key" if self.settings.api_key else "session" if self.settings.session else "none"

    @property
    def is_silent(self) -> bool:
        """Whether the deployment stopped answering."""
        return self._silent >= SILENCES

    @property
    def left(self) -> int:
        """Requests that the budget leaves, beside what cleaning up takes."""
        return max(0, self.settings.max_requests - self.sent - self._reserve)

    @property
    def _reserve(self) -> int:
        return self.ledger.cost + (_SPARE if self.ledger.cost else 0)

    @contextmanager
    def in_the_way(self) -> Iterator[None]:
        """Every session of `requests` in this process sends through the gate, until the block ends."""
        original, door = requests.Session.get_adapter, _Door(self)
        requests.Session.get_adapter = lambda self, url: door  # type: ignore[method-assign]  # noqa: ARG005
        try:
            yield
        finally:
            requests.Session.get_adapter = original  # type: ignore[method-assign]
            self._line.close()

    def begin(self, operation: str) -> None:
        """The requests that follow are this operation's."""
        self.operation = operation

    def ask(self, method: str, path: str, *, kind: Kind | None = None, body: object = None) -> requests.Response:
        """Send a request of our own; `path` is below `/v1`, and encoded. Raises Spent or RequestException."""
        headers = {"Accept": "application/json", **self.credential(kind or self.main)}
        data = None if body is None else json.dumps(body).encode()
        if data is not None:
            headers["Content-Type"] = "application/json"
        request = requests.Request(method, f"{self.settings.base}{path}", headers=headers, data=data).prepare()
        try:
            return self.pass_on(request)
        except (Held, Withheld) as held:
            raise Spent(str(held)) from None

    def credential(self, kind: Kind) -> dict[str, str]:
        """The header with a credential's placeholder."""
        match kind:
            case "key":
                return {"Authorization": f"Bearer {KEY}"}
            case "session":
                return {"Cookie": f"{SESSION_COOKIE}={SESSION}"}
            case _:
                return {}

    def pass_on(self, request: requests.PreparedRequest) -> requests.Response:
        """Send a request when it may be sent. Raises Held, Unsafe or RequestException."""
        kind = _kind(request)
        segments = self._segments(request)
        self._guard(request, segments)
        for _ in range(_TRIES):
            self._admit(kind, request.method or "", segments)
            response = self._send(request, kind, segments)
            now = _date(response)
            if response.status_code != 429:
                if kind != "none" and response.status_code != 401:
                    self._allowances.note(kind, _headers(response), now=now, clock=self.clock())
                return response
            self._allowances.refused(kind, _headers(response), now=now, clock=self.clock())
            if self._wait(kind) > self.settings.max_wait:
                self._is_spent(kind)
                return response
        return response

    def _guard(self, request: requests.PreparedRequest, segments: tuple[str, ...]) -> None:
        method = request.method or ""
        asked, own = urlsplit(request.url or ""), urlsplit(self.settings.root)
        if (asked.scheme, asked.netloc) != (own.scheme, own.netloc):
            raise Unsafe(f"{method} goes to another place than {self.settings.root}")
        if method in SAFE:
            return
        if self.settings.is_read_only:
            raise Unsafe(f"{method} {'/'.join(segments)} in a run that only reads")
        match segments:
            case ("ai", "generate"):
                _guard_generation(request)
            case (_,) if method == "POST":
                pass
            case (collection, id_) if self.ledger.may_change(collection, id_):
                pass
            case _:
                raise Unsafe(f"{method} {'/'.join(segments)}, which the run did not make")

    def _admit(self, kind: Kind, method: str, segments: tuple[str, ...]) -> None:
        """Wait until the request may be sent, and count it. Raises Held."""
        if self.sent >= self.settings.max_requests:
            raise Held(f"the budget of {self.settings.max_requests:,} requests is used up")
        if not self.is_closing:
            self._hold_by_share(method, segments)
            self._hold_by_budget()
        if kind in self.spent and not self.is_closing:
            raise self._enough(self.spent[kind])
        wait = self._wait(kind)
        if wait > self.settings.max_wait:
            raise self._enough(self._is_spent(kind))
        if wait > 0:
            self.say(f"waiting {wait:.0f} s for the rate limit of the {kind} to reset")
            self.sleep(wait)
        self.sent += 1
        self.by_kind[kind] += 1

    def _hold_by_share(self, method: str, segments: tuple[str, ...]) -> None:
        if (method, segments) == ("POST", GENERATE) and self.generations >= GENERATIONS:
            raise self._enough(f"text was generated {GENERATIONS} times")
        if (method, segments) == ("POST", (KEYS,)) and len(self.ledger.own(KEYS)) >= LARGEST_KEY_RING:
            raise self._enough(f"{LARGEST_KEY_RING} API keys were made")
        if self.share is not None and not self.share.take(self.operation):
            raise Held("its share of the budget is used up")

    def _enough(self, reason: str) -> Held | Withheld:
        """What ends an operation: in sequences one step of them, elsewhere all that is left of it."""
        in_sequences = self.share is not None and self.share.operations is None
        return Withheld(reason) if in_sequences and self.halted is None else Held(reason)

    def _hold_by_budget(self) -> None:
        if self.halted is None and self.clock() - self._began > self.settings.max_seconds:
            self.halted = f"the time of {self.settings.max_seconds:g} s is used up"
        if self.halted is None and self.left <= 0:
            self.halted = f"the budget of {self.settings.max_requests:,} requests is used up"
        if self.halted is not None:
            raise Held(self.halted)

    def _wait(self, kind: Kind) -> float:
        reserve = 0 if self.is_closing else self.ledger.cost_for(kind, is_alone=self.main == kind) + 1
        longest = self.settings.max_wait
        if kind == "none":
            return 0.0
        return self._allowances.wait(kind, clock=self.clock(), reserve=reserve, longest=longest)

    def _is_spent(self, kind: Kind) -> str:
        """From now on nothing is sent with this credential, but to clean up."""
        seconds, longest = max(0.0, self._wait(kind)), self.settings.max_wait
        reason = (
            f"the rate limit of the {kind} is used up for {seconds:.0f} s, and no more than {longest:g} s are waited"
        )
        self.spent.setdefault(kind, reason)
        if kind == self.main and self.halted is None:
            self.halted = reason
        return reason

    def _send(self, request: requests.PreparedRequest, kind: Kind, segments: tuple[str, ...]) -> requests.Response:
        try:
            response = self._line.exchange(self._with_credentials(request, kind))
        except requests.RequestException as error:
            self._no_answer(request, segments, error)
            raise
        self._silent = 0
        self._learn(request, segments, response)
        response.request = request
        return response

    def _no_answer(
        self, request: requests.PreparedRequest, segments: tuple[str, ...], error: requests.RequestException
    ) -> None:
        error.request = request  # the one without secrets
        self.ledger.note(request.method or "", segments, None, None)
        self._silent += 1
        if self.is_silent and self.halted is None:
            self.halted = f"the deployment stopped answering ({_said(error)})"

    def _learn(self, request: requests.PreparedRequest, segments: tuple[str, ...], response: requests.Response) -> None:
        key = issued_key(response.content)
        if key is not None:
            self.redactor.add(key)
        self._name_echoed_secrets(response)
        self.ledger.note(request.method or "", segments, response.status_code, _json(response.content))
        if segments == GENERATE and request.method == "POST" and response.ok:
            self.generations += 1

    def _name_echoed_secrets(self, response: requests.Response) -> None:
        """A secret that the deployment tells becomes its placeholder before anybody reads the answer."""
        text = response.content.decode("latin-1")
        told = self.redactor.text(text)
        if told != text and issued_key(response.content) is None:
            response._content = told.encode("latin-1")  # noqa: SLF001  # how requests itself keeps it
        for name, value in response.headers.items():
            response.headers[name] = self.redactor.text(value)

    def _with_credentials(self, request: requests.PreparedRequest, kind: Kind) -> requests.PreparedRequest:
        """The request as it leaves: one credential, the real one."""
        outgoing = request.copy()
        headers = outgoing.headers
        if kind != "none":
            headers.pop("Authorization", None)
            headers.pop("Cookie", None)
        if kind == "key":
            headers["Authorization"] = f"Bearer {self.settings.api_key}"
        if kind == "session":
            headers["Cookie"] = f"{self.session_cookie}={self.settings.session}"
        headers["Accept-Encoding"] = "identity"
        headers["User-Agent"] = "v1-contract-tests"
        for name, value in self.settings.headers:
            headers[name] = value
        return outgoing

    def _segments(self, request: requests.PreparedRequest) -> tuple[str, ...]:
        """The path below `/v1`, decoded; nothing for a path elsewhere."""
        base = urlsplit(self.settings.base).path + "/"
        path = urlsplit(request.url or "").path
        if not path.startswith(base):
            return ()
        return tuple(unquote(segment) for segment in path.removeprefix(base).split("/"))


class _Door(BaseAdapter):
    """What a session of `requests` takes for its connection."""

    def __init__(self, gate: Gate) -> None:
        super().__init__()
        self._gate = gate

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        if _PROBE in request.headers:
            raise requests.ReadTimeout("no probes are sent", request=request)
        return self._gate.pass_on(request)

    def close(self) -> None:
        """The line outlives the sessions that come and go."""


def _kind(request: requests.PreparedRequest) -> Kind:
    """Which credential a request carries; under `/keys` the session counts, elsewhere the key."""
    has_key = request.headers.get("Authorization") == f"Bearer {KEY}"
    has_session = f"={SESSION}" in str(request.headers.get("Cookie", ""))
    if has_key and has_session:
        return "session" if f"/v1/{KEYS}" in urlsplit(request.url or "").path else "key"
    return "key" if has_key else "session" if has_session else "none"


def _guard_generation(request: requests.PreparedRequest) -> None:
    body = _json(request.body if isinstance(request.body, bytes) else str(request.body or "").encode())
    tokens = body.get("maxTokens") if isinstance(body, Mapping) else None
    if tokens is None or (isinstance(tokens, int | float) and tokens > LARGEST_GENERATION):
        raise Unsafe(f"text of more than {LARGEST_GENERATION} tokens was to be generated")


def _headers(response: requests.Response) -> Headers:
    return Headers(tuple(response.headers.items()))


def _date(response: requests.Response) -> datetime:
    try:
        date = parsedate_to_datetime(response.headers["date"])
    except (KeyError, ValueError):
        return datetime.now(UTC)
    return date if date.tzinfo else date.replace(tzinfo=UTC)


def _json(content: bytes) -> object:
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {str(error).partition(chr(10))[0][:120]}"
