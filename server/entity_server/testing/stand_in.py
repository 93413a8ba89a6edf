"""What a test has in its hand: where the server is, its credentials, and all that a test can do to it.

Operations are named by operationId. What the server refuses to do is a ControlError with its own words.
"""

import difflib
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any

from entity_server.testing.calls import Expected, Request, problem_of
from entity_server.testing.control_client import ControlClient
from entity_server.testing.credentials import named

SESSION_COOKIE = "better-auth.session_token"
_IN_JSON = {"delay_ms": "delayMs", "dribble_ms": "dribbleMs"}
Records = Mapping[str, Sequence[Mapping[str, Any]] | int]


class Clock:
    """The server's clock. Limits, expiry and `updatedAt` follow it; the machine's stays as it is."""

    def __init__(self, control: ControlClient) -> None:
        self._control = control

    @property
    def now(self) -> datetime:
        """What time it is for the server."""
        return _moment(self._control.get("/clock")["now"])

    def move(
        self,
        *,
        days: float | None = None,
        hours: float | None = None,
        minutes: float | None = None,
        seconds: float | None = None,
        milliseconds: float | None = None,
    ) -> datetime:
        """Move the clock, forward or (by negative numbers) back; the new time."""
        spans = {"days": days, "hours": hours, "minutes": minutes, "seconds": seconds, "milliseconds": milliseconds}
        return _moment(self._control.post("/clock/move", _given(spans))["now"])

    def set(self, now: datetime, *, frozen: bool = False) -> datetime:
        """Set the clock to a moment with a time zone, from which it runs on unless it is frozen."""
        if now.tzinfo is None:
            raise ValueError(f"{now} has no time zone; give one, as in datetime(2030, 1, 31, tzinfo=UTC)")
        return _moment(self._control.put("/clock", {"now": now.isoformat(), "frozen": frozen})["now"])

    def reset(self) -> datetime:
        """Go back to the machine's time."""
        return _moment(self._control.delete("/clock")["now"])


