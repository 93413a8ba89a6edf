"""schemathesis' requests, sent by the run: `requests` on one side, the deployment's `Outgoing` and `Reply` beside it.

schemathesis knows the credentials' placeholders alone, so that no text of its can tell them; they are put in as a
request leaves. No `.netrc`, proxy or cookie of `requests` plays any role.
"""

import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from weakref import WeakKeyDictionary

import requests
from entity_conformance.deployment.credentials import BY_NAME, CredentialName
from entity_conformance.deployment.journal import KEYS
from entity_conformance.deployment.no_answer import NoAnswer
from entity_conformance.deployment.outgoing import Outgoing
from entity_conformance.deployment.ownership import below
from entity_conformance.deployment.reply import Reply
from requests.adapters import BaseAdapter, HTTPAdapter
from urllib3 import HTTPHeaderDict, HTTPResponse

from entity_tests.properties.sender import Sender

KEY = f"${BY_NAME['api_key'].variable}"
SESSION = f"${BY_NAME['session'].variable}"
"""What stands for the credentials wherever they could be read."""

DEEPEST_ANSWER = 200
_PROBE = "X-Schemathesis-Probe"
"""Marks what schemathesis asks of a server in general; the contract does not mention it, and the budget is small."""

_NOT_OF_THE_REQUEST = frozenset(
    {"accept-encoding", "connection", "content-length", "host", "transfer-encoding", "user-agent"}
    | {"x-schemathesis-testcaseid"}  # nothing reads it, and each curl line would show it
)
_OF_CODING = frozenset({"content-encoding", "transfer-encoding", "content-length"})


class NoWholeAnswer(requests.RequestException):
    """No answer came that can be read."""


class Adapter(BaseAdapter):
    """What a session of `requests` takes for its connection. It knows the exchanges of each request."""

    def __init__(self, sender: Sender) -> None:
        super().__init__()
        self.sender = sender
        self._exchanges: WeakKeyDictionary[requests.PreparedRequest, tuple[str, ...]] = WeakKeyDictionary()

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        """The whole answer. Raises NoWholeAnswer, and what ends an operation or a run."""
        if _PROBE in request.headers:
            raise NoWholeAnswer("no probes are sent", request=request)
        evidence: list[str] = []
        try:
            reply = self.sender.send(self._outgoing(request), evidence=evidence)
        except NoAnswer as problem:
            raise NoWholeAnswer(problem.message, request=request) from None
        finally:
            self._exchanges[request] = tuple(evidence)
        if is_too_deep(reply.content):
            raise NoWholeAnswer(f"the answer is nested deeper than {DEEPEST_ANSWER}", request=request)
        if is_half_a_text(reply.content):
            raise NoWholeAnswer("the answer holds half a surrogate pair, which is no text", request=request)
        return response(request, reply)

    def close(self) -> None:
        """The run's connections outlive the sessions that come and go."""

    def exchanges(self, request: object) -> tuple[str, ...]:
        """The ids of the exchanges in which a request was sent; none for one that was not sent here."""
        return self._exchanges.get(request, ()) if isinstance(request, requests.PreparedRequest) else ()

    def _outgoing(self, request: requests.PreparedRequest) -> Outgoing:
        context, url = self.sender.context, _plain(request.url or "")
        name = credential_of(request, is_of_keys=below(url, context.base)[:1] == (KEYS,))
        secret = context.wallet.get(name)
        left_out = _NOT_OF_THE_REQUEST | (set() if secret is None else {"authorization", "cookie"})
        headers = [(_text(name), _text(value)) for name, value in request.headers.items()]
        headers = [(name, value) for name, value in headers if name.lower() not in left_out]
        body = request.body
        assert body is None or isinstance(body, str | bytes), "schemathesis sends JSON, and no streams"
        return Outgoing(
            method=request.method or "",
            url=url,
            headers=tuple(headers if secret is None else [*headers, secret.header]),
            content=body.encode() if isinstance(body, str) else body,
            credential=name,
            kind="none" if secret is None else secret.kind,
        )


def _plain(url: str) -> str:
    """The URL with a blank of its query as `%20`: that `+` is one is a rule of forms, which not every server has."""
    path, mark, query = url.partition("?")
    return f"{path}{mark}{query.replace('+', '%20')}"


@contextmanager
def sending_through(adapter: Adapter) -> Iterator[None]:
    """Every session of `requests` that this process makes sends through the adapter, until the block ends."""
    original = requests.Session.__init__

    def initialise(session: requests.Session) -> None:
        original(session)
        session.trust_env = False  # no .netrc, no proxy of the environment
        for scheme in ("http://", "https://"):
            session.mount(scheme, adapter)

    requests.Session.__init__ = initialise  # type: ignore[method-assign, assignment]
    try:
        yield
    finally:
        requests.Session.__init__ = original  # type: ignore[method-assign]


def credential_of(request: requests.PreparedRequest, *, is_of_keys: bool) -> CredentialName:
    """Whose placeholder a request carries; of two the session counts under `/keys`, elsewhere the key."""
    has_key = request.headers.get("Authorization") == f"Bearer {KEY}"
    has_session = f"={SESSION}" in _text(request.headers.get("Cookie", ""))
    if has_session and (is_of_keys or not has_key):
        return "session"
    return "api_key" if has_key else "none"


def response(request: requests.PreparedRequest, reply: Reply) -> requests.Response:
    """An answer as `requests` gives it. Its content was decoded already."""
    headers = HTTPHeaderDict((name, value) for name, value in reply.headers.items() if name not in _OF_CODING)
    raw = HTTPResponse(
        body=io.BytesIO(reply.judged), headers=headers, status=reply.status, version=11, preload_content=False
    )
    return HTTPAdapter().build_response(request, raw)


def is_too_deep(content: bytes) -> bool:
    """Whether brackets are nested deeper than in any answer of the API, so that schemathesis cannot read it."""
    if content.count(b"[") + content.count(b"{") <= DEEPEST_ANSWER:
        return False
    depth, quoted, escaped = 0, False, False
    for byte in content:
        if escaped:
            escaped = False
        elif quoted:
            quoted, escaped = byte != 0x22, byte == 0x5C
        elif byte == 0x22:
            quoted = True
        elif byte in b"[{":
            depth += 1
            if depth > DEEPEST_ANSWER:
                return True
        elif byte in b"]}":
            depth -= 1
    return False


def is_half_a_text(content: bytes) -> bool:
    """Whether a JSON answer holds half a surrogate pair, which schemathesis would put into a URL."""
    if b"\\u" not in content:
        return False
    try:
        json.dumps(json.loads(content), ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return True
    except (ValueError, RecursionError):
        pass
    return False


def _text(value: object) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)
