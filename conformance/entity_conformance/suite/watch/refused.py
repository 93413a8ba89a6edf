"""Questions that are refused, though others took what they ask for, or all of it but what must be taken."""

from collections import defaultdict
from collections.abc import Iterator
from collections.abc import Set as AbstractSet

from entity_contract import Contract

from entity_conformance.deployment.problems import Violation
from entity_conformance.oracle.lists import Listed, Lists
from entity_conformance.oracle.question import Question
from entity_conformance.suite import expect

_FEW = 2
SELECTED = "select.fields-on-list"

Part = tuple[object, ...]


def refused_together(lists: Lists) -> Iterator[tuple[Listed, Violation]]:
    """Lists of several parameters that were refused, where other lists of the entity took each of these.

    A condition, a word, a name and an order are parts; so are the two dates together, of which one may be the later.
    A page or a limit out of its range is reason enough, and so may be a page after the first, which lies past the end
    (L3). Where the refusal names parameters, what nobody took of others is no reason.
    """
    for listed, parts, left in _refused(lists):
        if _is_together(listed, parts, left):
            yield listed, _refusal(listed, "a list is refused, though others took each of its parameters")


def refused_orders(lists: Lists, contract: Contract) -> Iterator[tuple[str, Listed, Violation]]:
    """Lists that were refused, where nothing but the field to sort by can be why, each with that field's name.

    The contract lets sort by it (L9).
    """
    for listed, left in _by_one_parameter(lists, "sort"):
        ((_, name),) = left
        declared = contract.entity(listed.entity.name)
        if declared is not None and name in declared.sortable:
            yield name, listed, _refusal(listed, f"a list that is to be sorted by {name} is refused")


def refused_fields(lists: Lists) -> Iterator[tuple[Listed, Violation]]:
    """Lists that were refused, where nothing but the names of fields can be why, which the entity has (L20)."""
    for listed, left in _by_one_parameter(lists, "fields"):
        names = ", ".join(sorted(name for _, name in left))
        yield listed, _refusal(listed, f"a list that is to show {names} is refused")


def _by_one_parameter(lists: Lists, parameter: str) -> Iterator[tuple[Listed, set[tuple[str, str]]]]:
    """The lists that were refused, whose other parameters others took, each with what nobody took of this one.

    None of an entity whose lists are refused for what they ask together, nor one whose refusal names other parameters.
    """
    found = list(_refused(lists))
    together = {listed.entity.name for listed, parts, left in found if _is_together(listed, parts, left)}
    for listed, _, left in found:
        named = expect.named(listed.seen.reply)
        is_its = left and all(part[0] == parameter for part in left) and (not named or parameter in named)
        if is_its and listed.entity.name not in together:
            yield listed, {(parameter, str(part[1])) for part in left}


def _is_together(listed: Listed, parts: set[Part], left: set[Part]) -> bool:
    """Whether others took each part that can be why the list was refused: where parameters are named, each of these."""
    named = expect.named(listed.seen.reply)
    why = {part for part in parts if _parameters(part) & named} or parts
    return len(parts) >= _FEW and left.isdisjoint(why)


def _parameters(part: Part) -> AbstractSet[str]:
    """The parameters that a part may be named by; a condition by its field too."""
    match part:
        case (str(field), _, _, bool()):
            return {"filter", field}
        case ("dates", *_):
            return {"startDate", "endDate"}
        case ("beside", str(name), *_):
            return {name}
        case _:
            return {str(part[0])}


def _refused(lists: Lists) -> Iterator[tuple[Listed, set[Part], set[Part]]]:
    """The lists that were refused, each with its parts, and with those that no other list of the entity took."""
    taken: dict[str, set[Part]] = defaultdict(set)
    for listed in lists:
        if listed.question is not None:
            taken[listed.entity.name] |= _parts(listed.question)
    for listed in lists.refused:
        if listed.question is not None and listed.is_of_known_size and listed.asked_page[0] == 1:
            parts = _parts(listed.question)
            yield listed, parts, parts - taken[listed.entity.name]


def _refusal(listed: Listed, message: str) -> Violation:
    return Violation(message, expected="200", actual=listed.seen.reply.came, exchange=listed.seen.exchange)


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
