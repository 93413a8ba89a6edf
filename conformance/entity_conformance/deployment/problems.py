"""What asking a deployment can end in besides an answer, and what is counted meanwhile. Values only.

The three exceptions are how a check (or what arranges for it) ends other than by passing; anything else that is raised
in a check is a defect of the suite.

    Violation       the deployment broke a requirement: failed, or warned where the requirement is a SHOULD
    Blocked         what the check stands on could not be arranged: nobody is accused
    OutOfProfile    this run has no credential or capability for it: skipped
"""

from dataclasses import dataclass
from typing import Literal

NOT_APPLICABLE = "not applicable: "
"""How the reason begins where an entity does not have what a requirement is about."""

NOT_THERE = "not there: "
"""How the note begins that names entities of the contract which the deployment does not have."""


BESIDES = "; besides: "
"""What stands between a finding and the other differences of the answers that were judged with it."""


class Violation(Exception):  # noqa: N818  # a finding about the deployment, not an error of the suite
    """A requirement does not hold. `expected` and `actual` are short texts for the report.

    `exchange` is the id of the exchange that `actual` was found in, None where it stands in no single one; `besides`
    are those that it was compared with, without which nothing would be wrong. Unless it `hinders`, whatever stands on
    the requirement can be judged all the same. `further` are other differences of what was judged together with it.
    """

    further: tuple[str, ...] = ()

    def __init__(  # noqa: PLR0913  # what a finding consists of
        self,
        message: str,
        *,
        expected: str | None = None,
        actual: str | None = None,
        exchange: str | None = None,
        besides: tuple[str, ...] = (),
        hinders: bool = True,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.expected = expected
        self.actual = actual
        self.exchange = exchange
        self.besides = besides
        self.hinders = hinders

    @property
    def told(self) -> str:
        """The message with what else is different."""
        return BESIDES.join([self.message, "; ".join(self.further)]) if self.further else self.message


class Blocked(Exception):  # noqa: N818  # says that a check could not be made, and nothing about the requirement
    """A check's precondition failed, so that nothing can be said about its requirement; `reason` says which."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Unjudged(Blocked):
    """What a judgement is about is not there, which another requirement judges: what stands on this one may hold."""


class TooLarge(Blocked):
    """The deployment's answers are together more than a run may hold."""


class Limited(Blocked):
    """A rate limit of the deployment's does not let the request through for longer than may be waited."""


BUDGET = "the budget of"
"""How a reason begins that is the user's own number of requests."""


class OverBudget(Blocked):
    """The requests that the user allows the run are used up."""


class Unshown(Blocked):
    """A write was not sent, since no answer shows what the creation of its record wrote."""


class OutOfProfile(Exception):  # noqa: N818  # says what this run lacks, and nothing about the requirement
    """The run lacks a credential or capability that the check turned out to need; `reason` says which."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class NotApplicable(OutOfProfile):
    """What the check is about, an entity does not have: nothing that a user could give would bring it in."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason if reason.startswith(NOT_APPLICABLE) else f"{NOT_APPLICABLE}{reason}")


class Refused(Exception):  # noqa: N818  # the deployment's answer, not an error of the suite
    """The deployment cannot be tested. `reason` is one line for the person who started the run."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Leftover:
    """Something the run made and could not remove: `kind` is `record` or `key`."""

    kind: Literal["record", "key"]
    entity: str | None
    id: str
    reason: str


@dataclass(frozen=True, slots=True)
class RequestCount:
    """Requests sent, in all and by kind of credential: any API key, the session cookie, none."""

    total: int
    key: int
    session: int
    none: int
