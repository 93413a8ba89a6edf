"""Rate limits that all processes count together: the windows of `domain.limits`, in Redis.

One script a request, which Redis runs as a whole: two processes can never count the same request, or forget one. A
window is a hash with its end, by the clock of the server that opened it, and its count. Its name holds the limit too,
so that servers that are started with another one begin anew instead of judging by the old.
"""

import math
from dataclasses import replace
from datetime import datetime
from typing import Any

from entity_server.domain.limits import Allowance, RateLimit, RateLimiter
from entity_server.shared.connection import Connection, Gone

# The times are milliseconds since the epoch, which a double holds exactly; `%.0f` keeps Lua from rounding them.
_TAKE = """
local limit, window, now, apart = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local known = redis.call('HMGET', KEYS[1], 'end', 'used')
local ending, used = tonumber(known[1] or '0'), tonumber(known[2] or '0')
if ending <= now then
  ending, used = now + window, 0
  redis.call('HSET', KEYS[1], 'end', string.format('%.0f', ending), 'used', '0')
  redis.call('PEXPIRE', KEYS[1], string.format('%.0f', 2 * window))
elseif ending > now + window + apart then
  ending = now + window
  redis.call('HSET', KEYS[1], 'end', string.format('%.0f', ending))
end
if used <= limit then
  used = used + 1
  redis.call('HSET', KEYS[1], 'used', string.format('%.0f', used))
end
return {used, string.format('%.0f', ending)}
"""

_APART = 2000
"""Milliseconds that the clocks of servers may be apart. Beyond it one was put back, which lengthens nobody's wait."""


class SharedLimiter:
    """The windows of all callers that share one limit, whichever process they ask."""

    def __init__(self, connection: Connection, limit: RateLimit) -> None:
        self.limit = limit
        self._connection = connection
        self._take: Any = connection.client.register_script(_TAKE)  # Redis forgets it when it restarts; this does not
        self._alone = RateLimiter(limit)

    async def take(self, identity: str, now: datetime) -> Allowance:
        """Count one request of this caller.

        While Redis is gone nobody is refused: what is told to remain is what this process alone has counted.
        """
        time = math.floor(now.timestamp() * 1000)
        name = f"v1:limit:{self.limit.limit}:{self.limit.window_seconds}:{identity}"
        arguments = (self.limit.limit, self.limit.window_seconds * 1000, time, _APART)
        try:
            used, ending = await self._connection.ask(lambda: self._take(keys=(name,), args=arguments))
        except Gone:
            return replace(self._alone.take(identity, now), retry_after=None)
        return self.limit.allowance(int(used), int(ending) / 1000, time / 1000)
