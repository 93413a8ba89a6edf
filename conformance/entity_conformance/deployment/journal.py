"""The journal of a run: what it is about to create, written to disk before it is sent, and what became of it.

A run that is killed leaves its journal behind, and `conformance cleanup` reads it. One JSON value a line; the file is
there from the first write to the end of a clean-up that left nothing, and locked by whoever works on it. It holds ids,
the run's own invented texts and fingerprints, never a credential.
"""

import contextlib
import json
import os
import secrets
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from entity_conformance.deployment.account import FORMAT, KEYS, Account, Fingerprints, Thing, added_up, unmistakable
from entity_conformance.deployment.credentials import Given, User
from entity_conformance.deployment.lock import locked
from entity_conformance.deployment.mark import mark
from entity_conformance.deployment.place import is_same_place, may_be_same_place
from entity_conformance.deployment.problems import Blocked
from entity_conformance.deployment.settings import Misuse, base_url

__all__ = ["KEYS", "Account", "Journal", "Left", "Thing", "Unwritable", "default_folder", "left_behind"]

_AS_WHO = "run the clean-up as the user who ran the tests, with the same CONFORMANCE_STATE_DIR"
_FOLDER = "name a writable folder in CONFORMANCE_STATE_DIR"
_DAMAGED = "it was damaged, or written by another version"
_OURS = ("v1-conformance-journal/", '{"will": ')
"""What is in every journal, of whichever version."""


_SALT = secrets.token_hex(16)
"""One for each process, whose runs then hash each credential once."""


class Unwritable(Blocked):
    """The journal cannot be written, so that nothing may be created."""


class Journal:
    """The journal of one run, in memory and, from the first creation on, in a file below `folder`.

    `given` are the credentials of the run, by whose fingerprints a clean-up knows its users again.
    """

    def __init__(self, folder: Path, *, target: str, run: str, given: Given | None = None) -> None:
        self.account = Account(target, run)
        self.path = folder / f"{run}.jsonl"
        self._given = given or Given()
        self._descriptor: int | None = None
        self._is_torn = False
        self._tickets = 0

    @classmethod
    def reopened(cls, path: Path) -> "Journal | None":
        """The journal that an earlier run left, to be followed; None when it is none, or the run is still at work.

        Raises OSError when it cannot be read and written.
        """
        descriptor = os.open(path, os.O_RDWR | os.O_APPEND | _BINARY)
        try:
            text = path.read_text("utf-8", errors="replace") if locked(descriptor) else ""
            account = added_up(text.splitlines())
            if account is None or not path.exists():  # whoever had the lock may have been done with it
                os.close(descriptor)
                return None
        except OSError:
            os.close(descriptor)
            raise
        journal = cls(path.parent, target=account.target, run=account.run)
        journal.path, journal.account = path, account
        journal._descriptor, journal._is_torn = descriptor, not text.endswith("\n")  # of the same class
        return journal

    def will_create(self, entity: str, body: object, user: User, since: datetime | None = None) -> int:
        """Write down a creation before it is sent. Raises Unwritable when that is impossible.

        What was created before `since` cannot be what it makes.
        """
        texts = unmistakable(body, mark(self.account.run))
        ticket = self._tickets + 1
        try:
            told = {} if since is None else {"since": since.isoformat()}
            self._write({"will": ticket, "entity": entity, "user": user, "texts": texts, **told})
        except OSError as error:
            raise Unwritable(f"cannot write the journal {self.path}: {error.strerror or error}; {_FOLDER}") from error
        self._tickets = ticket
        self.account.will_create(ticket, entity, user, texts, since)
        return ticket

    def will_change(self, entity: str, id: str, body: object) -> None:  # noqa: A002  # the reference's word
        """Write down that what was made is known to be the run's, and by which texts it is known from now on.

        It may be known by none, where the change takes those away that it was made with.
        """
        thing, marked = self.account.things.get((entity, id)), mark(self.account.run)
        texts = [text for text in unmistakable(body, marked) if marked not in text]
        if thing is not None and (texts or (entity, id) not in self.account.changed):
            self.account.changes(entity, thing.user, texts, id)
            self._note({"wrote": texts, "entity": entity, "user": thing.user, "id": id})

    def made(self, ticket: int, id: str, since: datetime | None = None) -> None:  # noqa: A002  # the reference's word
        """A creation ended well; what was created before `since` cannot be what it made."""
        self.account.made(ticket, id, since)
        self._note({"made": ticket, "id": id, **({} if since is None else {"since": since.isoformat()})})

    def made_nothing(self, ticket: int) -> None:
        """A creation was refused."""
        self.account.made_nothing(ticket)
        self._note({"nothing": ticket})

    def unsent(self, ticket: int) -> None:
        """A creation was not sent."""
        self.account.unsent(ticket)
        self._note({"nothing": ticket})

    def is_late(self, entity: str, user: User) -> None:
        """A creation was not answered, and the deployment may be at it still; known to this run alone."""
        self.account.late[entity, user] += 1

    def gone(self, entity: str, id: str) -> None:  # noqa: A002  # the reference's word
        """Something was deleted."""
        self.account.gone(entity, id)
        self._note({"gone": id, "entity": entity})

    def close(self) -> None:
        """Leave the file for a later clean-up, unless nothing is left to clean up."""
        if self._descriptor is None:
            return
        descriptor, self._descriptor = self._descriptor, None
        if os.name == "nt":  # where an open file cannot be deleted
            os.close(descriptor)
        if self.account.is_settled:
            self.path.unlink(missing_ok=True)
        if os.name != "nt":
            os.close(descriptor)

    def _note(self, line: Mapping[str, object]) -> None:
        """Write down what became of something, if that is possible.

        Where the disk is full this run still knows it, and a later clean-up finds out: what was made, by its texts;
        what is gone, by looking.
        """
        if self._descriptor is not None:
            with contextlib.suppress(OSError):
                self._write(line)

    def _write(self, line: Mapping[str, object]) -> None:
        """Append a line. It is the system's from then on, so that no kill takes it back."""
        if self._descriptor is None:
            self._descriptor = self._opened()
        text = json.dumps(line) + "\n"
        left = f"\n{text}".encode() if self._is_torn else text.encode()
        self._is_torn = True
        while left:
            left = left[os.write(self._descriptor, left) :]
        self._is_torn = False

    def _opened(self) -> int:
        """The file with its first line, locked. Nothing of it stays where that fails."""
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        account = self.account
        account.fingerprints = Fingerprints.of(self._given, salt=_SALT)
        head = {
            "format": FORMAT,
            "target": account.target,
            "run": account.run,
            "salt": account.fingerprints.salt,
            "fingerprints": account.fingerprints.digests,
        }
        descriptor = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_EXCL | _BINARY, 0o600)
        try:
            locked(descriptor)
            left = (json.dumps(head) + "\n").encode()
            while left:
                left = left[os.write(descriptor, left) :]
        except OSError:
            os.close(descriptor)
            self.path.unlink(missing_ok=True)
            raise
        return descriptor


