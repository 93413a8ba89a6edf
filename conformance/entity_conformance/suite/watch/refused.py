"""Questions that are refused, though each of their parts is taken."""

from collections import defaultdict
from collections.abc import Iterator

from entity_conformance.deployment.problems import Violation
from entity_conformance.oracle.lists import Listed, Lists
from entity_conformance.oracle.question import Question

_FEW = 2

Part = tuple[object, ...]


def refused_together(lists: Lists) -> Iterator[tuple[Listed, Violation]]:
    """Lists of several parameters that were refused, where other lists of the entity took each of these.

    A condition, a word, a name and an order are parts; so are the two dates together, of which one may be the later.
    """
    taken: dict[str, set[Part]] = defaultdict(set)
    for listed in lists:
        if listed.question is not None:
            taken[listed.entity.name] |= _parts(listed.question)
    for listed in lists.refused:
        parts = set[Part]() if listed.question is None else _parts(listed.question)
        if len(parts) >= _FEW and parts <= taken[listed.entity.name]:
            yield (
                listed,
                Violation(
                    "a list is refused, though others took each of its parameters",
                    expected="200",
                    actual=listed.seen.reply.came,
                    exchange=listed.seen.exchange,
                ),
            )


def _parts(question: Question) -> set[Part]:
    return {
        *((one.field, one.operator, str(one.operand), one.bare) for one in question.conditions),
        *(("search", word) for word in (question.search or "").split()),
        *(("fields", name) for name in question.fields or ()),
        *(("include", name) for name in question.include),
        *((("dates", question.start, question.end),) if question.start or question.end else ()),
        *((("sort", question.sort),) if question.sort else ()),
        *((("order", question.order),) if question.order else ()),
        *(("beside", *pair) for pair in question.beside),
        *([("repeated",)] if question.repeated else ()),
    }
