"""What processes share beside the database: the counts of rate limits, in Redis.

The only importer of redis, loaded when a server is told of a Redis. Revocations, sessions and credits are not kept
here: each of them is one statement in the database that every process asks, so that they hold everywhere at once, and
a copy in Redis could only be late, or be believed while the database says otherwise.
"""

from entity_server.shared.connection import Connection
from entity_server.shared.limits import SharedLimiter
from entity_server.shared.opening import RedisUnavailable, open_redis

__all__ = ["Connection", "RedisUnavailable", "SharedLimiter", "open_redis"]