class StandIn:
    """A running server. `base_url` ends in `/api/v1`; `clock` moves its time.

    All credentials are one user's, who has records, but for `other_api_key`, which is another's. `expired_key` has
    expired. `session_token` goes into the cookie better-auth.session_token.
    """

    def __init__(
        self, written: Mapping[str, str], control: ControlClient, operations: Callable[[], Sequence[str]]
    ) -> None:
        """`written` is what a credentials file holds; `operations` tells the operationIds of the contract."""
        known = named(written)
        self.base_url = written["baseUrl"]
        self.api_key, self.read_key = known["api_key"], known["read_key"]
        self.write_key, self.delete_key = known["write_key"], known["delete_key"]
        self.other_api_key, self.expired_key = known["other_api_key"], known["expired_key"]
        self.session_token = known["session_token"]
        self.clock = Clock(control)
        self._control = control
        self._told_operations = operations
        self._snapshots: list[str] = []

    def __repr__(self) -> str:
        return f"<the reference server on {self.base_url}>"

    def bearer(self, key: str | None = None) -> dict[str, str]:
        """The header that sends a key; without one, `api_key`."""
        return {"Authorization": f"Bearer {key or self.api_key}"}

    def cookie(self, token: str | None = None) -> dict[str, str]:
        """The header that sends a session; without one, `session_token`. Over https it has both of its names."""
        names = ("", "__Secure-") if self.base_url.startswith("https:") else ("",)
        sent = [f"{name}{SESSION_COOKIE}={token or self.session_token}" for name in names]
        return {"Cookie": "; ".join(sent)}

    def reset(self) -> None:
        """Go back to the seed: records, keys, sessions, credits, limits, clock, rules and recorded requests."""
        self._control.post("/reset")
        self._snapshots.clear()

    def seed(self, records: Records | None = None, /, *, owner: str | None = None, **more: Any) -> dict[str, Any]:  # noqa: ANN401
        """Add records, and give them back whole, by entity: `seed(tasks=[{"title": "Buy milk"}], products=3)`.

        A number has that many made up. `owner` is a user's id or email; without one, the user of `api_key`.
        """
        asked: dict[str, Any] = {"records": {**(records or {}), **more}}
        if owner is not None:
            asked["owner"] = owner
        made: dict[str, Any] = self._control.post("/seed", asked)["records"]
        return made

    def snapshot(self) -> str:
        """Remember the state; the id of the snapshot."""
        self._snapshots.append(str(self._control.post("/snapshots")["id"]))
        return self._snapshots[-1]

    def restore(self, snapshot: str | None = None) -> None:
        """Go back to a snapshot, or to the last one of this test. It stays."""
        if snapshot is None and not self._snapshots:
            raise LookupError("there is no snapshot in this test; take one with snapshot()")
        self._control.post(f"/snapshots/{snapshot or self._snapshots[-1]}/restore")

    def dump(self) -> dict[str, Any]:
        """Everything that the server keeps."""
        kept: dict[str, Any] = self._control.get("/dump")
        return kept

    def create_key(self, *scopes: str, owner: str | None = None, expires_at: datetime | None = None) -> str:
        """A new API key; without scopes, one with all three. `expires_at` may have passed."""
        asked: dict[str, Any] = {"owner": owner, "scopes": list(scopes) or None}
        asked["expiresAt"] = expires_at and expires_at.isoformat()
        return str(self._control.post("/keys", _given(asked))["key"])

    def create_session(self, *, owner: str | None = None, expires_at: datetime | None = None) -> str:
        """The token of a new session."""
        asked = {"owner": owner, "expiresAt": expires_at and expires_at.isoformat()}
        return str(self._control.post("/sessions", _given(asked))["token"])

    def set_credits(self, balance: int, *, owner: str | None = None) -> None:
        """Set what a user may spend on text generation."""
        self._control.put("/credits", _given({"balance": balance, "owner": owner}))

    def fail_next(  # noqa: PLR0913 - all but the operation by keyword
        self,
        operation: str | None = None,
        *,
        status: int | None = None,
        fault: str | None = None,
        delay_ms: int | None = None,
        dribble_ms: int | None = None,
        cut: bool = False,
        times: int = 1,
        headers: Mapping[str, str] | None = None,
    ) -> str:
        """Answer the next `times` requests of an operation otherwise, or those of any; the id of the rule.

        `status` is one that the operation documents, and changes nothing; `headers` are documented ones of that answer
        with other values, such as `{"Retry-After": "1"}`. `fault` is one of the catalogue (`reference-server faults`).
        `delay_ms` holds back the answer to what is done already, `dribble_ms` sends it in pieces over so long, and
        `cut` closes the connection in its middle. Without any of them the answer is a 500.
        """
        nothing = status is None and fault is None and delay_ms is None and dribble_ms is None and not cut
        return self.rule(
            operation,
            status=500 if nothing else status,
            fault=fault,
            delay_ms=delay_ms,
            dribble_ms=dribble_ms,
            cut=cut or None,
            times=times,
            headers=headers,
        )

    def rule(self, operation: str | None = None, **members: Any) -> str:  # noqa: ANN401 - as the control port has them
        """Make a rule with the members that the control port's document names, such as `nth`, `share` and `seed`.

        `delay_ms` and `dribble_ms` are its `delayMs` and `dribbleMs`.
        """
        asked = {_IN_JSON.get(name, name): value for name, value in members.items()}
        return str(self._control.post("/rules", _given({"operationId": operation, **asked}))["id"])

    def clear_rules(self) -> None:
        """Delete every rule."""
        self._control.delete("/rules")

    @property
    def requests(self) -> tuple[Request, ...]:
        """What the server was asked since the last reset, oldest first, with its verdict on each."""
        return tuple(Request.of(one) for one in self._control.get("/requests"))

    def client_report(self) -> dict[str, Any]:
        """What these requests tell about the client: `wrong`, `fragile` and `notExercised`."""
        report: dict[str, Any] = self._control.get("/client-report")
        return report

    def expect_called(  # noqa: PLR0913 - all but the operation by keyword
        self,
        operation: str,
        *,
        times: int | None = None,
        status: int | None = None,
        valid: bool | None = None,
        body: Mapping[str, Any] | None = None,
        query: Mapping[str, Any] | None = None,
        path: str | None = None,
    ) -> tuple[Request, ...]:
        """The requests of an operation that are as expected. Raises AssertionError where they are none, or not `times`.

        `body` and `query` name members that must be equal; others may be there. `path` is the whole path, or its end.
        """
        __tracebackhide__ = True
        if operation not in self._operations:
            near = " or ".join(difflib.get_close_matches(operation, self._operations, n=2))
            hint = f"; did you mean {near}?" if near else ""
            raise ValueError(f"the contract has no operation {operation!r}{hint}")
        expected = Expected(operation, times, status, valid, body or {}, query or {}, path)
        asked = self.requests
        found = tuple(one for one in asked if expected.fits(one))
        if problem := problem_of(expected, found, asked):
            raise AssertionError(problem)
        return found

    @cached_property
    def _operations(self) -> tuple[str, ...]:
        return tuple(self._told_operations())


def _given(members: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
