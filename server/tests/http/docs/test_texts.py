"""The contract as text: the hand-written one with one entry more, in every style that YAML has for a list."""

import difflib
import json
import os
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
import yaml
from entity_contract import Contract
from entity_contract.parsing import FAST_LOADER
from entity_server.http.docs import texts
from entity_server.http.docs.texts import JSON, YAML, around_own_server, with_first_server

ORIGIN = "http://[::1]:5173"
OWN = {"url": "http://[::1]:5173/api", "description": "This server"}

STYLES = {
    "a block": "openapi: 3.1.1\nservers:\n  - url: /a\n    description: A\n  - url: /b\npaths: {}\n",
    "a block that is not indented": "openapi: 3.1.1\nservers:\n- url: /a\n- url: /b\npaths: {}\n",
    "a block with comments": "servers: # where\n  # the first\n  - url: /a # A\n\n  # the second\n  - url: /b\n",
    "a block at the end, without a line's end": "openapi: 3.1.1\nservers:\n  - url: /a",
    "a block in lines of Windows": "openapi: 3.1.1\r\nservers:\r\n  - url: /a\r\npaths: {}\r\n",
    "a block of one-line entries": "servers:\n  - {url: /a}\n  - {url: /b}\n",
    "a list on one line": "openapi: 3.1.1\nservers: [{url: /a}, {url: /b}]\npaths: {}\n",
    "a list over lines": "openapi: 3.1.1\nservers: [\n  {url: /a},\n  {url: /b}\n]\n",
    "an empty list": "openapi: 3.1.1\nservers: []\npaths: {}\n",
    "none": "# the API\nopenapi: 3.1.1\npaths: {}\n",
    "none, after the document's mark": "%YAML 1.1\n---\nopenapi: 3.1.1\npaths: {}\n",
    "none, and a name in quotes": '"openapi": 3.1.1\npaths: {}\n',
    "none, indented": "  openapi: 3.1.1\n  paths: {}\n",
    "JSON": '{"openapi": "3.1.1", "servers": [{"url": "/a"}], "paths": {}}',
    "JSON over lines": '{\n  "openapi": "3.1.1",\n  "servers": [\n    {\n      "url": "/a"\n    }\n  ]\n}\n',
    "JSON behind letters of any width": '{"info": {"title": "\u00c9\U0001f600"}, "servers": [{"url": "/a"}]}',
    "a block behind lines of any kind": "x: 'a\u2028 b\x85 c'\rservers:\n  - url: /a\n",
    "JSON without any": '{"openapi": "3.1.1", "paths": {}}',
    "other servers further up": "paths: {/a: {servers: [{url: /x}]}}\nx: {servers: 1}\nservers:\n  - url: /a\n",
}
BEYOND = {
    "an anchor": "servers: &all\n  - url: /a\nx: *all\n",
    "an anchor on one line": "servers: &all [{url: /a}]\nx: *all\n",
    "an alias": "x: &all\n  - url: /a\nservers: *all\n",
    "a tag": "servers: !!seq\n  - url: /a\n",
    "a key that is marked": "? servers\n: - url: /a\n",
    "nothing": "servers:\npaths: {}\n",
    "a tag on the document": "!!map\nopenapi: 3.1.1\n",
}


def _parsed(text: bytes) -> Any:
    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


@pytest.fixture(params=["libyaml", "Python"])
def _parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Either of PyYAML's parsers, which tell of lines and columns in their own ways."""
    if request.param == "Python":
        monkeypatch.setattr(texts, "_Loader", yaml.SafeLoader)
    elif not hasattr(yaml, "CSafeLoader"):  # PyYAML without its wheel; CI must have both
        if "CI" in os.environ:
            pytest.fail("CI needs PyYAML with libyaml")
        pytest.skip("not run: no libyaml")


@pytest.mark.usefixtures("_parser")
@pytest.mark.parametrize("text", STYLES.values(), ids=STYLES)
def test_the_entry_is_the_first_and_all_else_is_as_it_was(text: str) -> None:
    written = with_first_server(text, OWN)

    assert written is not None
    before: dict[str, Any] = yaml.load(text, Loader=FAST_LOADER)
    assert yaml.load(written, Loader=FAST_LOADER) == {**before, "servers": [OWN, *before.get("servers", [])]}
    removed = [line for line in difflib.ndiff(text.splitlines(), written.splitlines()) if line.startswith("- ")]
    assert len(removed) <= 1


@pytest.mark.usefixtures("_parser")
@pytest.mark.parametrize("text", BEYOND.values(), ids=BEYOND)
def test_a_place_that_is_not_plain_is_left_alone(text: str) -> None:
    assert with_first_server(text, OWN) is None


def test_the_contract_s_own_text_has_two_lines_more(contract: Contract) -> None:
    assert contract.text is not None

    served = around_own_server(contract)[YAML].file(ORIGIN).content.decode()

    changed = [line for line in difflib.ndiff(contract.text.splitlines(), served.splitlines()) if line[0] in "+-"]
    assert changed == ['+   - url: "http://[::1]:5173/api"', '+     description: "This server"']


def test_both_languages_say_the_contract_with_this_server_first(contract: Contract) -> None:
    served = {path: text.file(ORIGIN).content for path, text in around_own_server(contract).items()}

    others = contract.document["servers"]
    assert isinstance(others, list)
    expected = {**contract.document, "servers": [OWN, *others]}
    assert _parsed(served[YAML]) == expected
    assert json.loads(served[JSON]) == expected


def test_a_contract_without_a_text_is_written_anew(contract: Contract) -> None:
    served = around_own_server(replace(contract, text=None))

    assert _parsed(served[YAML].file(ORIGIN).content) == json.loads(served[JSON].file(ORIGIN).content)
    assert served[YAML].file(ORIGIN).content.startswith(b"openapi: 3.1.1\ninfo:\n  title: v1 Entity API\n")


def test_what_json_does_not_know_is_text_in_it(contract: Contract) -> None:
    document: Any = {**contract.document, "x-values": {200: date(2025, 1, 15), "raw": b"\xff"}}

    served = json.loads(around_own_server(replace(contract, document=document))[JSON].file(ORIGIN).content)

    assert served["x-values"] == {"200": "2025-01-15", "raw": "b'\\xff'"}
