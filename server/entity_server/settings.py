"""What a server is told when it starts: a value, read once from the command line and the environment by `commands.run`.

A leaf: it imports nothing of the server.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

ENVIRONMENT_PREFIX = "REFERENCE_SERVER"
DEFAULT_DATABASE = "sqlite://reference-server.sqlite3"
KEY_LIMIT = "1000/hour"
SESSION_LIMIT = "100/hour"
METRICS_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""The variable by which prometheus_client, when it is imported, is told where several processes count together."""

AI_MODEL = "gpt-4o-mini"
AI_TIMEOUT = 30
AI_KEY = f"{ENVIRONMENT_PREFIX}_AI_KEY"
"""The variable of the key for --ai-url. It has no option: what stands on a command line, everybody can read."""

DEMO_CREDENTIALS = Path("reference-server.credentials.json")


class UnusableSetting(Exception):  # noqa: N818 - it says what is the matter
    """What a setting names cannot be used. The message says what to do, and holds no secret."""


def variable(option: str) -> str:
    """The environment twin of an option: `--key-limit` is REFERENCE_SERVER_KEY_LIMIT."""
    return f"{ENVIRONMENT_PREFIX}_{option.removeprefix('--').replace('-', '_').upper()}"


@dataclass(frozen=True, slots=True)
class Settings:
    """How to serve. Limits are spelled as on the command line (`1000/hour`); `faults` are ids, `variants` are names.

    `cors` are the origins of pages that may call, as browsers spell them, or `*` alone.

    `validate` is no option: a benchmark switches two-way validation off with it, to see what it costs.
    """

    host: str = "127.0.0.1"
    port: int = 5173
    database: str = field(default=DEFAULT_DATABASE, repr=False)
    contract: Path | None = None
    demo: bool = False
    credentials: Path | None = None
    key_limit: str = KEY_LIMIT
    session_limit: str = SESSION_LIMIT
    faults: tuple[str, ...] = ()
    choices: str | None = None
    variants: tuple[str, ...] = ()
    seed: int | None = None
    text_index: bool = False
    workers: int = 1
    metrics: bool = False
    control_port: int | None = None
    control_host: str = "127.0.0.1"
    redis: str | None = field(default=None, repr=False)
    ai_url: str | None = field(default=None, repr=False)
    ai_model: str = AI_MODEL
    ai_timeout: int = AI_TIMEOUT
    ai_key: str = field(default="", repr=False)
    cors: tuple[str, ...] = ()
    simulate: bool = False
    client_report: Path | None = None
    strict_clients: bool = False
    tls: bool = False
    tls_cert: Path | None = None
    tls_key: Path | None = None
    access_log: Literal["off", "console", "json"] = "off"
    validate: bool = True

    @property
    def judges_clients(self) -> bool:
        """Whether it is asked what requests tell about clients."""
        return self.client_report is not None or self.strict_clients

    @property
    def shares(self) -> bool:
        """Whether other processes serve the same API: what one of them is told is not true of all."""
        return self.workers > 1 or self.redis is not None

    @property
    def credentials_file(self) -> Path | None:
        """Where credentials go: where it was said, or a default place, since they are printed nowhere."""
        issued = self.demo or self.tls or self.control_port is not None
        return self.credentials or (DEMO_CREDENTIALS if issued else None)
