"""What a list tells of its pages is there, and of the types that the contract documents, whatever was asked.

Whether the numbers are right, others judge: they pass over a list whose numbers cannot be read.
"""

from collections.abc import Iterator

from entity_conformance.deployment.problems import Violation
from entity_conformance.oracle.history import History, Seen
from entity_conformance.suite import expect
from entity_conformance.suite.watch.judgement import over

_NUMBERS = ("page", "limit", "total", "totalPages")
_FLAGS = ("hasNext", "hasPrev")


@over("list.returns-envelope")
def is_told(history: History) -> Iterator[tuple[Seen, Violation | None]]:
    """A list is an envelope of `data` and `pagination`, as the contract documents it."""
    for listed in history.lists:
        problem = None
        try:
            _has_its_types(listed.seen)
        except Violation as violation:
            problem = violation
        yield listed.seen, problem


def _has_its_types(seen: Seen) -> None:
    told = expect.mapping((seen.body or {}).get("pagination"), at="pagination")
    for name in _NUMBERS:
        expect.integer(told.get(name), at=f"pagination.{name}")
    for name in _FLAGS:
        expect.boolean(told.get(name), at=f"pagination.{name}")


WATCHES = (is_told,)
