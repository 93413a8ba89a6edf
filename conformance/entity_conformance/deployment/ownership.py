"""What a run may change: what it made itself, and ids that nobody has. This is the only place that says so.

The answer to a creation is a claim: its id may be written to when an answer to READ or LIST has shown there what the
creation wrote. Pure: what was sent and answered comes in, and a request that must not be sent raises `Unsafe` here,
before it is sent.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from urllib.parse import unquote, urlsplit

from entity_conformance.deployment.account import moment, unmistakable
from entity_conformance.deployment.credentials import User
from entity_conformance.deployment.mark import mark, words
from entity_conformance.deployment.place import is_same_place, origin
from entity_conformance.deployment.reply import Record, Reply, is_id

SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
"""Methods that change nothing."""


class Unsafe(Exception):  # noqa: N818  # a defect of ours, never the deployment's
    """A request was about to be sent that could change what the run did not make, or give a credential away."""


@dataclass(frozen=True, slots=True)
class Claim:
    """What the answer to a creation of `user` says. `shows` tells whether a record is what the creation wrote.

    What was created before `since` was there before; None where it is not known when the creation was.
    """

    user: User
    shows: Callable[[Record], bool]
    since: datetime | None = None


class Ownership:
    """The records and keys that one run made and saw, by collection (`tasks`, `keys`) and id.

    A record that was seen while no creation of the run was under way is another's for good, even if the deployment
    answers a later creation with its id.
    """

    def __init__(self, run: str) -> None:
        self._mark = mark(run)
        self._made: dict[tuple[str, str], Claim | None] = {}
        self._answered: Counter[tuple[str, str]] = Counter()
        self._gone: set[tuple[str, str]] = set()
        self._deleted: set[tuple[str, str]] = set()
        self._others: set[tuple[str, str]] = set()
        self._seen: dict[str, dict[str, None]] = {}
        self._nobodys: set[str] = set()
        self._vacant: set[tuple[str, str]] = set()
        self._before: dict[str, frozenset[str]] = {}
        self._creating: Counter[str] = Counter()

    @property
    def missing_id(self) -> str:
        """An id that no record has."""
        return f"{self._mark}-missing"

    def may_change(self, collection: str, id_: str) -> bool:
        """Whether the run made it, or nobody has it."""
        thing = (collection, id_)
        is_nobodys = self._mark in id_ or (id_ in self._nobodys and thing not in self._others)
        return (thing in self._made or is_nobodys) and is_id(id_)

    def is_invented(self, collection: str, id_: str) -> bool:
        """Whether the run may write there since nobody has it, or has it any longer, which no answer has shown yet."""
        thing = (collection, id_)
        is_nobodys = thing not in self._made or thing in self._gone
        return is_nobodys and thing not in self._vacant and self.may_change(collection, id_)

    def is_taken(self, collection: str, id_: str) -> bool:
        """Whether an id that nobody should have was shown to be somebody's."""
        return id_ in self._nobodys and (collection, id_) in self._others

    def is_back(self, collection: str, id_: str) -> bool:
        """Whether what an answer shows again is the run's own: it was told to be gone by who could not see it."""
        self._gone.discard((collection, id_))
        return (collection, id_) in self._made

    def knows(self, collection: str) -> bool:
        """Whether it was noted what a collection held before the run made anything in it."""
        return collection in self._before

    def begins(self, collection: str) -> None:
        """Before anything is made in a collection: what was seen of it was there before."""
        self._before[collection] = self.known(collection)

    def was_there(self, collection: str, id_: str) -> bool:
        """Whether that was noted of it, whatever an answer shows of it later."""
        return id_ in self._before.get(collection, ())

    def vacant(self, collection: str, id_: str) -> None:
        """An answer showed that nobody has it."""
        self._vacant.add((collection, id_))

    def is_own(self, collection: str, id_: str) -> bool:
        """Whether the run made something by that id, be it gone or not."""
        return (collection, id_) in self._made

    def own(self, collection: str) -> tuple[str, ...]:
        """The ids of what the run made in a collection and did not delete since, the oldest first."""
        return tuple(id_ for name, id_ in self._made if name == collection and (name, id_) not in self._gone)

    def known(self, collection: str) -> frozenset[str]:
        """Every id of a collection that an answer showed and the run did not delete."""
        return frozenset(id_ for id_ in self._seen.get(collection, ()) if (collection, id_) not in self._gone)

    def is_anothers(self, collection: str, id_: str) -> bool:
        """Whether it was there when the run had not made it: an answer showed it, or it is older."""
        return (collection, id_) in self._others

    def invented(self, id_: str) -> str:
        """From now on the id is one that nobody has, wherever no answer has shown it. Returns it."""
        self._nobodys.add(id_)
        return id_

    def creates(self, collection: str) -> None:
        """A creation begins; until it is known to have ended, what an answer shows may be the run's own."""
        self._creating[collection] += 1

    def created(self, collection: str) -> None:
        """A creation ended, and what became of it is known."""
        self._creating[collection] -= 1

    def made(self, collection: str, id_: str, claim: Claim | None = None) -> None:
        """The run made it, by the run's own text in it; with a claim, by the answer to its creation alone."""
        self._others.discard((collection, id_))
        self._made[collection, id_] = claim
        self._gone.discard((collection, id_))
        self._seen.setdefault(collection, {})[id_] = None

    def claim(self, collection: str, id_: str) -> Claim | None:
        """What is not shown yet to be the run's; None where that was shown, or nothing is claimed."""
        return self._made.get((collection, id_))

    def answered(self, collection: str, id_: str) -> None:
        """A creation was answered with this id, whoever's it is."""
        self._answered[collection, id_] += 1

    def is_repeated(self, id_: str) -> bool:
        """Whether two creations were answered with this id."""
        return any(times > 1 for (_, of), times in self._answered.items() if of == id_)

    def is_doubtful(self, collection: str, id_: str) -> bool:
        """Whether a creation, of this collection or another, was answered with an id that the run must not write to."""
        return not self.may_change(collection, id_) and any(of == id_ for _, of in self._answered)

    def claims(self, collection: str) -> bool:
        """Whether anything of a collection is not shown yet to be the run's."""
        return any(claim is not None for (name, _), claim in self._made.items() if name == collection)

    def disproved(self, collection: str, record: Record) -> None:
        """Under the id of a claim stands this record, which the run did not write: it is never written to."""
        thing = (collection, record["id"])
        claim, created = self._made.pop(thing, None), moment(record.get("createdAt"))
        self._answered.setdefault(thing, 0)
        if claim is not None and claim.since is not None and created is not None and created < claim.since:
            self._others.add(thing)

    def keeps(self, collection: str, id_: str) -> None:
        """The run needs what it made: nobody changes it before cleaning up."""
        self._made.pop((collection, id_), None)

    def gone(self, collection: str, id_: str) -> None:
        """It is there no longer."""
        self._gone.add((collection, id_))

    def deleted(self, collection: str, id_: str) -> None:
        """Its deletion was confirmed: whatever shows it again, no request at it is answered as at one that is there."""
        self._deleted.add((collection, id_))
        self.gone(collection, id_)

    def was_deleted(self, collection: str, id_: str) -> bool:
        """Whether a deletion of it was confirmed."""
        return (collection, id_) in self._deleted

    def saw(self, collection: str, records: Iterable[Record]) -> None:
        """An answer showed these, each with an id."""
        seen = self._seen.setdefault(collection, {})
        for record in records:
            thing = (collection, record["id"])
            seen[record["id"]] = None
            if (claim := self._made.get(thing)) is not None and claim.shows(record):
                self._made[thing] = None
            elif not self._creating[collection] and thing not in self._made and thing not in self._answered:
                self._others.add(thing)

    def guard(self, method: str, url: str, base: str) -> None:
        """Raise Unsafe for a request that must not be sent to the deployment at `base`, whatever it would answer."""
        if not is_same_place(url, base):
            raise Unsafe(f"{method} goes to another place than {origin(base)}")
        if method in SAFE:
            return
        match below(url, base):
            case (name,) if method == "POST" and is_id(name):
                return
            case ("ai", "generate") if method == "POST":
                return
            case (collection, id_) if self.may_change(collection, id_) and self.claim(collection, id_) is None:
                return
            case _:
                raise Unsafe(f"{method} {urlsplit(url).path}, which the run did not make")


