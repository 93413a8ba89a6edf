"""What a `conformance.toml` says, and what is said of one that cannot be followed."""

import os
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from entity_conformance.commands import options  # noqa: F401  # declares the keys
from entity_conformance.commands.twins import KEYS
from entity_conformance.configuration.lines import Place, line
from entity_conformance.configuration.reading import Configuration, read
from entity_conformance.deployment.settings import Misuse, Waiver

ENVIRON = {"SHOP_KEY": "sk_test_the_key_of_ada_0001", "TEAM": "42", "EMPTY": " "}

WHOLE = """\
# what QA runs against
url = "https://shop.example.test"
entities = ["tasks", "orders"]
only = "list.*"
strict = true
max_time = 600
reports = ["console", "json=out/report.json", "junit=-"]
contract = "contracts/openapi.yaml"

[credentials]
api-key = "${SHOP_KEY}"
session = "shop.session=${TEAM}"

[headers]
X-Team-Id = "${TEAM}"

[samples.products]
sku = ["AB-12", "AB-13"]
stock = 7

[profile.staging]
url = "https://staging.example.test"
max-time = 60

[profile.staging.headers]
X-Stage = "blue"
"""


def configuration(folder: Path, text: str, *, profile: str | None = None) -> Configuration:
    path = folder / "conformance.toml"
    path.write_text(text, "utf-8")
    return read(path, "conformance.toml", KEYS, profile)


def refusal(folder: Path, text: str) -> str:
    with pytest.raises(Misuse) as told:
        configuration(folder, text)
    return told.value.message


def values(found: Configuration) -> dict[str, Any]:
    return {name: found.value(stated, ENVIRON) for name, stated in found.stated.items()}


def test_settings_are_what_their_options_take(tmp_path: Path) -> None:
    assert values(configuration(tmp_path, WHOLE)) == {
        "url": "https://shop.example.test",
        "entities": ["tasks", "orders"],
        "only": ["list.*"],
        "strict": True,
        "max_time": 600,
        "reports": ["console", f"json={tmp_path / 'out/report.json'}", "junit=-"],
        "contract": str(tmp_path / "contracts/openapi.yaml"),
        "api_key": "sk_test_the_key_of_ada_0001",
        "session": "shop.session=42",
        "headers": ["X-Team-Id: 42"],
        "samples": ["products.sku=AB-12", "products.sku=AB-13", "products.stock=7"],
    }


def test_a_profile_stands_over_the_rest_and_adds_to_tables(tmp_path: Path) -> None:
    found = values(configuration(tmp_path, WHOLE, profile="staging"))

    assert (found["url"], found["max_time"], found["strict"]) == ("https://staging.example.test", 60, True)
    assert found["headers"] == ["X-Team-Id: 42", "X-Stage: blue"]


def test_every_place_has_its_line(tmp_path: Path) -> None:
    found = configuration(tmp_path, WHOLE, profile="staging")

    lines = {name: found.where(stated) for name, stated in found.stated.items()}
    assert (lines["entities"], lines["api_key"], lines["url"]) == (
        "conformance.toml:3",
        "conformance.toml:11",
        "conformance.toml:22",
    )


@pytest.mark.parametrize(
    ("text", "parameter", "taken"),
    [
        ("reports = 'console'", "reports", ["console"]),
        ("[reports]\njson = 'a.json'\nconsole = '-'", "reports", ["json=FOLDER/a.json", "console=-"]),
        ("samples = 'products.sku=AB'", "samples", ["products.sku=AB"]),
        ("[samples]\n'products.sku' = 'AB'", "samples", ["products.sku=AB"]),
        ("headers = 'X-Team: 42'", "headers", ["X-Team: 42"]),
        ("[scopes]\nread = 'tasks:read'", "scopes", ["read=tasks:read"]),
        ("entities = 'tasks'", "entities", ["tasks"]),
        ("[credentials]\napi_key = '${SHOP_KEY}'", "api_key", "sk_test_the_key_of_ada_0001"),
    ],
)
def test_one_thing_can_be_said_in_several_ways(text: str, parameter: str, taken: object, tmp_path: Path) -> None:
    found = values(configuration(tmp_path, text))[parameter]

    assert str(found).replace(str(tmp_path), "FOLDER") == str(taken)


