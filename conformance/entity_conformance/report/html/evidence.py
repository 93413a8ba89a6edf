"""What does not hold, by requirement: the clause, the ruling, and for each entity what came and how to see it again.

However broken a deployment is, the page stays small: what finds no room is told in a line. Pure.
"""

from collections.abc import Iterator, Mapping, Sequence

from entity_contract.rulings import Rulings

from entity_conformance.deployment.credentials import MADE_KEY_VARIABLE
from entity_conformance.deployment.exchange import Exchange
from entity_conformance.report.causes import Cause
from entity_conformance.report.curl import curl, making
from entity_conformance.report.findings import Requirements, request_line, source, variables_lines
from entity_conformance.report.html.difference import difference
from entity_conformance.report.html.exchanges import command, whole
from entity_conformance.report.html.markup import Child, Html, el, join, lines
from entity_conformance.report.html.words import badge, facts, hidden, link, place, section, seen_as, worst
from entity_conformance.report.text import count, excerpt
from entity_conformance.report.verdict import Outcome, Result, Run
from entity_conformance.report.waiving import told as waived_as
from entity_conformance.report.waiving import waiver_of

ROOM = 800_000
"""Characters for all findings together: a page holds no more than two million."""
_FIRST = 8
"""Findings that stand open as the page opens."""
_LONGEST = 600
_NO_ROOM = "The page has no room for more: the JSON report holds it."


def is_told(outcome: Outcome) -> bool:
    """Whether a result that ended so stands among the findings."""
    return outcome >= Outcome.blocked


def findings(run: Run, requirements: Requirements, causes: Sequence[Cause], decided: Rulings) -> Html | None:
    """Everything that does not hold, worst first; None where there is nothing."""
    by_requirement: dict[str, list[Result]] = {}
    for result in run.results:
        if is_told(result.outcome):
            by_requirement.setdefault(result.requirement, []).append(result)
    if not by_requirement:
        return None
    ordered = sorted(by_requirement.items(), key=lambda pair: -worst(pair[1]))
    written = _Written(run, requirements, causes, decided)
    told = [written.finding(name, results, is_open=at < _FIRST) for at, (name, results) in enumerate(ordered)]
    what = "What does not hold or could not be judged: the reference's clause, what was expected, and what came."
    return section("findings", "Findings", _variables(run, causes), told, about=what)


class _Written:
    """The findings as they are written, and how much room there is for more."""

    def __init__(self, run: Run, requirements: Requirements, causes: Sequence[Cause], decided: Rulings) -> None:
        self._run = run
        self._requirements = requirements
        self._decided = decided
        self._exchanges = {exchange.id: exchange for exchange in run.exchanges}
        self._causes: Mapping[int, tuple[int, Cause]] = {
            id(one.result): (number, cause) for number, cause in enumerate(causes, start=1) for one in cause.seen
        }
        self._shown: set[str] = set()
        self._left = ROOM

    def finding(self, name: str, results: Sequence[Result], *, is_open: bool) -> Html:
        """One requirement with all that does not hold of it."""
        outcomes = sorted({result.outcome for result in results}, reverse=True)
        head = el("summary", el("h3", name), [badge(outcome) for outcome in outcomes], self._extent(results))
        rest = el("p", _NO_ROOM, class_="note")
        shown = [self._result(one) if self._left > 0 else None for one in results]
        told = el("details", head, self._clause(name), shown, rest if None in shown else None, open=is_open)
        return el(
            "article",
            told,
            class_=f"finding {outcomes[0].name}",
            id=f"finding-{name}",
            data_seen=seen_as(results),
            data_chapter=results[0].chapter,
            data_level=results[0].level,
        )

    def _extent(self, results: Sequence[Result]) -> Html:
        return el("span", ", ".join(dict.fromkeys(map(place, results))), class_="extent")

    def _clause(self, name: str) -> Html | None:
        requirement = self._requirements.get(name)
        if requirement is None:
            return None
        rulings = [self._ruling(id_) for id_ in requirement.decision]
        return facts(
            ("level", requirement.level.upper()),
            ("clause", el("q", requirement.text)),
            ("source", join(source(requirement), ", in the contract ", el("code", requirement.pointer))),
            ("ruling", rulings or None),
            ("all about it", el("code", f"conformance explain {name}")),
        )

    def _ruling(self, id_: str) -> Html:
        clause = self._decided.clauses.get(id_)
        said = f" {clause.title}: {clause.text}" if clause else ""
        return el("p", el("b", id_), said)

    def _result(self, result: Result) -> Html:
        number, _ = self._causes.get(id(result), (0, None))
        cause = link(f"cause-{number}", f"cause {number}") if number else None
        head = el("h4", place(result), " ", badge(result.outcome), " ", cause)
        why = el("p", excerpt(result.message, limit=_LONGEST), class_="why")
        told = join(head, why, difference(result.expected, result.actual))
        waiver = waiver_of(self._run.waivers, result) if result.outcome is Outcome.waived else None
        if waiver is not None:
            told = join(told, el("p", el("b", "waived: "), waived_as(waiver), class_="waiver"))
        self._left -= len(told)
        known = [self._exchanges[id_] for id_ in result.exchanges if id_ in self._exchanges]
        return el("div", told, self._evidence(known) if known else None, class_="result")

    def _evidence(self, known: Sequence[Exchange]) -> Html:
        """What was asked, the line that asks again, and both messages; less of it where there is no room."""
        judged = known[-1]
        line = el("p", el("code", request_line(judged, self._run.target)), class_="asked")
        if judged.id in self._shown:
            return join(line, el("p", "The exchange is ", link(judged.id, "shown above"), ".", class_="note"))
        told = join(line, *self._exchange(judged, known[:-1]))
        if len(told) > self._left:
            told = join(line, el("p", _NO_ROOM, class_="note"))
        else:
            self._shown.add(judged.id)
        self._left -= len(told)
        return told

    def _exchange(self, judged: Exchange, others: Sequence[Exchange]) -> Iterator[Child]:
        yield command(judged)
        made = making(judged, self._run.exchanges)
        if made is not None:
            yield el("p", f"${MADE_KEY_VARIABLE} is the key that this answers: ", el("code", lines(curl(made))))
        beside = [el("li", el("code", request_line(one, self._run.target)), hidden(one.id)) for one in others[-6:]]
        more = el("li", f"and {count(len(others) - 6, 'exchange')} before") if len(others) > 6 else None
        before = join(el("h5", "sent before it, for this check"), el("ul", more, beside)) if beside else None
        yield el("details", el("summary", f"exchange {judged.id}"), whole(judged), before, id=judged.id)


def _variables(run: Run, causes: Sequence[Cause]) -> Html | None:
    told = variables_lines(run, [cause.shown.exchange for cause in causes])
    return el("p", told[0], class_="note") if told else None
