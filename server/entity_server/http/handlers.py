"""Which handler serves which operation of the contract.

Entity operations are served by their action, system operations and plugins by their id. An operation that nobody serves
is found at start-up, not by its first caller.
"""

from collections.abc import Callable, Mapping

from entity_contract import Action

from entity_server.http.collection import CollectionHandlers
from entity_server.http.operations import CompiledOperation, UnservedContract
from entity_server.http.plugins import plugins
from entity_server.http.record import RecordHandlers
from entity_server.http.services import Handler, Services
from entity_server.http.system import HealthHandlers, KeyHandlers

MakeHandler = Callable[[CompiledOperation], Handler]


def handlers(services: Services) -> Mapping[str, Handler]:
    """The handler of every operation of the contract, by operationId. Raises UnservedContract or UnusablePlugin."""
    collection, record, keys = CollectionHandlers(services), RecordHandlers(services), KeyHandlers(services)
    by_action: Mapping[Action, MakeHandler] = {
        "list": collection.list,
        "create": collection.create,
        "metadata": collection.metadata,
        "read": record.read,
        "update": record.update,
        "delete": record.delete,
    }
    by_id: Mapping[str, MakeHandler] = {
        "getHealth": HealthHandlers(services).get,
        "listApiKeys": keys.list,
        "createApiKey": keys.create,
        "revokeApiKey": keys.revoke,
    }
    entity_operations = (operation.id for operation in services.contract.operations if operation.action)
    extended = plugins([one.id for one in services.contract.operations], {*by_id, *entity_operations})
    by_id = {**by_id, **{name: plugin.handler(services) for name, plugin in extended.items()}}
    served: dict[str, Handler] = {}
    for operation in services.contract.operations:
        make = by_action[operation.action] if operation.action else by_id.get(operation.id)
        if make is None:
            raise UnservedContract(f"no handler for {operation.id} ({operation.method} {operation.path})")
        served[operation.id] = make(services.compiled.operations[operation.id])
    return served
