"""What a run found, and the one verdict that follows from it.

Pure. Whatever a check raises besides the exceptions of `deployment.problems` is a defect of the suite: broken.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import IntEnum
from typing import Literal

from entity_contract.rulings import Level

from entity_conformance.deployment.exchange import Exchange
from entity_conformance.deployment.problems import BESIDES, NOT_APPLICABLE, Leftover, RequestCount
from entity_conformance.deployment.settings import Waiver
from entity_conformance.report.expected import Expected
from entity_conformance.report.text import count

NAMED_AT_MOST = 3
"""Requirements that a verdict's reason names; the report has them all."""

VerdictName = Literal[
    "conforms",
    "conforms-except-waived",
    "does-not-conform",
    "waivers-are-stale",
    "inconclusive",
    "could-not-test",
    "planned",
]

LEFT_OUT = "left out by --only"
"""The reason that stands on a requirement which is none of those that the user asked for."""

SKIPPED = "left out by --skip"
"""The reason that stands on a requirement which the user took out. The verdict names it, as it names a waiver's."""

UNTESTED = "could not test: "
"""How the reason begins of a run that had nothing to judge."""

FOR_WHAT_IS_WAIVED = ", which is waived"
"""How the reason ends of what was not tested since it stands on a failure that is known."""

NOT_SEEN = "not seen: no exchange of this run was about it"
"""The reason that stands on a requirement which is judged by whatever answers a run meets, where none tells of it."""


class Outcome(IntEnum):
    """How one check ended, from best to worst; `name` is the word that reports use.

    `new` is whatever became of a requirement that the set of requirements which is scored does not have. `waived` is a
    failure that a waiver holds for.
    """

    passed = 0
    observed = 1
    new = 2
    skipped = 3
    blocked = 4
    warned = 5
    waived = 6
    failed = 7
    broken = 8


JUDGED = tuple(one for one in Outcome if one not in {Outcome.new, Outcome.skipped, Outcome.blocked})


