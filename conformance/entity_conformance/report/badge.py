"""The verdict as a badge: one small SVG, with no font and no address of anybody else."""

from html import escape
from typing import TextIO

from entity_conformance.report.findings import Requirements, out_of_scope
from entity_conformance.report.text import visible
from entity_conformance.report.verdict import SKIPPED, Outcome, Run, is_public

_LABEL = "v1 API"
_GREEN, _YELLOW, _RED, _GREY = "#1a7f37", "#8a6100", "#b3261e", "#57606a"
_COLOURS = {
    "conforms": _GREEN,
    "conforms-except-waived": _GREEN,
    "does-not-conform": _RED,
    "waivers-are-stale": _RED,
    "inconclusive": _YELLOW,
}
_CONFORMING = {"conforms", "conforms-except-waived"}
_NARROWED = {"read-only", "smoke", "selected"}
"""Words of a profile by which less was judged than a deployment could show."""
_PER_CHARACTER, _PADDING = 6.6, 12


def render(run: Run, requirements: Requirements, stream: TextIO, *, verbose: bool = False) -> None:  # noqa: ARG001  # a badge has one size
    """Write the verdict of `run` to `stream` as an SVG."""
    said = words(run)
    left, right = (round(len(text) * _PER_CHARACTER + _PADDING) for text in (_LABEL, said))
    is_part = is_public(run.profile) and run.verdict.exit_code == 0
    colour, whole = _GREY if is_part else _COLOURS.get(run.verdict.name, _GREY), left + right
    about = f"{_LABEL}: {said}, profile {run.profile.name}, {run.started_at}"
    title = escape(visible("; ".join((about, *run.caveats))))
    stream.write(
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{whole}" height="20" viewBox="0 0 {whole} 20" role="img"'
        f' aria-label="{title}"><title>{title}</title>'
        f'<clipPath id="r"><rect width="{whole}" height="20" rx="3"/></clipPath><g clip-path="url(#r)">'
        f'<rect width="{left}" height="20" fill="#3c4148"/>'
        f'<rect x="{left}" width="{right}" height="20" fill="{colour}"/></g>'
        '<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11" text-anchor="middle">'
        f'<text x="{left / 2:g}" y="14" textLength="{left - _PADDING}">{_LABEL}</text>'
        f'<text x="{left + right / 2:g}" y="14" textLength="{right - _PADDING}">{escape(said)}</text></g></svg>\n'
    )
    stream.flush()


def words(run: Run) -> str:
    """`conforms`, `conforms except 2 waived and 3 skipped`, `conforms (smoke)`, `does not conform` ..."""
    said = run.verdict.name.replace("-", " ")
    if run.verdict.name in _CONFORMING:
        is_waived = run.verdict.name == "conforms-except-waived"
        waived = {one.requirement for one in run.results if is_waived and one.outcome is Outcome.waived}
        skipped = out_of_scope(run).get(SKIPPED, ())
        parts = [f"{len(names):,} {how}" for names, how in ((waived, "waived"), (skipped, "skipped")) if names]
        said = f"conforms except {' and '.join(parts)}" if parts else said
        narrowed = [word for word in run.profile.name.split(", ") if word in _NARROWED]
        said += f" ({', '.join(narrowed)})" if narrowed else ""
    return f"{said} without credentials" if is_public(run.profile) else said
