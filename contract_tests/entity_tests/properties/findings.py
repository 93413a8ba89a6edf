"""What a run found: answers by operation and status, and every failure with its level.

Charter: collects; nothing is judged and nothing is printed here.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from entity_contract.rulings import Level


@dataclass(frozen=True, slots=True)
class Finding:
    """One failure: which operation, which check, how grave and by which ruling, what was said, and how to repeat it.

    `answer` is the status and the beginning of the body. Nothing in it is secret.
    """

    operation: str
    check: str
    level: Level
    ruling: str
    message: str
    command: str = ""
    answer: str = ""


@dataclass(slots=True)
class Findings:
    """One run's.

    `phases` counts requests of schemathesis, by phase; `offered` the cases that coverage could make; `guarded` are the
    operations that were asked without and with wrong credentials; `unbegun` the phases for which nothing was left.
    """

    answers: dict[str, Counter[int]] = field(default_factory=dict)
    phases: Counter[str] = field(default_factory=Counter)
    offered: int = 0
    guarded: set[str] = field(default_factory=set)
    unbegun: list[str] = field(default_factory=list)
    checked: Counter[str] = field(default_factory=Counter)
    errors: list[str] = field(default_factory=list)
    _found: dict[tuple[str, str, str, str], Finding] = field(default_factory=dict)
    _times: Counter[tuple[str, str, str, str]] = field(default_factory=Counter)

    def add(self, finding: Finding) -> None:
        """Keep a finding; of several that differ in their requests alone the first is kept, and they are counted."""
        key = (finding.operation, finding.check, finding.level, finding.ruling)
        self._found.setdefault(key, finding)
        self._times[key] += 1

    def answered(self, operation: str, status: int, phase: str) -> None:
        """Count an answer to a generated request."""
        self.answers.setdefault(operation, Counter())[status] += 1
        self.phases[phase] += 1

    def of(self, level: Level) -> tuple[Finding, ...]:
        """The findings of one level, in the order in which they came."""
        return tuple(one for one in self._found.values() if one.level == level)

    def times(self, finding: Finding) -> int:
        """How often this was found."""
        return self._times[(finding.operation, finding.check, finding.level, finding.ruling)]

    @property
    def choices(self) -> Mapping[str, tuple[str, ...]]:
        """The choices that the deployment took otherwise than the reference server: ruling to operations."""
        taken: dict[str, dict[str, None]] = {}
        for one in self.of("choice"):
            taken.setdefault(one.ruling, {})[one.operation] = None
        return {ruling: tuple(operations) for ruling, operations in sorted(taken.items())}

    def successes(self, operation: str) -> int:
        """2xx answers of one operation."""
        return sum(count for status, count in self.answers.get(operation, Counter()).items() if 200 <= status < 300)