@dataclass(frozen=True, slots=True)
class Result:
    """One requirement's outcome for one entity (None where the requirement is not about an entity).

    `message` says why it ended so (for `passed` the check's own sentence, for `observed` the choice taken);
    `expected` and `actual` are short texts, None unless something was expected and not found. `exchanges` are ids.
    Unless a failure `hinders`, what stands on the requirement can be judged all the same.
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
    hinders: bool = True

    @property
    def said(self) -> str:
        """The message without the differences of other answers."""
        return self.message.partition(BESIDES)[0]

    @property
    def besides(self) -> str:
        """The differences of other answers that the message tells too; nothing where it tells none."""
        return self.message.partition(BESIDES)[2]


@dataclass(frozen=True, slots=True)
class Profile:
    """What this run could test: `name` (`api-key`, `full` ...), and why what lies outside was out.

    `out_of_scope` pairs requirement ids with the reason; `opt_in` are requirements whose checks only run on request.
    `notes` tell what about the deployment's entities could not be used.
    """

    name: str
    credentials: tuple[str, ...]
    capabilities: tuple[str, ...]
    entities: tuple[str, ...]
    out_of_scope: tuple[tuple[str, str], ...] = ()
    opt_in: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


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
class Vocabulary:
    """The contract's own words, by which those of a deployment are known: error codes, response headers, statuses.

    Of the statuses, those of the rulings too.
    """

    codes: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()
    statuses: tuple[int, ...] = ()


WaiverState = Literal["holds", "expired", "stale", "not-judged"]
"""`stale`: everything that it is about was judged, and nothing of it is wrong."""


@dataclass(frozen=True, slots=True)
class WaiverUse:
    """A waiver and what became of it; `about` are the failures that it was written for, as requirement and entity."""

    waiver: Waiver
    state: WaiverState
    about: tuple[tuple[str, str | None], ...] = ()


@dataclass(frozen=True, slots=True)
class RequirementSet:
    """Which requirements were scored: a released version (`0.1`), or `unreleased`; the hash is of ids and levels."""

    version: str = "unreleased"
    sha256: str = "0" * 64


@dataclass(frozen=True, slots=True)
class Run:
    """Everything a report tells about one run.

    `started_at` is RFC 3339; `choices` maps a CHOICE to the one taken; `keys_url` is where the API
    keys are, None for `/keys` below the target. `expected` is what it set out to send, once that was known. `caveats`
    are sentences that no report may leave out; the verdict's reason ends with them.
    """

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
    # asyncio writes out what came of a task when it hands a handler of signals back: that much would take a while
    results: tuple[Result, ...] = field(repr=False)
    exchanges: tuple[Exchange, ...] = field(repr=False)
    leftovers: tuple[Leftover, ...] = ()
    vocabulary: Vocabulary = Vocabulary()
    keys_url: str | None = None
    expected: Expected | None = None
    waivers: tuple[WaiverUse, ...] = ()
    caveats: tuple[str, ...] = ()
    requirement_set: RequirementSet = RequirementSet()


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What besides its results decides the verdict of a run.

    `refused` says why the deployment could not be tested (unreachable, not this API, credentials refused), `unready`
    why no check was begun (the budget); `overdue` says that the run's time was used up, `cut` which limit left too
    little asked, `limited` which rate limit it had to wait for, `spent` that the budget ended what has no other end.
    `planned` is what a run comes to that only was to be planned.
    `defect` is a defect of the suite outside of any check. `strict`, `require_full` and `strict_waivers` are the user's
    wishes; `stale` are the waivers that are no longer needed, by their requirement. `caveats` are the run's.
    """

    interrupted: bool = False
    overdue: str | None = None
    cut: str | None = None
    spent: str | None = None
    limited: str | None = None
    defect: str | None = None
    refused: str | None = None
    unready: str | None = None
    planned: str | None = None
    leftovers: int = 0
    strict: bool = False
    require_full: bool = False
    stale: tuple[str, ...] = ()
    strict_waivers: bool = False
    caveats: tuple[str, ...] = ()


def outcome_of_violation(level: Level, *, strict: bool) -> Outcome:
    """A SHOULD that does not hold is a warning unless the run is strict; what lies outside of a CHOICE fails."""
    return Outcome.warned if level == "should" and not strict else Outcome.failed


def combine(results: Sequence[Result], profile: Profile, circumstances: Circumstances) -> Verdict:
    """The one verdict. Exit codes by precedence: 130 > 70 > 4 > 2 > 1 > 5 > 3 > 0.

    Its reason ends with what slowed the run down or ended it early, and with its caveats.
    """
    found = next(_by_precedence(results, profile, circumstances))
    besides = [
        said
        for said in (circumstances.overdue, circumstances.limited, circumstances.spent, *circumstances.caveats)
        if said and said not in found.reason
    ]
    return replace(found, reason="; ".join([found.reason, *besides]))


