"""`[[waiver]]`: a known failure as it is written down, and written."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path
from typing import Any, TextIO

from entity_conformance.deployment.settings import Misuse, Waiver
from entity_conformance.report import files

MEMBERS = ("requirement", "entity", "reason", "ticket", "expires")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
"""Of what ISO 8601 allows: a week (`2099-W01-1`) is as long."""


def waiver(facts: Mapping[str, object]) -> Waiver:
    """A waiver from its table, whose members are known. Raises Misuse."""
    texts: dict[str, str | None] = {}
    for name in ("requirement", "entity", "reason", "ticket"):
        value = facts.get(name)
        if value is not None and not isinstance(value, str):
            raise Misuse(f"{name} of a waiver is no text", hint="write it in quotes")
        texts[name] = value.strip() if value is not None else None
    for name in ("requirement", "reason", "expires"):
        if name not in facts or texts.get(name, "there") == "":
            raise Misuse(f"a waiver has no {name}", hint="say which requirement is waived, why, and until when")
    return Waiver(
        requirement=texts["requirement"] or "",
        reason=texts["reason"] or "",
        expires=day(facts["expires"]),
        entity=texts["entity"] or None,
        ticket=texts["ticket"] or None,
    )


def day(value: object) -> date:
    """A day, as TOML has it or as a text. Raises Misuse."""
    try:
        if isinstance(value, datetime):
            return value.date()
        if isinstance(value, date):
            return value
        if isinstance(value, str) and _DAY.fullmatch(value.strip()):
            return date.fromisoformat(value.strip())
    except ValueError:
        pass  # no such day
    raise Misuse("expires is no day", hint="write it as 2026-12-31")


def write(path: Path, waivers: Sequence[Waiver], *, profile: str | None = None) -> None:
    """Add waivers to a file, in a profile of it or for all; one that is there for the same is renewed.

    Comments and order stay as they are: what is new comes behind the waivers that are there, else at the end. A file
    that is not there is made. Raises Misuse for one that cannot be added to as it is written, and UnwritableError.
    """
    written = with_waivers(_text(path), waivers, profile=profile)

    def render(stream: TextIO) -> None:
        stream.write(written)

    files.write_whole(path, render)


def probe(path: Path, *, profile: str | None = None) -> None:
    """Find out before a run whether waivers can be written. Raises as `write` does."""
    files.probe(path)
    with_waivers(_text(path), [Waiver("*", "tried", date.max)], profile=profile)


def _text(path: Path) -> str:
    return path.read_bytes().decode("utf-8-sig") if path.exists() else ""


def with_waivers(text: str, waivers: Sequence[Waiver], *, profile: str | None = None) -> str:
    """The text of a file with these waivers. Raises Misuse where they would not be read as they should."""
    import tomlkit  # noqa: PLC0415  # as slow to import as the rest of this package, and rarely needed

    document: Any = tomlkit.parse(text)
    entries = _in(document, profile).get("waiver", [])
    new = []
    for one in waivers:
        key = (one.requirement, one.entity)
        entry = next((each for each in entries if (each.get("requirement"), each.get("entity")) == key), None)
        if entry is None:
            new.append(_facts(one))
        else:
            entry.update(_facts(one))
    if new and isinstance(entries, tomlkit.items.AoT):
        _append(document, entries, new)
        new = []
    whole: str = tomlkit.dumps(document)
    header = "waiver" if profile is None else f"profile.{tomlkit.key(profile).as_string()}.waiver"
    for facts in new:
        if whole.strip():
            whole = whole.rstrip() + "\n\n"
        whole += f"[[{header}]]\n{tomlkit.dumps(facts)}"
    if "\r\n" in text:
        whole = re.sub("(?<!\r)\n", "\r\n", whole)
    if _without_waivers(whole, profile) != _without_waivers(text, profile) or not _holds(whole, waivers, profile):
        what = "waivers cannot be added to the file as it is written"
        raise Misuse(what, hint="write each waiver as [[waiver]], and a profile as [profile.NAME]")
    return whole


def _append(document: Any, entries: Any, new: Sequence[Mapping[str, object]]) -> None:  # noqa: ANN401  # of tomlkit
    """Add tables behind others of the same list, each parted from its neighbours by a blank line."""
    import tomlkit  # noqa: PLC0415

    for facts in new:
        if not entries[-1].as_string().endswith(("\n\n", "\n\r\n")):
            entries[-1].add(tomlkit.nl())
        entries.append(facts)
    if not tomlkit.dumps(document).endswith(entries[-1].as_string()):
        entries[-1].add(tomlkit.nl())


def _in(document: Any, profile: str | None) -> Any:  # noqa: ANN401  # of either parser
    return document if profile is None else document["profile"][profile]


def _facts(one: Waiver) -> dict[str, object]:
    return {name: value for name in MEMBERS if (value := getattr(one, name)) is not None}


def _read(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return {"unreadable": text}


def _without_waivers(text: str, profile: str | None) -> dict[str, Any]:
    document = _read(text)
    with suppress(KeyError):
        _in(document, profile).pop("waiver")
    return document


def _holds(text: str, waivers: Sequence[Waiver], profile: str | None) -> bool:
    with suppress(KeyError, Misuse):
        found = [waiver(entry) for entry in _in(_read(text), profile)["waiver"]]
        return all(one in found for one in waivers)
    return False
