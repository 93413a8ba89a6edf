"""So many at once, first come, first served; and no turn is lost with a caller that goes."""

import asyncio

import pytest
from entity_server.store import turns
from entity_server.store.turns import Turns

pytestmark = pytest.mark.anyio


async def test_those_who_wait_come_in_their_order() -> None:
    one, came = Turns(1), list[int]()

    async def caller(number: int) -> None:
        async with one:
            came.append(number)
            await asyncio.sleep(0)

    await asyncio.gather(*map(caller, range(5)))

    assert came == [0, 1, 2, 3, 4]
    assert (one.free, one.locked()) == (True, False)


async def test_nobody_comes_before_who_waits_already() -> None:
    one = Turns(1)
    await one.acquire()
    waiting = asyncio.create_task(one.acquire())
    await asyncio.sleep(0)

    one.release()

    assert one.locked()
    assert await waiting


async def test_no_more_than_these_are_at_it_at_once() -> None:
    three, now, most = Turns(3), 0, 0

    async def caller() -> None:
        nonlocal now, most
        async with three:
            now += 1
            most = max(most, now)
            await asyncio.sleep(0.001)
            now -= 1

    await asyncio.gather(*(caller() for _ in range(10)))

    assert most == 3


async def test_who_waits_too_long_is_told_and_takes_no_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "LONGEST_WAIT", 0.01)
    one = Turns(1)
    await one.acquire()

    with pytest.raises(TimeoutError):
        await one.acquire()
    one.release()

    assert one.free


@pytest.mark.parametrize("comes_first", [False, True], ids=["while it waits", "when its turn has come"])
async def test_a_turn_of_a_caller_that_goes_is_another_ones(comes_first: bool) -> None:  # noqa: FBT001 - a column of the table
    one = Turns(1)
    await one.acquire()
    gone, next_one = (asyncio.create_task(one.acquire()) for _ in range(2))
    await asyncio.sleep(0)

    if comes_first:
        one.release()
    gone.cancel()
    if not comes_first:
        one.release()

    assert await asyncio.wait_for(next_one, 1)
    assert gone.cancelled()
    one.release()
    assert one.free
