"""Creations by their answers: of two at once each has an id of its own."""

from entity_conformance.suite.watch import strays
from entity_contract import Contract

from conformance.tests.lists import task
from conformance.tests.watched import Told, judged, problems

AT_ONCE = strays.ids_at_once


def created(told: Told, number: int, *, at: tuple[int, int]) -> Told:
    """A task that is created, from when to when."""
    answer = {"success": True, "data": task(number)}
    return told.get("tasks", answer, method="POST", status=201, body_sent={"title": f"no. {number}"}, at=at)


def test_two_creations_at_once_that_tell_one_id_are_found(v1: Contract) -> None:
    told = created(created(Told(), 1, at=(1, 4)), 1, at=(2, 5)).history(v1)

    ((exchange, problem),) = problems(AT_ONCE, told)
    assert exchange == "x2"
    assert problem.startswith("two creations at once were answered with one id, the other in x1")


def test_creations_at_once_with_ids_of_their_own_are_right(v1: Contract) -> None:
    told = created(created(Told(), 1, at=(1, 4)), 2, at=(2, 5)).history(v1)

    assert (judged(AT_ONCE, told), problems(AT_ONCE, told)) == (["x2"], [])


def test_creations_one_after_the_other_are_no_creations_at_once(v1: Contract) -> None:
    told = created(created(Told(), 1, at=(1, 2)), 1, at=(3, 4)).history(v1)

    assert judged(AT_ONCE, told) == []
