"""One HTTP exchange, whole or not at all: a deadline for all of it, and a size and a depth for the answer.

`requests` bounds the time of each read, so that an answer that drips a byte a second never ends; here a watchdog shuts
the socket when the time is over. What is larger or nested deeper than anything the API says is no answer.

Errors: `requests.RequestException` of every kind; `NoWholeAnswer` is ours.

Charter: knows sockets and bytes, and nothing of the API, of credentials or of a budget.
"""

import socket
import threading
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from requests.utils import get_environ_proxies
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

LARGEST_ANSWER = 8 * 1024 * 1024
DEEPEST_ANSWER = 200
_CHUNK = 64 * 1024
_under_way = threading.local()


class NoWholeAnswer(requests.RequestException):
    """An answer began, and no whole one that can be read came of it."""


class _Watched(HTTPConnection):
    def request(self, *args: Any, **kwargs: Any) -> None:
        super().request(*args, **kwargs)
        _under_way.socket = self.sock


class _WatchedSecurely(HTTPSConnection):
    def request(self, *args: Any, **kwargs: Any) -> None:
        super().request(*args, **kwargs)
        _under_way.socket = self.sock


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Watched


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _WatchedSecurely


class Line(HTTPAdapter):
    """The connections to one deployment. `use_proxies` takes the environment's proxies."""

    def __init__(self, *, timeout: float, use_proxies: bool) -> None:
        super().__init__(pool_maxsize=4)
        self._timeout = timeout
        self._use_proxies = use_proxies

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}

    def exchange(self, request: requests.PreparedRequest) -> requests.Response:
        """Send a request and read its whole answer. Raises RequestException."""
        proxies = get_environ_proxies(request.url or "") if self._use_proxies else {}
        late = threading.Event()
        _under_way.socket = None
        sockets = _under_way.__dict__
        watchdog = threading.Timer(self._timeout, _cut, (sockets, late))
        watchdog.daemon = True
        watchdog.start()
        try:
            response = self.send(request, stream=True, timeout=self._timeout, verify=True, proxies=proxies)
            _read(response)
        except (requests.RequestException, HTTPError, OSError) as error:
            if late.is_set() or isinstance(error, requests.Timeout):
                raise NoWholeAnswer(f"no whole answer within {self._timeout:g} s", request=request) from None
            if isinstance(error, requests.RequestException):
                raise
            raise NoWholeAnswer(f"the answer broke off: {type(error).__name__}", request=request) from error
        finally:
            watchdog.cancel()
        if late.is_set():
            raise NoWholeAnswer(f"no whole answer within {self._timeout:g} s", request=request)
        return response


def _cut(under_way: dict[str, Any], late: threading.Event) -> None:
    """End an exchange from the watchdog's thread."""
    late.set()
    connection = under_way.get("socket")
    if connection is not None:
        try:
            socket.socket.shutdown(connection, socket.SHUT_RDWR)
        except OSError:
            return  # it ended by itself meanwhile


def _read(response: requests.Response) -> None:
    content = bytearray()
    raw = response.raw
    while chunk := raw.read1(_CHUNK, decode_content=True):
        content += chunk
        if len(content) > LARGEST_ANSWER:
            response.close()
            raise NoWholeAnswer(f"the answer is larger than {LARGEST_ANSWER // 1024**2} MiB", request=response.request)
    response.close()
    if _is_too_deep(bytes(content)):
        raise NoWholeAnswer(f"the answer is nested deeper than {DEEPEST_ANSWER}", request=response.request)
    response._content = bytes(content)  # noqa: SLF001  # how requests itself keeps what was read
    response._content_consumed = True  # noqa: SLF001


def _is_too_deep(content: bytes) -> bool:
    """Whether brackets are nested deeper than in any answer of the API."""
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
