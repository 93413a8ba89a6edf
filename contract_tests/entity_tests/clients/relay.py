"""A relay between a program and a server that notes every call, so that what a program says is not taken on trust.

Forwards each request as it came and each answer as it is; notes no credential, only of which kind it was.
"""

import http.client
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

SECONDS = 30
DEFAULTS = frozenset({("page", "1"), ("limit", "20"), ("order", "asc")})
"""What some clients send though nobody asked for it."""
HOP_BY_HOP = frozenset({"connection", "keep-alive", "upgrade", "http2-settings", "transfer-encoding", "te", "trailer"})


@dataclass(frozen=True, slots=True)
class Relay:
    """A relay in front of one server. `calls` grows while it is used."""

    root: str
    calls: list[str] = field(default_factory=list)


@contextmanager
def relaying(root: str) -> Iterator[Relay]:
    """A relay to the API at `root`, until the block ends."""
    upstream = urlsplit(root)
    assert upstream.hostname is not None
    server = _Server(upstream.hostname, upstream.port or 80, upstream.path)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield Relay(f"http://127.0.0.1:{server.server_port}{upstream.path}", server.calls)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def noted(method: str, target: str, credential: str, body: bytes, status: int) -> str:
    """A call in one line: ids and values left out, but for the body of a PATCH, where null and nothing differ."""
    parts = urlsplit(target)
    path = re.sub(r"/[a-z]{3}_[^/]+", "/{id}", parts.path)
    names = "&".join(sorted({name for name, value in parse_qsl(parts.query) if (name, value) not in DEFAULTS}))
    change = f" {json.dumps(json.loads(body), sort_keys=True)}" if method == "PATCH" else ""
    return f"{method} {path}{'?' if names else ''}{names}{change} by {credential}: {status}"


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, host: str, port: int, prefix: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.upstream, self.prefix = (host, port), prefix
        self.calls: list[str] = []


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = SECONDS

    def _forward(self) -> None:
        server = self.server
        assert isinstance(server, _Server)
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {name: value for name, value in self.headers.items() if name.lower() not in HOP_BY_HOP}
        connection = http.client.HTTPConnection(*server.upstream, timeout=SECONDS)
        connection.request(self.command, self.path, body or None, headers)
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        credential = next((name for name in ("Cookie", "Authorization") if name in self.headers), "nobody")
        call = noted(self.command, self.path.removeprefix(server.prefix), credential, body, answer.status)
        server.calls.append(call)
        self.send_response_only(answer.status, answer.reason)
        for name, value in answer.getheaders():
            if name.lower() not in HOP_BY_HOP | {"content-length"}:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_PATCH = do_DELETE = do_OPTIONS = _forward  # noqa: N815  # names that the library looks for

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the library's signature
        """Nothing: a request line may hold what a report must not."""
