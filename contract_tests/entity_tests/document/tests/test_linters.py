"""Redocly and Spectral find nothing in openapi.yaml, and find each fault that is planted in it."""

import functools
import json
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import entity_contract as contract
import pytest
import yaml
from entity_server.declaring.names import RESERVED_TITLES
from entity_server.new_entity import Asked, new_entity
from entity_tests.document import linters
from entity_tests.document.another_entity import with_another_entity
from entity_tests.document.linters import Finding
from entity_tests.document.planted_faults import FAULTS, SHAPES, Planted, excerpt, spoiled, stands_at, together

EVERY_TYPE = (
    "reference:string!", "remarks:text", "state:enum=open,closed", "kind:enum=paper,digital!", "pages:integer!",
    "weight:number!", "signed:boolean", "sentOn:date!", "sentAt:datetime",
)  # fmt: skip
Findings = Mapping[str, tuple[Finding, ...]]
Lint = Callable[[Sequence[Path]], Findings]
PLANTED = SHAPES + FAULTS
CONTRACT = linters.ROOT / "openapi.yaml"
CLEAN = "clean.json"
ELSEWHERE = frozenset({
    "two operations of one id",
    "an undeclared path parameter",
    "a path parameter of no path",
    "a body in another media type",
    "an example of value and address",
})  # fmt: skip
"""Faults that Redocly tells at another place than they are planted at: each has a document of its own."""
GROUPS = {
    linter: (
        *together(fault for fault in PLANTED if fault.linter == linter and fault.name not in ELSEWHERE),
        *((fault,) for fault in PLANTED if fault.linter == linter and fault.name in ELSEWHERE),
    )
    for linter in ("redocly", "spectral")
}
"""The faults of each document. A linter takes half a second for one, so that it holds all that can be told apart."""


@pytest.fixture(scope="session", autouse=True)
def _installed() -> None:
    linters.install()


@pytest.fixture(scope="session")
def findings(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Findings]:
    """What each linter found in the contract and in each document with its faults: one run for them all."""
    folder = tmp_path_factory.mktemp("documents")
    small = excerpt(contract.load().document)
    (folder / CLEAN).write_text(json.dumps(small))
    files = {linter: [CONTRACT, folder / CLEAN] for linter in GROUPS}
    for linter, groups in GROUPS.items():
        for group in groups:
            files[linter].append(folder / _file(group[0]))
            files[linter][-1].write_text(json.dumps(functools.reduce(spoiled, group, small)))
    return {"redocly": linters.redocly(files["redocly"]), "spectral": linters.spectral(files["spectral"])}


def _file(first: Planted) -> str:
    """The document of a group, by the group's first fault."""
    return f"{first.name.replace(' ', '-').replace('$', '')}.json"


@pytest.fixture(scope="session")
def added(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The contract with two entities more, one of them with a field of every type."""
    added = with_another_entity(tmp_path_factory.mktemp("added"))
    new_entity(Asked("delivery-notes", fields=EVERY_TYPE, parents=("orders", "customers")), insert=added)
    return added.rename(added.with_name("added.yaml"))


@pytest.mark.parametrize("linter", ["redocly", "spectral"])
def test_nothing_is_found_in_the_contract(findings: Mapping[str, Findings], linter: str) -> None:
    assert findings[linter][CONTRACT.name] == ()


@pytest.mark.soak
@pytest.mark.parametrize("lint", [linters.redocly, linters.spectral], ids=["redocly", "spectral"])
def test_nothing_is_found_in_a_new_entity(added: Path, lint: Lint) -> None:
    assert lint([added]) == {"added.yaml": ()}


def test_the_names_that_clients_keep_are_no_titles_of_entities() -> None:
    rule = yaml.safe_load((linters.ROOT / "linting" / "shapes.yaml").read_text())["rules"]["shape-schema-name"]
    kept = rule["then"]["functionOptions"]["notMatch"]

    assert set(kept.removeprefix("^(").removesuffix(")$").split("|")) == RESERVED_TITLES


@pytest.mark.parametrize("linter", ["redocly", "spectral"])
def test_nothing_is_found_in_the_excerpt_that_the_faults_are_planted_in(
    findings: Mapping[str, Findings], linter: str
) -> None:
    assert findings[linter][CLEAN] == ()


@pytest.mark.parametrize("fault", PLANTED, ids=lambda fault: f"{fault.rule}: {fault.name}")
def test_a_planted_fault_is_found(findings: Mapping[str, Findings], fault: Planted) -> None:
    (group,) = (group for group in GROUPS[fault.linter] if fault in group)
    found = [finding for finding in findings[fault.linter][_file(group[0])] if finding.rule == fault.rule]

    assert found
    assert group == (fault,) or any(stands_at(finding.place, fault) for finding in found)


def test_faults_of_one_document_can_be_told_apart() -> None:
    title, its_type = "components schemas Task title", "components schemas Task title type"
    first, second, third, fourth = (
        Planted("a", "spectral", "one", {title: 1}),
        Planted("b", "spectral", "one", {"tags -": 1}),
        Planted("c", "spectral", "two", {its_type: 1}),
        Planted("d", "spectral", "three", {"info": 1}),
    )

    assert together((first, second, third, fourth)) == ((first, fourth), (second, third))


@pytest.mark.parametrize(
    ("place", "stands"),
    [("#/tags", True), ("#/tags/7/name", True), ("#", False), ("#/tag", False), ("#/components/schemas", False)],
)
def test_a_finding_stands_at_a_fault(place: str, stands: bool) -> None:  # noqa: FBT001  # a column of the table
    assert stands_at(place, Planted("a", "spectral", "one", {"tags -": 1})) is stands


def test_every_shape_rule_has_a_planted_breach() -> None:
    rules = re.findall(r"^  (shape-[a-z-]+):$", (linters.ROOT / "linting" / "shapes.yaml").read_text(), re.MULTILINE)

    assert {fault.rule for fault in SHAPES} == set(rules)


def test_every_rule_that_is_asked_of_redocly_has_a_planted_fault() -> None:
    rules = yaml.safe_load((linters.ROOT / "redocly.yaml").read_text())["rules"]

    asked = {name for name, severity in rules.items() if severity}  # `off` is YAML's false

    assert asked <= {fault.rule for fault in FAULTS}


def test_the_lock_file_gives_hashes_and_no_addresses() -> None:
    packages = json.loads((linters.ROOT / "package-lock.json").read_text())["packages"]
    del packages[""]

    assert all("integrity" in package and "resolved" not in package for package in packages.values())