def _by_precedence(results: Sequence[Result], profile: Profile, circumstances: Circumstances) -> Iterator[Verdict]:
    """Every verdict that the run deserves, the one that counts first."""
    by = {outcome: tuple(result for result in results if result.outcome is outcome) for outcome in Outcome}
    wrong = by[Outcome.failed] + (by[Outcome.warned] if circumstances.strict else ())
    broken = by[Outcome.broken]
    judged = [one for outcome in JUDGED for one in by[outcome]]
    until_then = f"; until then {_failures(wrong)}" if wrong else ""
    if circumstances.interrupted:
        after = count(len(judged), "check")
        yield Verdict("inconclusive", 130, f"inconclusive: interrupted after {after}{until_then}")
    if circumstances.defect is not None or broken:
        what = circumstances.defect or f"the check of {_names(broken)} broke"
        besides = f"; besides, {_failures(wrong)}" if wrong else ""
        yield Verdict("inconclusive", 70, f"inconclusive, a defect of the suite: {what}{besides}")
    if circumstances.refused is not None:
        yield Verdict("could-not-test", 4, f"{UNTESTED}{circumstances.refused}{until_then}")
    if circumstances.planned is not None:
        yield Verdict("planned", 5 if circumstances.leftovers else 0, circumstances.planned)
    if not judged and circumstances.overdue is None:
        nothing = circumstances.unready or _why_nothing(by, profile)
        yield Verdict("could-not-test", 2, f"{UNTESTED}{nothing}")
    if wrong:
        known = f", besides {excepted}" if (excepted := _excepted(by, profile)) else ""
        yield Verdict("does-not-conform", 1, f"does not conform, profile {profile.name}: {_failures(wrong)}{known}")
    undecided = _undecided(by, profile, circumstances)
    name: VerdictName = "conforms-except-waived" if by[Outcome.waived] else "conforms"
    name = "inconclusive" if undecided else name
    reason = undecided or _conforming(by, profile)
    if circumstances.strict_waivers and circumstances.stale:
        stale = f"{count(len(circumstances.stale), 'waiver')} to be removed (--strict-waivers)"
        yield Verdict("waivers-are-stale", 1, f"{stale}: {', '.join(circumstances.stale)}; {reason}")
    if circumstances.leftovers:
        left = count(circumstances.leftovers, "thing")
        yield Verdict(name, 5, f"{reason}; but {left} that the run made could not be removed")
    yield Verdict(name, 3 if undecided else 0, reason)


def out_of_scope(results: Sequence[Result], profile: Profile) -> tuple[str, ...]:
    """The requirements that this run's profile leaves out, and those that a check found itself unable to test."""
    skipped = [result.requirement for result in results if result.outcome is Outcome.skipped]
    return tuple(dict.fromkeys([*(requirement for requirement, _ in profile.out_of_scope), *skipped]))


def gaps(results: Sequence[Result], profile: Profile) -> tuple[str, ...]:
    """Of what is out of scope the requirements that a run with more could judge, or that it judged nowhere.

    What an entity does not have is no gap where others have it: nothing that is given would bring it in.
    """
    judged = {one.requirement for one in results if one.outcome in JUDGED}
    skipped = [one for one in results if one.outcome is Outcome.skipped]
    missing = [one for one in skipped if not (one.message.startswith(NOT_APPLICABLE) and one.requirement in judged)]
    return out_of_scope(missing, profile)


def _undecided(by: Mapping[Outcome, tuple[Result, ...]], profile: Profile, circumstances: Circumstances) -> str | None:
    """Why the run cannot say that the deployment conforms, though nothing failed; None when it can."""
    binding = {"must", "should"} if circumstances.strict else {"must"}
    blocked = tuple(result for result in by[Outcome.blocked] if result.level in binding)
    missing = gaps([one for of in by.values() for one in of], profile)
    except_ = f", besides {excepted}" if (excepted := _excepted(by, profile)) else ""
    start = f"inconclusive, profile {profile.name}{except_}"
    if circumstances.overdue is not None:
        return f"{start}: {circumstances.overdue}"
    if circumstances.cut is not None:
        return f"{start}: {circumstances.cut}"
    if blocked:
        return f"{start}: {_names(blocked)} could not be tested ({blocked[0].message})"
    if circumstances.require_full and missing:
        return f"{start}: {count(len(missing), 'requirement')} out of scope, and the full profile is required"
    if circumstances.require_full and by[Outcome.blocked]:
        return f"{start}: {_names(by[Outcome.blocked])} blocked, and the full profile is required"
    return None


