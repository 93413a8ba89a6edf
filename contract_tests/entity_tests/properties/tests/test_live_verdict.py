"""The verdict of a run on a live deployment: precedence, and nothing green by having been cut short."""

import pytest
from entity_tests.properties.verdict import Found, verdict

GOOD = Found(accepted=100)


@pytest.mark.parametrize(
    ("code", "told", "found"),
    [
        (0, "nothing failed", Found(accepted=100)),
        (0, "nothing failed, 2 warned", Found(accepted=100, warnings=2)),
        (0, "nothing failed", Found(accepted=100, halted="the budget of 800 requests is used up")),
        (1, "failed: listTasks", Found(accepted=100, failures=("listTasks", "listTasks"))),
        (1, "failed: a, b, c and 1 more", Found(accepted=100, failures=("a", "b", "c", "d"))),
        (2, "nothing was tested: no request was accepted", Found()),
        (2, "nothing was tested: the time of 1 s is used up", Found(halted="the time of 1 s is used up")),
        (3, "inconclusive: getTask not reached (spent)", Found(accepted=9, unreached=("getTask",), halted="spent")),
        (3, "inconclusive: stateful, fuzzing not begun", Found(accepted=9, unbegun=("stateful", "fuzzing"))),
        (4, "could not test: refused", Found(refused="refused")),
        (5, "nothing failed; but 1 that the run made could not be removed", Found(accepted=9, leftovers=1)),
        (70, "a defect of these tests: ValueError", Found(accepted=9, errors=("ValueError",))),
        (130, "interrupted", Found(accepted=9, interrupted=True)),
    ],
)
def test_each_verdict_has_its_code_and_its_reason(code: int, told: str, found: Found) -> None:
    assert (verdict(found).exit_code, verdict(found).reason) == (code, told)


@pytest.mark.parametrize(
    ("code", "found"),
    [
        (130, Found(interrupted=True, errors=("x",), failures=("a",))),
        (70, Found(errors=("x",), refused="x", failures=("a",))),
        (4, Found(refused="x")),
        (1, Found(failures=("a",), leftovers=1, unreached=("b",))),
        (5, Found(accepted=1, leftovers=1, unreached=("b",))),
    ],
)
def test_the_gravest_counts(code: int, found: Found) -> None:
    assert verdict(found).exit_code == code
