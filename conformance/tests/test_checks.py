"""The house rules of the checks and their ledger."""

import ast
import importlib
import inspect
import re
from pathlib import Path

import entity_contract as contract
import pytest
from entity_conformance.suite import checks as package
from entity_conformance.suite import ledger
from entity_conformance.suite import run as suite
from entity_conformance.suite.registry import Check
from entity_contract import Contract

LEDGER = ledger.load()
CHECKS: tuple[Check, ...] = tuple(
    check
    for name in ledger.CHAPTERS
    for check in importlib.import_module(f"entity_conformance.suite.checks.{name}").chapter.checks
)
SOURCES = sorted(Path(inspect.getfile(package)).parent.glob("*.py"))
LONGEST_BODY = 15


@pytest.fixture(scope="module")
def v1() -> Contract:
    return contract.load()


def test_every_requirement_has_a_check_or_a_reason_why_not() -> None:
    proven = {check.requirement for check in suite.checks()}
    excused = {requirement.id for requirement in LEDGER.requirements.values() if requirement.untested}

    assert proven | excused == set(LEDGER.requirements)
    assert not proven & excused


def test_no_requirement_has_two_checks() -> None:
    assert len({check.requirement for check in CHECKS}) == len(CHECKS)


def test_every_function_is_named_after_its_requirement() -> None:
    assert [
        check.requirement
        for check in CHECKS
        if check.body.__name__.rstrip("_") != check.requirement.partition(".")[2].replace("-", "_")
    ] == []


def test_every_check_says_one_sentence() -> None:
    assert [check.requirement for check in CHECKS if not check.sentence.endswith(".")] == []


def test_every_chapter_has_three_requirements_or_more_and_all_have_a_hundred() -> None:
    counted = {
        chapter: sum(requirement.chapter == chapter for requirement in LEDGER.requirements.values())
        for chapter in ledger.CHAPTERS
    }

    assert min(counted.values()) >= 3
    assert sum(counted.values()) >= 100


def test_every_pointer_leads_to_a_place_in_the_contract(v1: Contract) -> None:
    lost = []
    for requirement in LEDGER.requirements.values():
        try:
            v1.at(requirement.pointer)
        except KeyError:
            lost.append((requirement.id, requirement.pointer))

    assert lost == []


def test_every_operation_of_tasks_and_of_the_system_is_cited(v1: Contract) -> None:
    cited = {requirement.pointer for requirement in LEDGER.requirements.values()}
    tasks = {operation.pointer for operation in v1.operations if operation.entity == "tasks"}
    system = {operation.pointer for operation in v1.operations if operation.action is None}

    assert tasks | system <= cited


def test_every_query_parameter_of_tasks_is_cited(v1: Contract) -> None:
    cited = {requirement.pointer for requirement in LEDGER.requirements.values()}
    listing = v1.operation("listTasks")

    assert {parameter.pointer for parameter in listing.parameters} - cited == set()


@pytest.mark.parametrize("check", [check for check in CHECKS if check.chapter == "filter"], ids=lambda c: c.requirement)
def test_a_check_declares_the_operators_that_it_uses(v1: Contract, check: Check) -> None:
    """Or it would ask for them where the contract has none of that name."""
    source, known = inspect.getsource(check.body), {operator.name for operator in v1.operators}
    used = set(re.findall(r'"(\$[a-zA-Z]+)": ', source)) & known
    told = set(re.findall(r"\$[a-zA-Z]+", source)) & known

    assert used <= check.operators
    assert check.operators <= told


def test_every_response_header_is_cited(v1: Contract) -> None:
    cited = {requirement.pointer for requirement in LEDGER.requirements.values()}
    components = v1.target("#/components/headers")

    assert {f"#/components/headers/{name}" for name in components if not name.startswith("Optional")} - cited == set()


def test_every_code_of_the_reference_is_quoted(v1: Contract) -> None:
    quoted = {requirement.text.partition(" |")[0] for requirement in LEDGER.requirements.values()}
    of_the_reference = set(v1.errors.codes) - {
        "INSUFFICIENT_CREDITS",
        "METHOD_NOT_ALLOWED",
        "PAYLOAD_TOO_LARGE",
        "UNPROCESSABLE_ENTITY",
        "SERVICE_UNAVAILABLE",
    }

    assert of_the_reference - quoted == set()


@pytest.mark.parametrize("source", SOURCES, ids=[source.stem for source in SOURCES])
def test_a_check_has_no_branches_and_is_short(source: Path) -> None:
    tree = ast.parse(source.read_text("utf-8"))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.AsyncFunctionDef)]

    for function in functions:
        branching = [node for node in ast.walk(function) if isinstance(node, ast.If | ast.Try | ast.While | ast.Match)]
        assert branching == [], function.name
        first, last = function.body[0].end_lineno or 0, function.end_lineno or 0
        assert last - first <= LONGEST_BODY + 4, f"{function.name} has {last - first} lines"


@pytest.mark.parametrize("source", SOURCES, ids=[source.stem for source in SOURCES])
def test_a_check_knows_neither_the_server_nor_the_network(source: Path) -> None:
    tree = ast.parse(source.read_text("utf-8"))
    imported = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    imported |= {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}

    assert not {name for name in imported if name.split(".")[0] in {"entity_server", "httpx"}}
