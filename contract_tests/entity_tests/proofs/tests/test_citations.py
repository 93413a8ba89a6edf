"""Whatever cites a clause of the rulings cites one that is there, and every clause is cited by somebody.

Requirements, property tests, the state machine, variants and faults name clauses by their ids. What a level or a CHOICE
is stands in the rulings alone, so that a citation is all that ties them to what they do.
"""

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from entity_conformance.oracle.reading import CLAUSES, POINTS
from entity_conformance.suite import ledger
from entity_contract import rulings
from entity_contract.rulings import Bound, Clause
from entity_server.faults import FAULTS, Fault
from entity_tests.model import requirements as model
from entity_tests.proofs.variants.catalogue import VARIANTS
from entity_tests.properties import levels, refusals
from entity_tests.properties.judged import Row, WrongRow

ROOT = Path(__file__).parents[4]
DECIDED = rulings.load()
REQUIREMENTS = ledger.load().requirements

SOURCES = (
    "conformance/entity_conformance", "contract/entity_contract", "contract_tests/entity_tests", "server/entity_server",
    "docs", "openapi.yaml",
)  # fmt: skip
WRITTEN = (".py", ".yaml", ".md")
CLAUSE = re.compile(r"(?<![\w./-])[LROAE][0-9]{1,2}\.[a-z0-9]+(?:-[a-z0-9]+)*(?![\w./])")
ROW = re.compile(r"(?<![\w./&;#-])[LROAE][0-9]{1,2}(?![\w.-])")


CITERS = ("contract_tests/entity_tests/properties", "contract_tests/entity_tests/model")

UNCITED: Mapping[Bound, str] = {
    "reference server": "no deployment is judged by it; the server's own tests are",
    "runner": "the runner's own rule",
    "contract": "the shape of the document, which its linters and house rules judge",
}
"""Why nobody need cite a clause that judges no deployment, by whom it binds."""


def cited() -> set[str]:
    """Every clause that a requirement, a property test, the state machine, a variant or a fault cites."""
    modules = [path for folder in CITERS for path in (ROOT / folder).glob("*.py")]
    return {
        *(clause for one in (*REQUIREMENTS.values(), *model.REQUIREMENTS.values()) for clause in one.decision),
        *(text for path in modules for text in constants(path) if text in DECIDED.clauses),
        *(clause for variant in VARIANTS for clause in variant.allowed.clauses),
        *(fault.ruling for fault in FAULTS if fault.ruling is not None),
    }


def constants(path: Path) -> Iterator[str]:
    """The texts in a module's code."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def written() -> Iterator[tuple[Path, str]]:
    for place in SOURCES:
        root = ROOT / place
        for path in [root] if root.is_file() else sorted(root.rglob("*")):
            if path.suffix in WRITTEN and "released" not in path.parts:
                yield path.relative_to(ROOT), path.read_text("utf-8")


def test_every_clause_that_is_named_anywhere_is_there() -> None:
    wrong = [f"{path}: {one}" for path, text in written() for one in CLAUSE.findall(text) if one not in DECIDED.clauses]
    assert wrong == []


def test_every_row_that_is_named_anywhere_is_there() -> None:
    wrong = [f"{path}: {one}" for path, text in written() for one in ROW.findall(text) if one not in DECIDED.rows]
    assert wrong == []


@pytest.mark.parametrize("row", [*levels.ACCEPTED, *levels.REFUSED, *levels.LEFT_OUT], ids=lambda row: row.about)
def test_a_row_of_the_property_tests_cites_a_clause(row: Row | WrongRow) -> None:
    assert row.ruling in DECIDED.clauses


@pytest.mark.parametrize("row", [*refusals.REFUSALS, *refusals.ALLOWANCES], ids=lambda row: f"{row.field} {row.ruling}")
def test_a_documented_refusal_cites_a_clause(row: refusals.Refusal | refusals.Allowance) -> None:
    assert row.ruling in DECIDED.clauses


def test_what_the_property_tests_find_besides_cites_clauses() -> None:
    rows = [row.ruling for found in levels.ANSWERED.values() for row in found]
    assert {
        *rows,
        *levels.LATER.values(),
        *levels.OF_QUERY.values(),
        *levels.OF_BODY.values(),
    } <= DECIDED.clauses.keys()


@pytest.mark.parametrize("point", POINTS)
def test_the_state_machine_reads_a_choice_in_no_more_ways_than_the_rulings_admit(point: str) -> None:
    clause = DECIDED.clauses[CLAUSES[point]]
    assert clause.level == "choice"
    assert len(POINTS[point]) <= len(clause.alternatives)


def test_a_variant_cites_clauses_that_allow_it() -> None:
    cited = {variant.id: variant.allowed for variant in VARIANTS}
    assert [id_ for id_, allowed in cited.items() if not allowed.clauses] == []
    named = [(id_, clause) for id_, allowed in cited.items() for clause in allowed.clauses]
    assert [naming for naming in named if naming[1] not in DECIDED.clauses] == []
    taken = [(id_, clause, one) for id_, allowed in cited.items() for clause, one in allowed.takes]
    assert [taking for taking in taken if taking[2] not in DECIDED.clauses[taking[1]].alternatives] == []


def test_a_fault_breaks_one_clause() -> None:
    """That of its requirement; where that rests on several, the fault names one of them."""
    assert [fault.id for fault in FAULTS if not breaks_one_clause(fault)] == []


def breaks_one_clause(fault: Fault) -> bool:
    decision = REQUIREMENTS[fault.breaks].decision
    return fault.ruling in decision if len(decision) > 1 else fault.ruling is None


def choices() -> list[tuple[Clause, str]]:
    return [(clause, one) for clause in DECIDED.clauses.values() for one in clause.alternatives[1:]]


def test_every_alternative_is_served_by_a_variant() -> None:
    """But the first, which the reference server takes."""
    served = {taking for variant in VARIANTS for taking in variant.allowed.takes}
    assert [(clause.id, one) for clause, one in choices() if (clause.id, one) not in served] == []


def test_a_clause_that_nobody_cites_says_why() -> None:
    """Whatever judges a deployment is cited."""
    known = cited()
    uncited = [clause for clause in DECIDED.clauses.values() if clause.id not in known]
    assert [clause.id for clause in uncited if clause.binds is None or clause.binds not in UNCITED] == []


def test_every_should_and_must_that_a_check_judges_is_broken_by_a_fault() -> None:
    broken = {
        clause
        for fault in FAULTS
        for clause in ((fault.ruling,) if fault.ruling else REQUIREMENTS[fault.breaks].decision)
    }
    checked = {clause for one in REQUIREMENTS.values() if one.untested is None for clause in one.decision}
    assert sorted(checked - broken) == []
