"""The books of a run: what it is about to create, written to disk before it is sent, and what became of it.

A run that is killed leaves its journal behind, and `conformance cleanup` reads it. One JSON value a line; the file is
there from the first write to the end of a clean-up that left nothing. It holds ids and the run's own invented texts,
never a credential.
"""

import json
import os
import re
import socket
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from entity_conformance.deployment.mark import mark
from entity_conformance.deployment.problems import Blocked

FORMAT = "v1-conformance-journal/1"
KEYS = "keys"

_INVENTED = re.compile(r"\b(?:[b-df-hj-np-tv-z][aeiou]){4}[b-df-hj-np-tv-z]\b")


class Unwritable(Blocked):
    """The journal cannot be written, so that nothing may be created."""


@dataclass(frozen=True, slots=True)
class Thing:
    """Something that the run made: a record of `entity`, or an API key (`keys`). `credential` can delete it."""

    entity: str
    id: str
    credential: str


@dataclass(slots=True)
class Account:
    """What the lines of a journal add up to.

    `open` are creations that nobody knows the end of. `texts` are, by entity, the texts that only this run writes,
    `credentials` those that it created with.
    """

    target: str
    run: str
    things: dict[tuple[str, str], Thing] = field(default_factory=dict)
    open: dict[int, tuple[str, str]] = field(default_factory=dict)
    texts: dict[str, set[str]] = field(default_factory=dict)
    credentials: dict[str, set[str]] = field(default_factory=dict)

    @property
    def outstanding(self) -> tuple[Thing, ...]:
        """What is still there, the newest first: a child goes before its parent."""
        return tuple(reversed(self.things.values()))

    @property
    def touched(self) -> tuple[tuple[str, str], ...]:
        """The entities (and `keys`) that the run tried to create something of, and with which credential."""
        return tuple((entity, name) for entity, names in self.credentials.items() for name in sorted(names))

    def is_ours(self, entity: str, record: Mapping[str, object]) -> bool:
        """Whether a record can only come from this run, by what it holds."""
        texts = [value for value in record.values() if isinstance(value, str)]
        return any(mark(self.run) in text or text in self.texts.get(entity, ()) for text in texts)

    def will_create(self, ticket: int, entity: str, credential: str, texts: tuple[str, ...]) -> None:
        """A creation begins."""
        self.open[ticket] = (entity, credential)
        self.texts.setdefault(entity, set()).update(texts)
        self.credentials.setdefault(entity, set()).add(credential)

    def made(self, ticket: int, id_: str) -> None:
        """A creation ended well."""
        entity, credential = self.open.pop(ticket)
        self.things[entity, id_] = Thing(entity, id_, credential)

    def made_nothing(self, ticket: int) -> None:
        """A creation was refused."""
        self.open.pop(ticket, None)

    def gone(self, entity: str, id_: str) -> None:
        """Something was deleted."""
        self.things.pop((entity, id_), None)


