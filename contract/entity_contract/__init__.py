"""The v1 entity API's contract as frozen facts, read once from openapi.yaml.

Facts only: "limit is an integer from 1 to 100" is one, what a page holds is not. `server` and `conformance` are two
independent readings of these facts; if both took a judgement from here, one bug would blind both.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import cast

from entity_contract import document as _document
from entity_contract.checked import SHA256
from entity_contract.entities import (
    GENERATED,
    Action,
    Entity,
    Field,
    FieldType,
    Relation,
    RelationType,
    Scalar,
    Scope,
    entities,
)
from entity_contract.errors import ContractError, ErrorCatalogue, error_catalogue
from entity_contract.operations import Credential, Header, Operation, Parameter, Response, operations
from entity_contract.operators import OperandKind, Operator, operators
from entity_contract.references import Json, Object, at, mapping, target
from entity_contract.schemas import standalone

__all__ = [
    "GENERATED",
    "Action",
    "Contract",
    "ContractError",
    "Credential",
    "Entity",
    "ErrorCatalogue",
    "Field",
    "FieldType",
    "Header",
    "Json",
    "Object",
    "OperandKind",
    "Operation",
    "Operator",
    "Parameter",
    "Relation",
    "RelationType",
    "Response",
    "Scalar",
    "Scope",
    "load",
]


@dataclass(frozen=True)
class Contract:
    """The contract. `document` is the tree as it stands, `version` the API's own (`info.version`).

    `text` is the document as it was written; None when it was made in memory.
    """

    document: Object
    source: str
    sha256: str
    version: str
    entities: tuple[Entity, ...]
    operations: tuple[Operation, ...]
    operators: tuple[Operator, ...]
    errors: ErrorCatalogue
    text: str | None = None

    @classmethod
    def from_mapping(cls, document: Mapping[str, object], source: str = "a document in memory") -> "Contract":
        """A contract from a parsed document. Raises ContractError when it is no OpenAPI 3.1 or breaks a rule."""
        from entity_contract import checking  # noqa: PLC0415 - brings the validators along

        content = cast("Object", document)
        if not str(content.get("openapi", "")).startswith("3.1"):
            raise ContractError("is no OpenAPI 3.1 document", where=source, hint="see docs/contract.md")
        checking.refuse_bad_tree(content, source=source)
        return cls._of(content, source=source, sha256="")

    @classmethod
    def _of(cls, document: Object, *, source: str, sha256: str, text: str | None = None) -> "Contract":
        """The facts of a document that was checked."""
        errors, known = error_catalogue(document), entities(document)
        return cls(
            document=document,
            source=source,
            sha256=sha256,
            version=str(mapping(document.get("info")).get("version")),
            entities=known,
            operations=operations(document, known, errors),
            operators=operators(document),
            errors=errors,
            text=text,
        )

    @cached_property
    def _operations_by_id(self) -> Mapping[str, Operation]:
        return MappingProxyType({operation.id: operation for operation in self.operations})

    def entity(self, name: str) -> Entity | None:
        """The entity of that name, or None."""
        return next((entity for entity in self.entities if entity.name == name), None)

    def operation(self, operation_id: str) -> Operation:
        """The operation of that operationId. Raises KeyError when there is none."""
        return self._operations_by_id[operation_id]

    def operator(self, name: str) -> Operator | None:
        """The filter's operator of that name, or None."""
        return next((operator for operator in self.operators if operator.name == name), None)

    def at(self, pointer: str) -> Json:
        """What stands at a JSON pointer, references unresolved. Raises KeyError when nothing does."""
        return at(self.document, pointer)

    def target(self, pointer: str) -> Object:
        """The object at a JSON pointer with references followed. Raises KeyError when there is none."""
        return target(self.document, pointer)[1]

    def schema(self, pointer: str) -> dict[str, Json]:
        """The schema at a pointer as one self-contained JSON Schema 2020-12."""
        return standalone(self.document, pointer)


_FOUND_GOOD: set[str] = {SHA256}
"""The hashes of documents that were checked: bytes do not get worse."""

_LOADED: dict[tuple[str, bytes], "Contract"] = {}
"""The contract that was loaded last, by its source and its bytes: to read it takes longer than to find it unchanged."""


def load(path: Path | None = None) -> Contract:
    """Read the contract from `path`, or the one that is installed. Raises ContractError when it cannot be used.

    As long as its file is the same, so is the contract, which nobody changes.
    """
    file = _document.find(path)
    text = _document.content_of(file)
    known = _LOADED.get((str(file), text))
    if known is not None:
        return known
    read = _document.document(text, source=str(file))
    if read.sha256 not in _FOUND_GOOD:
        from entity_contract import checking  # noqa: PLC0415 - brings the validators along

        checking.refuse_bad(read)
        _FOUND_GOOD.add(read.sha256)
    loaded = Contract._of(read.content, source=read.source, sha256=read.sha256, text=read.text)  # noqa: SLF001  # the same class's constructor
    _LOADED.clear()
    _LOADED[str(file), text] = loaded
    return loaded
