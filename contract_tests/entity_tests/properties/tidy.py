"""Removes what a run made: records and keys, the newest first, and then what carries its mark though nobody said so.

Charter: deletes nothing that is not in the ledger or does not carry the run's mark.
"""

import json
from dataclasses import dataclass
from urllib.parse import quote

import requests

from entity_tests.hooks import json_object
from entity_tests.properties.gate import Gate, Kind
from entity_tests.properties.ledger import KEYS, Made
from entity_tests.properties.share import Spent


@dataclass(frozen=True, slots=True)
class Leftover:
    """Something that the run made and could not remove."""

    collection: str
    id: str
    reason: str


def tidied(gate: Gate) -> tuple[Leftover, ...]:
    """Remove everything, and tell what could not be removed."""
    gate.is_closing = True
    ledger = gate.ledger
    _remove(gate)
    left: dict[Made, str] = {}
    for collection in ledger.touched:
        try:
            found = _listed(gate, collection)
        except (Spent, requests.RequestException) as error:
            if collection in ledger.doubtful:
                left[Made(collection, "(unknown)")] = f"it may have been made, and looking for it failed: {error}"
            continue
        for id_ in found:
            ledger.adopt(collection, id_)
    left |= _remove(gate)
    left |= _still_there(gate)
    return tuple(Leftover(made.collection, made.id, reason) for made, reason in left.items())


def unfinished(gate: Gate) -> tuple[Leftover, ...]:
    """What is still there when cleaning up came to no end."""
    return tuple(Leftover(one.collection, one.id, "cleaning up came to no end") for one in gate.ledger.outstanding)


def _remove(gate: Gate) -> dict[Made, str]:
    """Delete what is outstanding, and once more what was refused: a parent may wait for its children."""
    first = {made: _delete(gate, made) for made in gate.ledger.outstanding}
    again = {made: _delete(gate, made) for made, reason in first.items() if reason is not None}
    return {made: reason for made, reason in again.items() if reason is not None}


def _still_there(gate: Gate) -> dict[Made, str]:
    """Records whose deletion was confirmed and that can be read nevertheless: one is looked at, and then all."""
    left: dict[Made, str] = {}
    for made in gate.ledger.deleted:
        try:
            answer = gate.ask("GET", f"/{made.collection}/{quote(made.id, safe='')}", kind=gate.main)
        except (Spent, requests.RequestException):
            break
        if answer.status_code != 200:
            break
        left[made] = "its deletion was confirmed, and it can still be read"
    return left


def _delete(gate: Gate, made: Made) -> str | None:
    """Delete one thing. Returns why that was not possible, None when it is gone."""
    if gate.is_silent:
        return "the deployment stopped answering"
    try:
        answer = gate.ask("DELETE", f"/{made.collection}/{quote(made.id, safe='')}", kind=_kind(gate, made.collection))
    except (Spent, requests.RequestException) as error:
        return str(error).partition("\n")[0][:200]
    return None if answer.ok or answer.status_code == 404 else f"DELETE answered {answer.status_code}"


def _listed(gate: Gate, collection: str) -> list[str]:
    """The ids of what the run made and a collection still shows among its newest."""
    query = "" if collection == KEYS else "?limit=100"
    answer = gate.ask("GET", f"/{collection}{query}", kind=_kind(gate, collection))
    data = json_object(answer.content).get("data")
    records = data if isinstance(data, list) else []
    ledger = gate.ledger
    return [
        str(one["id"])
        for one in records
        if isinstance(one, dict)
        and "id" in one
        and (ledger.may_change(collection, str(one["id"])) or ledger.mark in json.dumps(one))
    ]


def _kind(gate: Gate, collection: str) -> Kind:
    return "session" if collection == KEYS else gate.main
