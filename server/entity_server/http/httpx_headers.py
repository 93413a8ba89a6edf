"""The headers of a request that httpx holds, as the gateway reads them.

For whatever hands requests to the gateway without a socket; nothing else of httpx may live here.
"""

from collections.abc import Iterable, Sequence

import httpx


class HttpxHeaders:
    """`exchange.Headers` of a request of httpx."""

    def __init__(self, headers: httpx.Headers) -> None:
        self._headers = headers

    def getall(self, key: str, default: Sequence[str]) -> Sequence[str]:
        """Every value that was sent under that name."""
        return self._headers.get_list(key) or default

    def items(self) -> Iterable[tuple[str, str]]:
        """Every header, in the order in which they were sent."""
        return self._headers.multi_items()
