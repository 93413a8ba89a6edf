"""The last look at what a run made, where others write more than a page holds."""

from itertools import takewhile
from pathlib import Path

import pytest
from entity_conformance.deployment.api import Api
from entity_contract import Entity

from conformance.tests.miniature import Miniature
from conformance.tests.running import check, run

LOOK = "GET /api/v1/tasks?sort="


def looks(deployment: Miniature) -> list[str]:
    """The pages of the look; cleaning up, which comes next, begins with page 1."""
    lists = [one.rpartition("limit=100")[2] for one in deployment.requests if one.startswith(LOOK)]
    return list(takewhile(lambda page: page != "&page=1", lists))


@pytest.mark.parametrize(
    ("others", "pages"), [(0, [""]), (150, ["", "&page=2"]), (900, ["", "&page=2", "&page=3", "&page=4"])]
)
def test_a_record_that_others_have_pushed_from_the_first_page_is_looked_for(
    journals: Path, others: int, pages: list[str]
) -> None:
    deployment = Miniature()

    async def writes(api: Api, entity: Entity) -> None:
        await api.create(entity, {"title": f"One of {api.run}"})
        for number in range(others):
            deployment.store("tasks", {"title": f"Another {number}"}, "ada")

    assert run(deployment, journals, check(writes)).verdict.exit_code == 0
    assert looks(deployment) == pages