@lru_cache(maxsize=1024)
def below(url: str, base: str) -> tuple[str, ...]:
    """The segments of a path below `/api/v1`, decoded; none for a path elsewhere."""
    start, path = f"{urlsplit(base).path}/", urlsplit(url).path
    return tuple(unquote(part) for part in path.removeprefix(start).split("/")) if path.startswith(start) else ()


def created_in(method: str, url: str, base: str) -> str | None:
    """The collection (`tasks`, `keys`) that a request would create something in, None when it would create nothing."""
    match below(url, base):
        case (name,) if method == "POST" and name:
            return name
        case _:
            return None


def records_in(reply: Reply) -> tuple[Record, ...]:
    """The records with an id in an answer, of one or of a list."""
    return tuple(one for one in reply.shown if is_id(one["id"]))


def written(body: object, marked: str, since: datetime) -> Callable[[Record], bool]:
    """Whether a record is what a creation with this body wrote: by the texts that only this run writes.

    Where the body has none, by all its plain values, or by not being older than `since`.
    """
    values = body if isinstance(body, Mapping) else {}
    texts = {*map(words, unmistakable(body, marked))}

    def shows(record: Record) -> bool:
        if texts:
            return any(words(value) in texts for value in record.values() if isinstance(value, str))
        sent = {name: value for name, value in values.items() if name in record and moment(value) is None}
        compared = [_plain(record[name]) == _plain(value) for name, value in sent.items()]
        created = moment(record.get("createdAt"))
        return (bool(compared) and all(compared)) or (created is not None and created >= since)

    return shows


def _plain(value: object) -> object:
    return " ".join(value.split()).casefold() if isinstance(value, str) else value
