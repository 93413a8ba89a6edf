"""The top of the page: the verdict, the root causes, and what the run was and set out to do. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence

from entity_conformance.deployment.credentials import reported
from entity_conformance.report.causes import Cause
from entity_conformance.report.expected import Expected, Share
from entity_conformance.report.findings import extent, left_behind, request_line, requests_line, some
from entity_conformance.report.html.difference import difference
from entity_conformance.report.html.exchanges import command
from entity_conformance.report.html.markup import Html, el, join
from entity_conformance.report.html.words import badge, facts, hidden, link, section, sign, table
from entity_conformance.report.text import count, duration, excerpt
from entity_conformance.report.verdict import Outcome, Run, Verdict, VerdictName

_WORDS: Mapping[VerdictName, str] = {
    "conforms": "Conforms",
    "conforms-except-waived": "Conforms",
    "waivers-are-stale": "Waivers are stale",
    "does-not-conform": "Does not conform",
    "inconclusive": "Inconclusive",
    "could-not-test": "Could not be tested",
    "planned": "Planned",
}
_WHOLE = 12
"""Causes that are told with what shows them; the others are told in a line, and their findings tell the rest."""
_LONGEST = 600
_TITLE = 200


def verdict(run: Run) -> Html:
    """The verdict in large letters, why, and the numbers of each outcome as a bar."""
    numbers = Counter(result.outcome for result in run.results)
    bar = _bar(numbers) if numbers else None
    told = [el("li", badge(one, f" {numbers[one]:,}")) for one in sorted(numbers, reverse=True)]
    name = run.verdict.name
    waived = len({one.requirement for one in run.results if one.outcome is Outcome.waived})
    words = f"Conforms except {waived:,} waived" if name == "conforms-except-waived" else _WORDS[name]
    return el(
        "header",
        el("p", "Conformance of ", el("b", run.target), class_="target"),
        el("h1", words),
        el("p", _reason(run.verdict), " ", el("span", f"exit {run.verdict.exit_code}", class_="exit")),
        [el("p", el("b", "Note: "), caveat, class_="caveat") for caveat in run.caveats],
        bar,
        el("ul", told, class_="key") if told else None,
        class_=f"verdict {run.verdict.name}",
        id="verdict",
    )


def _reason(verdict: Verdict) -> str:
    """Why, without the verdict's own words, which stand above it."""
    words = verdict.name.replace("-", " ")
    reason = verdict.reason.removeprefix(words).lstrip(",: ") or verdict.reason
    return f"{reason[:1].upper()}{reason[1:]}"


def _bar(numbers: Counter[Outcome]) -> Html:
    """How the results are divided; a part that is there is wide enough to be seen."""
    least, width = 6, 1000
    rest = width - least * len(numbers)
    parts, at = list[Html](), 0.0
    for outcome in sorted(numbers, reverse=True):
        wide = least + rest * numbers[outcome] / numbers.total()
        parts.append(el("rect", x=round(at, 1), y=0, width=round(wide, 1), height=14, class_=f"fill {outcome.name}"))
        at += wide
    said = ", ".join(f"{numbers[one]:,} {one.name}" for one in sorted(numbers, reverse=True))
    return el(
        "svg",
        parts,
        viewBox=f"0 0 {width} 14",
        role="img",
        aria_label=f"results: {said}",
        class_="bar",
        preserveAspectRatio="none",
    )


def root_causes(run: Run, causes: Sequence[Cause]) -> Html | None:
    """Each cause with the exchange that shows it; None where nothing is wrong."""
    if not causes:
        return None
    told = [_cause(number, cause, run, is_whole=number <= _WHOLE) for number, cause in enumerate(causes, start=1)]
    what = f"{count(len(causes), 'cause')}: results that differ in the same way in the same operation are told as one."
    return section("causes", "Root causes", el("ol", told, class_="causes"), about=what)


def _cause(number: int, cause: Cause, run: Run, *, is_whole: bool) -> Html:
    names, shown = cause.requirements, cause.shown
    what = names[0] if len(names) == 1 else count(len(names), "requirement")
    head = el(
        "h3",
        el("span", f"{number}", class_="number"),
        " ",
        excerpt(cause.title, limit=_TITLE),
        " ",
        badge(cause.outcome),
        id=f"cause-{number}",
    )
    links = [join(link(f"finding-{name}", name), " ") for name in names[:8]]
    more = f"and {len(names) - 8:,} more" if len(names) > 8 else None
    how_far = extent(what, cause.entities).removeprefix(names[0]).removeprefix(", ")
    where = el("p", f"{how_far}: " if how_far else None, links, more, class_="extent")
    if not is_whole:
        return el("li", head, where, class_=f"cause {cause.outcome.name}")
    exchange = shown.exchange
    line = el("p", el("code", request_line(exchange, run.target)), class_="asked") if exchange is not None else None
    compared = difference(shown.result.expected, shown.actual)
    said = compared or el("p", excerpt(shown.result.message, limit=_LONGEST), class_="why")
    again = command(exchange) if exchange is not None else None
    return el("li", head, where, line, said, again, class_=f"cause {cause.outcome.name}")


def about(run: Run) -> Html:
    """What was tested, with what, and what the run set out to send."""
    profile = run.profile
    told = facts(
        ("target", run.target),
        ("started", run.started_at),
        ("took", duration(run.seconds)),
        ("profile", profile.name),
        ("credentials", ", ".join(reported(name) for name in profile.credentials)),
        ("entities", ", ".join(profile.entities)),
        ("capabilities", ", ".join(profile.capabilities)),
        ("suite", run.suite_version),
        ("contract", el("code", run.contract_sha256[:12])),
        ("seed", str(run.seed)),
    )
    return section("plan", "Run and plan", told, el("p", requests_line(run)), _plan(run.expected), _left_behind(run))


def _plan(expected: Expected | None) -> Html | None:
    if expected is None:
        return None
    what = f"{count(expected.requirements, 'requirement')} in {count(expected.checks, 'check')}"
    said = f"Planned: {what}, {count(expected.requests.total, 'request')} in about {duration(expected.seconds)}."
    rows = [_share(share) for share in expected.shares]
    heads = ("credential", "requests planned", "limit", "left at the start", "reset in")
    shares = table("requests planned for each credential", heads, rows) if rows else None
    reasons = [
        el("li", el("b", f"{len(names):,} left out: "), reason, " (", some(names, at_most=8), ")")
        for reason, names in expected.left_out
    ]
    return join(el("p", said), shares, el("ul", reasons) if reasons else None)


def _share(share: Share) -> tuple[str, ...]:
    def number(value: float | None) -> str:
        return "not told" if value is None else f"{value:,.0f}"

    resets = "not told" if share.resets_in is None else duration(share.resets_in)
    return share.credential, number(share.requests), number(share.limit), number(share.remaining), resets


def _left_behind(run: Run) -> Html | None:
    if not run.leftovers:
        return None
    told = [
        el("li", sign(Outcome.failed), hidden(" left "), f" {one.kind} {left_behind(one)}") for one in run.leftovers
    ]
    said = f"{count(len(told), 'thing')} left behind on the deployment; `conformance cleanup {run.target}` tries again:"
    return el("div", el("p", said), el("ul", told), class_="left-behind")
