"""`conformance list` and `conformance explain`, as text."""

from dataclasses import replace

from entity_conformance.report.listing import Entry, explanation, ruling_explanation, table
from entity_conformance.report.terminal import Terminal
from entity_contract import rulings

from conformance.tests.report.samples import REQUIREMENTS, requirement

CAPS = Entry(REQUIREMENTS["list.limit-caps-page"], "A page carries at most `limit` records.")
ABOVE = Entry(
    replace(REQUIREMENTS["list.limit-above-100"], choices=("refused", "capped")), "A limit above 100 is no error."
)
NO_KEY = Entry(REQUIREMENTS["authentication.no-key"], "A request without credentials is refused.")
UNTESTED = Entry(
    requirement("errors.no-stack-trace", "errors", "500 Internal Server Error", untested="no client can provoke it"),
    None,
)
WIDE = Terminal(width=80)
DECIDED = rulings.load()


def test_requirements_are_listed_by_chapter() -> None:
    assert table((NO_KEY, CAPS, UNTESTED, ABOVE), WIDE) == (
        "authentication (1) ─────────────────────────────────────────────────────────────\n"
        "authentication.no-key  MUST    A request without credentials is refused.\n"
        "\n"
        "listing (2) ────────────────────────────────────────────────────────────────────\n"
        "list.limit-caps-page   MUST    A page carries at most `limit` records.\n"
        "list.limit-above-100   CHOICE  A limit above 100 is no error.\n"
        "\n"
        "errors (1) ─────────────────────────────────────────────────────────────────────\n"
        "errors.no-stack-trace  MUST    not tested: no client can provoke it\n"
        "\n"
        "4 requirements, 3 with a check\n"
    )


def test_a_narrow_terminal_gets_the_sentence_below() -> None:
    assert table((NO_KEY,), Terminal(width=40, unicode=False)) == (
        "authentication (1) ---------------------\n"
        "authentication.no-key  MUST\n"
        "    A request without credentials is\n"
        "    refused.\n"
        "\n"
        "1 requirement, 1 with a check\n"
    )


def test_nothing_is_listed_as_nothing() -> None:
    assert table((), WIDE) == "0 requirements, 0 with a check\n"


def test_a_requirement_is_explained() -> None:
    assert explanation(CAPS, faults=("list-ignores-limit", "list-off-by-one"), decided=DECIDED, terminal=WIDE) == (
        "list.limit-caps-page  MUST\n"
        '  clause    "limit?: number // Default: 20, Max: 100"\n'
        "  source    LIST - Get All Records\n"
        "  contract  #/components\n"
        "  check     A page carries at most `limit` records.\n"
        "  trips on  list-ignores-limit, list-off-by-one\n"
        "  conformance run URL --only list.limit-caps-page\n"
        "  conformance demo --fault list-ignores-limit\n"
    )


def test_a_requirement_is_explained_with_the_text_of_its_ruling() -> None:
    assert explanation(ABOVE, faults=(), decided=DECIDED, terminal=WIDE) == (
        "list.limit-above-100  CHOICE\n"
        '  clause    "Max: 100"\n'
        "  source    LIST - Get All Records, decision L2.above-100\n"
        "  ruling    L2 `limit` above 100\n"
        "            L2.above-100 CHOICE {refused, capped}: Refused with 400\n"
        "            VALIDATION_FAILED, or answered with 200 and `pagination.limit` =\n"
        "            100.\n"
        "  contract  #/components\n"
        "  check     A limit above 100 is no error.\n"
        "  trips on  no fault of the reference server yet\n"
        "  conformance run URL --only list.limit-above-100\n"
    )


def test_a_requirement_without_a_check_says_why_and_cannot_be_run() -> None:
    assert explanation(UNTESTED, faults=(), decided=DECIDED, terminal=WIDE) == (
        "errors.no-stack-trace  MUST\n"
        '  clause    "500 Internal Server Error"\n'
        "  source    LIST - Get All Records\n"
        "  contract  #/components\n"
        "  check     not tested: no client can provoke it\n"
    )


def test_a_clause_is_explained_with_the_requirements_that_judge_it() -> None:
    clauses = DECIDED.matching("L3.empty-page")
    cited = (requirement("list.past-the-end", "list", "page?: number", decision=("L3.empty-page",)), NO_KEY.requirement)
    assert ruling_explanation(clauses, DECIDED, cited, WIDE) == (
        "L3  page past the end\n"
        "  L3.empty-page  SHOULD\n"
        "    text        200, `data: []`, the true `total`, `hasNext` false, `hasPrev`\n"
        "                true.\n"
        '    reference   "hasNext: boolean\\nhasPrev: boolean"\n'
        "    judged by   list.past-the-end\n"
    )


def test_a_clause_that_judges_no_deployment_says_whom_it_binds() -> None:
    text = ruling_explanation(DECIDED.matching("R19.without-directory"), DECIDED, (), WIDE)
    assert text.splitlines()[:2] == ["R19  operations of an entity", "  R19.without-directory  binds the runner"]
    assert "judged by" not in text