_BINARY = getattr(os, "O_BINARY", 0)


@dataclass(frozen=True, slots=True)
class Left:
    """The journals that runs left behind, the oldest first, each locked; and those of runs that are still at work.

    `elsewhere` are the deployments of other journals that can be this one under another name of this machine, or by a
    URL that goes on where theirs ends (`/api/v1/tasks`). `unread` are journals that cannot be followed, and why: about
    which deployment they are, nobody knows.
    """

    journals: tuple[Journal, ...]
    running: tuple[Path, ...]
    elsewhere: tuple[str, ...] = ()
    unread: tuple[tuple[Path, str], ...] = ()


def left_behind(folder: Path, *, target: str) -> Left:
    """The journals of runs on `target` in `folder`. Files that are no journals are passed over.

    Raises Misuse for a folder that cannot be read.
    """
    journals: list[Journal] = []
    running: list[Path] = []
    elsewhere: dict[str, None] = {}
    unread: list[tuple[Path, str]] = []
    for path in _oldest_first(folder):
        try:
            text = path.read_text("utf-8", errors="replace")
            account = added_up(text.splitlines())
            if account is None:
                if any(one in text for one in _OURS):
                    unread.append((path, _DAMAGED))
                continue
            if not _is_at(account.target, target):
                if _may_be_at(account.target, target):
                    elsewhere[account.target] = None
                continue
            journal = Journal.reopened(path)
        except FileNotFoundError:
            continue  # its run ended meanwhile
        except OSError as error:
            unread.append((path, f"{error.strerror or error}; {_AS_WHO}"))
            continue
        if journal is not None:
            journals.append(journal)
        elif path.exists():
            running.append(path)
    return Left(tuple(journals), tuple(running), tuple(elsewhere), tuple(unread))


def _oldest_first(folder: Path) -> list[Path]:
    try:
        paths = [path for path in folder.iterdir() if path.suffix == ".jsonl"]
        return sorted(paths, key=lambda path: path.stat().st_mtime)
    except FileNotFoundError:
        return []
    except OSError as error:
        raise Misuse(f"cannot read the folder of journals {folder}: {error.strerror or error}", hint=_AS_WHO) from error


def default_folder(environ: Mapping[str, str]) -> Path:
    """Where journals are kept: CONFORMANCE_STATE_DIR, else the user's state folder, else the temporary one.

    A folder that a variable states is taken whether it is there or not: it is made when it is written to. A relative
    XDG_STATE_HOME is passed over, as its specification says; so is a home that cannot be written.
    """
    if stated := environ.get("CONFORMANCE_STATE_DIR"):
        return Path(stated)
    if (state := Path(environ.get("XDG_STATE_HOME", ""))).is_absolute():
        return state / "v1-conformance"
    for variable, below in (("LOCALAPPDATA", ""), ("HOME", ".local/state")):
        if (root := environ.get(variable)) and os.access(root, os.W_OK):
            return Path(root) / below / "v1-conformance"
    return Path(tempfile.gettempdir()) / "v1-conformance"


def _may_be_at(stated: str, target: str) -> bool:
    """Whether a journal can be about this deployment: by another name of this machine, or a URL that goes too far."""
    path, asked = urlsplit(stated).path, urlsplit(base_url(target)).path
    is_near = is_same_place(stated, target) or may_be_same_place(stated, target)
    return is_near and (asked == path or asked.startswith(f"{path}/"))


def _is_at(stated: str, target: str) -> bool:
    """Whether a journal is about this deployment, however its run spelled it."""
    try:
        return base_url(stated) == base_url(target)
    except Misuse:
        return False
