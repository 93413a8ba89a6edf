"""`[[waiver]]`: a known failure as it is written down, and written."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, TextIO

from entity_conformance.deployment.settings import Misuse, Waiver
from entity_conformance.report.files import write_whole

MEMBERS = ("requirement", "entity", "reason", "ticket", "expires")


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
        if isinstance(value, str) and len(value.strip()) == len("2026-12-31"):
            return date.fromisoformat(value.strip())
    except ValueError:
        pass  # no such day
    raise Misuse("expires is no day", hint="write it as 2026-12-31")


def write(path: Path, waivers: Sequence[Waiver], *, profile: str | None = None) -> None:
    """Add waivers to a file, in a profile of it or for all; one that is there for the same is renewed.

    Comments and order stay as they are. A file that is not there is made. Raises UnwritableError.
    """
    import tomlkit  # noqa: PLC0415  # as slow to import as the rest of this package, and rarely needed

    text = path.read_bytes().decode("utf-8-sig") if path.exists() else ""
    document: Any = tomlkit.parse(text)
    table = document if profile is None else document["profile"][profile]
    if "waiver" not in table:
        if profile is None and text:
            document.add(tomlkit.nl())
        table["waiver"] = tomlkit.aot()
    entries = table["waiver"]
    for one in waivers:
        key = (one.requirement, one.entity)
        entry = next((each for each in entries if (each.get("requirement"), each.get("entity")) == key), None)
        if entry is None:
            entries.append(tomlkit.table())
            entry = entries[-1]
        entry.update({name: value for name in MEMBERS if (value := getattr(one, name)) is not None})

    def render(stream: TextIO) -> None:
        stream.write(tomlkit.dumps(document))

    write_whole(path, render)
