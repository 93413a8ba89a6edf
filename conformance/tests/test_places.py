"""Several requests of one check: at once where places are free, and never more at work than there are places."""

import asyncio
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

import pytest
from entity_conformance.deployment.context import Creations, Places


class Work:
    """Things that take a few turns of the loop; it remembers how many of them were at work at once."""

    def __init__(self) -> None:
        self.at_work = self.most = 0
        self.begun: list[int] = []

    async def do(self, number: int) -> int:
        self.begun.append(number)
        self.at_work += 1
        self.most = max(self.most, self.at_work)
        for _ in range(5):
            await asyncio.sleep(0)
        self.at_work -= 1
        return number

    async def fail(self, number: int) -> int:
        await self.do(number)
        raise ValueError(number)


def at_a_place(of: int, work: Callable[[Places], Coroutine[Any, Any, list[int]]]) -> list[int]:
    """What a check gives that is at work at one of so many places."""

    async def run() -> list[int]:
        places = Places()
        async with places.opened(of) as free, free, asyncio.timeout(5):
            return await work(places)

    return asyncio.run(run())


@pytest.mark.parametrize(("places", "most"), [(1, 1), (3, 3), (16, 5)])
def test_no_more_are_at_work_than_there_are_places(places: int, most: int) -> None:
    work = Work()

    given = at_a_place(places, lambda of: of.abreast([partial(work.do, number) for number in range(5)]))

    assert (given, work.most) == ([0, 1, 2, 3, 4], most)


def test_after_the_first_that_raises_none_is_begun() -> None:
    work = Work()
    each = [work.do, work.fail, *[work.do] * 6]

    with pytest.raises(ValueError, match=r"^1$"):
        at_a_place(2, lambda of: of.abreast([partial(one, number) for number, one in enumerate(each)]))

    assert len(work.begun) < len(each)
    assert work.at_work == 0


def test_places_are_free_again_afterwards() -> None:
    work = Work()

    async def twice(of: Places) -> list[int]:
        await of.abreast([partial(work.do, number) for number in range(9)])
        return await of.abreast([partial(work.do, number) for number in range(9)])

    assert at_a_place(3, twice) == list(range(9))
    assert work.most == 3


@pytest.mark.parametrize("places", [1, 2, 4])
def test_work_that_waits_for_something_shared_comes_to_its_end(places: int) -> None:
    """As a check's does that is at work abreast within work that is abreast, and gives its place up to wait."""
    work = Work()

    async def nested(of: Places, number: int) -> int:
        async def wait(inner: int) -> int:
            async with of.given_up():
                await asyncio.sleep(0.001)
            return await work.do(inner)

        return sum(await of.abreast([partial(wait, inner) for inner in range(6)])) + number

    given = at_a_place(places, lambda of: of.abreast([partial(nested, of, number) for number in range(5)]))

    assert given == [15, 16, 17, 18, 19]
    assert work.most <= places


def test_outside_of_a_run_there_is_one_place() -> None:
    work = Work()

    assert asyncio.run(Places().abreast([partial(work.do, number) for number in range(3)])) == [0, 1, 2]
    assert work.most == 1


def test_who_creates_alone_waits_for_what_is_under_way_and_lets_nobody_else_begin() -> None:
    done: list[str] = []

    async def run() -> None:
        creations, places = Creations(), Places()

        async def create(entity: str, name: str) -> None:
            async with creations.one(entity, places):
                await asyncio.sleep(0.001)
                done.append(name)

        async def alone() -> None:
            async with creations.alone("tasks", places):
                await asyncio.gather(create("tasks", "own"), create("comments", "of another entity"))

        async with places.opened(2) as free:

            async def at_work(work: Coroutine[object, object, None]) -> None:
                async with free:
                    await work

            await asyncio.gather(
                at_work(create("tasks", "before")),
                at_work(alone()),
                at_work(create("tasks", "after")),
                at_work(alone()),
            )

    asyncio.run(asyncio.wait_for(run(), 5))

    assert done[0] == "before"
    assert done.index("after") > done.index("own")
    assert done.count("own") == 2
