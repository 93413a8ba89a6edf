"""A contract that cannot be used is refused with what is wrong, where, and what to do."""

import hashlib
from pathlib import Path
from typing import Any, cast

import entity_contract as contract
import pytest
import yaml
from entity_contract import Contract, ContractError
from entity_contract.checked import SHA256
from entity_contract.document import find
from entity_contract.parsing import FAST_LOADER, parsed
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


def test_the_hash_of_the_contract_that_was_checked_is_that_of_openapi_yaml() -> None:
    """Or every program checks the document again. After an edit: `sha256sum openapi.yaml`, into checked.py."""
    assert hashlib.sha256(find().read_bytes()).hexdigest() == SHA256


def test_the_contract_is_read_alike_by_the_fast_and_by_the_strict_loader() -> None:
    text = find().read_bytes()

    assert yaml.load(text, Loader=FAST_LOADER) == parsed(text)


def test_a_document_in_memory_has_no_text(document: dict[str, Any]) -> None:
    assert Contract.from_mapping(document).text is None


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("openapi: 3.1.1\n? [a]\n: 1\n", 2, "a key is no text"),
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
        (
            "#/paths/~1v1~1tasks/get/parameters/0",
            "#/components/schemas/Task",
            "$ref has to name #/components/parameters/",
        ),
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


def test_yaml_is_read_as_openapi_has_it() -> None:
    text = "{200: a, no: yes, on: 2025-01-31, at: 12:30:45, octal: 0o17, number: 1e3, nothing: ~}"

    assert parsed(text) == {
        "200": "a", "no": "yes", "on": "2025-01-31", "at": "12:30:45", "octal": "0o17", "number": 1000.0,
        "nothing": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    "aliases",
    ["a: &a {b: *a}", "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10) if n else 1}]\n" for n in range(9))],
    ids=["in a circle", "a billion"],
)
def test_endless_aliases_are_refused(tmp_path: Path, aliases: str) -> None:
    file = tmp_path / "other.yaml"
    file.write_text(f"openapi: 3.1.1\n{aliases}\n")

    with pytest.raises(ContractError, match="its aliases make it endless"):
        contract.load(file)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match="cannot be read: No such file or directory"):
        contract.load(tmp_path / "absent.yaml")


def test_a_document_that_breaks_a_rule_is_refused(document: dict[str, Any]) -> None:
    document["components"]["schemas"]["Task"]["x-entity"]["colour"] = "red"

    with pytest.raises(ContractError, match="colour is no fact of an entity"):
        Contract.from_mapping(document)


def test_a_broken_rule_is_told_with_its_line(v1: Contract, tmp_path: Path) -> None:
    written = Path(v1.source).read_text(encoding="utf-8")
    file = tmp_path / "other.yaml"
    file.write_text(written.replace("idPrefix: tsk", "idPrefix: 7"), encoding="utf-8")
    line = written.partition("idPrefix: tsk")[0].rpartition("x-entity:")[0].count("\n") + 1

    with pytest.raises(ContractError, match="x-entity of Task lacks idPrefix") as refusal:
        contract.load(file)

    assert refusal.value.where == f"{file}:{line}"


def test_the_document_has_few_enough_aliases_for_snakeyaml(v1: Contract) -> None:
    """SnakeYAML, which openapi-generator reads with, refuses more than 50 aliases of mappings and sequences."""
    events = yaml.parse(Path(v1.source).read_text())

    assert sum(isinstance(event, yaml.AliasEvent) for event in events) <= 50
