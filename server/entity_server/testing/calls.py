"""What the server was asked, as values, and what a test expects of it. Pure."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

_MOST_SHOWN = 20
_LONGEST_BODY = 200


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that the contract does not describe. `place` is where it stands: query, body, credential ..."""

    place: str
    name: str | None
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Request:
    """One request, as the server recorded it, without secrets. `valid` and `problems` are the server's verdict.

    `query` is the query by name, the last value of a name that came twice; `body` is the JSON value. `answer` is the
    body of the answer, `status` None where the client left before it. `rules` are the ids of the rules that acted.
    """

    operation: str | None
    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Any
    status: int | None
    answer: Any
    valid: bool
    problems: tuple[Problem, ...]
    rules: tuple[str, ...]
    time: datetime
    recorded: Mapping[str, Any] = field(repr=False)
    """The record as the control port tells it."""

    @classmethod
    def of(cls, recorded: Mapping[str, Any]) -> "Request":
        """A record of the control port."""
        verdict, answer = recorded["verdict"], recorded["answer"] or {}
        return cls(
            operation=recorded["operationId"],
            method=recorded["method"] or "",
            path=recorded["path"],
            query=dict(parse_qsl(recorded["query"], keep_blank_values=True)),
            headers=recorded["headers"],
            body=recorded["body"],
            status=recorded["status"],
            answer=answer.get("body"),
            valid=verdict["valid"],
            problems=tuple(Problem(one["in"], one["name"], one["code"], one["message"]) for one in verdict["problems"]),
            rules=tuple(recorded["rules"]),
            time=datetime.fromisoformat(recorded["time"]),
            recorded=recorded,
        )

    @property
    def line(self) -> str:
        """The request in a line."""
        query = f"?{self.recorded['query']}" if self.recorded["query"] else ""
        sent = "" if self.body is None else f" {json.dumps(self.body, ensure_ascii=False)[:_LONGEST_BODY]}"
        known = self.operation or "no operation"
        verdict = "" if self.valid else "; not valid: " + "; ".join(one.message for one in self.problems)
        return f"{known}: {self.method} {self.path}{query}{sent}, answered {self.status}{verdict}"


@dataclass(frozen=True, slots=True)
class Expected:
    """What `expect_called` is told."""

    operation: str
    times: int | None
    status: int | None
    valid: bool | None
    body: Mapping[str, Any]
    query: Mapping[str, Any]
    path: str | None

    def fits(self, request: Request) -> bool:
        """Whether a request is one of those."""
        return (
            request.operation == self.operation
            and self.status in (None, request.status)
            and self.valid in (None, request.valid)
            and _has(request.body, self.body)
            and _has(request.query, {name: _text(value) for name, value in self.query.items()})
            and (self.path is None or request.path.endswith(self.path))
        )

    @property
    def told(self) -> str:
        """The expectation in words."""
        often = "at least once" if self.times is None else f"{self.times} times" if self.times != 1 else "once"
        said = {"status": self.status, "valid": self.valid, "path": self.path}
        parts = [f"{name} {value}" for name, value in said.items() if value is not None]
        parts += [f"body {dict(self.body)}"] if self.body else []
        parts += [f"query {dict(self.query)}"] if self.query else []
        return f"{self.operation} {often}" + (f" with {', '.join(parts)}" if parts else "")


def problem_of(expected: Expected, found: Sequence[Request], asked: Sequence[Request]) -> str | None:
    """What is wrong with what was found, with all that was asked; None where nothing is."""
    if len(found) == expected.times or (expected.times is None and found):
        return None
    shown = [f"  {request.line}" for request in asked[-_MOST_SHOWN:]]
    left_out = [f"  ... and {len(asked) - _MOST_SHOWN} before"] if len(asked) > _MOST_SHOWN else []
    told = ["the server was asked:", *left_out, *shown] if asked else ["the server was asked nothing"]
    return "\n".join((f"expected {expected.told}; there were {len(found)} such requests", *told))


def _has(sent: Any, members: Mapping[str, Any]) -> bool:  # noqa: ANN401 - any JSON value
    if not members:
        return True
    return isinstance(sent, Mapping) and all(name in sent and sent[name] == value for name, value in members.items())


def _text(value: object) -> str:
    """A value as a query has it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
