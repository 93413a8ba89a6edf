"""A client of openapi-python-client on an entity that a command added: creates two records and lists them."""

# ruff: noqa: T201  # a program prints

import os
from datetime import date

from v1_entity_client import AuthenticatedClient
from v1_entity_client.api.shipments import create_shipment, list_shipments
from v1_entity_client.models import (
    ShipmentCreate,
    ShipmentListResponse,
    ShipmentResponse,
    ShipmentSortField,
    ShipmentStatus,
    SortOrder,
)

client = AuthenticatedClient(base_url=os.environ["V1_URL"], token=os.environ["V1_API_KEY"])
for name, due in (("By sea", date(2025, 3, 1)), ("By air", date(2025, 2, 1))):
    made = create_shipment.sync(client=client, body=ShipmentCreate(name=name, due_date=due))
    assert isinstance(made, ShipmentResponse), made
    assert made.data.status is ShipmentStatus.DRAFT

page = list_shipments.sync(client=client, sort=ShipmentSortField.DUEDATE, order=SortOrder.DESC)
assert isinstance(page, ShipmentListResponse), page
for shipment in page.data:
    print(f"{shipment.name}: due {shipment.due_date}")
