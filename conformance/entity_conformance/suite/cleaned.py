"""What cleaning up saw of deletions that were granted and not done. Pure.

A run has been judged by then. Whoever deletes looks once more, so that nothing is left behind, and deletes again.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from entity_conformance.deployment.ownership import below
from entity_conformance.deployment.reply import Reply
from entity_conformance.report.verdict import Outcome, Result, outcome_of_violation
from entity_conformance.suite.expect.values import shown

GONE, AT_ONCE, KEYS = "delete.then-list", "situations.deletions-at-once", "keys"


def with_deletions(
    results: Sequence[Result], replies: Sequence[Reply], base: str, *, judged: int, strict: bool
) -> tuple[Result, ...]:
    """The results, where a record was deleted, listed all the same, and deleted once more, each time with success.

    The first `judged` answers are those of the run. One that a list shows for a while is found missing by then, and
    what an UPDATE brought back at once with its DELETE is told already.
    """
    if any(one.requirement == AT_ONCE and one.outcome is Outcome.failed for one in results):
        return tuple(results)
    broken = dict(reversed([*_not_done(replies, base, judged)]))
    told = [one for one in results if one.requirement == GONE and one.outcome is Outcome.passed]
    wrong = {id(one): broken[one.entity] for one in told if one.entity in broken}
    if broken and not wrong and told:  # it is told of entities that are not judged by themselves
        wrong = {id(told[0]): next(iter(broken.values()))}
    return tuple(_as_seen(one, wrong[id(one)], strict=strict) if id(one) in wrong else one for one in results)


def _not_done(replies: Sequence[Reply], base: str, judged: int) -> Iterator[tuple[str, tuple[Reply, ...]]]:
    """By entity the first DELETE of a record, the list that shows it after that, and the second DELETE."""
    first: dict[tuple[str, ...], Reply] = {}
    listed: dict[tuple[str, ...], Reply] = {}
    for number, reply in enumerate(replies):
        path = below(reply.url, base)
        if reply.method == "DELETE" and reply.is_granted and len(path) > 1 and path[0] != KEYS:
            if path in listed:
                yield path[0], (first[path], listed[path], reply)
            first.setdefault(path, reply)
        elif reply.method == "GET" and reply.is_granted and len(path) == 1 and number >= judged:
            held = ((path[0], str(one.get("id"))) for one in reply.shown)
            listed |= {one: reply for one in held if one in first and one not in listed}


def _as_seen(result: Result, seen: tuple[Reply, ...], *, strict: bool) -> Result:
    return replace(
        result,
        outcome=outcome_of_violation(result.level, strict=strict),
        message="data holds a record whose deletion was confirmed, as a second one then was",
        expected="no such record",
        actual=shown(seen[0].url.rpartition("/")[2]),
        exchanges=tuple(one.exchange for one in seen),
    )