def test_a_byte_order_mark_is_no_part_of_a_file(tmp_path: Path) -> None:
    assert values(configuration(tmp_path, "\ufeffstrict = true\n")) == {"strict": True}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("strict = true\nmax-tiem = 5\n", "conformance.toml:2: max-tiem is no setting; did you mean max-time?"),
        ("entity = 'tasks'\n", "conformance.toml:1: entity is no setting; did you mean entities?"),
        ("api_key = '${K}'\n", "conformance.toml:1: api_key is no setting; did you mean credentials.api-key?"),
        ("apiKey = '${K}'\n", "conformance.toml:1: apiKey is no setting; did you mean credentials.api-key?"),
        ("maxRequests = 5\n", "conformance.toml:1: maxRequests is no setting; did you mean max-requests?"),
        (
            "[samples.tasks]\ntitle = {a = 1}\n",
            "conformance.toml:1: samples is a table; it must be a text, a list of texts, or a table of texts",
        ),
        ("[profiles.staging]\n", "conformance.toml:1: profiles is no setting; did you mean profile?"),
        ("plan = true\n", "conformance.toml:1: plan is no setting; it is about one call: give it there (--plan)"),
        ("update_waivers = true\n", "update_waivers is no setting; it is about one call: give it there (--update-waiv"),
        ("[profile.a.profile.b]\n", "conformance.toml:1: profile is no setting; a profile holds no other"),
        ("'' = 5\n", "conformance.toml:1: '' is no setting; the nearest is"),
        ("ca = ''\n", "conformance.toml:1: ca is empty; give it a value, or leave it out"),
        ("entities = ['tasks', ' ']\n", "conformance.toml:1: entities holds an empty text; give it a value, or leave"),
        ("samples.products.sku = ''\n", "conformance.toml:1: samples holds an empty text; give it a value, or leave"),
        ("\n[profile.a]\n\nurll = ''\n", "conformance.toml:4: urll is no setting; did you mean url?"),
        ("[credentials]\nkey = '${K}'\n", "conformance.toml:2: key is no credential; did you mean"),
        ("max-time = 5\nmax_time = 6\n", "conformance.toml:2: max-time is given twice; leave one of them out"),
        (
            "[credentials]\napi-key = '${A}'\napi_key = '${B}'\n",
            "conformance.toml:3: api-key is given twice; leave one of them out",
        ),
        ("max-time = '5'\n", "conformance.toml:1: max-time is a text; it must be a number"),
        ("max-time = true\n", "conformance.toml:1: max-time is true or false; it must be a number"),
        ("strict = 1\n", "conformance.toml:1: strict is a whole number; it must be true or false"),
        ("strict = 'yes'\n", "conformance.toml:1: strict is a text; it must be true or false"),
        ("seed = 1.5\n", "conformance.toml:1: seed is a number; it must be a whole number"),
        ("seed = 1979-05-27\n", "conformance.toml:1: seed is a date or a time; it must be a whole number"),
        ("entities = [1]\n", "conformance.toml:1: entities is a list; it must be a text or a list of texts"),
        ("entities = [\n 'tasks',\n 5]\n", "conformance.toml:1: entities is a list; it must be"),
        (
            "headers = 5\n",
            "conformance.toml:1: headers is a whole number; it must be a text, a list of texts, or a table of texts",
        ),
        ("[headers]\nX-Team = []\nY = [[1]]\n", "headers is a table; it must be a text, a list of texts, or a table"),
        ("credentials = 5\n", "conformance.toml:1: credentials is a whole number; it must be a table"),
        ("profile = []\n", "conformance.toml:1: profile is a list; it must be a table"),
        ("[profile]\nstaging = 5\n", "conformance.toml:2: staging is a whole number; it must be a table"),
        ("waiver = 5\n", "conformance.toml:1: waiver is no list of tables; begin each with [[waiver]]"),
        ("[[waiver]]\nreason = 'r'\n", "conformance.toml:1: a waiver has no requirement"),
        ("[[waiver]]\nrequirement = 'a'\nreason = ' '\n", "conformance.toml:1: a waiver has no reason"),
        ("[[waiver]]\nrequirement = 'a'\nreason = 'r'\n", "conformance.toml:1: a waiver has no expires"),
        ("[[waiver]]\nrequirement = 'a'\nreason = 'r'\nexpires = 'soon'\n", "conformance.toml:1: expires is no day"),
        (
            "[[waiver]]\nrequirement = 'a'\nreason = 'r'\nexpires = '2099-W01-1'\n",
            "conformance.toml:1: expires is no day",
        ),
        (
            "[[waiver]]\nrequirement='a'\nreason='r'\nexpires='2099-01-01'\n" * 2,
            "conformance.toml:5: a is waived twice; leave one of the waivers out",
        ),
        (
            "[[waiver]]\nrequirement = 'a'\nexpire = 'soon'\n",
            "conformance.toml:3: a waiver has no expire; did you mean exp",
        ),
        ("[[waiver]]\nreason = 5\n", "conformance.toml:1: reason of a waiver is no text; write it in quotes"),
        ("url = \n", "conformance.toml: no TOML: Invalid value (at line 1, column 7); correct it"),
        ("a = 1\na = 2\n", "conformance.toml: no TOML: Cannot overwrite a value (at line 2, column 6); correct it"),
        ("a = " + "[" * 5_000, "conformance.toml: no TOML"),
    ],
)
def test_what_a_file_cannot_say(text: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(Misuse) as told:
        configuration(tmp_path, text)

    assert str(told.value).startswith(said) or said in str(told.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("max-time = -5\n", "conformance.toml:1: max-time: -5.0 is not in the range x>0; correct it"),
        ("url = 'shop.example'\n", "conformance.toml:1: url: the URL 'shop.example' does not begin with http:// or"),
        ("reports = ['pdf']\n", "conformance.toml:1: reports: no report format 'pdf'; there are"),
        ("allow = ['money']\n", "conformance.toml:1: allow: 'money' is not one of 'rate-limit', 'credits'"),
        ("samples = ['sku']\n", "conformance.toml:1: samples: --sample 'sku' is not of the form ENTITY.FIELD=VALUE"),
        ("[headers]\nHost = 'a'\n", "conformance.toml:1: headers: --header Host is for the runner to send"),
        ("[scopes]\nread = 'a'\nadmin = 'b'\n", "conformance.toml:1: scopes: --scope 'admin=b' is not of the form"),
        ("[credentials]\napi-key = '${NO}'\n", "conformance.toml:2: the variable NO is not set; set it"),
        ("[credentials]\napi-key = '${EMPTY}'\n", "conformance.toml:2: the variable EMPTY is empty; set it"),
        ("url = 'https://${A B}'\n", "conformance.toml:1: ${...} names no variable; write ${NAME}"),
    ],
)
def test_a_value_that_makes_no_sense_is_told_with_its_line(text: str, said: str, tmp_path: Path) -> None:
    found = configuration(tmp_path, text)

    with pytest.raises(Misuse) as told:
        values(found)

    assert str(told.value).startswith(said)


