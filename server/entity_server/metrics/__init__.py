"""Metrics for Prometheus: what was asked, how long it took, what went wrong.

The only importer of prometheus_client, loaded with --metrics alone. Who is measured does not know of it: what answers
is put behind `Measured`, and services are recomposed, as faults do it. Where none are wanted, nothing is in the way.
"""

from entity_server.metrics.measuring import Measured, measured
from entity_server.metrics.meters import Meters

__all__ = ["Measured", "Meters", "measured"]
