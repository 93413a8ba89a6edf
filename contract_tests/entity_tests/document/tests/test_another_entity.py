"""An entity is added in the contract alone: the lines that the command writes are all that it takes.

The linters' half is in test_linters.py; a generated client lists the new records in clients/tests/test_clients.py.
"""

import asyncio
import difflib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import entity_contract as contract
import pytest
import yaml
from entity_conformance.report.verdict import Outcome
from entity_contract import Contract, Entity
from entity_contract.checking import problems
from entity_contract.parsing import FAST_LOADER
from entity_server.declaring import Block
from entity_server.declaring.block import SECTIONS, anchor_of
from entity_server.declaring.insertion import read, written
from entity_server.new_entity import Asked
from entity_tests.deployments.in_process import deployed
from entity_tests.deployments.running import conformance_here, everything
from entity_tests.deployments.serving import UNLIMITED, serving
from entity_tests.document.another_entity import NAME, TWIN, printed, text, with_another_entity, with_twin_children
from entity_tests.document.document_text import flow_over_lines, lines_too_long, untidy_lines

LINES = 240
"""What an entity of eight fields costs; docs/contract.md says where they go."""

OWN_FACTS = ("properties", "required", "enum", "example", "examples", "x-entity")
"""What differs from entity to entity, besides its names."""

KINDS = ("", "Create", "Update", "Field", "SortField", "Relation", "Response", "ListResponse")
CONTRACT = contract.load()


@pytest.fixture(scope="module")
def anchored() -> Mapping[str, Any]:
    """The values that have an anchor in the contract's text."""
    return read(text()).anchored


@pytest.fixture(scope="module")
def added(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return with_another_entity(tmp_path_factory.mktemp("added"))


@pytest.fixture(scope="module")
def tree(added: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.load(added.read_text(encoding="utf-8"), Loader=FAST_LOADER)
    return loaded


@pytest.fixture(scope="module")
def changes(added: Path) -> list[str]:
    """The lines that are new in the document (`+`) or gone (`-`), blank ones left out."""
    before, after = text().splitlines(), added.read_text(encoding="utf-8").splitlines()
    _, _, *differences = difflib.unified_diff(before, after, n=0, lineterm="")
    return [line for line in differences if not line.startswith("@@") and line[1:].strip()]


def test_an_entity_of_eight_fields_costs_its_lines_and_no_other(added: Path, changes: list[str]) -> None:
    entity = contract.load(added).entity(NAME)
    assert entity is not None

    assert len([field for field in entity.fields if not field.generated]) == 8
    assert len(changes) == LINES
    assert [line for line in changes if line[0] == "-"] == []


def test_what_is_printed_is_what_is_inserted(changes: list[str]) -> None:
    assert [line.removeprefix("+") for line in changes] == list(printed(Asked(NAME)))


@pytest.mark.parametrize("broken", [lines_too_long, untidy_lines, flow_over_lines])
def test_the_new_lines_keep_the_form(added: Path, broken: Any) -> None:
    assert broken(added.read_text(encoding="utf-8")) == []


def test_the_document_is_valid_and_keeps_the_rules_of_a_contract(tree: dict[str, Any]) -> None:
    assert problems(tree) == ()


@pytest.mark.parametrize("entity", CONTRACT.entities, ids=lambda entity: entity.name)
def test_an_entity_of_the_contract_is_written_as_the_command_writes(
    entity: Entity, anchored: Mapping[str, Any]
) -> None:
    block = declaration(CONTRACT.document, entity.name, entity.title)
    pieces = written(block, {name: value for name, value in anchored.items() if name not in block.recurring})

    assert [section for section, lines in pieces.items() if "\n".join(lines) not in text()] == []


@pytest.mark.parametrize("entity", ["customers", "comments"])
def test_a_new_entity_is_declared_as_the_others_are(tree: dict[str, Any], entity: str) -> None:
    model = CONTRACT.entity(entity)
    assert model is not None

    assert shape(tree, NAME, "Shipment") == shape(tree, entity, model.title)


def declaration(document: Any, name: str, title: str) -> Block:
    """An entity's part of a document; `Order` among the parameters is the direction of sorting."""
    components = {
        section: {
            key: value
            for key, value in document["components"][section].items()
            if re.match(rf"{title}(?![a-z])", key) and (section, key) != ("parameters", "Order")
        }
        for section in SECTIONS
    }
    tag = next(tag for tag in document["tags"] if tag["name"] == f"{title}s")
    paths = {path: document["paths"][path] for path in (f"/v1/{name}", f"/v1/{name}/{{id}}")}
    answer = components["responses"][title]["content"]["application/json"]["example"]
    return Block(tag, components, paths, {anchor_of(title): answer["data"]})


def shape(document: Any, name: str, title: str) -> Any:
    """An entity's declaration with its own facts left out and its names replaced."""
    block = declaration(document, name, title)
    enums = [key for key in block.components["schemas"] if key.removeprefix(title) not in KINDS]
    schemas = {key: value for key, value in block.components["schemas"].items() if key not in enums}
    return anonymous([{**block.components, "schemas": schemas}, block.paths], title)


def anonymous(node: Any, title: str) -> Any:
    if isinstance(node, dict):
        kept = {key: value for key, value in node.items() if key not in OWN_FACTS}
        return {anonymous(key, title): anonymous(value, title) for key, value in kept.items()}
    if isinstance(node, list):
        return [anonymous(item, title) for item in node]
    if not isinstance(node, str):
        return node
    return re.sub(rf"(\b[Aa]n? )?({title}|{title.lower()})s?(?![a-z])", "ENTITY", node)


def test_it_is_served_and_the_whole_suite_holds_on_it(added: Path, tmp_path: Path) -> None:
    with serving(tmp_path / "server", *UNLIMITED, "--contract", str(added)) as served:
        options = ("--contract", str(added), "--require-full")
        told = conformance_here(tmp_path, served.base_url, *options, **everything(served))
    proved: dict[str, set[str]] = {}
    for one in told.report["results"]:
        proved.setdefault(str(one["entity"]), set()).add(one["requirement"])

    assert told.code == 0, told.output[-3000:]
    assert told.outcomes("skipped", "blocked", "warned", "failed", "broken") == []
    assert proved[NAME] >= proved["customers"]


def test_children_of_one_foreign_key_are_told_apart_by_their_entity(tmp_path: Path) -> None:
    async def run() -> list[str]:
        async with deployed(Contract.from_mapping(with_twin_children(tmp_path))) as deployment:
            done = await deployment.run(tmp_path, only=("select.include-children",))
        return [str(one.entity) for one in done.results if one.outcome is Outcome.passed]

    assert TWIN in asyncio.run(run())
