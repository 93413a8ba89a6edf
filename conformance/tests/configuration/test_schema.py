"""The packaged JSON Schema says what is read, no more and no less."""

import json
import re
import tomllib
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any, get_args

import pytest
from entity_conformance.commands import run
from entity_conformance.commands.cli import command_line
from entity_conformance.commands.twins import KEYS
from entity_conformance.configuration.keys import OF_ONE_CALL, Form
from entity_conformance.configuration.schema import schema
from jsonschema import Draft202012Validator

PACKAGED = json.loads((files("entity_conformance.configuration") / "conformance.schema.json").read_text("utf-8"))
VALIDATOR = Draft202012Validator(PACKAGED)


def is_valid(text: str) -> bool:
    document: Any = json.loads(json.dumps(tomllib.loads(text), default=str))
    return not list(VALIDATOR.iter_errors(document))


def test_the_packaged_schema_is_that_of_what_is_read() -> None:
    assert schema(KEYS) == PACKAGED, "write what `conformance config --schema` prints to conformance.schema.json"
    Draft202012Validator.check_schema(PACKAGED)


@pytest.mark.parametrize("text", ["x = [", "max-tiem = 1\n", "[credentials]\napi-key = '${NOT_SET}'\n"])
def test_the_schema_is_told_beside_a_file_that_cannot_be_followed(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "conformance.toml").write_text(text, "utf-8")

    assert command_line(["config", "--schema"]) == 0
    assert json.loads(capsys.readouterr().out) == PACKAGED


def test_every_option_but_those_of_one_call_is_a_key() -> None:
    assert {option.name for option in run.command.params} == KEYS.keys() | {
        name.replace("-", "_") for name in OF_ONE_CALL
    }
    assert {key.form for key in KEYS.values()} == set(get_args(Form))


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("url = 'https://shop.example'\nstrict = true\nmax-time = 5\nentities = ['tasks']\n", True),
        ("[credentials]\napi-key = '${KEY}'\nsession = 'own=${KEY}'\n", True),
        ("[samples.products]\nsku = ['A', 'B']\n[headers]\nX = '1'\n", True),
        ("max_time = 33\nmax-requests = 5\nkeys_path = '/k'\n", True),
        ("[profile.staging]\nmax_time = 33\n[profile.staging.credentials]\nother_api_key = '${KEY}'\n", True),
        ("max_time = '5'\n", False),
        ("max_time = 5\nmax-time = 5\n", False),
        ("[credentials]\napi_key = '${A}'\napi-key = '${B}'\n", False),
        ("[profile.staging.credentials]\nother_api-key = '${A}'\nother-api_key = '${B}'\n", False),
        ("[credentials]\napi_key = 'sk_live_x'\n", False),
        ("[profile.staging]\nurl = 'https://staging.example'\n", True),
        ("[[waiver]]\nrequirement = 'list.*'\nreason = 'r'\nexpires = 2026-12-31\n", True),
        ("[credentials]\napi-key = 'sk_live_x'\n", False),
        ("[[waiver]]\nrequirement = 'list.*'\nreason = 'r'\n", False),
        ("max-tiem = 5\n", False),
        ("max-time = '5'\n", False),
        ("ca = ''\n", False),
        ("entities = ['tasks', ' ']\n", False),
        ("samples.products.sku = ''\n", False),
        ("[profile.a.profile.b]\n", False),
    ],
)
def test_the_schema_tells_a_file_from_what_is_none(text: str, is_one: bool) -> None:  # noqa: FBT001
    assert is_valid(text) is is_one


@pytest.mark.parametrize("name", sorted(KEYS))
@pytest.mark.parametrize("written", ["-", "_"])
def test_every_name_is_one_of_the_schema_as_it_may_be_written(name: str, written: str) -> None:
    key = KEYS[name]
    spelt = key.name.replace("-", written)
    table: Mapping[str, Any] = PACKAGED["properties"]["credentials"] if key.form == "credential" else PACKAGED

    assert any(re.fullmatch(one, spelt) for one in (*table["properties"], *table["patternProperties"]))
