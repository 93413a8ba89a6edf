"""The CHANGELOG's text with changes written into it, or its first section released.

Pure: text in, text out. What stands there already is left as it is.
"""

import re
import textwrap
from collections.abc import Iterable

from entity_contract.changes.change import Change

from entity_tests.document.release.project import BREAKING, CONTRACT, HEADING, UNRELEASED

WIDTH = 120


def announced(changelog: str, changes: Iterable[Change]) -> str:
    """The text with an item for each change under the first section's `### Contract`, which is made if need be."""
    items = "".join(_item(change) for change in sorted(changes, key=lambda change: not change.breaking))
    if not items:
        return changelog
    start, end = _first_section(changelog)
    section = changelog[start:end]
    heading = re.search(rf"^### {CONTRACT}[ ]*$", section, flags=re.MULTILINE)
    if heading is None:
        return f"{changelog[:start]}\n\n### {CONTRACT}\n{items}{section[1:]}{changelog[end:]}"
    following = re.compile(r"^### ", re.MULTILINE).search(section, heading.end())
    cut = following.start() if following else len(section)
    written, rest = section[:cut].rstrip("\n"), section[cut:]
    gap = "\n" if rest or end < len(changelog) else ""
    return f"{changelog[:start]}{written}\n{items}{gap}{rest}{changelog[end:]}"


def released(changelog: str, date: str) -> str:
    """The text with the first section's "(unreleased)" replaced by the date."""
    return changelog.replace(UNRELEASED, f"({date})", 1)


def _first_section(changelog: str) -> tuple[int, int]:
    """Where the first section's text begins, behind its heading, and where it ends."""
    headings = list(HEADING.finditer(changelog))
    return headings[0].end(), headings[1].start() if len(headings) > 1 else len(changelog)


def _item(change: Change) -> str:
    line = f"- {BREAKING if change.breaking else ''}{change.sentence}"
    wrapped = textwrap.wrap(line, WIDTH, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)
    return "\n".join(wrapped) + "\n"