def _conforming(by: Mapping[Outcome, tuple[Result, ...]], profile: Profile) -> str:
    warned, blocked = by[Outcome.warned], by[Outcome.blocked]
    unseen = tuple(result for result in by[Outcome.skipped] if result.message == NOT_SEEN)
    skipped = [one for one in by[Outcome.skipped] if one not in unseen]
    missing = gaps([*skipped, *(one for outcome in JUDGED for one in by[outcome])], profile)
    apart = [name for name in out_of_scope(skipped, profile) if name not in missing]
    scope = f"{count(len(missing), 'requirement')} out of scope" if missing else "nothing out of scope"
    scope += f", {count(len(apart), 'requirement')} not applicable to some entities" if apart else ""
    warnings = f", {count(len(_distinct(warned)), 'requirement')} warned" if warned else ""
    untested = f", {count(len(_distinct(blocked)), 'requirement')} not tested ({_names(blocked)})" if blocked else ""
    new = f", {count(len(_distinct(by[Outcome.new])), 'requirement')} new and not scored" if by[Outcome.new] else ""
    not_seen = f", {count(len(_distinct(unseen)), 'requirement')} not seen ({_names(unseen)})" if unseen else ""
    except_ = f" except {excepted}" if (excepted := _excepted(by, profile)) else ""
    if is_public(profile):
        judged = _distinct([one for outcome in JUDGED for one in by[outcome]])
        number = count(len(judged), "requirement")
        except_ = f"{except_} in what needs no credentials ({number}), and nothing else was judged (give --api-key)"
    return f"conforms{except_}, profile {profile.name}: {scope}{not_seen}{new}{warnings}{untested}"


def is_public(profile: Profile) -> bool:
    """Whether a deployment was asked for nothing but what anybody may ask: most requirements need a credential."""
    return profile.name.partition(",")[0] == "public"


def _excepted(by: Mapping[Outcome, tuple[Result, ...]], profile: Profile) -> str:
    """What the user took out of the verdict, by a waiver or by `--skip`; nothing where that is nothing."""
    waived = _distinct(by[Outcome.waived])
    skipped = tuple(
        dict.fromkeys(
            [
                *(name for name, reason in profile.out_of_scope if reason == SKIPPED),
                *(one.requirement for one in by[Outcome.skipped] if one.message == SKIPPED),
            ]
        )
    )
    untested = tuple(dict.fromkeys(_names_of(by[Outcome.skipped], FOR_WHAT_IS_WAIVED)))
    told = [(waived, "waived"), (untested, "not tested for that"), (skipped, "skipped by --skip")]
    return " and ".join(f"{len(names):,} {how} ({_few(names)})" for names, how in told if names)


def _names_of(results: Sequence[Result], ending: str) -> Iterator[str]:
    return (one.requirement for one in results if one.message.endswith(ending))


def _failures(wrong: Sequence[Result]) -> str:
    return f"{count(len(_distinct(wrong)), 'requirement')} broken ({_names(wrong)})"


def _why_nothing(by: Mapping[Outcome, tuple[Result, ...]], profile: Profile) -> str:
    if by[Outcome.new]:
        return f"nothing that is scored was tested, what was is new ({_names(by[Outcome.new])})"
    if blocked := by[Outcome.blocked]:
        return f"every check was blocked ({blocked[0].message})"
    chosen = {LEFT_OUT, SKIPPED}
    reasons = (*(reason for _, reason in profile.out_of_scope), *(one.message for one in by[Outcome.skipped]))
    why = Counter(reason for reason in reasons if reason not in chosen)
    lacks = why.most_common(1)[0][0] if why else "--only and --skip leave none"
    return f"nothing was tested, profile {profile.name} leaves out every requirement ({lacks})"


def _distinct(results: Sequence[Result]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(result.requirement for result in results))


def _names(results: Sequence[Result]) -> str:
    return _few(_distinct(results))


def _few(names: Sequence[str]) -> str:
    more = f" and {len(names) - NAMED_AT_MOST:,} more" if len(names) > NAMED_AT_MOST else ""
    return ", ".join(names[:NAMED_AT_MOST]) + more
