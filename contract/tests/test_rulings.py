"""Rulings as data: what an entry may be, and what is found by an id."""

import pytest
from entity_contract import rulings
from entity_contract.rulings import Clause, Rulings, RulingsError, parse, told

TEXT = """
chapters:
- name: lists
  title: Lists
  rows:
  - id: L9
    point: "`sort`"
    clauses:
    - id: L9.unknown-field
      level: must
      text: An unknown field is 400 INVALID_SORT.
      reference: "INVALID_SORT | 400 |\\nInvalid sort field"
    - id: L9.comma-list
      level: choice
      alternatives: [refused, honoured]
      text: A comma list is refused, or sorts by each field in turn.
  - id: E19
    point: requests that a check sends
    clauses:
    - id: E19.changes-nothing
      binds: runner
      text: None may change what the run did not make.
"""


@pytest.fixture
def few() -> Rulings:
    return parse(TEXT)


def test_a_clause_is_read_as_it_stands(few: Rulings) -> None:
    assert few.clauses["L9.comma-list"] == Clause(
        id="L9.comma-list",
        text="A comma list is refused, or sorts by each field in turn.",
        level="choice",
        alternatives=("refused", "honoured"),
    )
    assert few.clauses["L9.comma-list"].row == "L9"


def test_a_clause_that_judges_no_deployment_has_no_level(few: Rulings) -> None:
    assert few.level("E19.changes-nothing") is None
    assert few.clauses["E19.changes-nothing"].binds == "runner"


@pytest.mark.parametrize(
    ("right", "wrong", "message"),
    [
        ("chapters:", "chapters: [", "not YAML"),
        ("level: must", "level: may", "L9.unknown-field: may is neither a level nor anybody bound"),
        ("level: must", "binds: nobody", "L9.unknown-field: nobody is neither a level nor anybody bound"),
        ("      level: must\n", "", "L9.unknown-field: state a level, or whom the clause binds"),
        ("      level: must", "      level: must\n      binds: runner", "L9.unknown-field: state a level, or whom"),
        ("level: must", "level: choice", "L9.unknown-field: a choice, and nothing else, lists two alternatives"),
        ("[refused, honoured]", "[refused]", "L9.comma-list: a choice, and nothing else, lists two alternatives"),
        ("[refused, honoured]", "[refused, refused]", "L9.comma-list: a choice, and nothing else, lists two"),
        ("[refused, honoured]", "[400, honoured]", "L9.comma-list: alternatives is not a text"),
        ("L9.comma-list", "L9.unknown-field", "L9.unknown-field: the id is taken"),
        ("L9.comma-list", "L8.comma-list", "L8.comma-list: a clause of the row L9 has an id that begins with L9."),
        ("text: None may", "texts: None may", "E19.changes-nothing: "),
        ("text: None may change what the run did not make.", "text: 7", "E19.changes-nothing: text is not a text"),
    ],
)
def test_an_entry_that_is_wrong_is_named(right: str, wrong: str, message: str) -> None:
    assert TEXT.count(right) >= 1
    with pytest.raises(RulingsError, match="^" + message.replace(".", r"\.").replace("[", r"\[")):
        parse(TEXT.replace(right, wrong, 1))


def test_clauses_of_one_level_have_it_in_common() -> None:
    assert rulings.load().level("L15.not-json", "L15.unknown-field") == "must"


def test_clauses_of_several_levels_have_none_in_common(few: Rulings) -> None:
    with pytest.raises(RulingsError, match=r"L9.unknown-field, L9.comma-list: the clauses have no level in common"):
        few.level("L9.unknown-field", "L9.comma-list")


def test_a_clause_that_is_not_there_has_no_level(few: Rulings) -> None:
    with pytest.raises(RulingsError, match=r"there is no clause L9.nothing"):
        few.level("L9.nothing")


def test_a_row_is_found_by_its_id_in_any_case(few: Rulings) -> None:
    assert [clause.id for clause in few.matching("l9")] == ["L9.unknown-field", "L9.comma-list"]
    assert [clause.id for clause in few.matching("L9.Comma-List")] == ["L9.comma-list"]
    assert few.matching("L") == ()


def test_a_row_is_told_with_its_clauses(few: Rulings) -> None:
    assert told(few, "L9") == (
        "L9  `sort`\n"
        "  L9.unknown-field  MUST\n"
        "      An unknown field is 400 INVALID_SORT.\n"
        '      the reference: "INVALID_SORT | 400 | Invalid sort field"\n'
        "  L9.comma-list  CHOICE {refused, honoured}\n"
        "      A comma list is refused, or sorts by each field in turn."
    )


def test_every_row_is_told_where_none_is_named(few: Rulings) -> None:
    text = told(few) or ""
    assert [line for line in text.splitlines() if line and not line.startswith(" ")] == [
        "L9  `sort`",
        "E19  requests that a check sends",
    ]


def test_a_row_that_is_not_there_is_told_as_nothing(few: Rulings) -> None:
    assert told(few, "L10") is None


def test_the_packaged_rulings_have_every_row() -> None:
    counts = {"L": 23, "R": 19, "O": 8, "A": 15, "E": 20}
    ids = [f"{letter}{number}" for letter, count in counts.items() for number in range(1, count + 1)]
    assert list(rulings.load().rows) == ids
