"""What a run made on the deployment, learned from every answer that passes the gate, and which ids it saw.

Only what stands here as made by the run may be changed or deleted by it. A run's texts carry its mark, so that what was
made by a request whose answer was lost can be found too.

Charter: facts and arithmetic; nothing is sent here.
"""

import secrets
import string
from collections.abc import Iterable
from dataclasses import dataclass, field

KEYS = "keys"
"""The collection of API keys, which are revoked rather than deleted."""

_RESERVED = frozenset({"ai"})
_MARK = "contract-tests-"


@dataclass(frozen=True, slots=True)
class Made:
    """One record or key: its collection (`tasks`, `keys`) and its id."""

    collection: str
    id: str


@dataclass(slots=True)
class Ledger:
    """One run's books. `mark` is in the run's texts and in every id that it invents.

    What was seen before anything was made is another's for good, even if the deployment answers a creation with its id.
    """

    mark: str
    seen: dict[str, dict[str, None]] = field(default_factory=dict)
    doubtful: dict[str, None] = field(default_factory=dict)
    _others: set[Made] = field(default_factory=set)
    _made: dict[Made, None] = field(default_factory=dict)
    _gone: set[Made] = field(default_factory=set)

    @property
    def missing_id(self) -> str:
        """An id that no record has."""
        return f"{self.mark}-missing"

    def may_change(self, collection: str, id_: str) -> bool:
        """Whether the run made it, or invented the id."""
        return Made(collection, id_) in self._made or self.mark in id_

    def own(self, collection: str) -> tuple[str, ...]:
        """The ids of what the run made in a collection, and did not delete since."""
        return tuple(one.id for one in self._made if one.collection == collection and one not in self._gone)

    def known(self, collection: str) -> frozenset[str]:
        """Every id of a collection that was seen and not deleted."""
        gone = {one.id for one in self._gone if one.collection == collection}
        return frozenset(self.seen.get(collection, {})) - gone

    @property
    def outstanding(self) -> tuple[Made, ...]:
        """What is to be removed, the newest first: a child is younger than its parent."""
        return tuple(one for one in reversed(self._made) if one not in self._gone)

    @property
    def deleted(self) -> tuple[Made, ...]:
        """The records that the run made and deleted, the newest first."""
        return tuple(one for one in reversed(self._made) if one in self._gone and one.collection != KEYS)

    @property
    def touched(self) -> tuple[str, ...]:
        """The collections in which the run made something, or may have."""
        return tuple(dict.fromkeys([*(one.collection for one in self._made), *self.doubtful]))

    @property
    def cost(self) -> int:
        """Requests that cleaning up takes: to remove what is outstanding, and to look whether all is gone."""
        return len(self.outstanding) + len(self.touched) + bool(self._made)

    def cost_for(self, kind: str, *, is_alone: bool) -> int:
        """Requests that cleaning up takes by a credential. `is_alone`: it removes the records; a session the keys."""
        keys = sum(one.collection == KEYS for one in self.outstanding) + (KEYS in self.touched)
        return (self.cost - keys if is_alone else 0) + (keys if kind == "session" else 0)

    def adopt(self, collection: str, id_: str) -> None:
        """It is the run's own, and it is there; what is another's stays another's."""
        made = Made(collection, id_)
        if made not in self._others:
            self._made[made] = None
            self._gone.discard(made)

    def see(self, collection: str, ids: Iterable[str]) -> None:
        """Note ids of a collection."""
        self.seen.setdefault(collection, {}).update(dict.fromkeys(ids))

    def note(self, method: str, segments: tuple[str, ...], status: int | None, body: object) -> None:
        """Learn from one exchange. `segments` are the path's, below `/v1`, decoded; `status` None is no answer."""
        data = body.get("data") if isinstance(body, dict) else None
        match method, segments:
            case "POST", (collection,) if collection not in _RESERVED:
                self._posted(collection, status, data)
            case "DELETE", (collection, id_) if status is not None and (200 <= status < 300 or status == 404):
                if self.may_change(collection, id_):
                    self._gone.add(Made(collection, id_))
            case "GET", (collection, *_) if status == 200:
                self.see(collection, _ids(data))
                if not self.touched:
                    self._others |= {Made(collection, one) for one in _ids(data)}
            case _:
                pass

    def _posted(self, collection: str, status: int | None, data: object) -> None:
        if status is not None and not 200 <= status < 300:
            return
        id_ = data.get("id") if isinstance(data, dict) else None
        if isinstance(id_, str | int) and not isinstance(id_, bool) and str(id_) and isinstance(data, dict):
            self.adopt(collection, str(id_))
            self.see(collection, [str(id_)])
        else:
            self.doubtful[collection] = None


def new_mark() -> str:
    """A word that no other run has."""
    return _MARK + "".join(secrets.choice(string.ascii_lowercase) for _ in range(9))


def _ids(data: object) -> tuple[str, ...]:
    records = data if isinstance(data, list) else [data]
    return tuple(str(one["id"]) for one in records if isinstance(one, dict) and isinstance(one.get("id"), str | int))
