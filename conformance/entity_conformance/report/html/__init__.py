"""The report for people to share: one HTML page that asks the network for nothing, and can be read without scripts.

Everything that a deployment said is escaped (`markup`), and the page's own policy lets nothing run but the one script
that is in it. The script narrows lists and copies lines; what it does is in the address, so that a view can be shared.
"""

from base64 import b64encode
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import TextIO

from entity_contract import rulings

from entity_conformance.report.causes import causes
from entity_conformance.report.findings import Requirements
from entity_conformance.report.html import charts, evidence, head, matrix, notes
from entity_conformance.report.html.markup import Html, el, join
from entity_conformance.report.html.words import link
from entity_conformance.report.verdict import Run

_COLOURS = {"conforms": "%231a7f37", "conforms-except-waived": "%231a7f37", "does-not-conform": "%23c62828"}


def render(run: Run, requirements: Requirements, stream: TextIO, *, verbose: bool = False) -> None:  # noqa: ARG001  # nothing is left out
    """Write `run` to `stream` as a page of HTML."""
    stream.write(page(run, requirements))
    stream.flush()


def page(run: Run, requirements: Requirements) -> str:
    """`run` as a page of HTML."""
    found, decided = causes(run), rulings.load()
    sections = {
        "Causes": head.root_causes(run, found),
        "Run and plan": head.about(run),
        "Waivers": notes.waivers(run),
        "Map": matrix.glance(run, requirements) if run.results else None,
        "Findings": evidence.findings(run, requirements, found, decided),
        "Limits": charts.timeline(run),
        "Latency": charts.latency(run),
        "Choices": notes.observed(run, requirements, decided),
        "Dialect": notes.own_way(run, found),
        "Scope": notes.scope(run),
        "Requirements": matrix.listed(run, requirements) if run.results else None,
    }
    shown = {name: part for name, part in sections.items() if part is not None}
    anchors = {"Run and plan": "plan", "Limits": "timeline"}
    links = [el("li", link(anchors.get(name, name.lower()), name)) for name in shown]
    body = el(
        "body",
        el("a", "Skip to the report", href="#verdict", class_="skip"),
        el("nav", el("ul", links), aria_label="Parts of the report"),
        el("main", head.verdict(run), *shown.values()),
        el("footer", el("p", f"v1 conformance suite {run.suite_version}. Secrets are shown in no report.")),
        el("script", Html(_text("page.js"))),
    )
    return f'<!DOCTYPE html>\n<html lang="en">{_head(run)}{body}</html>\n'


def _head(run: Run) -> Html:
    style, script = _text("page.css"), _text("page.js")
    policy = (
        f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    colour = _COLOURS.get(run.verdict.name, "%239a6700")
    icon = f"data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 8 8'><circle cx='4' cy='4' r='4' fill='{colour}'/></svg>"  # noqa: E501
    return el(
        "head",
        el("meta", charset="utf-8"),
        el("meta", http_equiv="Content-Security-Policy", content=policy),
        el("meta", name="viewport", content="width=device-width, initial-scale=1"),
        el("meta", name="color-scheme", content="light dark"),
        el("meta", name="referrer", content="no-referrer"),
        el("title", f"{run.verdict.name.replace('-', ' ')}: {run.target}"),
        el("link", rel="icon", href=icon),
        el("style", Html(style)),
    )


@cache
def _text(name: str) -> str:
    return files("entity_conformance.report.html").joinpath(name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"


__all__ = ["join", "page", "render"]
