"""What the contract documents of a request: which parameters an operation has, and which fields its body has."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from entity_contract import Contract, Operation
from entity_contract.references import mapping


@dataclass(frozen=True, slots=True)
class Documented:
    """The names that may stand in a request; None where any may."""

    parameters: frozenset[str]
    fields: frozenset[str] | None

    @classmethod
    def of(cls, contract: Contract, operation: Operation) -> "Documented":
        """Those of one operation."""
        parameters = frozenset(one.name for one in operation.parameters if one.location == "query")
        return cls(parameters, _fields(contract, operation))

    def other_parameters(self, query: str) -> Iterable[str]:
        """The names in a query that the contract does not have."""
        sent = (name for name, _ in parse_qsl(query, keep_blank_values=True))
        return dict.fromkeys(name for name in sent if name not in self.parameters)

    def other_fields(self, body: Any) -> Iterable[str]:  # noqa: ANN401 - any JSON value
        """The names in a body that the contract does not have."""
        fields = self.fields
        if fields is None or not isinstance(body, dict):
            return ()
        return [name for name in body if name not in fields]


def _fields(contract: Contract, operation: Operation) -> frozenset[str] | None:
    """The members of a body that takes no others."""
    if operation.body is None:
        return None
    schema = contract.target(operation.body)
    return frozenset(mapping(schema.get("properties"))) if schema.get("additionalProperties") is False else None
