"""What the documentation tells of options is what the commands have."""

import re
from pathlib import Path

import pytest
from entity_conformance.commands import configured, run
from entity_conformance.commands.twins import KEYS
from entity_conformance.configuration.reading import read
from entity_conformance.deployment.credentials import CREDENTIALS

PAGE = Path(__file__).parents[2] / "docs" / "commands.md"
ROWS = [line for line in PAGE.read_text("utf-8").splitlines() if line.startswith("| `--")]


def test_the_page_of_the_commands_lists_the_credentials() -> None:
    assert [row for row in ROWS if row.count("|") == 6] == [
        f"| `{row.option}` | `{row.variable}` | {row.user} | {row.purpose} | `{row.reported}` |" for row in CREDENTIALS
    ]


def test_the_options_in_its_tables_are_there_with_their_variables() -> None:
    listed = [re.findall(r"`(--[a-z-]+)[^`]*`|`(CONFORMANCE_[A-Z_]+)`", row)[:2] for row in ROWS]

    told = {(option, variable) for (option, _), (_, variable) in listed}
    assert told <= {(param.opts[0], param.envvar) for param in run.command.params}
    assert len(told) == len(ROWS)


def test_the_file_that_is_shown_can_be_read(tmp_path: Path) -> None:
    text = (PAGE.parent / "configuration.md").read_text("utf-8")
    (shown,) = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    path = tmp_path / "conformance.toml"
    path.write_text(shown, "utf-8")
    environ = {"SHOP_API_KEY": "key", "SHOP_SESSION": "token"}

    found = read(path, path.name, KEYS, "staging")

    values = {name: found.value(stated, environ) for name, stated in found.stated.items()}
    assert values["samples"] == ["products.sku=AB-12", "products.sku=AB-13"]
    assert (values["url"], values["session"]) == ("https://staging.shop.example.com", "token")
    assert configured.waivers(found) == tuple(one for _, one in found.waivers)


@pytest.mark.parametrize("name", ["plan", "config", "profile", "update_waivers"])
def test_what_is_no_setting_is_told(name: str) -> None:
    assert name not in KEYS
    assert f"`--{name.replace('_', '-')}`" in (PAGE.parent / "configuration.md").read_text("utf-8")
