"""A model behind an endpoint that speaks OpenAI's protocol (`POST .../chat/completions`), as many servers do.

Loaded when a server is told of one. The key is in no message, and neither is what the endpoint says in words: it may
repeat the key, or the prompt.
"""

import asyncio
import math
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import httpx
import orjson

from entity_server.domain.generation import Generated, Generation
from entity_server.domain.problems import InternalError, Problem, ServiceUnavailable, ValidationFailed
from entity_server.domain.sentences import Sentence
from entity_server.settings import UnusableSetting

_PATH = "/chat/completions"
_LARGEST = 4 * 1024 * 1024
_LONGEST_WAIT = 2.0  # seconds before the second try, whatever Retry-After asks for
_SHORTEST_WAIT = 0.2
_CODE = re.compile(r"[\w.-]{1,60}\Z", re.ASCII)
_OF_THE_PROMPT = frozenset(
    {"context_length_exceeded", "string_above_max_length", "content_policy_violation", "content_filter"}
)


class EndpointFailed(Exception):  # noqa: N818 - it says what is the matter
    """What the endpoint did, for the log."""


class UnusableEndpoint(UnusableSetting):
    """The URL or the key can be those of no endpoint. The message says what to do, and holds no secret."""


@dataclass(frozen=True, slots=True)
class _Reply:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def passing(self) -> bool:
        """Whether another try may fare better."""
        return self.status == 429 or self.status >= 500


class Endpoint:
    """Generates by asking the endpoint. `seconds` is for all of it, the second try included."""

    def __init__(self, url: str, model: str, key: str, *, seconds: float) -> None:
        """Raises UnusableEndpoint. Without a key (""), none is sent."""
        self._url = _completions(url)
        self._model = model
        self._seconds = seconds
        if re.search(r"[^!-~]", key):
            raise UnusableEndpoint("the AI key has a character that no header can carry; write it without spaces")
        self._client = _client({"Authorization": f"Bearer {key}"} if key else {}, seconds)

    async def generate(self, asked: Generation) -> Generated:
        """Raises ServiceUnavailable when it cannot be reached, InternalError when its answer is of no use.

        A prompt that it does not take, too long or not allowed, is the caller's: ValidationFailed.
        """
        body = {
            "model": self._model,
            "messages": [{"role": "user", "content": asked.prompt}],
            "max_tokens": asked.most_tokens,
            "temperature": asked.temperature,
        }
        try:
            async with asyncio.timeout(self._seconds):
                reply = await self._ask(body)
                if reply.passing:
                    await asyncio.sleep(_wait(reply))
                    reply = await self._ask(body)
        except (httpx.HTTPError, TimeoutError) as error:
            failed = EndpointFailed(f"the AI endpoint does not answer: {type(error).__name__}")
            raise ServiceUnavailable(_UNAVAILABLE) from failed
        if reply.status != 200:
            raise _refusal(reply)
        return self._read(reply, asked)

    async def close(self) -> None:
        """Let go of the connections."""
        await self._client.aclose()

    async def _ask(self, body: Mapping[str, object]) -> _Reply:
        async with self._client.stream("POST", self._url, json=body) as response:
            read = bytearray()
            async for part in response.aiter_bytes():
                read += part
                if len(read) > _LARGEST:
                    raise InternalError from EndpointFailed("the AI endpoint's answer has no end")
            return _Reply(response.status_code, response.headers, bytes(read))

    def _read(self, reply: _Reply, asked: Generation) -> Generated:
        try:
            said: Any = orjson.loads(reply.body)
            text = said["choices"][0]["message"].get("content") or ""
            usage, model = said.get("usage") or {}, said.get("model") or self._model
            used = usage.get("completion_tokens")
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            raise InternalError from EndpointFailed(f"the AI endpoint's answer has no text: {type(error).__name__}")
        if not (isinstance(text, str) and isinstance(model, str)):
            raise InternalError from EndpointFailed("the AI endpoint's answer has a text or a model that is none")
        tokens = used if type(used) is int and used >= 0 else len(text.split())
        return Generated(text, min(tokens, asked.most_tokens), model)


_UNAVAILABLE = "Text generation is temporarily unavailable"


def _client(headers: Mapping[str, str], seconds: float) -> httpx.AsyncClient:
    """A client as the environment has it: by a proxy, trusting other authorities. A proxy may hold a password."""
    try:
        return httpx.AsyncClient(headers=headers, timeout=httpx.Timeout(seconds))
    except ImportError as error:
        raise UnusableEndpoint(
            "the AI endpoint is reached through a SOCKS proxy (ALL_PROXY, HTTPS_PROXY or HTTP_PROXY), which needs a "
            "package; run: pip install 'httpx[socks]'"
        ) from error
    except OSError as error:  # an SSLError is one
        raise UnusableEndpoint(
            f"the certificates of SSL_CERT_FILE or SSL_CERT_DIR cannot be used for the AI endpoint: "
            f"{error.strerror or type(error).__name__}; name a file in PEM, or neither"
        ) from error
    except (httpx.InvalidURL, ValueError) as error:
        raise UnusableEndpoint(
            "the proxy of HTTP_PROXY, HTTPS_PROXY or ALL_PROXY, or a host of NO_PROXY, cannot be used for the AI "
            "endpoint; write a proxy like http://proxy.example.com:3128, or none"
        ) from error


def _completions(url: str) -> str:
    try:
        parsed = httpx.URL(url)
    except (httpx.InvalidURL, ValueError):
        parsed = httpx.URL("")
    if parsed.scheme not in ("http", "https") or not parsed.host or parsed.userinfo:
        raise UnusableEndpoint("the AI URL is none; write one like https://api.example.com/v1, without user or key")
    path = parsed.path.rstrip("/")
    return str(parsed.copy_with(path=path if path.endswith(_PATH) else path + _PATH, fragment=None))


def _wait(reply: _Reply) -> float:
    wanted = 0.0
    with suppress(ValueError):
        wanted = float(reply.headers.get("Retry-After", ""))
    return _SHORTEST_WAIT if math.isnan(wanted) else min(max(wanted, _SHORTEST_WAIT), _LONGEST_WAIT)


def _refusal(reply: _Reply) -> Problem:
    """The problem that a refusal is for the caller. Raise it."""
    code = ""
    with suppress(ValueError, LookupError, TypeError):
        code = str(orjson.loads(reply.body)["error"]["code"])
    if reply.status in (400, 413, 422) and code in _OF_THE_PROMPT:
        return ValidationFailed(details={"prompt": Sentence.OTHERWISE()})
    problem = ServiceUnavailable(_UNAVAILABLE) if reply.passing else InternalError()
    known = f" ({code})" if _CODE.match(code) else ""
    problem.__cause__ = EndpointFailed(f"the AI endpoint answered {reply.status}{known}")
    return problem
