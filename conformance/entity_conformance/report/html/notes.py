"""What else there is to know: choices, the dialect, and what was not tested and why. Pure."""

from collections.abc import Sequence

from entity_contract.rulings import Rulings

from entity_conformance.report.causes import Cause
from entity_conformance.report.dialect import dialect
from entity_conformance.report.findings import Requirements, choices, out_of_scope, plain
from entity_conformance.report.html.markup import Html, el, join
from entity_conformance.report.html.words import section, table
from entity_conformance.report.text import count
from entity_conformance.report.verdict import Run


def observed(run: Run, requirements: Requirements, decided: Rulings) -> Html | None:
    """Where several behaviours are right: which one the deployment shows."""
    taken = choices(run)
    if not taken:
        return None
    rows = [(name, plain(choice), _alternatives(name, requirements, decided)) for name, choice in taken.items()]
    what = "Where the rulings allow several behaviours, the one that was seen."
    return section(
        "choices", "Choices", table("choices that were seen", ("requirement", "seen", "ruling"), rows), about=what
    )


def _alternatives(name: str, requirements: Requirements, decided: Rulings) -> str:
    known = requirements.get(name)
    ids = known.decision if known is not None else ()
    clauses = [decided.clauses[id_] for id_ in ids if id_ in decided.clauses]
    return "; ".join(f"{clause.id}: {', '.join(map(plain, clause.alternatives)) or clause.title}" for clause in clauses)


def own_way(run: Run, causes: Sequence[Cause]) -> Html | None:
    """The deployment's dialect."""
    notes = dialect(run, causes)
    if not notes:
        return None
    what = "What the deployment does in its own way, for whoever writes a client for it. A note accuses nobody."
    return section("dialect", "Dialect", table("notes on the dialect", ("about", "what it does"), notes), about=what)


def waivers(run: Run) -> Html | None:
    """The failures that are known, and what became of each waiver."""
    if not run.waivers:
        return None
    rows = [
        (
            use.waiver.requirement,
            use.waiver.entity or "all",
            use.waiver.reason,
            use.waiver.ticket or "",
            use.waiver.expires.isoformat(),
            use.state.replace("-", " "),
            ", ".join(name if entity is None else f"{name} [{entity}]" for name, entity in use.about),
        )
        for use in run.waivers
    ]
    heads = ("requirement", "entity", "reason", "ticket", "last day", "state", "is wrong now")
    what = (
        "Failures that are known and do not count. One that has expired waives nothing; a stale one is needed no more."
    )
    return section("waivers", "Waivers", table("list of waivers", heads, rows), about=what)


def scope(run: Run) -> Html | None:
    """What was left out, and why."""
    reasons = out_of_scope(run)
    rows = [(reason, f"{len(names):,}", _names(names)) for reason, names in reasons.items()]
    parts = [table("reasons and requirements", ("reason", "requirements", "which"), rows)] if rows else []
    if run.profile.opt_in:
        parts.append(el("p", f"Only when asked for: {', '.join(run.profile.opt_in)}."))
    if run.profile.notes:
        parts.append(el("p", "Not tested in the deployment's entities:"))
        parts.append(el("ul", [el("li", note) for note in run.profile.notes]))
    if not parts:
        return None
    number = count(sum(map(len, reasons.values())), "requirement")
    what = f"{number} that this run could not judge or was told to leave out." if rows else None
    return section("scope", "Out of scope", parts, about=what)


def _names(names: Sequence[str]) -> Html:
    listed = ", ".join(names)
    if len(names) <= 6:
        return join(listed)
    return el("details", el("summary", count(len(names), "requirement")), el("p", listed))