SECRETS = ("sk_live_" + "Zq7" * 12, "hunter2-is-mine")


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize(
    "text",
    [
        "[credentials]\napi-key = '{}'\n",
        "[credentials]\napi-key = '{}${{TAIL}}'\n",
        "[credentials]\nsession = 'name={}'\n",
        "[profile.a.credentials]\napi-key = '{}'\n",
        "[headers]\nX-Api-Key = '{}'\n",
        "headers = ['X-Auth-Token: {}']\n",
        "[headers]\nX-Shop-Key = '{}'\n",
        "other-headers = ['X-Team : Bearer {}']\n",
    ],
)
def test_a_literal_credential_is_refused_and_not_told(text: str, secret: str, tmp_path: Path) -> None:
    with pytest.raises(Misuse, match=r"literal credential, which nobody may share") as told:
        configuration(tmp_path, text.format(secret))

    assert secret not in str(told.value)


def test_an_issued_key_is_refused_wherever_it_stands(tmp_path: Path) -> None:
    with pytest.raises(Misuse, match=r"conformance\.toml:1: samples holds a literal credential"):
        configuration(tmp_path, f"samples = ['tasks.title={SECRETS[0]}']\n")


def test_a_profile_that_there_is_not_is_told_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(Misuse, match=r"conformance\.toml: there is no profile stagin; did you mean staging\?"):
        configuration(tmp_path, WHOLE, profile="stagin")
    with pytest.raises(Misuse, match=r"there is no profile staging; the file has none"):
        configuration(tmp_path, "strict = true\n", profile="staging")


