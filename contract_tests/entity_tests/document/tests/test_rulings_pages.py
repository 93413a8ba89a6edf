"""The pages of docs/decisions say what the rulings say."""

from pathlib import Path

import pytest
from entity_contract.rulings import Chapter, Clause, Row
from entity_tests.document.rulings_pages import PAGES, page, pages

HAND_WRITTEN = {"README.md"}


@pytest.mark.parametrize("path", pages(), ids=lambda path: path.name)
def test_a_page_is_the_one_that_the_rulings_make(path: Path) -> None:
    assert path.read_text("utf-8") == pages()[path], "run: python -m entity_tests.document.rulings_pages"


def test_there_is_no_other_page() -> None:
    tables = {path.name for path in PAGES.glob("*.md") if not path.name[0].isdigit()}
    assert tables - HAND_WRITTEN == {path.name for path in pages()}


def test_a_clause_is_a_line_of_its_table() -> None:
    clause = Clause(
        id="L9.comma-list",
        text="A comma list.",
        level="choice",
        alternatives=("refused", "honoured"),
        reference="a | b",
    )
    text = page(Chapter("lists", "Lists", (Row("L9", "`sort`", (clause,)),)))
    assert text.splitlines()[0] == "# Lists"
    assert text.splitlines()[-1] == (
        r"| L9.comma-list | `sort` | A comma list. The reference: `a \| b` | CHOICE {refused, honoured} |"
    )
