"""How long a search rests beside point reads, and when these count as dense."""

import pytest
from entity_server.store import resting
from entity_server.store.resting import PointReads, rest


@pytest.mark.parametrize(
    ("took", "bound", "expected"),
    [(0.04, 10.0, 0.0), (0.4, 10.0, 0.5), (0.3, 0.5, 0.2), (0.3, 0.2, 0.0), (0.4, float("inf"), 0.5)],
)
def test_a_search_rests_in_proportion_within_the_bound(took: float, bound: float, expected: float) -> None:
    assert rest(took, bound) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("times", "at", "dense"),
    [((5.0,), 5.0, False), ((5.0, 5.01), 5.1, True), ((5.0, 5.01), 5.3, False), ((5.0, 5.1), 5.1, False)],
)
def test_reads_that_follow_each_other_closely_are_dense_for_a_while(
    monkeypatch: pytest.MonkeyPatch, times: tuple[float, ...], at: float, *, dense: bool
) -> None:
    clock = [0.0]
    monkeypatch.setattr(resting, "monotonic", lambda: clock[0])
    reads = PointReads()
    for clock[0] in times:
        reads.note()
    clock[0] = at

    assert reads.dense == dense
