"""A document of a file, or of a revision of a git repository (`v0.1.0:openapi.yaml`)."""

import os
import subprocess
from pathlib import Path

from entity_contract.document import Document, document
from entity_contract.errors import ContractError

_HINT = "name a file, or REVISION:PATH with the path from the root of the repository"


def document_of(name: str) -> Document:
    """The document of that name. Raises ContractError when there is none, or it is no OpenAPI 3.1."""
    if not Path(name).exists() and ":" in name and not name.startswith(("-", ":")):
        return document(_shown(name), source=name)
    try:
        return document(Path(name).read_bytes(), source=name)
    except OSError as error:
        raise ContractError(f"cannot be read: {error.strerror}", where=name, hint=_HINT) from error


def _shown(name: str) -> bytes:
    """The file of a revision, as git has it."""
    try:
        done = subprocess.run(  # noqa: S603 - it shows, whatever the name
            ["git", "show", name],  # noqa: S607 - the user's git, whichever it is
            capture_output=True,
            stdin=subprocess.DEVNULL,
            env={**os.environ, "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"},
            check=False,
        )
    except OSError as error:
        raise ContractError("git cannot be run", where=name, hint="install git, or name a file") from error
    if done.returncode != 0:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        reason = said[0].removeprefix("fatal: ") if said else f"git ended with {done.returncode}"
        raise ContractError(f"git cannot show it: {reason}", where=name, hint=_HINT)
    return done.stdout
