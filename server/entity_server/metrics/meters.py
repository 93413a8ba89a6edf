"""The meters, and their page.

Every label has values of the contract or of a short list, so that no client makes them grow. Several processes write
into files of one folder, and whichever is asked for the page adds them up: prometheus_client's own way, which it takes
where `PROMETHEUS_MULTIPROC_DIR` is set when it is imported.
"""

import os
from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from entity_server.settings import METRICS_FOLDER

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_VALIDATION_SECONDS = (0.00001, 0.000025, 0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.01, 0.1)


class Meters:
    """The meters of one process."""

    def __init__(self) -> None:
        registry = self._registry = CollectorRegistry()
        self._gauges: list[tuple[Gauge, Callable[[], float]]] = []
        self.requests = Counter(
            "reference_server_requests",
            "Requests to the API, by operation (none for an unknown path or method) and status.",
            ("operation", "status"),
            registry=registry,
        )
        self.seconds = Histogram(
            "reference_server_request_seconds",
            "How long an answer took, from the request's headers to the last byte of the answer's body.",
            ("operation",),
            buckets=_SECONDS,
            registry=registry,
        )
        self.validation_seconds = Histogram(
            "reference_server_validation_seconds",
            "How long it took to read and judge a query or a body, or to judge an answer.",
            ("of",),
            buckets=_VALIDATION_SECONDS,
            registry=registry,
        )
        self.violations = Counter(
            "reference_server_contract_violations",
            "Departures of the server's own answers from the contract, by operation.",
            ("operation",),
            registry=registry,
        )
        self.limits_hit = Counter(
            "reference_server_limits_hit",
            "Requests that were refused for their number, by what the caller came with.",
            ("credential",),
            registry=registry,
        )

    def gauge(self, name: str, text: str, read: Callable[[], float]) -> None:
        """Add a gauge, which is summed over processes; `read` gives this one's value."""
        gauge = Gauge(f"reference_server_{name}", text, registry=self._registry, multiprocess_mode="livesum")
        gauge.set(read())  # a process that has answered nothing yet is one of them
        self._gauges.append((gauge, read))

    def look(self) -> None:
        """Read the gauges: after each request, since another process may be asked for the page."""
        for gauge, read in self._gauges:
            gauge.set(read())

    async def page(self) -> tuple[str, bytes]:
        """The media type of the page, and the page."""
        self.look()
        registry = self._registry
        if METRICS_FOLDER in os.environ:
            registry = CollectorRegistry()
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call] # it adds itself
        return CONTENT_TYPE_LATEST, generate_latest(registry)
