"""A history of a few answers, and what the watches say of it."""

import itertools
import json
from collections.abc import Mapping
from typing import Any

from entity_conformance.deployment.outgoing import Asked, Outgoing
from entity_conformance.oracle.history import History, history
from entity_conformance.suite.watch.judgement import Watch
from entity_contract import Contract

from conformance.tests.answers import reply

BASE = "http://127.0.0.1:5173/api/v1"
DATE = "Wed, 15 Jan 2025 10:30:00 GMT"
HEADERS = {
    "X-Request-ID": "id",
    "X-RateLimit-Limit": "1000",
    "X-RateLimit-Remaining": "900",
    "X-RateLimit-Reset": "1736940600",
    "Date": DATE,
}
KEY = "sk_test_0123456789012345678901234567890"


class Told:
    """Collects exchanges. Each is asked when the one before is answered, unless `at` says from when to when."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self._numbers = itertools.count(1)

    def get(  # an exchange has that many parts
        self,
        path: str = "tasks",
        body: object = None,
        *,
        status: int = 200,
        method: str = "GET",
        sent: Mapping[str, str] | None = None,
        credential: str = "api_key",
        at: tuple[int, int] | None = None,
        text: str | None = None,
        body_sent: object = None,
        headers: Mapping[str, str | None] | None = None,
        **named: str | None,
    ) -> "Told":
        """One more; a header that is None is left out."""
        number = next(self._numbers)
        told = HEADERS | {"X-Request-ID": f"id{number}"}
        other = {name.replace("_", "-"): value for name, value in (dict(headers or {}) | named).items()}
        url = f"{BASE}/{path}"
        answer = reply(
            status,
            {"success": True, "data": []} if body is None else body,
            text=text,
            method=method,
            url=url,
            exchange=f"x{number}",
            **{name.replace("-", "_"): value for name, value in (told | other).items() if value is not None},
        )
        key = {"Authorization": f"Bearer {KEY}"} if credential != "none" else {}
        content = None if body_sent is None else json.dumps(body_sent).encode()
        named_headers = tuple((key | dict(sent or {})).items())
        request = Outgoing(method, url, named_headers, content=content, credential=credential)
        began, ended = at or (2 * number, 2 * number + 1)
        segments = tuple(path.partition("?")[0].split("/"))
        self.asked.append(Asked(request, answer, "a check", segments, began, ended))
        return self

    def history(self, v1: Contract, **facts: Any) -> History:  # the history's own members
        """Everything so far."""
        return history(self.asked, BASE, v1, v1.entities, **facts)


def problems(watch: Watch, told: History) -> list[tuple[str, str]]:
    """What a watch finds, by exchange."""
    return [(one.exchange, str(one.problem)) for one in watch.judge(told) if one.problem is not None]


def judged(watch: Watch, told: History) -> list[str]:
    """The exchanges that a watch judged."""
    return [one.exchange for one in watch.judge(told)]
