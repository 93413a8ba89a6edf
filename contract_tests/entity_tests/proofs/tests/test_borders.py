"""Either border of a range is asked about as it may be written, whichever of the two is read wrongly."""

import asyncio
import re
from pathlib import Path

import httpx
import pytest
from entity_conformance.report.verdict import Outcome
from entity_contract import Contract
from entity_tests.deployments.in_process import deployed

CLAIM = "dates.no-offset-is-utc"


@pytest.mark.parametrize("border", ["startDate", "endDate"])
@pytest.mark.parametrize("offset", ["+09:00", "-09:00"])
def test_a_border_without_an_offset_that_is_read_as_local_time_is_found(
    contract: Contract, tmp_path: Path, border: str, offset: str
) -> None:
    def local(request: httpx.Request) -> httpx.Request:
        text = request.url.params.get(border, "")
        if not re.search(r"T[\d:.]+\Z", text):
            return request
        url = request.url.copy_set_param(border, text + offset)
        return httpx.Request(request.method, url, headers=request.headers, stream=request.stream)

    async def warned() -> set[str]:
        async with deployed(contract) as deployment:
            run = await deployment.run(tmp_path, readdresses=[local], only=(CLAIM,))
        return {one.requirement for one in run.results if one.outcome is Outcome.warned}

    assert asyncio.run(warned()) == {CLAIM}
