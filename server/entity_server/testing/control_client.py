"""Speaks to the control port.

By the standard library's client on purpose: what mocks httpx or httpcore in a user's test (respx, pytest-httpx) must
not come between the test and its server. A server in this process is spoken to without a port.
"""

import http.client
import json
import ssl
import threading
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

_SECONDS = 30.0
_LOST = (http.client.RemoteDisconnected, ConnectionError, http.client.CannotSendRequest, http.client.BadStatusLine)


class ControlError(Exception):
    """The control port refused something, or is gone; the message says what and why."""


Send = Callable[[str, str, object], Mapping[str, Any]]
"""What gives the envelope that answers a method, a path below `/control/v1`, and a JSON body (None for none)."""


class ControlClient:
    """Asks for the operations of the control port. Raises ControlError where one is refused."""

    def __init__(self, send: Send) -> None:
        self._send = send

    def get(self, path: str) -> Any:  # noqa: ANN401 - JSON
        """The data of a GET."""
        return self._ask("GET", path, None)

    def post(self, path: str, body: object = None) -> Any:  # noqa: ANN401 - JSON
        """The data of a POST."""
        return self._ask("POST", path, body)

    def put(self, path: str, body: object) -> Any:  # noqa: ANN401 - JSON
        """The data of a PUT."""
        return self._ask("PUT", path, body)

    def delete(self, path: str) -> Any:  # noqa: ANN401 - JSON
        """The data of a DELETE, None where it has none."""
        return self._ask("DELETE", path, None)

    def _ask(self, method: str, path: str, body: object) -> Any:  # noqa: ANN401 - JSON
        answer = self._send(method, path, body)
        if not answer.get("success"):
            details = "".join(f"; {name}: {why}" for name, why in answer.get("details", {}).items())
            raise ControlError(f"{method} {path}: {answer.get('error', answer)}{details}")
        return answer.get("data")


class ControlConnection:
    """One connection that is kept, for any thread of a test. `url` ends in `/control/v1`."""

    def __init__(self, url: str, token: str) -> None:
        parts = urlsplit(url)
        self._path = parts.path.rstrip("/")
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        self._connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=_SECONDS)
        self._one_at_a_time = threading.Lock()

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def send(self, method: str, path: str, body: object) -> Mapping[str, Any]:
        """The envelope of the answer. Raises ControlError where there is none."""
        with self._one_at_a_time:
            status, text = self._sent(method, path, None if body is None else json.dumps(body))
        try:
            answer = json.loads(text)
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            raise ControlError(f"{method} {path}: the control port answered {status} and no JSON")
        return answer

    def _sent(self, method: str, path: str, body: str | None) -> tuple[int, bytes]:
        """Status and body. A kept connection that was closed meanwhile is opened once more."""
        fresh = self._connection.sock is None
        try:
            self._connection.request(method, self._path + path, body, self._headers)
            response = self._connection.getresponse()
            return response.status, response.read()
        except _LOST as error:
            self._connection.close()
            if not fresh:
                return self._sent(method, path, body)
            raise ControlError(f"{method} {path}: the server is gone ({error})") from error
        except OSError as error:
            self._connection.close()
            raise ControlError(f"{method} {path}: the control port does not answer ({error})") from error


def documented_operations(base_url: str, *, ca: str | None) -> tuple[str, ...]:
    """The operationIds of the contract that the server at `base_url` serves."""
    parts = urlsplit(base_url)
    host = parts.hostname or ""
    if parts.scheme == "https":
        context = ssl.create_default_context(cafile=ca)
        connection: http.client.HTTPConnection = http.client.HTTPSConnection(host, parts.port, context=context)
    else:
        connection = http.client.HTTPConnection(host, parts.port, timeout=_SECONDS)
    try:
        connection.request("GET", "/openapi.json")
        document = json.loads(connection.getresponse().read())
    finally:
        connection.close()
    operations = (operation for item in document["paths"].values() for operation in item.values())
    return tuple(one["operationId"] for one in operations if isinstance(one, dict) and "operationId" in one)
