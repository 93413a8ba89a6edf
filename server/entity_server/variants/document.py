"""What the served document says otherwise, where answers of a variant would not be valid by the contract as it is.

The server itself goes by the contract: what is said here is for those who generate clients from `/openapi.yaml`.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, cast

from entity_contract import Contract

from entity_server.variants.answers import OWN_CODES
from entity_server.variants.fields import OTHER_TYPE
from entity_server.variants.variant import Amend, Document, Variant


def own_contract(contract: Contract, changes: Iterable[Amend]) -> Contract:
    """The contract that a server goes by: some variants have entities or fields of their own."""
    document = _amended(contract, changes)
    return contract if document is None else Contract.from_mapping(document)


def shown_contract(contract: Contract, variants: Iterable[Variant]) -> Contract:
    """The contract that the server shows, by which all its answers are valid."""
    taken = {pair for one in variants for pair in one.takes.items()}
    also = [one.id for one in variants]
    changes = [change for pair, change in _BY_CHOICE.items() if pair in taken]
    document = _amended(contract, [*changes, *(change for name, change in _BY_ID.items() if name in also)])
    # Not checked: it may say what no contract says that a server can be made of, as that a record lacks its id.
    return contract if document is None else replace(contract, document=document, text=None)


def _amended(contract: Contract, changes: Iterable[Amend]) -> Document | None:
    """The document with the changes; None where there are none."""
    changes = list(changes)
    if not changes:
        return None
    document = cast("dict[str, Any]", _unshared(contract.document))
    for change in changes:
        change(contract, document)
    return document


def _unshared(node: object) -> object:
    """A copy in which nothing stands twice, as the aliases of YAML make it: a change is one in one place."""
    if isinstance(node, Mapping):
        return {name: _unshared(child) for name, child in node.items()}
    if isinstance(node, list | tuple):
        return [_unshared(child) for child in node]
    return node


def _codes(codes: Mapping[int, str]) -> Amend:
    def amend(_: Contract, document: Document) -> None:
        code = document["components"]["schemas"]["ErrorCode"]
        code["enum"] = [*code["enum"], *codes.values()]
        code["x-statuses"] = {**code["x-statuses"], **{name: status for status, name in codes.items()}}

    return amend


def _answer(status: int, *, like: str, code: str | None = None, concerns: Callable[[str, Document], bool]) -> Amend:
    """One status more for the operations that it concerns, by method and operation; `like` is a response."""

    def amend(contract: Contract, document: Document) -> None:
        if code is not None:
            _codes({status: code})(contract, document)
        for path, item in document["paths"].items():
            for method, operation in item.items():
                if method != "parameters" and path != "/health" and concerns(method, operation):
                    operation["responses"].setdefault(str(status), {"$ref": f"#/components/responses/{like}"})

    return amend


def _no_id_required(contract: Contract, document: Document) -> None:
    for entity in contract.entities:
        document["components"]["schemas"][entity.title].pop("required", None)
    document["components"]["schemas"]["EntityRecord"].pop("required", None)


def _head(_: Contract, document: Document) -> None:
    document["components"]["schemas"]["EntityMethod"]["enum"].append("HEAD")


def _another_type(_: Contract, document: Document) -> None:
    document["components"]["schemas"]["FieldType"]["enum"].append(OTHER_TYPE)


def _takes_a_body(_: str, operation: Document) -> bool:
    return "requestBody" in operation


def _deletes(method: str, _: Document) -> bool:
    return method == "delete"


def _any(_: str, __: Document) -> bool:
    return True


_UNSUPPORTED = _answer(415, like="UnprocessableEntity", code="UNSUPPORTED_MEDIA_TYPE", concerns=_takes_a_body)

_BY_CHOICE: Mapping[tuple[str, str], Amend] = {
    ("L20.id-unasked", "without-id"): _no_id_required,
    ("O1.head", "listed"): _head,
    ("E1.own-codes", "codes of its own"): _codes(OWN_CODES),
    ("R17.children-go", "refused"): _answer(400, like="BadRequest", concerns=_deletes),
    ("E11.other", "refused"): _answer(400, like="BadRequest", concerns=_any),
    ("R3.not-an-object", "415"): _UNSUPPORTED,
    ("R3.other-media-type", "415"): _UNSUPPORTED,
    ("E13.body-without-one", "415"): _UNSUPPORTED,
    ("E10.capability", "501"): _answer(
        501,
        like="ServiceUnavailable",
        code="NOT_IMPLEMENTED",
        concerns=lambda _, operation: operation["operationId"] == "generateText",
    ),
}
_BY_ID: Mapping[str, Amend] = {
    "parents-conflict": _answer(409, like="BadRequest", code="CONFLICT", concerns=_deletes),
    "a-field-of-another-type": _another_type,
}
