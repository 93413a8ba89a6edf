"""How outcomes and numbers look everywhere in the page. Pure."""

from collections.abc import Iterable
from urllib.parse import quote

from entity_conformance.report.html.markup import Child, Html, el, join
from entity_conformance.report.verdict import Outcome, Result

_SIGNS = {
    "passed": "✓",
    "observed": "◇",
    "new": "+",
    "skipped": "-",
    "blocked": "⊘",
    "warned": "!",
    "waived": "~",
    "failed": "✕",
    "broken": "?",
}
_EVERYWHERE = "API"
"""Where a requirement is about no entity."""


def sign(outcome: Outcome) -> str:
    """One character that tells an outcome without its colour."""
    return _SIGNS[outcome.name]


def badge(outcome: Outcome, *more: Child) -> Html:
    """The outcome as a coloured word."""
    return el("span", sign(outcome), " ", outcome.name, *more, class_=f"badge {outcome.name}")


def hidden(text: str) -> Html:
    """What only a screen reader says."""
    return el("span", text, class_="vh")


def place(result: Result) -> str:
    """The entity of a result, or the API as a whole."""
    return result.entity or _EVERYWHERE


def worst(results: Iterable[Result]) -> Outcome:
    """The worst outcome among some results."""
    return max((result.outcome for result in results), default=Outcome.passed)


def seen_as(results: Iterable[Result]) -> str:
    """What became of each entity, for the script that narrows lists: `failed:tasks passed:orders`."""
    return " ".join(dict.fromkeys(f"{one.outcome.name}:{place(one)}" for one in results))


def section(anchor: str, title: str, *content: Child, about: str | None = None) -> Html:
    """A part of the page with its heading; `about` says in a sentence what it shows."""
    heading = el("h2", title, id=f"{anchor}-title")
    said = el("p", about, class_="about") if about else None
    return el("section", heading, said, *content, id=anchor, aria_labelledby=f"{anchor}-title")


def table(caption: str, head: Iterable[str], rows: Iterable[Iterable[Child]], *, class_: str = "") -> Html:
    """A table that scrolls by itself where the window is narrow; the first cell of a row is its heading."""
    heads = el("thead", el("tr", [el("th", name, scope="col") for name in head]))
    body = el("tbody", [_row(row) for row in rows])
    inside = el("table", el("caption", caption, class_="vh"), heads, body, class_=class_ or None)
    return scrolling(caption, inside)


def scrolling(name: str, *content: Child) -> Html:
    """What may be wider than the window; a keyboard can scroll it."""
    return el("div", *content, class_="scroll", role="region", aria_label=name, tabindex=0)


def link(anchor: str, *content: Child, class_: str | None = None) -> Html:
    """A link to another place of the page."""
    return el("a", *content, href=f"#{quote(anchor)}", class_=class_)


def facts(*pairs: tuple[str, Child]) -> Html:
    """Labels and what belongs to them; a pair without content is left out."""
    return el("dl", [join(el("dt", name), el("dd", said)) for name, said in pairs if said], class_="facts")


def _row(cells: Iterable[Child]) -> Html:
    first, *rest = cells
    return el("tr", el("th", first, scope="row"), [el("td", cell) for cell in rest])
