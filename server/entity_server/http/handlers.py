"""Which handler serves which operation of the contract.

Entity operations are served by their action, system operations and plugins by their id. An operation that nobody serves
is found at start-up, not by its first caller.
"""

from collections.abc import Mapping

from entity_contract import Action, Operation

from entity_server.http.collection import Collection
from entity_server.http.plugins import PLUGINS
from entity_server.http.record import Record
from entity_server.http.services import Handler, Services
from entity_server.http.system import ApiKeys, Health


class UnservedOperation(Exception):  # noqa: N818 - named for what is wrong
    """The contract has an operation that this server has no handler for. `operation` is its operationId."""

    def __init__(self, operation: Operation) -> None:
        super().__init__(f"no handler for {operation.id} ({operation.method} {operation.path})")
        self.operation = operation


def handlers(services: Services) -> Mapping[str, Handler]:
    """The handler of every operation of the contract, by operationId. Raises UnservedOperation."""
    collection, record, keys = Collection(services), Record(services), ApiKeys(services)
    described = {operation.id for operation in services.contract.operations}
    by_action: Mapping[Action, Handler] = {
        "list": collection.list,
        "create": collection.create,
        "metadata": collection.metadata,
        "read": record.read,
        "update": record.update,
        "delete": record.delete,
    }
    by_id: Mapping[str, Handler] = {
        "getHealth": Health(services).get,
        "listApiKeys": keys.list,
        "createApiKey": keys.create,
        "revokeApiKey": keys.revoke,
        **{plugin.operation: plugin.handler(services) for plugin in PLUGINS if plugin.operation in described},
    }
    served: dict[str, Handler] = {}
    for operation in services.contract.operations:
        handler = by_action[operation.action] if operation.action else by_id.get(operation.id)
        if handler is None:
            raise UnservedOperation(operation)
        served[operation.id] = handler
    return served
