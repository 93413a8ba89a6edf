"""The database: records, keys, sessions, users and credits, on SQLite or PostgreSQL.

The only importer of Tortoise, and no error of Tortoise or a driver leaves it: they become DatabaseError,
ServiceUnavailable or, at opening, StoreUnavailable. Values go in and come out in wire form.
"""

from entity_server.store.failures import StoreUnavailable
from entity_server.store.migrating import Migration
from entity_server.store.opening import migrate, open_store
from entity_server.store.records import Listing
from entity_server.store.snapshots import Snapshot
from entity_server.store.store import Store

__all__ = ["Listing", "Migration", "Snapshot", "Store", "StoreUnavailable", "migrate", "open_store"]
