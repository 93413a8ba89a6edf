"""What every report says about a result, in words that do not depend on the report's format.

Pure: a Run and the ledger in, ordered facts out. How a fact looks belongs to the reports.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from entity_conformance.deployment.credentials import MADE_KEY_VARIABLE, reported
from entity_conformance.deployment.exchange import LONGEST_REQUEST_BODY as LONGEST_RECORDED
from entity_conformance.deployment.exchange import Exchange
from entity_conformance.deployment.problems import Leftover
from entity_conformance.deployment.settings import Waiver
from entity_conformance.report.curl import curl, making, variables
from entity_conformance.report.differences import operation
from entity_conformance.report.text import count, duration, excerpt, visible
from entity_conformance.report.verdict import Outcome, Result, Run, Verdict
from entity_conformance.report.waiving import told, waiver_of
from entity_conformance.suite.ledger import Requirement

Requirements = Mapping[str, Requirement]

_LONGEST = 600


@dataclass(frozen=True, slots=True)
class Fact:
    """One labelled line about a result. A fact without a label speaks for itself."""

    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Finding:
    """A result with the clause it is about and its evidence, ready to be laid out.

    `exchange` is the last one that the check had (the one it judged), None where it had none; `command` sends it again,
    and `key` makes a key for it where the run had made its own.
    """

    result: Result
    facts: tuple[Fact, ...]
    exchange: Exchange | None
    command: str | None
    key: str | None = None

    @property
    def title(self) -> str:
        """The requirement, and the entity where there is one: `list.limit-caps-page [tasks]`."""
        return title(self.result.requirement, self.result.entity)


def title(requirement: str, entity: str | None) -> str:
    """A requirement and the entity it was checked on, as one name."""
    return visible(requirement if entity is None else f"{requirement} [{entity}]")


def findings(run: Run, requirements: Requirements, *outcomes: Outcome) -> tuple[Finding, ...]:
    """Everything to say about the results that ended so, in the run's order."""
    return of_results(run, requirements, [result for result in run.results if result.outcome in outcomes])


def of_results(run: Run, requirements: Requirements, results: Iterable[Result]) -> tuple[Finding, ...]:
    """Everything to say about some of a run's results."""
    exchanges = {exchange.id: exchange for exchange in run.exchanges}
    return tuple(
        _finding(result, requirements.get(result.requirement), exchanges, waiver_of(run.waivers, result))
        for result in results
    )


def by_chapter(run: Run, requirements: Requirements) -> tuple[tuple[str, tuple[Result, ...]], ...]:
    """The results of each chapter that has any, chapters in the ledger's order."""
    ledger = [requirement.chapter for requirement in requirements.values()]
    chapters = dict.fromkeys([*ledger, *(result.chapter for result in run.results)])
    grouped = ((chapter, tuple(r for r in run.results if r.chapter == chapter)) for chapter in chapters)
    return tuple((chapter, results) for chapter, results in grouped if results)


def choices(run: Run) -> dict[str, str]:
    """Each CHOICE and what the deployment chose; where its entities differ, every choice seen, `a, b`."""
    seen: dict[str, dict[str, None]] = {}
    for requirement, choice in run.choices:
        seen.setdefault(requirement, {})[choice] = None
    return {requirement: ", ".join(taken) for requirement, taken in seen.items()}


def plain(choice: str) -> str:
    """What the deployment chose, in words: `key-decides` is told as `key decides`."""
    return visible(choice.replace("-", " "))


def out_of_scope(run: Run) -> dict[str, tuple[str, ...]]:
    """Why requirements were left out, and which: the profile's reasons and those of skipped results."""
    pairs = dict.fromkeys(run.profile.out_of_scope)
    known = {requirement for requirement, _ in pairs}
    skipped = (result for result in run.results if result.outcome is Outcome.skipped)
    pairs |= dict.fromkeys((each.requirement, each.message) for each in skipped if each.requirement not in known)
    reasons: dict[str, tuple[str, ...]] = {}
    for requirement, reason in pairs:
        reasons[reason] = (*reasons.get(reason, ()), requirement)
    return reasons


def some(names: Sequence[str], *, at_most: int = 4) -> str:
    """The first of some names, and how many there are besides."""
    named = ", ".join(map(visible, names[:at_most]))
    return named if len(names) <= at_most else f"{named} and {len(names) - at_most:,} more"


def extent(what: str, entities: Sequence[str]) -> str:
    """How far something goes: `12 requirements, 6 entities`; one entity is named."""
    match len(entities):
        case 0:
            return what
        case 1:
            return f"{what}, {visible(entities[0])}"
        case number:
            return f"{what}, {count(number, 'entity', 'entities')}"


def left_behind(left: Leftover) -> str:
    """What is left, and why: `tasks/tsk_9: DELETE answered 500`."""
    name = left.id if left.entity is None else f"{left.entity}/{left.id}"
    return f"{visible(name)}: {visible(left.reason)}"


