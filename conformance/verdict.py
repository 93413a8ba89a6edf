"""What a run found, and the one verdict that follows from it.

Pure. The three exceptions are how a check (or what arranges for it) ends other than by passing; anything else that
is raised in a check is a defect of the suite: broken.

    Violation       the deployment broke a requirement: failed, or warned where the requirement is a SHOULD
    Blocked         what the check stands on could not be arranged: nobody is accused
    OutOfProfile    this run has no credential or capability for it: skipped
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import Literal

from conformance.exchange import Exchange
from conformance.ledger import Level

VerdictName = Literal["conforms", "does-not-conform", "inconclusive", "could-not-test"]


class Violation(Exception):  # noqa: N818  # a finding about the deployment, not an error of the suite
    """A requirement does not hold. `expected` and `actual` are short texts for the report."""

    def __init__(self, message: str, *, expected: str | None = None, actual: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.expected = expected
        self.actual = actual


class Blocked(Exception):  # noqa: N818  # says that a check could not be made, and nothing about the requirement
    """A check's precondition failed, so that nothing can be said about its requirement; `reason` says which."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class OutOfProfile(Exception):  # noqa: N818  # says what this run lacks, and nothing about the requirement
    """The run lacks a credential or capability that the check turned out to need; `reason` says which."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Outcome(IntEnum):
    """How one check ended, from best to worst; `name` is the word that reports use."""

    passed = 0
    observed = 1
    skipped = 2
    blocked = 3
    warned = 4
    failed = 5
    broken = 6


@dataclass(frozen=True, slots=True)
class Result:
    """One requirement's outcome for one entity (None where the requirement is not about an entity).

    `message` says why it ended so (for `passed` the check's own sentence, for `observed` the choice taken);
    `expected` and `actual` are short texts, None unless something was expected and not found. `exchanges` are ids.
    """

    requirement: str
    chapter: str
    level: Level
    entity: str | None
    outcome: Outcome
    message: str
    expected: str | None = None
    actual: str | None = None
    exchanges: tuple[str, ...] = ()
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Leftover:
    """Something the run made and could not remove: `kind` is `record` or `key`."""

    kind: Literal["record", "key"]
    entity: str | None
    id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Profile:
    """What this run could test: `name` (`api-key`, `full` ...), and why what lies outside was out.

    `out_of_scope` pairs requirement ids with the reason; `opt_in` are requirements whose checks only run on request.
    """

    name: str
    credentials: tuple[str, ...]
    capabilities: tuple[str, ...]
    entities: tuple[str, ...]
    out_of_scope: tuple[tuple[str, str], ...] = ()
    opt_in: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RequestCount:
    """Requests sent, in all and by kind of credential: any API key, the session cookie, none."""

    total: int
    key: int
    session: int
    none: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """The run in one word, its exit code, and the sentence that says why."""

    name: VerdictName
    exit_code: int
    reason: str


@dataclass(frozen=True, slots=True)
class PlannedCheck:
    """One line of the plan: which requirement, on which entity, after which others."""

    requirement: str
    entity: str | None
    after: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Run:
    """Everything a report tells about one run. `started_at` is RFC 3339; `choices` maps a CHOICE to the one taken."""

    target: str
    suite_version: str
    contract_sha256: str
    started_at: str
    seconds: float
    seed: int
    profile: Profile
    choices: tuple[tuple[str, str], ...]
    plan: tuple[PlannedCheck, ...]
    verdict: Verdict
    requests: RequestCount
    results: tuple[Result, ...]
    exchanges: tuple[Exchange, ...]
    leftovers: tuple[Leftover, ...] = ()
