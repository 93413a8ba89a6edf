"""Every requirement on every entity at a glance, and the list of requirements that can be narrowed. Pure."""

from collections.abc import Iterator, Mapping, Sequence

from entity_conformance.report.findings import Requirements, by_chapter
from entity_conformance.report.html.evidence import is_told
from entity_conformance.report.html.markup import Html, el, join
from entity_conformance.report.html.words import badge, hidden, link, place, scrolling, section, seen_as, sign, worst
from entity_conformance.report.text import excerpt
from entity_conformance.report.verdict import Outcome, Result, Run

_LONGEST = 200


def glance(run: Run, requirements: Requirements) -> Html:
    """A small table a chapter: a column each requirement, a row each entity."""
    key = [el("li", badge(outcome)) for outcome in Outcome if any(one.outcome is outcome for one in run.results)]
    order = {name: at for at, name in enumerate(run.profile.entities)}
    blocks = [_block(chapter, results, order) for chapter, results in by_chapter(run, requirements)]
    what = (
        "A column is a requirement, a row an entity. Point at a cell for its name; choose it for its line in the list."
    )
    return section("map", "Map", el("ul", key, class_="key"), el("div", blocks, class_="blocks"), about=what)


def _block(chapter: str, results: Sequence[Result], order: Mapping[str, int]) -> Html:
    names = list(dict.fromkeys(result.requirement for result in results))
    rows = sorted(dict.fromkeys(map(place, results)), key=lambda row: order.get(row, len(order)))
    cells = {(result.requirement, place(result)): result for result in results}
    head = el("thead", el("tr", el("td"), [el("th", hidden(name), scope="col") for name in names]))
    body = [
        el("tr", el("th", row, scope="row"), [_cell(cells.get((name, row)), name, row) for name in names])
        for row in rows
    ]
    inside = el("table", el("caption", chapter), head, el("tbody", body), class_="map")
    return scrolling(f"map of {chapter}", inside)


def _cell(result: Result | None, name: str, row: str) -> Html:
    if result is None:
        return el("td")
    outcome = result.outcome
    said = hidden(f" {outcome.name}")
    title = f"{name} [{row}]: {outcome.name}"
    return el("td", sign(outcome), said, class_=outcome.name, title=title, data_of=name)


def listed(run: Run, requirements: Requirements) -> Html:
    """All requirements that were looked at, a line each, and what narrows the list."""
    by_name: dict[str, list[Result]] = {}
    for _, results in by_chapter(run, requirements):
        for result in results:
            by_name.setdefault(result.requirement, []).append(result)
    heads = ("outcome", "requirement", "level", "on", "what was seen")
    head = el("thead", el("tr", [el("th", one, scope="col") for one in heads]))
    body = el("tbody", [_line(name, results) for name, results in by_name.items()])
    inside = el("table", el("caption", "requirements", class_="vh"), head, body, class_="list")
    return section("requirements", "Requirements", filters(run), scrolling("list of requirements", inside))


def _line(name: str, results: Sequence[Result]) -> Html:
    outcome = worst(results)
    shown = next(result for result in results if result.outcome is outcome)
    label = link(f"finding-{name}", name) if is_told(outcome) else join(name)
    on: Mapping[Outcome, list[str]] = {}
    for result in results:
        on = {**on, result.outcome: [*on.get(result.outcome, []), place(result)]}
    said = excerpt(shown.message, limit=_LONGEST)
    return el(
        "tr",
        el("td", badge(outcome)),
        el("th", label, scope="row", id=name),
        el("td", results[0].level),
        el("td", [el("span", sign(one), " ", ", ".join(where), class_=f"on {one.name}") for one, where in on.items()]),
        el("td", said),
        data_seen=seen_as(results),
        data_chapter=results[0].chapter,
        data_level=results[0].level,
    )


def filters(run: Run) -> Html:
    """What narrows findings and requirements. Without a script it is not shown, and everything is."""
    known = sorted({result.outcome for result in run.results}, reverse=True)
    boxes = [
        el("label", el("input", type="checkbox", name="outcome", value=one.name), badge(one, f" {_number(run, one):,}"))
        for one in known
    ]
    places = sorted(dict.fromkeys(map(place, run.results)))
    chapters = list(dict.fromkeys(result.chapter for result in run.results))
    levels = list(dict.fromkeys(result.level for result in run.results))
    return el(
        "form",
        el("fieldset", el("legend", "Outcome"), boxes),
        _choice("entity", "Entity", places),
        _choice("chapter", "Chapter", chapters),
        _choice("level", "Level", levels),
        el("label", "Text ", el("input", type="search", name="text", autocomplete="off")),
        el("button", "Show all", type="reset"),
        el("output", class_="shown", aria_live="polite"),
        id="filters",
        aria_label="Narrow findings and requirements",
    )


def _number(run: Run, outcome: Outcome) -> int:
    return sum(result.outcome is outcome for result in run.results)


def _choice(name: str, label: str, values: Sequence[str]) -> Html:
    options: Iterator[Html] = (el("option", one, value=one) for one in values)
    return el("label", f"{label} ", el("select", el("option", "all", value=""), options, name=name))
