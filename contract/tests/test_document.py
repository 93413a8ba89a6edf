"""A contract that cannot be used is refused with what is wrong, where, and what to do."""

import hashlib
from pathlib import Path
from typing import Any, cast

import entity_contract as contract
import pytest
import yaml
from entity_contract import Contract, ContractError
from entity_contract.document import find
from entity_contract.references import at

MINIMAL = """\
openapi: 3.1.1
info: {title: Another, version: 1.0.0}
paths: {}
"""


def test_the_contract_is_found_wherever_the_program_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "openapi.yaml").write_text(MINIMAL)
    monkeypatch.chdir(tmp_path)

    assert find().parent != tmp_path


def test_a_contract_is_named_by_the_hash_of_its_bytes(v1: Contract) -> None:
    assert v1.sha256 == hashlib.sha256(Path(v1.source).read_bytes()).hexdigest()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_the_text_is_kept_as_it_was_written(v1: Contract, tmp_path: Path, encoding: str) -> None:
    written = Path(v1.source).read_text(encoding="utf-8") + "# \u00e9crit \u00e0 la main\n"
    file = tmp_path / "other.yaml"
    file.write_bytes(written.encode(encoding))

    assert contract.load(file).text == written


def test_a_document_in_memory_has_no_text(document: dict[str, Any]) -> None:
    assert Contract.from_mapping(document).text is None


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("openapi: 3.1.1\ninfo: {title: [}\n", 2, "is not YAML"),
        ("openapi: 3.1.1\ninfo: {title: A, version: 1}\ninfo: {}\n", 3, "the key 'info' stands twice"),
        ("- a\n- list\n", 1, "is no OpenAPI 3.1 document (found a list)"),
        ("openapi: 3.0.3\n", 1, "is no OpenAPI 3.1 document (found openapi: 3.0.3)"),
        ("openapi: 3.1.1\npaths: {}\n", 1, '"info" is a required property'),
        (
            (
                "openapi: 3.1.1\ninfo: {title: A, version: '1'}\npaths:\n  /a:\n    get:\n      parameters:\n"
                "        - $ref: '#/components/parameters/Nowhere'\n"
            ),
            7,
            "$ref leads nowhere: #/components/parameters/Nowhere",
        ),
    ],
)
def test_an_unusable_document_is_refused_with_its_line(tmp_path: Path, text: str, line: int, message: str) -> None:
    file = tmp_path / "other.yaml"
    file.write_text(text)

    with pytest.raises(ContractError) as refusal:
        contract.load(file)

    assert message in refusal.value.message
    assert refusal.value.where == f"{file}:{line}"
    assert refusal.value.hint


@pytest.mark.parametrize(
    ("holder", "reference", "message"),
    [
        ("#/paths/~1v1~1tasks/get/parameters/0", "#/components/schemas/Task", "$ref names no #/components/parameters/"),
        ("#/components/schemas/TaskResponse/properties/data", "#/components/parameters/Page", "#/components/schemas/"),
        ("#/paths/~1v1~1tasks/get/responses/400", "#/components/schemas/Task", "#/components/responses/"),
        ("#/components/responses/BadRequest/headers/X-Request-ID", "#/info", "#/components/headers/"),
        ("#/components/schemas/TaskResponse/properties/data", "#/components/schemas/Loop", "$ref goes in circles"),
    ],
)
def test_a_reference_to_what_does_not_belong_there_is_refused(
    document: dict[str, Any], holder: str, reference: str, message: str
) -> None:
    if reference.endswith("Loop"):
        document["components"]["schemas"]["Loop"] = {"$ref": "#/components/schemas/Back"}
        document["components"]["schemas"]["Back"] = {"$ref": "#/components/schemas/Loop"}
    cast("dict[str, Any]", at(document, holder))["$ref"] = reference

    with pytest.raises(ContractError) as refusal:
        Contract.from_mapping(document)

    assert message in refusal.value.message


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match="cannot be read: No such file or directory"):
        contract.load(tmp_path / "absent.yaml")


def test_a_document_that_breaks_a_house_rule_is_refused(document: dict[str, Any]) -> None:
    document["components"]["schemas"]["Task"]["x-entity"]["colour"] = "red"

    with pytest.raises(ContractError, match="unknown key colour"):
        Contract.from_mapping(document)


def test_a_broken_house_rule_is_told_with_its_line(v1: Contract, tmp_path: Path) -> None:
    written = Path(v1.source).read_text(encoding="utf-8")
    file = tmp_path / "other.yaml"
    file.write_text(written.replace("idPrefix: tsk", "idPrefix: 7"), encoding="utf-8")
    line = written.partition("idPrefix: tsk")[0].rpartition("x-entity:")[0].count("\n") + 1

    with pytest.raises(ContractError, match="idPrefix is a text") as refusal:
        contract.load(file)

    assert refusal.value.where == f"{file}:{line}"


def test_the_document_has_few_enough_aliases_for_snakeyaml(v1: Contract) -> None:
    """SnakeYAML, which openapi-generator reads with, refuses more than 50 aliases of mappings and sequences."""
    events = yaml.parse(Path(v1.source).read_text())

    assert sum(isinstance(event, yaml.AliasEvent) for event in events) <= 50
