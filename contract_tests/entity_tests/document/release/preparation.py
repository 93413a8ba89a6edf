"""What keeps openapi.yaml from being released as it stands, and what has to be done about it.

Pure: a project's facts in, sentences out. Before the first release nothing can break, but the next release must be
prepared all the same.
"""

from collections.abc import Iterator

from entity_contract.changes.change import Change

from entity_tests.document.release.project import CONTRACT, UNRELEASED, Section, number


def unannounced(found: tuple[Change, ...], sections: tuple[Section, ...]) -> tuple[Change, ...]:
    """The breaking changes that the next release's section does not name; all of them when there is no such section."""
    upcoming = next_release(sections)
    return tuple(change for change in found if change.breaking and not (upcoming and upcoming.announces(change)))


def next_release(sections: tuple[Section, ...]) -> Section | None:
    """The CHANGELOG's first section, unless it is that of a release."""
    return sections[0] if sections and not sections[0].released else None


def problems(
    found: tuple[Change, ...], *, version: str, released: tuple[str, ...], sections: tuple[Section, ...]
) -> Iterator[str]:
    """What is wrong with the changes since the last release. Nothing when there are none and none is being prepared."""
    last, upcoming = (released[-1] if released else None), next_release(sections)
    if upcoming is None:
        if found or last is None:
            yield f"CHANGELOG.md has no section for the next release: begin with `## VERSION {UNRELEASED}`"
        return
    if upcoming.version != version:
        yield f"pyproject.toml builds {version}, CHANGELOG.md prepares {upcoming.version}: make them one"
    if (last is None or found) and not upcoming.contract:
        yield f"CHANGELOG.md has nothing under {upcoming.version}'s `### {CONTRACT}`: run `announce`"
    if last is not None:
        yield from _version(found, last, upcoming.version)
    for change in unannounced(found, sections):
        yield f"CHANGELOG.md does not announce under {upcoming.version}'s `### {CONTRACT}`: {change.sentence}"


def _version(found: tuple[Change, ...], last: str, version: str) -> Iterator[str]:
    """A version says what its clients are in for: the first number that is not 0 moves when they break."""
    before, after = number(last), number(version)
    if after <= before:
        yield f"CHANGELOG.md prepares {version}, which does not come after {last}: take a higher version"
        return
    moves = 1 if before[0] == 0 else 0
    if any(change.breaking for change in found) and after[: moves + 1] == before[: moves + 1]:
        least = f"0.{before[1] + 1}.0" if before[0] == 0 else f"{before[0] + 1}.0.0"
        yield f"CHANGELOG.md prepares {version}, but the contract breaks clients of {last}: take {least} or higher"
