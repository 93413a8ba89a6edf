"""Findings and reports, as values."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from entity_server.client_report.exchange import Exchange

Kind = Literal["wrong", "fragile", "not exercised"]

VERSION = 1
"""Of the report's form."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What a client may do wrong, or may never have met. `clause` is one of the rulings'."""

    id: str
    kind: Kind
    clause: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was found, however often. `exchange` is the first that shows it; None where nothing was met."""

    rule: Rule
    message: str
    exchange: Exchange | None = None
    times: int = 0

    @property
    def line(self) -> str:
        """The finding in a line."""
        where = f" [{self.exchange.method} {_target(self.exchange)}]" if self.exchange else ""
        often = f" ({self.times} times)" if self.times > 1 else ""
        return f"{self.rule.kind}: {self.rule.id} ({self.rule.clause}): {self.message}{where}{often}"


@dataclass(frozen=True, slots=True)
class Report:
    """What is known of a client after so many requests."""

    requests: int
    findings: tuple[Finding, ...]

    @property
    def wrong(self) -> tuple[Finding, ...]:
        """What the contract forbids."""
        return self._of("wrong")

    @property
    def fragile(self) -> tuple[Finding, ...]:
        """What will do harm on a bad day."""
        return self._of("fragile")

    @property
    def not_exercised(self) -> tuple[Finding, ...]:
        """What the client never met."""
        return self._of("not exercised")

    def json(self) -> Mapping[str, Any]:
        """The report as it is written into a file."""
        return {
            "version": VERSION,
            "requests": self.requests,
            "wrong": [_json(finding) for finding in self.wrong],
            "fragile": [_json(finding) for finding in self.fragile],
            "notExercised": [_json(finding) for finding in self.not_exercised],
        }

    def _of(self, kind: Kind) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.rule.kind == kind)


def _json(finding: Finding) -> Mapping[str, Any]:
    shown = finding.exchange
    return {
        "id": finding.rule.id,
        "clause": finding.rule.clause,
        "message": finding.message,
        "times": finding.times,
        "operation": shown.operation if shown else None,
        "request": shown and {"id": shown.id, "method": shown.method, "target": _target(shown), "status": shown.status},
    }


def _target(exchange: Exchange) -> str:
    return exchange.path + (f"?{exchange.query}" if exchange.query else "")
