"""What has been released, and what the CHANGELOG says about the next release.

A release keeps its contract as `docs/released/openapi-<version>.yaml`. A breaking change is announced when its
sentence stands, word for word, under the `### Contract` heading of CHANGELOG.md's first version.
"""

import re
from pathlib import Path

from contract_tests.changes.change import Change

ROOT = Path(__file__).resolve().parents[2]
RELEASED = ROOT / "docs" / "released"
CHANGELOG = ROOT / "CHANGELOG.md"
NAME = re.compile(r"openapi-(\d+)\.(\d+)\.(\d+)\.yaml")
HEADING = re.compile(r"^## (?P<version>\d+\.\d+\.\d+)(?P<note>.*)$", re.MULTILINE)


def copies(folder: Path = RELEASED) -> tuple[Path, ...]:
    """The contracts of all releases, the oldest first."""
    found = {tuple(map(int, match.groups())): path for path in folder.glob("*") if (match := NAME.fullmatch(path.name))}
    return tuple(found[version] for version in sorted(found))


def releases(changelog: str) -> tuple[str, ...]:
    """The versions that the CHANGELOG calls released, the newest first."""
    return tuple(match["version"] for match in HEADING.finditer(changelog) if "unreleased" not in match["note"])


def announcements(changelog: str) -> str:
    """What the first version's `### Contract` heading holds; its lines joined, so that a sentence may be wrapped."""
    versions = re.split(r"^## ", changelog, flags=re.MULTILINE)
    headings = re.split(r"^### ", versions[1] if len(versions) > 1 else "", flags=re.MULTILINE)
    under = (heading.partition("\n")[2] for heading in headings if heading.startswith("Contract\n"))
    return " ".join("".join(under).split())


def unannounced(changes: tuple[Change, ...], changelog: str) -> tuple[Change, ...]:
    """The breaking changes that the CHANGELOG does not name."""
    said = announcements(changelog)
    return tuple(change for change in changes if change.breaking and change.sentence not in said)
