"""Which file holds the settings: the one that is named, else `conformance.toml` here or in a folder above."""

from pathlib import Path

NAME = "conformance.toml"


def found(here: Path) -> Path | None:
    """The nearest file of that name, from `here` upwards."""
    return next((path for folder in (here, *here.parents) if (path := folder / NAME).is_file()), None)


def told(path: Path, here: Path) -> str:
    """A file as a person at `here` names it."""
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)
