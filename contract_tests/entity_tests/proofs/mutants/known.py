"""What `docs/mutation.md` says of the mutants that survive: a row for each, equivalent or open."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, cast

from entity_tests.deployments.serving import ROOT

PAGE = ROOT / "docs" / "mutation.md"

Verdict = Literal["equivalent", "open"]


@dataclass(frozen=True, slots=True)
class Survivor:
    """A mutant that the suite does not kill: by its id, with a verdict and the reason for it."""

    mutant: str
    verdict: Verdict
    why: str


def survivors(page: str) -> Mapping[str, Survivor]:
    """The rows of the page, by mutant. A row is `| mutant in backticks | equivalent or open | why |`."""
    return {one.mutant: one for one in _rows(page)}


def row(survivor: Survivor) -> str:
    """A survivor as a row of the page."""
    return f"| `{_escaped(survivor.mutant)}` | {survivor.verdict} | {survivor.why} |"


def _escaped(mutant: str) -> str:
    return mutant.replace("`", "'").replace("|", "\\|")


def _rows(page: str) -> Iterator[Survivor]:
    for line in page.splitlines():
        cells = [cell.strip() for cell in line.replace("\\|", "\0").strip("|").split("|")]
        if line.startswith("| `") and len(cells) == 3 and cells[1] in ("equivalent", "open"):
            mutant = cells[0].strip("`").replace("\0", "|")
            yield Survivor(mutant, cast("Verdict", cells[1]), cells[2].replace("\0", "|"))
