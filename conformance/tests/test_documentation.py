"""What the documentation tells of options is what the commands have."""

import re
from pathlib import Path

from entity_conformance.commands import run
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
