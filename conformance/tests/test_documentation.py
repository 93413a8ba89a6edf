"""What the documentation tells of the table of credentials is what the table says."""

from pathlib import Path

from entity_conformance.deployment.credentials import CREDENTIALS

PAGE = Path(__file__).parents[2] / "docs" / "commands.md"


def test_the_page_of_the_commands_lists_the_credentials() -> None:
    listed = [line for line in PAGE.read_text("utf-8").splitlines() if line.startswith("| `--")]

    assert listed == [
        f"| `{row.option}` | `{row.variable}` | {row.user} | {row.purpose} | `{row.reported}` |" for row in CREDENTIALS
    ]
