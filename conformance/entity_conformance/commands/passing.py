"""A watcher that tells another one, for whoever changes a part of what is told."""

from entity_conformance.report.expected import Expected
from entity_conformance.report.verdict import Result
from entity_conformance.suite.course import Watcher


class Passing(Watcher):
    """Tells all to another."""

    def __init__(self, watcher: Watcher) -> None:
        self._watcher = watcher

    def planned(self, total: int, noun: str = "check") -> None:
        """Passed on."""
        self._watcher.planned(total, noun)

    def expects(self, expected: Expected) -> None:
        """Passed on."""
        self._watcher.expects(expected)

    def started(self, requirement: str, entity: str | None) -> None:
        """Passed on."""
        self._watcher.started(requirement, entity)

    def finished(self, result: Result) -> None:
        """Passed on."""
        self._watcher.finished(result)

    def sent(self, requests: int) -> None:
        """Passed on."""
        self._watcher.sent(requests)

    def waits(self, seconds: float, why: str) -> None:
        """Passed on."""
        self._watcher.waits(seconds, why)
