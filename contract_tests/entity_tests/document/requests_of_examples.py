"""The requests that the examples of the document make, as a reader would send them one after the other.

Makes requests, and sends none.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from entity_contract import Contract, Json, Operation, Parameter
from entity_contract.references import target

_ORDER = ("GET", "OPTIONS", "POST", "PATCH", "DELETE")


@dataclass(frozen=True, slots=True)
class ExampleRequest:
    """A request made of examples. `shown` says which of the query's: one, `all` or none."""

    operation: Operation
    path: str
    shown: str = ""
    body: Json = None

    def __str__(self) -> str:
        """The operation and the part of the query."""
        return " ".join(filter(None, (self.operation.id, self.shown)))


def example_requests(contract: Contract) -> list[ExampleRequest]:
    """Every operation with the examples of its path and its body, and with those of its query each alone and all.

    What deletes comes last, and what belongs to another record before that one.
    """

    def place(operation: Operation) -> tuple[int, int]:
        entity = contract.entity(operation.entity or "")
        parents = [one for one in entity.relations if one.type == "belongsTo"] if entity else []
        return _ORDER.index(operation.method), -len(parents)

    return [
        request for operation in sorted(contract.operations, key=place) for request in _requests(contract, operation)
    ]


def _requests(contract: Contract, operation: Operation) -> Iterator[ExampleRequest]:
    path, query = operation.path, dict[str, str]()
    for parameter in operation.parameters:
        if parameter.location == "path":
            path = path.replace(f"{{{parameter.name}}}", quote(_text(contract, parameter), safe=""))
        else:
            query[parameter.name] = _text(contract, parameter)
    body = None
    if operation.body:
        where = target(contract.document, f"{operation.pointer}/requestBody")[0]
        body = contract.target(f"{where}/content/application~1json")["example"]
    yield ExampleRequest(operation, path, body=body)
    for name, text in query.items():
        yield ExampleRequest(operation, f"{path}?{urlencode({name: text})}", name)
    if query:
        yield ExampleRequest(operation, f"{path}?{urlencode(query)}", "all")


def _text(contract: Contract, parameter: Parameter) -> str:
    example = contract.target(parameter.pointer)["example"]
    return ",".join(map(str, example)) if isinstance(example, list | tuple) else str(example)
