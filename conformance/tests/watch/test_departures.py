"""What a deployment has another way than the contract in every answer."""

import json
from dataclasses import replace

from entity_conformance.deployment.outgoing import Asked
from entity_conformance.deployment.reply import Reply
from entity_conformance.suite.watch import departures
from entity_contract import Contract

from conformance.tests.watched import Told, problems

WRAPPED = departures.WATCHES[1]


def meant(asked: Asked, *said: str) -> Asked:
    """An exchange whose answer has another envelope."""
    assert isinstance(asked.reply, Reply)
    empty = json.dumps({"success": True, "data": []}).encode()
    return replace(asked, reply=replace(asked.reply, meant=empty, wrapped=said))


def test_of_several_ways_to_break_an_envelope_each_is_told_first_by_an_entity(v1: Contract) -> None:
    told, meta, null = (
        Told().get("tasks").get("tasks").get("orders").get("orders?page=9"),
        "meta in place",
        "null in place",
    )
    told.asked = [meant(one, said) for one, said in zip(told.asked, (meta, meta, meta, null), strict=True)]

    found = problems(WRAPPED, told.history(v1))

    assert found == [("x1", meta), ("x2", meta), ("x4", null), ("x3", meta)]
