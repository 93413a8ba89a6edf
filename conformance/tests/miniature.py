"""A v1 entity API of a hundred lines, in memory, for tests of the runner; each vice is one way of being wrong.

It knows tasks (and whatever other entity it is given), three keys, one session, and nothing of the query language but
`page`, `limit` and `sort`. It is served over a mocked transport: no socket, no time.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from urllib.parse import parse_qs

import httpx
from entity_contract import load

CONTRACT = load()

BASE = "http://127.0.0.1:5173/api/v1"
KEY, OTHER, SESSION = "sk_test_the_key_of_ada_0001", "sk_test_the_key_of_bob_0002", "token.of-ada%3D"
START = datetime(2025, 1, 15, 10, 30, tzinfo=UTC)

TASK_SCHEMA = {
    "id": {"type": "string", "required": False, "generated": True},
    "title": {"type": "string", "required": True, "maxLength": 200},
    "description": {"type": "string", "required": False},
    "createdAt": {"type": "datetime", "required": False, "generated": True},
    "updatedAt": {"type": "datetime", "required": False, "generated": True},
}

Answer = Callable[[httpx.Request], httpx.Response | None]


@dataclass
class Miniature:
    """The API's state. `before` may answer a request in its place (None lets it through)."""

    before: Answer = lambda _: None
    records: dict[str, dict[str, dict[str, object]]] = field(default_factory=lambda: {"tasks": {}})
    keys: dict[str, dict[str, object]] = field(default_factory=dict)
    owners: dict[str, str] = field(default_factory=lambda: {KEY: "ada", OTHER: "bob"})
    now: datetime = START
    requests: list[str] = field(default_factory=list)
    made: int = 0

    @property
    def transport(self) -> httpx.AsyncBaseTransport:
        return httpx.MockTransport(self.answer)

    async def sleep(self, seconds: float) -> None:
        """Let the deployment's time pass, and nobody else's."""
        self.now += timedelta(seconds=seconds)

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(f"{request.method} {request.url.raw_path.decode()}")
        response = self.before(request) or self._routed(request)
        response.headers["Date"] = format_datetime(self.now, usegmt=True)
        return response

    def _routed(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        if path == "/api/health":
            return httpx.Response(200, json={"status": "healthy", "version": "1", "timestamp": self._time()})
        user = self._user(request)
        if isinstance(user, httpx.Response):
            return user
        parts = path.removeprefix("/api/v1/").split("/")
        if parts[0] == "keys":
            return self._keys(request, parts[1:])
        if parts[0] not in self.records:
            return problem(404, "ENTITY_NOT_FOUND")
        if len(parts) == 1:
            return self._collection(request, parts[0], user)
        return self._record(request, parts[0], parts[1], user)

    def _user(self, request: httpx.Request) -> str | httpx.Response:
        key = request.headers.get("authorization", "").removeprefix("Bearer ")
        if key in self.owners:
            expiry = next((each["expiresAt"] for each in self.keys.values() if each["key"] == key), None)
            if isinstance(expiry, str) and datetime.fromisoformat(expiry) <= self.now:
                return problem(401, "EXPIRED_KEY")
            return self.owners[key]
        cookie = request.headers.get("cookie", "")
        return "ada" if f"better-auth.session_token={SESSION}" in cookie else problem(401, "UNAUTHORIZED")

    def _collection(self, request: httpx.Request, entity: str, user: str) -> httpx.Response:
        if request.method == "OPTIONS":
            methods = ["GET", "POST", "PATCH", "DELETE", "OPTIONS"]
            is_reader = "read_only" in request.headers.get("authorization", "")
            permissions = {"read": True, "write": not is_reader, "delete": not is_reader}
            told = {"entity": entity, "methods": methods, "schema": TASK_SCHEMA, "permissions": permissions}
            return data(200, {**told, "relations": {}})
        if request.method == "POST":
            body = json.loads(request.content)
            if not isinstance(body.get("title"), str):
                return problem(400, "VALIDATION_FAILED", title="Title is required")
            return data(201, shown(self.store(entity, body, user)))
        query = parse_qs(request.url.query.decode())
        page, limit = int(query.get("page", ["1"])[0]), int(query.get("limit", ["20"])[0])
        mine = [record for record in reversed(self.records[entity].values()) if record["owner"] == user]
        chosen = [shown(record) for record in mine[(page - 1) * limit : page * limit]]
        return httpx.Response(
            200,
            json={"success": True, "data": chosen, "pagination": {"page": page, "limit": limit, "total": len(mine)}},
        )

    def store(self, entity: str, body: dict[str, object], user: str) -> dict[str, object]:
        """Create a record, whoever asked."""
        self.made += 1
        id_ = f"tsk_{self.made}"
        self.records[entity][id_] = {**body, "id": id_, "createdAt": self._time(), "owner": user}
        return self.records[entity][id_]

    def _record(self, request: httpx.Request, entity: str, id_: str, user: str) -> httpx.Response:
        record = self.records[entity].get(id_)
        if record is None or record["owner"] != user:
            return problem(404, "NOT_FOUND")
        if request.method == "DELETE":
            del self.records[entity][id_]
            return httpx.Response(200, json={"success": True, "message": "Task deleted successfully"})
        if request.method == "PATCH":
            record.update(json.loads(request.content))
        return data(200, shown(record))

    def _keys(self, request: httpx.Request, rest: list[str]) -> httpx.Response:
        if f"={SESSION}" not in request.headers.get("cookie", ""):
            return problem(401, "UNAUTHORIZED")
        if request.method == "POST":
            body = json.loads(request.content)
            if not isinstance(body.get("name"), str):
                return problem(400, "VALIDATION_FAILED", name="Name is required")
            self.made += 1
            key = {**body, "id": f"key_{self.made}", "key": f"sk_test_made_{self.made:020d}"}
            self.keys[f"key_{self.made}"] = {"expiresAt": None, **key}
            self.owners[str(key["key"])] = "ada"
            return data(201, key)
        if request.method == "DELETE":
            known = self.keys.pop(rest[0], None)
            if known is None:
                return problem(404, "NOT_FOUND")
            self.owners.pop(str(known["key"]))
            return httpx.Response(200, json={"success": True, "message": "API key revoked successfully"})
        masked = [{**key, "key": f"{str(key['key'])[:14]}..."} for key in self.keys.values()]
        return data(200, masked)

    def _time(self) -> str:
        return self.now.strftime("%Y-%m-%dT%H:%M:%SZ")


def shown(record: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in record.items() if name != "owner"}


def data(status: int, content: object) -> httpx.Response:
    return httpx.Response(status, json={"success": True, "data": content})


def problem(status: int, code: str, **details: str) -> httpx.Response:
    return httpx.Response(status, json={"success": False, "error": "No.", "code": code, "details": details})
