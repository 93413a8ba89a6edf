"""What a server is told when it starts: a value, read once from the command line and the environment by `commands.run`.

A leaf: it imports nothing of the server.
"""

from dataclasses import dataclass
from pathlib import Path

ENVIRONMENT_PREFIX = "REFERENCE_SERVER"
DEFAULT_DATABASE = "sqlite://reference-server.sqlite3"
KEY_LIMIT = "1000/hour"
SESSION_LIMIT = "100/hour"
DEMO_CREDENTIALS = Path("reference-server.credentials.json")


def variable(option: str) -> str:
    """The environment twin of an option: `--key-limit` is REFERENCE_SERVER_KEY_LIMIT."""
    return f"{ENVIRONMENT_PREFIX}_{option.removeprefix('--').replace('-', '_').upper()}"


@dataclass(frozen=True, slots=True)
class Settings:
    """How to serve. Limits are spelled as on the command line (`1000/hour`); `faults` are ids.

    `validate` is no option: a benchmark switches two-way validation off with it, to see what it costs.
    """

    host: str = "127.0.0.1"
    port: int = 5173
    database: str = DEFAULT_DATABASE
    contract: Path | None = None
    demo: bool = False
    credentials: Path | None = None
    key_limit: str = KEY_LIMIT
    session_limit: str = SESSION_LIMIT
    faults: tuple[str, ...] = ()
    validate: bool = True

    @property
    def credentials_file(self) -> Path | None:
        """Where the demo's credentials go: where it was said, or a default place, since they are printed nowhere."""
        return self.credentials or (DEMO_CREDENTIALS if self.demo else None)
