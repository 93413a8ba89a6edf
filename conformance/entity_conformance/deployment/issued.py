"""Keys that an answer issues: what nobody but this run may read. Pure."""

import json

_NO_SECRET = frozenset({"id", "name", "createdAt", "updatedAt", "expiresAt", "lastUsedAt", "message"})
_SHORTEST_SECRET = 12


def issued_key(content: bytes) -> str | None:
    """The whole API key in an answer that shows one (the answer to its creation)."""
    data = _object(content).get("data")
    key = data.get("key") if isinstance(data, dict) else None
    return key if isinstance(key, str) and not key.endswith("...") else None


def issued(asked: bytes | None, status: int | None, content: bytes) -> tuple[str, ...]:
    """What an answer issues to who `asked` for it: a key, by whatever name the answer to its creation has it."""
    key = issued_key(content)
    whole = () if key is None else (key,)
    request = _object(asked or b"")
    if status is None or not 200 <= status < 300 or "scopes" not in request:
        return whole
    body = _object(content)
    data = body.get("data")
    told = {**body, **(data if isinstance(data, dict) else {})}
    texts = ((name, value) for name, value in told.items() if isinstance(value, str) and value != request.get(name))
    return (*whole, *(value for name, value in texts if name not in _NO_SECRET and len(value) >= _SHORTEST_SECRET))


def _object(content: bytes) -> dict[str, object]:
    try:
        parsed = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return parsed if isinstance(parsed, dict) else {}