class Journal:
    """The books of one run, in memory and, from the first creation on, in a file below `folder`."""

    def __init__(self, folder: Path, *, target: str, run: str) -> None:
        self.account = Account(target, run)
        self.path = folder / f"{run}.jsonl"
        self._file: TextIO | None = None
        self._tickets = 0

    def will_create(self, entity: str, body: object, credential: str) -> int:
        """Write down a creation before it is sent. Raises Unwritable when that is impossible."""
        self._tickets += 1
        texts = _unmistakable(body, mark(self.account.run))
        self.account.will_create(self._tickets, entity, credential, texts)
        line = {"will": self._tickets, "entity": entity, "credential": credential, "texts": texts}
        self._write(line)
        return self._tickets

    def made(self, ticket: int, id: str) -> None:  # noqa: A002  # the reference's word
        """A creation ended well."""
        self.account.made(ticket, id)
        self._write({"made": ticket, "id": id})

    def made_nothing(self, ticket: int) -> None:
        """A creation was refused."""
        self.account.made_nothing(ticket)
        self._write({"nothing": ticket})

    def gone(self, entity: str, id: str) -> None:  # noqa: A002  # the reference's word
        """Something was deleted."""
        self.account.gone(entity, id)
        if self._file is not None:
            self._write({"gone": id, "entity": entity})

    def close(self) -> None:
        """Leave the file for a later clean-up, unless nothing is left to clean up."""
        if self._file is None:
            return
        self._file.close()
        self._file = None
        if not self.account.things and not self.account.open:
            self.path.unlink(missing_ok=True)

    def _write(self, line: Mapping[str, object]) -> None:
        try:
            if self._file is None:
                self._file = self._opened()
            self._file.write(json.dumps(line) + "\n")
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError as error:
            raise Unwritable(
                f"cannot write the journal {self.path}: {error.strerror or error}; "
                "name a writable folder in CONFORMANCE_STATE_DIR"
            ) from error

    def _opened(self) -> TextIO:
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        file = os.fdopen(descriptor, "w", encoding="utf-8")
        head = {
            "format": FORMAT,
            "target": self.account.target,
            "run": self.account.run,
            "pid": os.getpid(),
            "host": socket.gethostname(),
        }
        file.write(json.dumps(head) + "\n")
        return file


@dataclass(frozen=True, slots=True)
class Left:
    """A journal that a run left behind; `is_running` when that run is still at work on this machine."""

    path: Path
    account: Account
    is_running: bool


def left_behind(folder: Path, *, target: str) -> tuple[Left, ...]:
    """The journals of runs on `target` in `folder`, the oldest first. Files that are no journals are passed over."""
    paths = sorted(folder.glob("*.jsonl"), key=lambda path: path.stat().st_mtime) if folder.is_dir() else []
    found = (read(path) for path in paths)
    return tuple(left for left in found if left is not None and left.account.target == target)


def read(path: Path) -> Left | None:
    """A journal from its file; a last line that was not written whole is passed over. None when it is none."""
    lines = path.read_text("utf-8", errors="replace").splitlines()
    head = _parsed(lines[0]) if lines else {}
    if head.get("format") != FORMAT:
        return None
    account = Account(str(head.get("target")), str(head.get("run")))
    for line in map(_parsed, lines[1:]):
        match line:
            case {"will": int(ticket), "entity": str(entity), "credential": str(credential), "texts": list(texts)}:
                account.will_create(ticket, entity, credential, tuple(map(str, texts)))
            case {"made": int(ticket), "id": str(id_)} if ticket in account.open:
                account.made(ticket, id_)
            case {"nothing": int(ticket)}:
                account.made_nothing(ticket)
            case {"gone": str(id_), "entity": str(entity)}:
                account.gone(entity, id_)
            case _:
                pass
    return Left(path, account, _is_running(head.get("pid"), head.get("host")))


def default_folder(environ: Mapping[str, str]) -> Path:
    """Where journals are kept: CONFORMANCE_STATE_DIR, else the user's state folder, else the temporary one."""
    if stated := environ.get("CONFORMANCE_STATE_DIR"):
        return Path(stated)
    for variable, below in (("XDG_STATE_HOME", ""), ("LOCALAPPDATA", ""), ("HOME", ".local/state")):
        if (root := environ.get(variable)) and os.access(root, os.W_OK):
            return Path(root) / below / "v1-conformance"
    return Path(tempfile.gettempdir()) / "v1-conformance"


def _unmistakable(body: object, marked: str) -> tuple[str, ...]:
    """The texts of a body that nobody else would write: with the run's mark, or two of its invented words."""
    values = body.values() if isinstance(body, Mapping) else ()
    texts = (value for value in values if isinstance(value, str))
    return tuple(text for text in texts if marked in text or len(_INVENTED.findall(text)) > 1)


def _parsed(line: str) -> dict[str, object]:
    try:
        value = json.loads(line)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _is_running(pid: object, host: object) -> bool:
    if host != socket.gethostname() or not isinstance(pid, int) or os.name == "nt":
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
