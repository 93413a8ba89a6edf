"""The requirements that the state machine judges: `model.yaml`, read as the runner's own ledger is. Values only."""

from types import MappingProxyType

from entity_conformance.oracle.reading import POINTS
from entity_conformance.suite import ledger

LEDGER = ledger.product("model")
REQUIREMENTS = LEDGER.requirements
"""Every requirement by its id, in the order of the report."""

CHOICES = MappingProxyType({point: f"model.{point.replace('_', '-')}" for point in POINTS})
"""The requirement behind each point of a Reading."""
