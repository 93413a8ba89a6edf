"""--metrics: what answers is counted, and the control port tells of it. Without the option each of these does nothing.

`entity_server.metrics` is loaded with the option alone.
"""

import importlib.util
import secrets
from collections.abc import Mapping
from typing import TYPE_CHECKING

from entity_server.http.exchange import Answering
from entity_server.http.services import Services
from entity_server.http.serving import App
from entity_server.settings import Settings, UnusableSetting
from entity_server.store import Store

if TYPE_CHECKING:
    from entity_server.control.serving import Page
    from entity_server.metrics import Meters

_PATH = "/metrics"


def new_meters(settings: Settings) -> "Meters | None":
    """What metrics are counted in, None where none are wanted. Raises UnusableSetting."""
    if not settings.metrics:
        return None
    if importlib.util.find_spec("prometheus_client") is None:
        raise UnusableSetting("--metrics needs a package; run: pip install 'v1-entity-contract[server,metrics]'")
    from entity_server.metrics import Meters  # noqa: PLC0415 - see the module's docstring

    return Meters()


def measured(services: Services, meters: "Meters | None") -> Services:
    """The services, with what reads, judges and counts measured."""
    if meters is None:
        return services
    from entity_server.metrics import measured as measuring  # noqa: PLC0415 - likewise

    return measuring(services, meters)


def metered(answering: Answering, store: Store, services: Services, meters: "Meters | None") -> Answering:
    """What answers, with its answers counted; and the connections to the database."""
    if meters is None:
        return answering
    from entity_server.metrics import Measured  # noqa: PLC0415 - likewise

    meters.gauge("database_connections_in_use", "Connections to the database in use.", lambda: store.pool[0])
    meters.gauge("database_connections_limit", "Connections to the database that there may be.", lambda: store.pool[1])
    return Measured(answering, services, meters)


def pages(meters: "Meters | None") -> "Mapping[str, Page]":
    """What a control port tells beside its operations."""
    return {_PATH: meters.page} if meters else {}


def new_token() -> str:
    """What a control port with metrics alone is entered with."""
    return secrets.token_urlsafe(32)


def metrics_alone(settings: Settings, meters: "Meters", token: str) -> App:
    """A control port with metrics alone, for a server that shares its state with others."""
    from entity_server.control.opening import pages_alone  # noqa: PLC0415 - likewise

    return pages_alone(pages(meters), host=settings.control_host, token=token)