def test_waivers_of_a_profile_come_behind_the_others(tmp_path: Path) -> None:
    text = """
[[waiver]]
requirement = "list.*"
reason = "fixed in 2.3"
expires = 2026-12-31

[[profile.staging.waiver]]
requirement = "sort.orders"
entity = "tasks"
reason = "a collation"
ticket = "SHOP-7"
expires = "2027-01-31"
"""
    first = Waiver("list.*", "fixed in 2.3", date(2026, 12, 31))
    second = Waiver("sort.orders", "a collation", date(2027, 1, 31), "tasks", "SHOP-7")

    found = configuration(tmp_path, text, profile="staging")

    assert [one for _, one in found.waivers] == [first, second]
    assert [found.at(place) for place, _ in found.waivers] == ["conformance.toml:2", "conformance.toml:7"]
    assert [one for _, one in configuration(tmp_path, text).waivers] == [first]


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"\xff\xfe", r"is not UTF-8; save it as UTF-8"), (None, "cannot be read: no such file or directory")],
)
def test_a_file_that_cannot_be_read(content: bytes | None, said: str, tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(Misuse, match=f"own.toml {said}"):
        read(path, "own.toml", KEYS, None)


@pytest.mark.parametrize(
    ("text", "place", "expected"),
    [
        ('\n# why\nurl = "x"\n', ("url",), 3),
        ("entities = [\n 'a',\n 'b',\n]\nstrict = true\n", ("strict",), 5),
        ("entities = [\n 'a',\n 'b',\n]\nstrict = true\n", ("entities", 1), 1),
        ("[[waiver]]\r\na = 1\r\n\r\n[[waiver]]\r\na = 2\r\n", ("waiver", 1, "a"), 5),
        ("a = 1\n", ("b",), None),
    ],
)
def test_a_place_is_found_in_its_line(text: str, place: Place, expected: int | None) -> None:
    assert line(text, place) == expected


def test_the_last_line_of_a_long_file_is_told_soon(tmp_path: Path) -> None:
    waivers = "".join(f'[[waiver]]\nrequirement="a{one}"\nreason="x"\nexpires=2099-01-01\n' for one in range(3000))

    assert refusal(tmp_path, f"{waivers}urll = 1\n").startswith("conformance.toml:12001: ")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("max-requests = " + "9" * 5000, "no TOML: Exceeds the limit"),
        ("[" + ".".join("a" * 3000) + "]", "a is no setting"),
        ("# " + "x" * 2_000_000, "it is larger than 1 MiB"),
        ("reports = 'json'\nca = " + "[" * 3000, "nested too deeply"),
    ],
)
def test_what_is_too_large_is_told(tmp_path: Path, text: str, said: str) -> None:
    assert said in refusal(tmp_path, text)


def test_a_path_with_a_nul_character_is_told(tmp_path: Path) -> None:
    found = configuration(tmp_path, 'reports = ["json=a\\u0000b"]')

    with pytest.raises(Misuse, match=r"toml:1: reports: a path holds a NUL character"):
        values(found)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here")
def test_a_pipe_that_nobody_writes_to_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "conformance.toml")

    with pytest.raises(Misuse, match="it is a pipe or a device"):
        read(tmp_path / "conformance.toml", "conformance.toml", KEYS, None)
