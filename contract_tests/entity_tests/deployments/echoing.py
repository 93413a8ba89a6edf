"""The reference server behind a proxy that tells the client's credential in every answer, each time in another way."""

import base64
import codecs
import json
import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import Any

import httpx

_HOP = frozenset({"connection", "content-length", "date", "keep-alive", "server", "transfer-encoding"})


def spellings(secret: str) -> Mapping[str, str]:
    """A secret as a deployment may tell it, by the name of the way. Each stands on its own in what is told."""
    encoded = secret.encode()
    middle = len(secret) // 2
    return {
        "plain": secret,
        "percent": "".join(f"%{octet:02X}" for octet in encoded),
        "base64": base64.b64encode(encoded).decode(),
        "base64 of more": base64.b64encode(b"x:" + encoded + b":y").decode(),
        "base64 for URLs": base64.urlsafe_b64encode(encoded).decode(),
        "hexadecimal": encoded.hex(),
        "JSON escapes": "".join(f"\\u{octet:04x}" for octet in encoded),
        "entities": "".join(f"&#{octet};" for octet in encoded),
        "backwards": secret[::-1],
        "capitals": secret.upper(),
        "two lines": f"{secret[:middle]}\n{secret[middle:]}",
        "many lines": "\n".join(secret[at : at + 8] for at in range(0, len(secret), 8)),
        **loose(secret),
    }


def loose(secret: str) -> Mapping[str, str]:
    """A secret told with something between its letters, in others that look like them, or without a part of it."""
    encoded = secret.encode()
    wide = "".join(chr(ord(letter) + 0xFEE0) if "!" <= letter <= "~" else letter for letter in secret)
    return {
        "hexadecimal with colons": encoded.hex(":"),
        "hexadecimal with dashes": encoded.hex("-").upper(),
        "Base32": base64.b32encode(encoded).decode(),
        "dashes": "-".join(secret),
        "escapes of octets": "".join(f"\\x{octet:02x}" for octet in encoded),
        "escapes of characters": "".join(f"\\u{{{octet:x}}}" for octet in encoded),
        "what nobody sees": "\u200b".join(secret),
        "tags": "<b></b>".join((secret[:9], secret[9:])),
        "full width": wide,
        "base64 of UTF-16": base64.b64encode(secret.encode("utf-16-le")).decode(),
        "by 13 letters": codecs.encode(secret, "rot13"),
        "no last letter": secret[:-1],
        "no prefix": re.sub("^sk_[a-z]+_", "", secret),
    }


def parts(secret: str) -> Mapping[str, str]:
    """The middle of a secret, which is half of it, as a deployment may tell it."""
    private = re.sub("^sk_[a-z]+_", "", secret)
    middle = private[len(private) // 4 : -(len(private) // 4)]
    return {
        "the middle": middle,
        "the middle backwards": middle[::-1],
        "the middle in other letters": middle.swapcase(),
        "the middle in percents": "".join(f"%{octet:02x}" for octet in middle.encode()),
        "the middle in JSON escapes": "".join(f"\\u{octet:04x}" for octet in middle.encode()),
        "the middle in hexadecimal": middle.encode().hex(),
        "the middle in base64": base64.b64encode(middle.encode()).decode(),
        "the middle in base64 of more": base64.b64encode(f"x:{middle}:y".encode()).decode(),
    }


@contextmanager
def echoing(origin: str) -> Iterator[str]:
    """The origin of such a proxy in front of another one."""
    numbers = count()
    client = httpx.Client(base_url=origin, timeout=30)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            sent = {name: value for name, value in self.headers.items() if name.lower() not in {"host", *_HOP}}
            came = client.request(self.command, self.path, content=content, headers=sent)
            secret = (
                sent.get("Authorization", "").rpartition(" ")[2] or sent.get("Cookie", "").partition("=")[2]
            ) or "none"
            ways = [*spellings(secret).values(), *parts(secret).values()]
            way = ways[next(numbers) % len(ways)]
            body = _with(came.content, way)
            self.send_response(came.status_code)
            for name, value in came.headers.items():
                if name.lower() not in _HOP:
                    self.send_header(name, value)
            self.send_header("X-Echo", way.replace("\n", " ").encode("ascii", "ignore").decode())
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(b"" if self.command == "HEAD" else body)

        do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = do_OPTIONS = do_HEAD = _answer  # noqa: N815 - the base class's names

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        client.close()


def _with(content: bytes, way: str) -> bytes:
    """A JSON object with what is told in it, as a member and within its error's text; another body as it is."""
    try:
        body: Any = json.loads(content)
    except ValueError:
        return content
    if not isinstance(body, dict):
        return content
    if "error" in body:
        body["error"] = f"{body['error']} {way}"
    text = json.dumps(body | {"echo": [way, escape(way)]})
    return text.replace(json.dumps(way), '"' + way.replace("\n", "\\n") + '"').encode()
