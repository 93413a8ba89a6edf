"""Pages on other origins: which may call the server, and what their browser is told about it (CORS).

Pure. No part of the contract (E17): an option of this server, for those who develop a page against it.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from entity_contract import Contract

from entity_server.http.exchange import Headers

ANY: Final = "*"

_METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"  # those that no operation has are answered, too: 405
_REQUEST_HEADERS = "Authorization, Content-Type, X-Request-ID, Accept-Language, X-API-Version, Prefer"
_UNDOCUMENTED = ("Preference-Applied",)
_ORIGIN = re.compile(
    r"(?P<scheme>[a-z][a-z0-9+.-]*)://(?P<host>\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::(?P<port>[0-9]{1,5}))?"
)
_DEFAULT_PORTS = {"http": 80, "https": 443}
_LAST_PORT = 65535


def origin(text: str) -> str:
    """An origin as browsers spell it: lower case, without the port that goes without saying. `*` is any, `null` a file.

    Raises ValueError with a sentence for anything else.
    """
    if text in (ANY, "null"):
        return text
    match = _ORIGIN.fullmatch(text.lower())
    port = int(match["port"] or 0) if match else 0
    if match is None or port > _LAST_PORT:
        raise ValueError(f"{text!r} is no origin; write one like http://localhost:3000, without a path, or *")
    if match["port"] is None or port == _DEFAULT_PORTS.get(match["scheme"]):
        return f"{match['scheme']}://{match['host']}"
    return f"{match['scheme']}://{match['host']}:{port}"


@dataclass(frozen=True, slots=True)
class Cors:
    """What browsers are told. `origins` are those that may call, as they spell them, or `*` alone."""

    origins: frozenset[str]
    exposed: str

    @classmethod
    def of(cls, origins: Iterable[str], contract: Contract) -> "Cors":
        """For these origins, who may read every header that an answer of the contract carries."""
        documented = (
            header.name
            for operation in contract.operations
            for response in operation.responses
            for header in response.headers
        )
        return cls(frozenset(origins), ", ".join(dict.fromkeys((*documented, *_UNDOCUMENTED))))

    def headers(self, asked: Headers) -> Mapping[str, str]:
        """What any answer carries. To another origin that is only that the answer depends on the origin."""
        if ANY in self.origins:
            return {"Access-Control-Allow-Origin": ANY, "Access-Control-Expose-Headers": self.exposed}
        if (known := self._known(asked)) is None:
            return {"Vary": "Origin"}
        return {
            "Access-Control-Allow-Origin": known,
            "Access-Control-Allow-Credentials": "true",
            "Access-Control-Expose-Headers": self.exposed,
            "Vary": "Origin",
        }

    def preflight(self, asked: Headers) -> Mapping[str, str]:
        """What the answer to a preflight carries as well; nothing for another origin."""
        if ANY not in self.origins and self._known(asked) is None:
            return {}
        return {"Access-Control-Allow-Methods": _METHODS, "Access-Control-Allow-Headers": _REQUEST_HEADERS}

    def _known(self, asked: Headers) -> str | None:
        sent = asked.getall("Origin", ())
        return sent[0] if len(sent) == 1 and sent[0] in self.origins else None


def is_preflight(method: str, headers: Headers) -> bool:
    """A browser's question before a request (O6): it is not the OPTIONS operation, and carries no credentials."""
    return method == "OPTIONS" and bool(
        headers.getall("Origin", ()) and headers.getall("Access-Control-Request-Method", ())
    )
