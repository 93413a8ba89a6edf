"""The tables of docs/decisions, written from the rulings.

    python -m entity_tests.document.rulings_pages      writes lists.md, records.md and so on

A test compares the pages with the rulings, so that neither says anything that the other does not.
"""

from pathlib import Path

from entity_contract import rulings
from entity_contract.rulings import Chapter, Clause

PAGES = Path(__file__).parents[3] / "docs" / "decisions"


def page(chapter: Chapter) -> str:
    """A chapter as Markdown: a table with a line for each clause."""
    lines = [
        f"# {chapter.title}",
        "",
        "Written from `contract/entity_contract/rulings.yaml` by `python -m entity_tests.document.rulings_pages`:",
        "change the rulings, not this page. What the levels mean is said in [README](README.md).",
        "",
        "| clause | point | decision | level |",
        "|---|---|---|---|",
    ]
    for row in chapter.rows:
        for index, clause in enumerate(row.clauses):
            cells = (clause.id, "" if index else row.point, _decision(clause), clause.title)
            lines.append(f"| {' | '.join(map(_cell, cells))} |")
    return "\n".join(lines) + "\n"


def pages() -> dict[Path, str]:
    """Every page by its path."""
    return {PAGES / f"{chapter.name}.md": page(chapter) for chapter in rulings.load().chapters}


def _decision(clause: Clause) -> str:
    quoted = " ".join((clause.reference or "").split())
    return f"{clause.text} The reference: `{quoted}`" if quoted else clause.text


def _cell(text: str) -> str:
    return text.replace("|", r"\|")


def main() -> None:
    """Write every page."""
    for path, text in pages().items():
        path.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
