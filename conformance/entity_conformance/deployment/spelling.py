"""How a deployment spells what the contract fixes: where its API keys are, and what it calls a scope. Pure.

Whoever asks speaks the contract's words. A request is spelled just before it is sent, and its answer is read back; the
evidence shows what was really sent and answered.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from entity_contract import Scope

from entity_conformance.deployment.reply import Reply

KEYS_PATH = "/keys"


@dataclass(frozen=True, slots=True)
class Spelling:
    """`keys_path` is relative to `/api/v1`, or begins with `/api/`. `scopes` are the deployment's names of scopes."""

    keys_path: str = KEYS_PATH
    scopes: tuple[tuple[Scope, str], ...] = ()

    def url(self, url: str, base: str) -> str:
        """The URL that the deployment has in place of one below `/keys`; any other as it is."""
        own = f"{urlsplit(base).path}{KEYS_PATH}"
        parts = urlsplit(url)
        below = parts.path.removeprefix(own)
        if below == parts.path or not (below == "" or below.startswith("/")):
            return url
        root = urlsplit(base).path
        root = root.removesuffix("/api/v1") if self.keys_path.startswith("/api/") else root
        return parts._replace(path=f"{root}{self.keys_path}{below}").geturl()

    def content(self, content: bytes | None) -> bytes | None:
        """The body of a request about a key, with the deployment's names of its scopes."""
        return None if content is None else _renamed(content, dict(self.scopes), lambda body: [body])

    def reply(self, reply: Reply) -> Reply:
        """An answer about keys, with the contract's names of scopes."""
        names = {own: scope for scope, own in self.scopes}
        return replace(reply, content=_renamed(reply.content, names, _keys_in))


def _keys_in(body: Mapping[str, object]) -> list[object]:
    data = body.get("data")
    return data if isinstance(data, list) else [data]


def _renamed(content: bytes, names: Mapping[str, str], keys: Callable[[dict[str, object]], list[object]]) -> bytes:
    """A JSON body whose keys have other names for their scopes; untouched where it holds none of these."""
    if not names:
        return content
    try:
        body = json.loads(content)
    except (ValueError, RecursionError):
        return content
    changed = False
    for key in keys(body) if isinstance(body, dict) else []:
        scopes = key.get("scopes") if isinstance(key, dict) else None
        if isinstance(key, dict) and isinstance(scopes, list):
            key["scopes"] = [names.get(one, one) if isinstance(one, str) else one for one in scopes]
            changed = changed or key["scopes"] != scopes
    return json.dumps(body).encode() if changed else content
