"""Operations that a deployment does not have: whatever is asked, the answer is the same 404, 405, 501 or 500.

Pure: results and replies in, results out. That the operation is missing fails its own requirement, and blocks what else
needs it. Without a result of that requirement it fails whatever needs it, and what judges refusals is blocked: that
another refusal came than the one for a bad body, a wrong scope or an unknown id says nothing.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from entity_conformance.deployment.ownership import below
from entity_conformance.deployment.reply import Reply
from entity_conformance.report.verdict import Outcome, Result

_ABSENT = frozenset({404, 405, 500, 501})
_SAYS_NOTHING = frozenset({401, 403, 429, 503})
"""Statuses that say nothing of the operation."""
_OWN = {
    ("GET", 1): "list.returns-envelope",
    ("GET", 2): "read.returns-record",
    ("POST", 1): "create.returns-record",
    ("PATCH", 2): "update.returns-record",
    ("DELETE", 2): "delete.confirms",
    ("OPTIONS", 1): "metadata.describes-entity",
}
"""What judges that an operation is there at all, by its method and segments."""
_OF_EVERY_ANSWER = frozenset({"errors.internal-error"})
"""What fails by that answer itself, whatever the operation is."""
_ENOUGH = 3

Place = tuple[str, str, int]
"""Method, collection and number of segments: `("PATCH", "tasks", 2)`."""
_NOWHERE: Place = ("", "", 0)


def without_absent_operations(results: Sequence[Result], replies: Sequence[Reply], base: str) -> tuple[Result, ...]:
    """The results, those blocked that met an operation that is not there, and are not about that."""
    by_id = {reply.exchange: reply for reply in replies}
    absent = _absent(replies, base)
    found = [(result, _place(result, by_id, base)) for result in results]
    needed = {(place[0], place[2]) for result, place in found if place in absent and not _expects_refusal(result)}
    told = {(place[0], place[2]) for result, place in found if place in absent and _is_own(result, place)}
    return tuple(
        _blocked(result, place, absent[place])
        if place in absent and _says_no_more(result, place, needed, told)
        else result
        for result, place in found
    )


def of_absent_operations(replies: Sequence[Reply], base: str) -> frozenset[str]:
    """The exchanges that asked for an operation that is not there."""
    absent = _absent(replies, base)
    places = ((reply.exchange, reply.method, below(reply.url, base)) for reply in replies)
    return frozenset(id_ for id_, method, path in places if path and (method, path[0], len(path)) in absent)


def _absent(replies: Sequence[Reply], base: str) -> Mapping[Place, int]:
    seen: dict[Place, list[int]] = defaultdict(list)
    for reply in replies:
        path = below(reply.url, base)
        if path and reply.credential != "none" and reply.status not in _SAYS_NOTHING:
            seen[reply.method, path[0], len(path)].append(reply.status)
    alike = {place: statuses for place, statuses in seen.items() if len(set(statuses)) == 1 and statuses[0] in _ABSENT}
    asked: Counter[tuple[str, int, int]] = Counter()
    for (method, _, segments), statuses in alike.items():
        asked[method, segments, statuses[0]] += len(statuses)
    return {
        (method, collection, segments): statuses[0]
        for (method, collection, segments), statuses in alike.items()
        if asked[method, segments, statuses[0]] >= _ENOUGH
    }


def _place(result: Result, by_id: Mapping[str, Reply], base: str) -> Place:
    """Where a wrong result was seen; nowhere for any other."""
    reply = by_id.get(result.exchanges[-1]) if result.exchanges else None
    if reply is None or result.outcome not in {Outcome.failed, Outcome.warned}:
        return _NOWHERE
    path = below(reply.url, base)
    return (reply.method, path[0], len(path)) if path else _NOWHERE


def _expects_refusal(result: Result) -> bool:
    return (result.expected or "").startswith("4")


def _is_own(result: Result, place: Place) -> bool:
    return _OWN.get((place[0], place[2])) == result.requirement


def _says_no_more(
    result: Result, place: Place, needed: Collection[tuple[str, int]], told: Collection[tuple[str, int]]
) -> bool:
    """Whether a result only says again that an operation is not there, which another one tells."""
    shape = (place[0], place[2])
    if result.requirement in _OF_EVERY_ANSWER:
        return False
    return not _is_own(result, place) if shape in told else shape in needed and _expects_refusal(result)


def _blocked(result: Result, place: Place, status: int) -> Result:
    method, collection, segments = place
    path = "/".join([f"/{collection}", *["{id}"] * (segments - 1)])
    reason = f"{method} {path} answers {status}, whatever is asked"
    return replace(result, outcome=Outcome.blocked, message=reason, expected=None, actual=None)