def request_line(exchange: Exchange, base: str) -> str:
    """`GET /tasks?page=abc → 500`: what was asked below the base, readable, with whose credential, and what came."""
    origin = base.removesuffix(urlsplit(base).path)
    asked = unquote(exchange.url.removeprefix(base).removeprefix(origin), errors="replace")
    sent = reported(exchange.credential)
    whose = {"key": "", "none": " without credentials"}.get(sent, f" by {sent}")
    return f"{exchange.method} {excerpt(asked, limit=_LONGEST)}{visible(whose)} → {exchange.came}"


def variables_lines(run: Run, exchanges: Iterable[Exchange | None]) -> tuple[str, ...]:
    """Which variables the curl lines of these exchanges read; none where they read none.

    Where one stands for a key that the run made, the curl line that makes another is the last.
    """
    known = [exchange for exchange in exchanges if exchange is not None]
    made = next((one for exchange in known if (one := making(exchange, run.exchanges))), None)
    used = dict.fromkeys(name for exchange in (*known, *([made] if made else [])) for name in variables(exchange))
    if not used:
        return ()
    hint = f"The curl lines read {', '.join(f'${name}' for name in used)}."
    for name, option in (("HEADER_", "--header"), ("OTHER_HEADER_", "--other-header")):
        if any(one.startswith(name) for one in used):
            hint += f" ${name}1 is the value of the first {option}."
    if any(operation(exchange, run.target, run.keys_url).path.endswith("/{id}") for exchange in known):
        hint += " What the run made is gone: a line with the id of a record that it made shows another answer now."
    if MADE_KEY_VARIABLE not in used:
        return (hint,)
    if made is None:
        return (f"{hint} ${MADE_KEY_VARIABLE} was redacted: set it to a key with the scopes that the request needs.",)
    how = f"set ${MADE_KEY_VARIABLE} to the key that a creation answers with the scopes that it needs:"
    return f"{hint} The run revoked the keys that it made: {how}", curl(made)


def verdict_line(verdict: Verdict) -> str:
    """The verdict, why, and the exit code: the one line that a reader may stop at."""
    words = verdict.name.replace("-", " ")
    reason = visible(verdict.reason)
    said = reason if reason.lower().startswith((words, "conforms except ")) else f"{words}: {reason}"
    return f"{said} (exit {verdict.exit_code})"


def requests_line(run: Run) -> str:
    """What the run cost: `183 requests (150 by key, 20 by session, 13 without credentials) in 12.3 s`."""
    by = run.requests
    kinds = f"{by.key:,} by key, {by.session:,} by session, {by.none:,} without credentials"
    planned = f", {run.expected.requests.total:,} planned" if run.expected is not None else ""
    return f"{count(by.total, 'request')}{planned} ({kinds}) in {duration(run.seconds)}"


def _finding(
    result: Result, requirement: Requirement | None, exchanges: Mapping[str, Exchange], waiver: Waiver | None
) -> Finding:
    known = [exchanges[id_] for id_ in result.exchanges if id_ in exchanges]
    judged = known[-1] if known else None
    return Finding(
        result=result,
        facts=(
            *([Fact("waived", visible(told(waiver)))] if waiver and result.outcome is Outcome.waived else ()),
            *_facts(result, requirement, judged),
        ),
        exchange=judged,
        command=None if judged is None else curl(judged),
        key=None if judged is None or (made := making(judged, exchanges.values())) is None else curl(made),
    )


def _facts(result: Result, requirement: Requirement | None, judged: Exchange | None) -> Iterable[Fact]:
    if requirement is not None:
        yield Fact("clause", f'"{visible(requirement.text)}"')
        yield Fact("source", source(requirement))
    yield Fact("why", excerpt(result.message, limit=_LONGEST))
    if result.expected is not None:
        yield Fact("expected", excerpt(result.expected, limit=_LONGEST))
    if result.actual is not None:
        yield Fact("actual", excerpt(result.actual, limit=_LONGEST))
    if judged is not None:
        yield from _answer(judged)
        others = [id_ for id_ in result.exchanges if id_ != judged.id]
        besides = f", beside {visible(', '.join(others))}" if others else ""
        yield Fact("evidence", f"exchange {visible(judged.id)}{besides}")
        if len(judged.request_body or "") > LONGEST_RECORDED:
            yield Fact(
                "note", "the request's body was too long to be recorded whole: the curl line sends its beginning"
            )


def _answer(exchange: Exchange) -> Iterable[Fact]:
    """What came back, or why nothing did; an answer that broke off has both."""
    error = "" if exchange.error is None else excerpt(exchange.error, limit=_LONGEST)
    if exchange.status is None:
        yield Fact("answer", f"none after {duration(exchange.seconds)}: {error or 'no reason recorded'}")
        return
    why = f": {error}" if error else ""
    yield Fact("answer", f"{exchange.came} after {duration(exchange.seconds)}{why}")
    if exchange.response_body:
        yield Fact("body", excerpt(exchange.response_body, limit=_LONGEST))


def source(requirement: Requirement) -> str:
    """Where a requirement comes from: the reference's heading, and the clauses of the rulings that settle it."""
    heading = visible(requirement.source)
    return f"{heading}, decision {visible(', '.join(requirement.decision))}" if requirement.decision else heading
