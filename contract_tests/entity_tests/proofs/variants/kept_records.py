"""How variants show: times, ids, what is unset, what a deletion takes (R8, R11, R13-R17)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import pairwise

from entity_conformance.deployment.exchange import Exchange
from entity_server.faults.spoiling import Record
from entity_server.variants.kept_records import NOTED, RENAMED

from entity_tests.proofs.variants.claims import Allowed, choice, freedom, records, should

_LONG_BEFORE = 0.2
"""Seconds that no two creations at once are apart."""


def _times(run: Sequence[Exchange], pattern: str) -> bool:
    return any(re.fullmatch(pattern, str(one.get("createdAt", ""))) for one in records(run))


_CUT = replace(
    freedom("R13.rfc3339", shows=lambda run: _times(run, r"[^.]*:\d\dZ")), warns=frozenset({"filter.printed-datetime"})
)


_IN_SECONDS = freedom("R13.rfc3339", shows=lambda run: _times(run, r"[^.]*:\d\dZ"))


def _created(run: Sequence[Exchange]) -> list[Record]:
    return [one for one in records([exchange for exchange in run if exchange.status == 201]) if "createdAt" in one]


_REFUSED = choice(delete__parent_with_children="refused", delete__parent_of_optional="refused")


def _moved_unchanged(run: Sequence[Exchange]) -> bool:
    """Whether a task shows another `updatedAt` than it was made with, though no UPDATE was sent to it."""
    made = {one["id"]: one["updatedAt"] for one in _created(run) if "title" in one and "updatedAt" in one}
    patched = {one.url.rpartition("/")[2] for one in run if one.method == "PATCH"}
    read = [one for one in run if one.method == "GET"]
    return any(
        one.get("updatedAt") not in {None, made[one["id"]]}
        for one in records(read)
        if one.get("id") in made.keys() - patched
    )


def _dated_before_an_earlier_one(run: Sequence[Exchange]) -> bool:
    """Whether a record shows a creation that is much earlier than the one of a record that was made before it."""
    times = [datetime.fromisoformat(str(one["createdAt"])) for one in _created(run)]
    return any((before - after).total_seconds() > _LONG_BEFORE for before, after in pairwise(times))


CLAIMS: Mapping[str, Allowed] = {
    "records-are-dated-by-two-clocks": freedom("R13.rfc3339", shows=_dated_before_an_earlier_one),
    "a-user-is-renamed": freedom(
        "R19.directory", shows=lambda run: any(one.get("name") == RENAMED for one in records(run))
    ),
    "new-tasks-have-a-comment": freedom(
        "L21.has-many", shows=lambda run: any(one.get("text") == NOTED for one in records(run))
    ),
    "children-touch-their-parents": freedom("R8.updated-at", shows=_moved_unchanged),
    "times-in-whole-seconds": _CUT,
    "times-in-microseconds": freedom("R13.rfc3339", shows=lambda run: _times(run, r".*\.\d{6}\+00:00")),
    "times-in-nanoseconds": freedom("R13.rfc3339", shows=lambda run: _times(run, r".*\.\d{9}Z")),
    "times-in-picoseconds": freedom("R13.rfc3339", shows=lambda run: _times(run, r".*\.\d{12}Z")),
    "times-with-an-offset": freedom("R13.rfc3339", shows=lambda run: _times(run, r".*\+05:30")),
    "times-in-two-zones": freedom("R13.rfc3339", shows=lambda run: _times(run, r".*-08:00")),
    "times-are-kept-in-whole-seconds": _IN_SECONDS,
    "unset-fields-are-absent": choice(create__unset_fields="absent"),
    "ids-are-uuids": should("create.id-prefix"),
    "ids-are-numbers": should("create.id-prefix"),
    "ids-are-short": should("create.id-prefix"),
    "ids-of-odd-characters": freedom(
        "R14.opaque",
        shows=lambda run: any(re.match(r"tsk_\+.*\W{9}$", str(one["id"])) for one in _created(run)),
    ),
    "deletion-shows-the-record": freedom(
        "R15.confirms",
        shows=lambda run: any(one.method == "DELETE" and '"deleted"' in str(one.response_body) for one in run),
    ),
    "parents-are-kept": _REFUSED,
    "parents-conflict": _REFUSED,
    "same-values-leave-the-time": choice(update__same_values="stays"),
    "a-relation-to-nobody-comes-unasked": freedom(
        "R8.touches-what-it-names",
        shows=lambda run: any(
            re.search(r'"assignee": ?null', str(one.response_body)) is not None and "include" not in one.url
            for one in run
        ),
    ),
    "records-have-an-etag": freedom(
        "R8.touches-what-it-names", shows=lambda run: any("etag" in one for one in records(run))
    ),
}
