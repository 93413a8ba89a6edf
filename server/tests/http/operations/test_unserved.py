"""A contract that asks for what this server does not have is refused at the start, in words."""

import copy
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from entity_contract import Contract
from entity_server.http.operations import UnservedContract, compile_contract
from entity_server.store import Store

from server.tests.http.served_api import opened

Document = Any


def _changed(contract: Contract, change: Callable[[Document], None]) -> Contract:
    document: Document = copy.deepcopy(contract.document)
    change(document)
    return Contract.from_mapping(document)


def _parameter(document: Document, name: str) -> Any:
    return document["components"]["parameters"][name]


def _with_operator(document: Document) -> None:
    _parameter(document, "Filter")["x-operators"]["$regex"] = {"operand": "text"}


def _with_wider_operator(document: Document) -> None:
    _parameter(document, "Filter")["x-operators"]["$gt"]["types"].append("boolean")


def _without_default(document: Document) -> None:
    del _parameter(document, "Limit")["schema"]["default"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (_with_operator, r"x-operators of the parameter filter: there is no operator \$regex; there are \$eq, \$ne"),
        (_with_wider_operator, r"\$gt means nothing on a field of type boolean"),
        (_without_default, r"the parameter limit has no default, and needs one"),
    ],
)
def test_what_the_server_does_not_have_is_found_at_the_start(
    contract: Contract, change: Callable[[Document], None], words: str
) -> None:
    with pytest.raises(UnservedContract, match=words):
        compile_contract(_changed(contract, change))


@pytest.mark.anyio
async def test_an_operator_that_the_contract_leaves_out_is_not_served(
    contract: Contract, store: Store, credentials: Mapping[str, str]
) -> None:
    def without_ne(document: Document) -> None:
        del _parameter(document, "Filter")["x-operators"]["$ne"]

    async with opened(_changed(contract, without_ne), store, credentials) as api:
        answer = await api.send("GET", '/tasks?filter={"title":{"$ne":"x"}}')

    assert (answer.status_code, answer.json()["code"]) == (400, "INVALID_FILTER")
    assert "title: unknown operator $ne" in answer.json()["details"]["filter"]
