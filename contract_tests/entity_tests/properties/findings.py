"""What a run found: answers by operation and status, and every failure with its level and its exchanges.

Nothing is judged here; `outcome` makes results of it.
"""

from collections import Counter
from dataclasses import dataclass, field, replace

from entity_contract.rulings import Level


@dataclass(frozen=True, slots=True)
class Finding:
    """One failure: on which operation, by which check, how grave and by which ruling, and what was said.

    `exchanges` are the evidence, the one that was judged last. `case` is schemathesis' id of the request.
    """

    operation: str
    check: str
    level: Level
    ruling: str
    message: str
    exchanges: tuple[str, ...] = ()
    case: str = ""
    expected: str = ""
    actual: str = ""


Key = tuple[str, str, str, str]


@dataclass(slots=True)
class Findings:
    """One run's.

    `sent` counts requests of schemathesis by phase, `judged` answers by check, `offered` the cases that coverage could
    make. `guarded` are the operations that were asked without and with wrong credentials, `begun` the phases that
    began. `errors` are defects of these tests, each with the phase that it broke and the exchange that was last.
    """

    answers: dict[str, Counter[int]] = field(default_factory=dict)
    sent: Counter[str] = field(default_factory=Counter)
    judged: Counter[str] = field(default_factory=Counter)
    offered: int = 0
    guarded: set[str] = field(default_factory=set)
    begun: list[str] = field(default_factory=list)
    errors: list[tuple[str, str, tuple[str, ...]]] = field(default_factory=list)
    _found: dict[Key, Finding] = field(default_factory=dict)
    _times: Counter[Key] = field(default_factory=Counter)

    def add(self, finding: Finding) -> None:
        """Keep a finding; of several that differ in their requests alone the first is kept, and they are counted."""
        self._found.setdefault(_key(finding), finding)
        self._times[_key(finding)] += 1

    def led_to(self, case: str, exchanges: tuple[str, ...]) -> None:
        """What came before a request in its sequence is evidence too."""
        for key, finding in self._found.items():
            if case and finding.case == case:
                earlier = tuple(one for one in exchanges if one not in finding.exchanges)
                self._found[key] = replace(finding, exchanges=(*earlier, *finding.exchanges))

    def answered(self, operation: str, status: int, phase: str) -> None:
        """Count an answer to a generated request."""
        self.answers.setdefault(operation, Counter())[status] += 1
        self.sent[phase] += 1

    @property
    def all(self) -> tuple[Finding, ...]:
        """The findings, in the order in which they came."""
        return tuple(self._found.values())

    def times(self, finding: Finding) -> int:
        """How often this was found."""
        return self._times[_key(finding)]

    def successes(self, operation: str) -> int:
        """2xx answers of one operation."""
        return sum(count for status, count in self.answers.get(operation, Counter()).items() if 200 <= status < 300)


def _key(finding: Finding) -> Key:
    return finding.operation, finding.check, finding.level, finding.ruling
